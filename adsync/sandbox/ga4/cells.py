"""The events of a report, told apart by row: counts, sums and distinct counts of each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Bools, Clicks, Floats, Ints


@dataclass(kw_only=True)
class Cells:
    """index: events by log index; row: the row of each; rows: how many there are. clicks, click_row: the same for ads.

    scale: what a sampled count is multiplied by. exchange: report currency for one unit of the property's.
    """

    view: View
    index: Ints
    row: Ints
    rows: int
    clicks: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    click_row: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    scale: float = 1.0
    exchange: float = 1.0

    def count(self, mask: Bools | None = None) -> Floats:
        row = self.row if mask is None else self.row[mask]
        return _floats(np.bincount(row, minlength=self.rows) * self.scale)

    def total(self, values: Floats, mask: Bools | None = None) -> Floats:
        row, values = (self.row, values) if mask is None else (self.row[mask], values[mask])
        return _floats(np.bincount(row, weights=values, minlength=self.rows) * self.scale)

    def users(self, mask: Bools | None = None) -> Floats:
        return self._distinct(self.view.log.visitor, mask)

    def sessions(self, mask: Bools | None = None) -> Floats:
        """Sessions with an event in the row."""
        return self._distinct(self.view.log.session, mask)

    def sessions_shown(self) -> Floats:
        """The metric `sessions`: by the switch's other position only sessions that begin in the row."""
        started = self.view.switches["ga4_sessions_by_event"] == "started"
        return self.sessions(self.named("session_start") if started else None)

    def money(self, amounts: Floats) -> Floats:
        """Amounts in the property's currency, in the one that was asked for, with cents."""
        return np.round(amounts * self.exchange, 6)

    def named(self, event_name: str) -> Bools:
        named: Bools = self._name == self.view.log.code(event_name)
        return named

    @cached_property
    def key(self) -> Bools:
        return self.view.is_key[self.index]

    @cached_property
    def key_counts(self) -> Bools:
        return self.view.counts_as_key[self.index]

    @cached_property
    def engaged(self) -> Bools:
        return self.view.engaged[self._session]

    @cached_property
    def first_of_user(self) -> Bools:
        return self.view.first_of_user(self.index)

    @cached_property
    def active(self) -> Bools:
        return self.view.active(self.index)

    @cached_property
    def value(self) -> Floats:
        return np.asarray(self.view.log.value[self.index], float)

    @cached_property
    def event_value(self) -> Floats:
        """The value that came with each event; a key event without one has the default of its mark."""
        value = self.value.copy()
        for record in self.view.key_events:
            if record.default_value and record.default_value[1] == self.view.shop.currency:
                bare = (self.view.log.value[self.index] == 0) & self.view.marked_by(record)[self.index]
                value[bare] = record.default_value[0]
        return value

    def ad_clicks(self) -> Floats:
        return _floats(np.bincount(self.click_row, minlength=self.rows))

    def ad_cost(self) -> Floats:
        return self._of_clicks(lambda clicks: clicks.cost)

    def ad_impressions(self) -> Floats:
        return self._of_clicks(lambda clicks: clicks.impressions)

    def _of_clicks(self, column: Callable[[Clicks], Floats | Ints]) -> Floats:
        if self.view.clicks is None:
            return np.zeros(self.rows)
        weights = column(self.view.clicks)[self.clicks]
        return _floats(np.bincount(self.click_row, weights=weights, minlength=self.rows))

    @cached_property
    def _name(self) -> Ints:
        return self.view.log.name[self.index]

    @cached_property
    def _session(self) -> Ints:
        return self.view.log.session[self.index]

    def _distinct(self, ids: Ints, mask: Bools | None) -> Floats:
        who = np.asarray(ids[self.index if mask is None else self.index[mask]], np.int64)
        row = self.row if mask is None else self.row[mask]
        if not len(who):
            return np.zeros(self.rows)
        size = int(who.max()) + 1
        pairs = np.sort(row * size + who)
        new = np.concatenate([[True], pairs[1:] != pairs[:-1]])
        return _floats(np.bincount(pairs[new] // size, minlength=self.rows) * self.scale)


def _floats(values: NDArray[Any]) -> Floats:
    return np.asarray(values, np.float64)
