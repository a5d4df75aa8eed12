"""A log in the engine: what it holds, and the counted tables that answer a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from adsync.events import counting, funnel_counts, lead_up, over_time, patterns, plain, step_days
from adsync.events.conditions import CODES_FROM, first_fulfilled
from adsync.events.engine import Engine, Table
from adsync.events.moments import before_macro, in_sessions, moments, sessions_by_pause, visits
from adsync.events.plain import micros
from adsync.events.touches import touch_table
from adsync.model.activity import ActivityModel, ActivityTable, Ints
from adsync.model.channel import TouchQuestion, TouchTable
from adsync.model.condition import Condition
from adsync.model.exposure import Compared, LogSummary, NamedSums, Plain, Question, whole_months
from adsync.model.funnel import FunnelCount, FunnelQuestion
from adsync.model.incident import StepDays
from adsync.model.lead_up import LeadUp
from adsync.model.patterns import Together
from adsync.model.stability import History, SegmentCount

ENOUGH_EVENTS = 300_000
"""Of visitors who never did the macro. A larger log is thinned to about as many, by visitor and by hash."""

ENOUGH_MOMENTS = 100_000
"""To which the activity model is fitted: half of buyers, half of others, by visitor and by hash."""

RARE = 5_000
"""Whoever did something that fewer visitors did than this is never thinned out."""

NAMED_AT_MOST = 200
"""Event names that take part in the choice of the comparison; rarer ones are neither compared nor compared with."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in the engine's terms."""

    bits: dict[str, int]
    codes: dict[str, int]


class LoadedLog:
    """Cleaned events in the engine. Codes of names are their places in the sorted list of names."""

    def __init__(
        self,
        engine: Engine,
        events: Table,
        summary: LogSummary,
        conditions: Sequence[Condition] = (),
        *,
        has_sessions: bool,
    ) -> None:
        self._engine, self._told_apart, self.summary, self._conditions = engine, events, summary, conditions
        self._names = sorted(summary.names)
        self._has_sessions = has_sessions

    def names_until(self, last: datetime) -> Mapping[str, int]:
        """Events by name up to a moment; 0 for those that came later."""
        if last >= self.summary.last:
            return self.summary.names
        known = self._told_apart.filter(self._told_apart["at"] <= micros(last))
        rows = self._engine.numbers(known.group_by("code").agg(n=known.count()))
        count = dict(zip(rows["code"].tolist(), rows["n"].tolist(), strict=True))
        return {name: count.get(place, 0) for name, place in self.code.items()}

    def ask(self, question: Question) -> Answers:
        """Works out the moments of a question, once for all that is counted of them."""
        code = self.code | {condition.text: CODES_FROM + place for place, condition in enumerate(self._conditions)}
        asked = _Asked(
            bits={name: 1 << place for place, name in enumerate(question.candidates)},
            codes={name: code[name] for name in question.candidates},
        )
        known = self._told_apart.filter(self._told_apart["at"] <= micros(question.as_of))
        months = plain.months_back(self.summary.first, question.as_of)
        fulfilled = first_fulfilled(known, self._conditions, months, has_sessions=self._has_sessions)
        marks = None if fulfilled is None else self._engine.keep("marks", fulfilled)
        firsts = self._engine.keep("firsts", plain.with_conditions(plain.first_times(known, months), marks))
        buyers = self._engine.keep("buyers", plain.first_macros(firsts, code[question.macro]))
        weights = self._engine.keep("weights", plain.weights(self._engine, known, firsts, buyers, ENOUGH_EVENTS, RARE))
        looked_at = known.select("visitor", "session", "code", "campaign", "device", "at")
        chosen = looked_at.join(weights.drop("weight"), "visitor")
        if not self._has_sessions:
            chosen = sessions_by_pause(chosen)
        before = before_macro(chosen, code[question.macro])
        bit_of = {asked.codes[name]: one for name, one in asked.bits.items()}
        marked = None if marks is None else plain.marked(marks, bit_of)
        inside = self._engine.keep("inside", in_sessions(before, bit_of, marked))
        visited = self._engine.keep("visits", visits(inside, weights, list(asked.bits.values())))
        kept = self._engine.keep("moments", moments(inside, visited, micros(self.summary.first)))
        self._engine.forget("inside", "visits")
        count = self.names_until(question.as_of)
        most = sorted(count, key=lambda name: (-count[name], name))[:NAMED_AT_MOST]
        frequent = {code[name]: name for name in sorted(most)}
        return Answers(self._engine, question, asked, self, frequent, kept, plain.Visitors(firsts, buyers, weights))

    def funnel(self, question: FunnelQuestion) -> tuple[FunnelCount, ...]:
        """How far visitors came in a period: all of them, then each segment."""
        return funnel_counts.reached(self._engine, self.events, question, self.code, self.summary.labels)

    def step_days(self, question: FunnelQuestion) -> tuple[StepDays, ...]:
        """Each pair of neighbouring steps day by day, for all visitors and each segment."""
        return step_days.step_days(self._engine, self.events, question, self.code, self.summary.labels)

    def touches(self, question: TouchQuestion) -> TouchTable:
        """Whose first and last touch a channel or campaign was."""
        labels = self.summary.labels[question.dimension]
        return touch_table(self._engine, self.events, question, self.code, labels, has_sessions=self._has_sessions)

    def lead_up(self, macro: str, last: datetime) -> LeadUp:
        """What buyers did in the hours before they bought, of events up to this moment."""
        known = self.events.filter(self.events["at"] <= micros(last))
        return lead_up.lead_up(self._engine, known, self.code[macro], self.code)

    @cached_property
    def events(self) -> Table:
        """With the codes of campaigns that are named; activity tells more of them apart."""
        if "campaign" not in self.summary.labels:
            return self._told_apart
        campaign = self._told_apart.campaign
        return self._told_apart.mutate(campaign=(campaign < len(self.summary.labels["campaign"])).ifelse(campaign, 1))

    @cached_property
    def code(self) -> dict[str, int]:
        """Of each event name."""
        return {name: place for place, name in enumerate(self._names)}


