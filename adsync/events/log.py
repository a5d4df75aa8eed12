"""A log in the engine: what it holds, and what is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache

import numpy as np

from adsync.events import came_first, funnel_counts, lead_up, plain, step_days
from adsync.events.answers import Answers, Coded
from adsync.events.conditions import CODES_FROM, first_fulfilled
from adsync.events.engine import Engine, Numbers, Table
from adsync.events.plain import micros
from adsync.events.touches import touch_table
from adsync.model.activity import DAY_MICROS
from adsync.model.channel import TouchQuestion, TouchTable
from adsync.model.condition import Condition
from adsync.model.exposure import LogSummary, Question
from adsync.model.funnel import FunnelCount, FunnelQuestion, Order
from adsync.model.incident import StepDays
from adsync.model.lead_up import Buyers, LeadUp

ENOUGH_EVENTS = 300_000
"""Of visitors who never did the macro. A larger log is thinned to about as many, by visitor and by hash."""

RARE = 5_000
"""Whoever did something that fewer visitors did than this is never thinned out."""

NAMED_AT_MOST = 200
"""Event names that take part in the choice of the comparison; rarer ones are neither compared nor compared with."""


DAYS_KEPT = 64
"""Of which the counts of all names are remembered."""


def events_by_name(counted: Numbers, names: Sequence[str]) -> dict[str, int]:
    """counted: columns code and n, a code any number of times. names: by code."""
    return dict(zip(names, np.bincount(counted["code"], counted["n"], len(names)).astype(int).tolist(), strict=True))


class LoadedLog:
    """Cleaned events in the engine. Codes of names are their places in the sorted list of names.

    by_day: events by code and day, counted while they were cleaned.
    """

    def __init__(
        self,
        engine: Engine,
        events: Table,
        summary: LogSummary,
        by_day: Numbers,
        conditions: Sequence[Condition] = (),
        *,
        has_sessions: bool,
    ) -> None:
        self._engine, self._told_apart, self.summary, self._conditions = engine, events, summary, conditions
        self._by_day = by_day
        self._names = sorted(summary.names)
        # Some ask until the same few days again, others until many days.
        self._counted_until = lru_cache(DAYS_KEPT)(self._count_until)
        self.has_sessions = has_sessions

    def names_until(self, last: datetime) -> Mapping[str, int]:
        """Events by name up to a moment; 0 for those that came later."""
        if last >= self.summary.last:
            return self.summary.names
        return self._counted_until(last)

    def _count_until(self, last: datetime) -> dict[str, int]:
        until = micros(last)
        if (until + 1) % DAY_MICROS:
            known = self._told_apart.filter(self._told_apart["at"] <= until)
            rows = self._engine.numbers(known.group_by("code").agg(n=known.count()))
        else:
            is_known = self._by_day["day"] <= until // DAY_MICROS
            rows = {name: self._by_day[name][is_known] for name in ("code", "n")}
        return events_by_name(rows, self._names)

    def ask(self, question: Question) -> Answers:
        """Works out who did what first, once for all that is counted of it."""
        code = self.code | {condition.text: CODES_FROM + place for place, condition in enumerate(self._conditions)}
        asked = Coded(
            bits={name: 1 << place for place, name in enumerate(question.candidates)},
            codes={name: code[name] for name in question.candidates},
        )
        known = self._told_apart.filter(self._told_apart["at"] <= micros(question.as_of))
        months = plain.months_back(self.summary.first, question.as_of)
        fulfilled = first_fulfilled(known, self._conditions, months, has_sessions=self.has_sessions)
        marks = None if fulfilled is None else self._engine.keep("marks", fulfilled)
        firsts = self._engine.keep("firsts", plain.with_conditions(plain.first_times(known, months), marks))
        buyers = self._engine.keep("buyers", plain.first_macros(firsts, code[question.macro]))
        weights = self._engine.keep("weights", plain.weights(self._engine, known, firsts, buyers, ENOUGH_EVENTS, RARE))
        most = self._most_frequent(question.as_of)
        return Answers(self._engine, question, asked, self, known, marks, plain.Visitors(firsts, buyers, weights), most)

    def _most_frequent(self, last: datetime) -> dict[str, int]:
        """Their codes."""
        count = self.names_until(last)
        most = sorted(count, key=lambda name: (-count[name], name))[:NAMED_AT_MOST]
        return {name: self.code[name] for name in sorted(most)}

    def funnel(self, question: FunnelQuestion) -> tuple[FunnelCount, ...]:
        """How far visitors came in a period: all of them, then each segment."""
        return funnel_counts.reached(self._engine, self.events, question, self.code, self.summary.labels)

    def step_days(self, question: FunnelQuestion) -> tuple[StepDays, ...]:
        """Each pair of neighbouring steps day by day, for all visitors and each segment."""
        return step_days.step_days(self._engine, self.events, question, self.code, self.summary.labels)

    def touches(self, question: TouchQuestion) -> TouchTable:
        """Whose first and last touch a channel or campaign was."""
        labels = self.summary.labels[question.dimension]
        return touch_table(self._engine, self.events, question, self.code, labels, has_sessions=self.has_sessions)

    def lead_up(self, macro: str, last: datetime) -> LeadUp:
        """What buyers did in the hours before they bought, of events up to this moment."""
        known = self.events.filter(self.events["at"] <= micros(last))
        return lead_up.lead_up(self._engine, known, self.code[macro], self.code)

    def buyers(self, macro: str, last: datetime) -> Buyers:
        """Who did the macro up to this moment."""
        known = self.events.filter(self.events["at"] <= micros(last))
        months = plain.months_back(self.summary.first, last)
        return lead_up.buyers(self._engine, known, self.code[macro], months)

    def came_first(self, names: Collection[str], last: datetime) -> Mapping[tuple[str, str], Order]:
        """By two of these events, in what order visitors did them for the first time, up to this moment."""
        known = self.events.filter(self.events["at"] <= micros(last))
        return came_first.came_first(self._engine, known, {name: self.code[name] for name in names})

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
