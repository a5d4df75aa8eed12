"""Whole stretches of nights against the algorithm, written out a second time with plain lists and numbers.

Days and nights are numbered; helpers are a count of those that are primary. What the rule makes of counters, gaps, holds
and missed nights must come to the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.decide.demand import evaluate
from adsync.model.decision import Counters, Helper, LastChange, Series
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from tests.builders import a_helper, a_hold
from tests.property.test_rule_as_written import AsWritten, Days

FIRST = date(2024, 1, 1)
HISTORY = 100


class Verdict(NamedTuple):
    """ "demote", "restore" or nothing, and whether nobody need be asked."""

    what: str
    automatic: bool


@dataclass(frozen=True)
class World:
    """What befalls one account. out: days of the macro that are no evidence. Of some nights: missed, held, standing still."""

    macro: Days
    helper: Days | None
    out: frozenset[int]
    missed: frozenset[int]
    held: frozenset[int]
    still: frozenset[int]
    skip_last: int
    answer: int


class Written:
    """The state machine of one scope, as the page has it."""

    def __init__(self, helpers: int) -> None:
        self.level = self.helpers = helpers
        self.cu = self.cd = 0
        self.checked: int | None = None
        self.changed: int | None = None
        self.direction = ""
        self.says = Verdict("", True)

    def night(self, a: int, world: World) -> Verdict:
        if self.checked is None or a - self.checked >= 7:
            self.checked, self.says = a, self._check(a, world)
        if a in world.still or (a in world.held and self.says.what != "restore"):
            return Verdict("", True)
        return self.says

    def change(self, a: int, what: str) -> None:
        self.level = self.level - 1 if what == "demote" else self.helpers
        self.cu = self.cd = 0
        self.changed, self.direction, self.says = a, "down" if what == "demote" else "up", Verdict("", True)

    def _check(self, a: int, world: World) -> Verdict:
        end = a - world.skip_last + 1
        macro, helper = world.macro[:end], world.helper[:end] if world.helper else None
        seen = AsWritten(macro, helper, out=world.out)
        since = 10**6 if self.changed is None else a - self.changed
        blamed = self.direction == "down" and 29 <= since <= 112 and seen.fell_after(since - world.skip_last + 1)
        freeze_up, freeze_down = a in world.held or a in world.still, a in world.still
        if not freeze_up:
            self.cu = self.cu + 1 if seen.above >= 0.95 and seen.days >= 50.4 else 0
        if not freeze_down:
            self.cd = self.cd + 1 if (seen.below >= 0.80 or blamed) and seen.recent_days >= 16.8 else 0
        if self.level < self.helpers and self.cd >= 2 and not freeze_down and since >= 28:
            return Verdict("restore", True)
        shown = (self.cu >= 3 or seen.quick) and all(passed for passed, _ in seen.gates)
        if self.level and shown and not freeze_up and since >= (14 if self.direction == "down" else 28):
            return Verdict("demote", self.direction != "up" or since >= 365)
        return Verdict("", True)


def a_world(seed: int, nights: int) -> World:
    """Levels that change, lumpy weeks, seasons, silent and doubled tags, gaps, fractional credits, missed nights."""
    rng = np.random.default_rng(seed)
    days = HISTORY + nights
    knots = np.sort(rng.integers(0, days, 3))
    rate = rng.choice([8, 20, 28, 36, 45, 60, 90]) / 30 * np.ones(days)
    for knot in knots:
        rate[knot:] *= rng.choice([0.2, 0.5, 0.8, 1.0, 1.0, 1.4, 2.5])
    rate = np.clip(rate * np.interp(np.arange(days), [0, days], [1, rng.choice([0.4, 1.0, 1.0, 1.8])]), 0.05, 8)
    if rng.random() < 0.4:
        rate *= rng.gamma(3.0, 1 / 3, days // 7 + 1)[np.arange(days) // 7]
    often = rng.choice([0, 0.6, 3, 6, 12])
    counted = rng.poisson(rate).astype(float)
    helper = rng.poisson(often * rate * rng.choice([1.0, 1.0, 0.6], days)).astype(float)
    if rng.random() < 0.4:
        counted = np.round(counted * rng.uniform(0.3, 1.7, days), 4)
    start = int(rng.integers(0, days))
    counted[start : start + 14] *= rng.choice([0.0, 1.0, 2.0, 6.0])
    unknown = rng.random(days) < rng.choice([0.0, 0.0, 0.1, 0.5])
    macro = [None if gone else float(x) for x, gone in zip(counted, unknown, strict=True)]

    def some(share: float, length: int) -> frozenset[int]:
        starts = np.flatnonzero(rng.random(days) < share / length)
        return frozenset(int(n) for start in starts for n in range(start, start + length))

    return World(
        macro=macro,
        helper=helper.tolist() if often else None,
        out=some(rng.choice([0.0, 0.05]), 9),
        missed=some(rng.choice([0.0, 0.1, 0.4]), 2),
        held=some(rng.choice([0.0, 0.1]), 12),
        still=some(rng.choice([0.0, 0.05]), 9),
        skip_last=int(rng.choice([1, 3])),
        answer=int(rng.choice([0, 0, 5, 11])),
    )


def dated(days: Days) -> DailySeries:
    return DailySeries(FIRST, tuple(days))


def lived(world: World, nights: Sequence[int], helpers: int) -> list[tuple[int, Verdict, Verdict]]:
    """Of each night, what the rule says and what is written. Both see the same changes."""
    written, counters, last = Written(helpers), Counters(), None
    actors: list[Helper] = [a_helper(str(n), worth=0.1 * n) for n in range(helpers)]
    asked, found = 0, []
    for a in nights:
        if a in world.missed:
            continue
        holds = [a_hold("ratio")] * (a in world.held) + [replace(a_hold(), returns_too=True)] * (a in world.still)
        # The rule is given all days, the future among them; what is written is given those that are over.
        series = Series(
            macro=dated(world.macro),
            last_day=FIRST + timedelta(days=a - world.skip_last),
            set_aside=frozenset(FIRST + timedelta(days=n) for n in world.out),
            helper=dated(world.helper) if world.helper else None,
            helper_event="helper",
        )
        today = FIRST + timedelta(days=a)
        decision, counters = evaluate(Policy(), counters, actors, last, series, holds, today)
        said = Verdict(decision.verdict if decision.verdict in ("demote", "restore") else "", decision.automatic)
        expected = written.night(a, world)
        found.append((a, said, expected))
        asked = asked + 1 if said.what else 0
        if said != expected or not said.what or asked <= world.answer:
            continue
        actors = [
            replace(h, primary=said.what == "restore") if h.action_id in decision.action_ids else h for h in actors
        ]
        last = LastChange(on=today, direction="up" if said.what == "restore" else "down")
        written.change(a, said.what)
        asked = 0
    return found


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.sampled_from([1, 1, 2, 3]))
def test_every_night_of_an_account_is_decided_as_written(seed: int, helpers: int) -> None:
    nights = range(HISTORY, HISTORY + 200)
    for night, said, expected in lived(a_world(seed, 200), nights, helpers):
        assert said == expected, f"night {night}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_two_years_of_nights_are_decided_as_written(seed: int) -> None:
    found = lived(a_world(seed, 730), range(HISTORY, HISTORY + 730), 1 + seed % 3)
    assert [night for night, said, expected in found if said != expected] == []
