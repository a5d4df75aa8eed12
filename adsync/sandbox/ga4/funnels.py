"""runFunnelReport: how many users come through a funnel, by segment, by a breakdown, and over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adsync.sandbox.ga4 import distortion, filters
from adsync.sandbox.ga4.columns import Column
from adsync.sandbox.ga4.conditions import Events
from adsync.sandbox.ga4.dates import date_ranges
from adsync.sandbox.ga4.names import find_dimension
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.ga4.questions import MAX_ROWS, USUAL_ROWS
from adsync.sandbox.ga4.quota import tokens
from adsync.sandbox.ga4.reports import number_text, sampling_metadata
from adsync.sandbox.ga4.segments import segments
from adsync.sandbox.ga4.steps import Paths, Step, paths, steps, walked
from adsync.sandbox.ga4.view import View
from adsync.sandbox.http_messages import Answer
from adsync.sandbox.world import Bools, Ints

TOTAL = "RESERVED_TOTAL"
USUAL_BREAKDOWN, MOST_BREAKDOWN, MOST_NEXT_ACTIONS = 5, 15, 5
_TRENDED = 2
_TABLE_METRICS = ("activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments", "funnelStepAbandonmentRate")
_NEXT_ACTIONS = ("eventName", "hostName")

Row = tuple[list[str], list[float]]


def run_funnel(view: View, request: Any) -> tuple[Answer, int]:
    """A RunFunnelReportResponse as JSON, and what it costs in tokens.

    Raises BadRequest for what is wrong and for what is not served.
    """
    _check(request)
    ranges = date_ranges(request.date_ranges, view.today)
    if len(ranges) > 1:
        raise BadRequest("The sandbox answers funnels over one date range.")
    sample = distortion.sampled(view, view.seen(ranges[0].first, ranges[0].last))
    events = _filtered(Events(view=view, index=sample.index), request.dimension_filter)
    along = paths(events)
    funnel = _Funnel(
        events=events,
        along=along,
        through=steps(events, along, request.funnel.steps),
        is_open=request.funnel.is_open_funnel,
        scale=1 / sample.share if sample.share else 1.0,
    )
    members = [(name, mask[along.place]) for name, mask in segments(events, request.segments)]
    by_segment = bool(request.segments)
    breakdown = request.funnel_breakdown.breakdown_dimension.name
    next_action = request.funnel_next_action.next_action_dimension.name
    trended = request.funnel_visualization_type == _TRENDED
    most = min(request.limit, MAX_ROWS) or USUAL_ROWS
    table = list(funnel.table(members, breakdown, request.funnel_breakdown.limit or USUAL_BREAKDOWN))[:most]
    picture = list(
        funnel.picture(members, trended, next_action, request.funnel_next_action.limit or MOST_NEXT_ACTIONS)
    )[:most]
    step = ["funnelStepName", *(["segment"] if by_segment else [])]
    # Live answers name the four metrics twice and give four values a row, rates typed as integers.
    times = 2 if view.switches["ga4_funnel_headers"] == "twice" else 1
    drawn_by = [*step, *(["date"] if trended else []), *([next_action] if next_action else [])]
    answer: Answer = {
        "funnelTable": _report([*step, *([breakdown] if breakdown else [])], _TABLE_METRICS * times, table),
        "funnelVisualization": _report(drawn_by, _TABLE_METRICS[:1], picture),
        "kind": "analyticsData#runFunnelReport",
    }
    if view.position("ga4_sampling") is not None:
        for part in ("funnelTable", "funnelVisualization"):
            answer[part]["metadata"] = {"samplingMetadatas": [sampling_metadata(sample)]}
    cost = tokens(
        fields=len(request.funnel.steps) + len(request.segments) + bool(breakdown) + bool(next_action),
        days=len(ranges[0]),
        rows=len(table) + len(picture),
        conditions=sum(1 for each in request.funnel.steps for _ in filters.leaves(each.filter_expression)),
    )
    return answer, cost


def _check(request: Any) -> None:
    if not request.funnel.steps:
        raise BadRequest("A funnel needs at least one step.")
    if request.limit < 0:
        raise BadRequest(f"limit must be positive. The API received limit = {request.limit}")
    breakdown, action = request.funnel_breakdown, request.funnel_next_action
    if breakdown.breakdown_dimension.name:
        find_dimension(breakdown.breakdown_dimension.name)
    name = action.next_action_dimension.name
    if name and name not in _NEXT_ACTIONS:
        raise BadRequest(f"Field {name} is not a valid next action dimension; {', '.join(_NEXT_ACTIONS)} are.")
    for what, limit, most in (
        ("funnelBreakdown", breakdown.limit, MOST_BREAKDOWN),
        ("funnelNextAction", action.limit, MOST_NEXT_ACTIONS),
    ):
        if not 0 <= limit <= most:
            raise BadRequest(f"The limit of {what} must be between 1 and {most}. The API received limit = {limit}")


def _filtered(events: Events, expression: Any) -> Events:
    passed = filters.combined(expression, events.fulfilling, np.ones(len(events.index), bool))
    return Events(view=events.view, index=events.index[passed])


@dataclass(frozen=True, kw_only=True)
class _Funnel:
    """A funnel over some events. through: its steps; scale: what sampled users are multiplied by."""

    events: Events
    along: Paths
    through: list[Step]
    is_open: bool
    scale: float

    def table(self, members: list[tuple[str, Bools]], breakdown: str, most: int) -> Iterator[Row]:
        """Each step's users, and how many of them go on; for each segment, in total and by the breakdown's values."""
        counted: list[tuple[str, list[tuple[str, list[tuple[int, int]]]]]] = []
        for segment, mask in members:
            parts = [(TOTAL, self._counts(mask))]
            if breakdown:
                parts += [(value, self._counts(mask, only)) for value, only in self._values(mask, breakdown, most)]
            counted.append((segment, parts))
        for number, step in enumerate(self.through):
            for segment, parts in counted:
                for value, counts in parts:
                    labels = [step.name, *([segment] if segment else []), *([value] if breakdown else [])]
                    yield labels, self._numbers(*counts[number])

    def picture(self, members: list[tuple[str, Bools]], trended: bool, action: str, most: int) -> Iterator[Row]:
        """Each step's users as a chart shows them: by day if trended, and by what they did next."""
        reached = [(segment, self._walked(mask)[0]) for segment, mask in members]
        dates = self.events.column("date").only(self.along.place)
        for number, step in enumerate(self.through):
            for segment, all_reached in reached:
                start = [step.name, *([segment] if segment else [])]
                there = all_reached[number]
                for day, mask in self._by_value(there, dates) if trended else [("", there)]:
                    labels = [*start, *([day] if trended else [])]
                    users = round(self._users(mask) * self.scale)
                    if not action:
                        yield labels, [users]
                        continue
                    yield [*labels, TOTAL], [users]
                    for value, count in self._next_actions(mask, action, most):
                        yield [*labels, value], [round(count * self.scale)]

    def _walked(self, mask: Bools, first_only: Bools | None = None) -> tuple[list[Bools], list[Bools]]:
        """The steps walked by events of a segment; in a breakdown a walk begins with an event of the value."""
        through = [replace(step, matches=step.matches & mask) for step in self.through]
        if first_only is not None:
            entries = through if self.is_open else through[:1]
            through[: len(entries)] = [replace(step, matches=step.matches & first_only) for step in entries]
        return walked(self.along, through, enter_anywhere=self.is_open)

    def _counts(self, mask: Bools, first_only: Bools | None = None) -> list[tuple[int, int]]:
        """For each step its users, and those of them who reach the next; of the last one, all."""
        reached, onward = self._walked(mask, first_only)
        users = [self._users(each) for each in reached]
        return list(zip(users, [*(self._users(each) for each in onward), users[-1]], strict=True))

    def _numbers(self, users: int, onward: int) -> list[float]:
        rate = onward / users if users else 0.0
        scaled, left = round(users * self.scale), round((users - onward) * self.scale)
        return [scaled, rate, left, 1 - rate if users else 0.0]

    def _users(self, mask: Bools) -> int:
        # The users are sorted: each is counted where another one begins.
        users = self.along.users[mask]
        return int(len(users) > 0) + int((users[1:] != users[:-1]).sum())

    def _values(self, mask: Bools, breakdown: str, most: int) -> list[tuple[str, Bools]]:
        """The values with the most users at the first step, and the events that have each."""
        column = self.events.column(breakdown).only(self.along.place)
        first = self.through[0].matches & mask
        found = [(value, self._users(there)) for value, there in self._by_value(first, column)]
        chosen = sorted(found, key=lambda each: (-each[1], each[0]))[:most]
        return [(value, column.codes == column.labels.index(value)) for value, _ in chosen]

    def _by_value(self, mask: Bools, column: Column) -> Iterator[tuple[str, Bools]]:
        """The mask apart by a column's value, for values that occur."""
        for code in np.unique(column.codes[mask]).tolist():
            yield column.labels[code], mask & (column.codes == code)

    def _next_actions(self, mask: Bools, action: str, most: int) -> list[tuple[str, int]]:
        """What the users of a step do right after they have first reached it, and how many of them do it."""
        column = self.events.column(action).only(self.along.place)
        there = np.flatnonzero(mask)
        first = there[np.unique(self.along.users[there], return_index=True)[1]]
        after = first + 1
        after = after[after < len(self.along.users)]
        after = after[self.along.users[after] == self.along.users[after - 1]]
        counts: Ints = np.bincount(column.codes[after], minlength=len(column.labels))
        found = [(column.labels[code], int(counts[code])) for code in np.flatnonzero(counts)]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:most]


def _report(dimensions: list[str], metrics: tuple[str, ...], rows: list[Row]) -> Answer:
    report: Answer = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
    }
    if rows:
        report["rows"] = [
            {
                "dimensionValues": [{"value": label} for label in labels],
                "metricValues": [{"value": number_text(number)} for number in numbers],
            }
            for labels, numbers in rows
        ]
    return report
