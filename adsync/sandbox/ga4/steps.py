"""Who goes how far through a funnel's steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from adsync.sandbox.ga4 import filters
from adsync.sandbox.ga4.conditions import Events
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.world import Bools, Ints


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Events sorted by user and then time; place[i] of users[i] and times[i] is an event of `Events`, by position."""

    place: Ints
    users: Ints
    times: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: which events (of `Paths`) make it, and how they have to follow the step before."""

    name: str
    matches: Bools
    directly: bool
    within: int | None


def paths(events: Events) -> Paths:
    log = events.view.log
    users, times = (np.asarray(column[events.index], np.int64) for column in (log.visitor, log.time))
    place = np.lexsort((times, users))
    return Paths(place=place, users=users[place], times=times[place])


def steps(events: Events, along: Paths, asked: Any) -> list[Step]:
    """The funnel's steps. Raises BadRequest for what is not served."""
    found = []
    for number, step in enumerate(asked, start=1):
        if step.filter_expression.WhichOneof("expr") is None:
            raise BadRequest(f"Step {number} of the funnel needs a filterExpression.")
        matches = filters.combined(step.filter_expression, events.fulfilling, np.ones(len(events.index), bool))
        timed = step.HasField("within_duration_from_prior_step")
        found.append(
            Step(
                name=f"{number}. {step.name or _event_name(step) or f'Step {number}'}",
                matches=matches[along.place],
                directly=step.is_directly_followed_by,
                within=step.within_duration_from_prior_step.seconds if timed else None,
            )
        )
    return found


def _event_name(step: Any) -> str:
    return str(step.filter_expression.funnel_event_filter.event_name)


def walked(along: Paths, through: list[Step], *, enter_anywhere: bool) -> tuple[list[Bools], list[Bools]]:
    """For each step the events that reach it, and those of the next one that are reached from them.

    A closed funnel is entered at its first step; an open one at any, so that every matching event has reached it.
    """
    reached = [through[0].matches]
    onward = []
    for step in through[1:]:
        followed = _following(along, reached[-1], step)
        onward.append(followed)
        reached.append(step.matches if enter_anywhere else followed)
    return reached, onward


def _following(along: Paths, reached: Bools, step: Step) -> Bools:
    """The step's events that come after a reached one of the same user, in time."""
    if not len(reached):
        return reached
    position = np.arange(len(reached))
    if step.directly:
        before = np.maximum(position - 1, 0)
        after = (position > 0) & reached[before]
    else:
        # The latest reached event of an earlier second: only that one can be near enough.
        last = np.maximum.accumulate(np.where(reached, position, -1))
        starts = np.concatenate([[True], (along.times[1:] != along.times[:-1]) | (along.users[1:] != along.users[:-1])])
        second = np.maximum.accumulate(np.where(starts, position, 0))
        before = np.where(second > 0, last[np.maximum(second - 1, 0)], -1)
        after = before >= 0
        before = np.maximum(before, 0)
    after &= along.users[before] == along.users
    if step.within is not None:
        after &= along.times - along.times[before] <= step.within
    return after & step.matches
