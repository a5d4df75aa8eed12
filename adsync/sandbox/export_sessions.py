"""What the rows of an export say of the sessions that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adsync.sandbox.world import Ints, Log


@dataclass
class Sessions:
    """What the rows of a log need to know of its sessions; one entry a session."""

    log: Log

    @cached_property
    def start(self) -> Ints:
        """When each began; GA4's own ga_session_id is that second."""
        session, first = np.unique(self.log.session, return_index=True)
        start = np.zeros(len(self.log.columns["visitor"]), np.int64)
        start[session] = self.log.time[first]
        return start

    @cached_property
    def order(self) -> Ints:
        return np.lexsort((self.start, self._visitor))

    @cached_property
    def landing(self) -> Ints:
        """The log index of each one's first page view; -1 where it has none."""
        views = np.flatnonzero(self.log.name == self.log.code("page_view"))
        session, first = np.unique(self.log.session[views], return_index=True)
        landing = np.full(len(self.start), -1, np.int64)
        landing[session] = views[first]
        return landing

    @property
    def _visitor(self) -> Ints:
        return self.log.columns["visitor"].astype(np.int64)

    @cached_property
    def number(self) -> Ints:
        """1 for a visitor's first one, 2 for the next."""
        return np.arange(len(self.order))[np.argsort(self.order)] - self._first_position + 1

    @cached_property
    def first(self) -> Ints:
        """For each session its visitor's first one."""
        return self.order[self._first_position]

    @cached_property
    def _first_position(self) -> Ints:
        ordered = self._visitor[self.order]
        begins = np.ones(len(ordered), bool)
        begins[1:] = ordered[1:] != ordered[:-1]
        runs = np.maximum.accumulate(np.where(begins, np.arange(len(ordered)), 0))
        return runs[np.argsort(self.order)]