class Answers:
    """The counted tables of one question."""

    def __init__(
        self,
        engine: Engine,
        question: Question,
        asked: _Asked,
        log: LoadedLog,
        frequent: Mapping[int, str],
        kept: Table,
        visitors: plain.Visitors,
    ) -> None:
        self._engine, self._question, self._asked, self._log = engine, question, asked, log
        self._frequent, self._moments, self._visitors = frequent, kept, visitors

    def activity(self) -> ActivityTable:
        """What the activity model is fitted to."""
        spans, matured = plain.spans(self._question), plain.matured(self._question)
        return counting.activity_table(self._engine, self._moments, spans, matured, ENOUGH_MOMENTS)

    def rate(self, model: ActivityModel) -> None:
        """Expects of every moment what the model says."""
        spans, matured = plain.spans(self._question), plain.matured(self._question)
        self._rated = self._engine.keep("rated", counting.expected(self._moments, model, spans, matured))

    def by_name(self, horizon: str) -> NamedSums:
        """The sums of the most frequent event names."""
        return counting.named_sums(self._engine, self._rated, horizon, self._frequent)

    def compared(self, horizon: str, pool: Sequence[str]) -> dict[str, Compared]:
        """Each candidate's first occurrences, and moments of these names by visitors who had not done it yet."""
        codes = [self._log.code[name] for name in pool]
        bits = list(self._asked.bits.values())
        found = counting.compared(self._engine, self._rated, horizon, codes, bits)
        return dict(zip(self._asked.bits, found, strict=True))

    def plain(self) -> Plain:
        """Counts of visitors that need no model."""
        codes = self._asked.codes
        return plain.plain_counts(
            self._engine,
            self._question,
            codes,
            self._daily,
            self._visitors,
            macro=self._log.code[self._question.macro],
            months=self._months,
            visited=self._visited(),
        )

    def together(self, names: Sequence[str]) -> Together:
        """What is counted of these candidates at once; twelve at most, or the patterns become too many."""
        codes = [self._asked.codes[name] for name in names]
        macro = self._log.code[self._question.macro]
        wide = patterns.first_of_each(self._engine, self._visitors, [*codes, macro], self._months)
        labels = self._log.summary.labels.get("campaign", ())
        bits = {name: self._asked.bits[name] for name in names} if labels else {}
        known = self._log.events.filter(self._log.events["at"] <= micros(self._question.as_of))
        return Together(
            landmarks=patterns.landmark_table(self._engine, self._question, names, wide),
            unions=patterns.unions(self._engine, (*names, self._question.macro), wide, self._months),
            segments=patterns.segments(self._engine, counting.occurrences(self._rated), bits, labels),
            value=patterns.macro_value(self._engine, known, macro),
        )

    def history(self) -> dict[str, History]:
        """Each candidate's first times by day, and what was expected of them by week."""
        asked, new = self._asked, counting.occurrences(self._rated)
        return over_time.histories(self._engine, self._daily, asked.codes, asked.bits, new)

    def segments(self, dimension: str) -> dict[str, tuple[SegmentCount, ...]]:
        """Each candidate's first times by a dimension that the log's labels have."""
        asked, events = self._asked, self._log.events
        return over_time.segment_counts(
            self._engine,
            self._first_times(),
            asked.codes,
            asked.bits,
            counting.occurrences(self._rated).select("visitor", "at", "stratum", "new", "nano"),
            events.select("visitor", "at", label=events[dimension]),
            self._log.summary.labels[dimension],
        )

    @cached_property
    def _daily(self) -> dict[str, Ints]:
        return plain.daily_counts(self._engine, self._question, self._asked.codes, self._visitors)

    @property
    def _months(self) -> int:
        return whole_months(self._log.summary.first, self._question.as_of)

    def _visited(self) -> int:
        summary = self._log.summary
        if self._question.as_of >= summary.last:
            return summary.visitors
        return self._engine.totals(self._visitors.firsts.agg(n=self._visitors.firsts.visitor.nunique()))["n"]

    def _first_times(self) -> Table:
        return over_time.first_times(self._question, self._asked.codes, self._visitors)
