"""The answers to one question to a log: moments before the macro, and the tables that are counted of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from adsync.events import counting, over_time, patterns, plain
from adsync.events.engine import Engine, Later, Table
from adsync.events.moments import before_macro, in_sessions, moments, visits
from adsync.events.plain import micros
from adsync.events.sessions import sessions_by_pause
from adsync.model.activity import ActivityModel, ActivityTable, Ints
from adsync.model.exposure import Compared, Frequent, NamedSums, Plain, Question, whole_months
from adsync.model.patterns import Together
from adsync.model.stability import History, SegmentCount

if TYPE_CHECKING:
    from adsync.events.log import LoadedLog

ENOUGH_MOMENTS = 100_000
"""To which the activity model is fitted: half of buyers, half of others, by visitor and by hash."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A question in the engine's terms: each candidate's bit, and its code."""

    bits: dict[str, int]
    codes: dict[str, int]


class Answers:
    """The counted tables of one question."""

    def __init__(
        self,
        engine: Engine,
        question: Question,
        asked: Coded,
        log: LoadedLog,
        known: Table,
        marks: Table | None,
        visitors: plain.Visitors,
        frequent: Mapping[str, int],
    ) -> None:
        self._engine, self._question, self._asked, self._log = engine, question, asked, log
        self._known, self._marks, self._visitors, self._frequent = known, marks, visitors, frequent
        codes = {*asked.codes.values(), *frequent.values(), self._macro}
        self._rated: dict[str, Table] = {}
        # Begun, and waited for where it is read: the next question is written meanwhile.
        self._by_day = plain.daily_counts(engine, question, codes, visitors, self._months)

    def frequent(self) -> Frequent:
        """Counts of visitors who do the log's most frequent events."""
        others = {name: code for name, code in self._frequent.items() if code != self._macro}
        following = plain.followed(others, self._daily)
        return Frequent(visitors=self._visited, buyers=self._of_macro("did"), following=following)

    def activity(self, parts: Collection[str] = ()) -> ActivityTable:
        """What the activity model is fitted to. parts: events that are the macro by another name, and no moments before it."""
        self._moments = self._moments_without(parts)
        spans, matured = plain.spans(self._question), plain.matured(self._question)
        rows = counting.activity_rows(self._engine, self._moments, spans, matured, ENOUGH_MOMENTS)
        _ = self._pairs  # begun: they are counted while the model is fitted
        return counting.activity_table(rows())

    def _moments_without(self, parts: Collection[str]) -> Table:
        weights = self._visitors.weights
        looked_at = self._known.select("visitor", "session", "code", "campaign", "device", "at")
        chosen = looked_at.join(weights.drop("weight"), "visitor")
        if not self._log.has_sessions:
            chosen = sessions_by_pause(chosen)
        before = before_macro(chosen, self._macro, [self._log.code[name] for name in parts])
        bit_of = {self._asked.codes[name]: one for name, one in self._asked.bits.items()}
        marked = None if self._marks is None else plain.marked(self._marks, bit_of)
        inside = self._engine.keep("inside", in_sessions(before, bit_of, marked, names=len(self._log.code)))
        visited = self._engine.keep("visits", visits(inside, weights, list(self._asked.bits.values())))
        kept = self._engine.keep("moments", moments(inside, visited, micros(self._log.summary.first)))
        self._engine.forget("inside", "visits")
        return kept

    def rate(self, horizon: str, model: ActivityModel) -> None:
        """Expects of every moment what the model says."""
        span, matured = plain.spans(self._question)[horizon], plain.matured(self._question)[horizon]
        rated = counting.expected(self._moments, model, span, matured)
        self._rated[horizon] = self._engine.keep(f"rated_{horizon}", rated)

    def by_name(self, horizon: str) -> NamedSums:
        """The sums of the most frequent event names."""
        names = {code: name for name, code in self._frequent.items()}
        return counting.named_sums(self._engine, self._rated[horizon], names)

    def compared(self, pool: Sequence[str]) -> dict[str, dict[str, Compared]]:
        """By horizon, each candidate's first occurrences, and moments of these names by visitors who had not done it yet."""
        codes = [self._log.code[name] for name in pool]
        bits = list(self._asked.bits.values())
        asked = {h: counting.compared(self._engine, rated, codes, bits) for h, rated in self._rated.items()}
        return {h: dict(zip(self._asked.bits, found(), strict=True)) for h, found in asked.items()}

    def plain(self) -> Plain:
        """Counts of visitors that need no model."""
        return Plain(
            visitors=self._visited,
            buyers=self._of_macro("did"),
            buyer_months=self._of_macro("months"),
            by_candidate=plain.followed(self._asked.codes, self._daily),
            together=self._pairs(),
        )

    def together(self, names: Sequence[str]) -> Together:
        """What is counted of these candidates at once; twelve at most, or the patterns become too many."""
        codes = [self._asked.codes[name] for name in names]
        wide = patterns.first_of_each(self._engine, self._visitors, [*codes, self._macro], self._months)
        labels = self._log.summary.labels.get("campaign", ())
        bits = {name: self._asked.bits[name] for name in names} if labels else {}
        known = self._log.events.filter(self._log.events["at"] <= micros(self._question.as_of))
        return Together(
            landmarks=patterns.landmark_table(self._engine, self._question, names, wide),
            unions=patterns.unions(self._engine, (*names, self._question.macro), wide, self._months),
            segments=patterns.segments(self._engine, self._occurrences, bits, labels),
            value=patterns.macro_value(self._engine, known, self._macro),
        )

    def history(self) -> dict[str, History]:
        """Each candidate's first times by day, and what was expected of them by week."""
        asked, new = self._asked, self._occurrences
        return over_time.histories(self._engine, self._daily, asked.codes, asked.bits, new)

    def segments(self, dimension: str) -> dict[str, tuple[SegmentCount, ...]]:
        """Each candidate's first times by a dimension that the log's labels have."""
        asked, events = self._asked, self._log.events
        return over_time.segment_counts(
            self._engine,
            self._first_times(),
            asked.codes,
            asked.bits,
            self._occurrences.select("visitor", "at", "stratum", "new", "nano"),
            events.select("visitor", "at", label=events[dimension]),
            self._log.summary.labels[dimension],
        )

    @cached_property
    def _daily(self) -> dict[str, Ints]:
        return self._by_day()

    @cached_property
    def _pairs(self) -> Later[dict[tuple[str, str], int]]:
        return plain.together(self._engine, self._visitors, self._asked.codes)

    @property
    def _occurrences(self) -> Table:
        return counting.occurrences(self._rated["long"])

    def _of_macro(self, count: str) -> int:
        return int(self._daily[count][self._daily["code"] == self._macro].sum())

    @property
    def _macro(self) -> int:
        return self._log.code[self._question.macro]

    @property
    def _months(self) -> int:
        return whole_months(self._log.summary.first, self._question.as_of)

    @cached_property
    def _visited(self) -> int:
        summary = self._log.summary
        if self._question.as_of >= summary.last:
            return summary.visitors
        return self._engine.totals(self._visitors.firsts.agg(n=self._visitors.firsts.visitor.nunique()))["n"]

    def _first_times(self) -> Table:
        return over_time.first_times(self._question, self._asked.codes, self._visitors)
