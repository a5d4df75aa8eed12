"""Laws of backtests: a night is decided the same whatever comes after it, and rules are told apart by plain arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.backtest.counts import Counts, nights_of, read_counts
from adsync.backtest.run import Case, backtest
from adsync.backtest.span import nights_to_replay
from adsync.decide.episodes import Watched
from adsync.model.backtest import RuleFigures
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.property.generated import Dice, thrown
from tests.property.test_replay_laws import a_watched_life, until

LAWS = settings(max_examples=25)


def a_case(dice: Dice, days: int = 300) -> Case:
    """A history with trouble in it."""
    return case_of(a_watched_life(dice, days))


def case_of(seen: Watched) -> Case:
    assert seen.companion is not None and seen.clicks is not None
    counts = Counts(columns={"macro": seen.macro, "micro": seen.companion, "clicks": seen.clicks})
    nights = nights_of(counts, nights_to_replay(Policy(), seen.macro.first, seen.macro.last + timedelta(days=1)))
    return Case(source="counts.csv", macro="conversion", nights=nights, policy=Policy(), helpers=2)


@LAWS
@given(thrown(700), st.integers(1, 200))
def test_replaying_up_to_a_night_is_the_beginning_of_replaying_on(dice: Dice, nights: int) -> None:
    case = a_case(dice)
    whole = backtest(case)
    part = backtest(replace(case, nights=dict(list(case.nights.items())[:nights])))
    assert part.nights == whole.nights[: len(part.nights)]
    assert part.changes == tuple(c for c in whole.changes if c.date <= part.replayed.last)


@LAWS
@given(thrown(700), st.integers(110, 298), st.sampled_from([0.0, 50.0]))
def test_another_future_changes_nothing_before_it(dice: Dice, days: int, after: float) -> None:
    seen = a_watched_life(dice, 300)
    last = seen.macro.first + timedelta(days=days)
    as_it_was, otherwise = backtest(case_of(seen)), backtest(case_of(until(seen, last, after)))
    known = [n for n, night in enumerate(as_it_was.nights) if night.date <= last + timedelta(days=1)]
    assert as_it_was.nights[: len(known)] == otherwise.nights[: len(known)]
    for rule, other in zip(as_it_was.rules, otherwise.rules, strict=True):
        assert turns(rule, last) == turns(other, last)


def turns(rule: RuleFigures, until: date) -> list[date]:
    return [night for night in (*rule.retirements, *rule.returns) if night <= until]


@LAWS
@given(thrown(700))
def test_the_simple_rules_do_what_a_few_lines_of_arithmetic_say(dice: Dice) -> None:
    case = a_case(dice)
    found = backtest(case)
    counts = {day: n or 0.0 for day, n in days_of(case)}
    thirty = {on: sum(counts.get(on - timedelta(days=back), 0.0) for back in range(1, 31)) for on in case.nights}

    off = [on for on in case.nights if thirty[on] >= 30]
    assert nights_without(found.rules[1]) == off

    off, retired, row = [], False, 0
    for n, on in enumerate(case.nights):
        if n % 7 == 0:
            row = row + 1 if (thirty[on] < 20 if retired else thirty[on] >= 40) else 0
            if row == 3:
                retired, row = not retired, 0
        if retired:
            off.append(on)
    assert nights_without(found.rules[2]) == off


@LAWS
@given(thrown(700))
def test_figures_are_counts_of_days(dice: Dice) -> None:
    case = a_case(dice)
    known = dict(days_of(case))

    def rate(first: date, days: int) -> float | None:
        values = [known.get(first + timedelta(days=n)) for n in range(days)]
        there = [value for value in values if value is not None]
        return 30 * sum(there) / len(there) if len(there) >= 0.6 * days else None

    for rule in backtest(case).rules:
        off = set(nights_without(rule))
        before = {on: rate(on - timedelta(days=30), 30) for on in case.nights}
        assert rule.starved_days == sum(r is not None and r < 20 for on, r in before.items() if on in off)
        assert rule.spare_days == sum(r is not None and r > 40 for on, r in before.items() if on not in off)
        after = [rate(on, 60) for on in rule.retirements if on + timedelta(days=59) <= max(known)]
        judged = [r for r in after if r is not None]
        assert (rule.judged, rule.sustained) == (len(judged), sum(r >= 30 for r in judged))


@LAWS
@given(thrown(700), st.randoms(use_true_random=False))
def test_the_order_of_a_files_lines_changes_nothing_but_a_note(dice: Dice, random: Random) -> None:
    days = list(days_of(a_case(dice, 150)))
    lines = [f"{day},{'' if n is None else n}" for day, n in days]
    mixed = list(lines)
    random.shuffle(mixed)
    ordered = read_counts("f", "\n".join(["date,macro", *lines]))
    assert read_counts("f", "\n".join(["date,macro", *mixed])).columns == ordered.columns
    assert ordered.columns["macro"] == DailySeries(days[0][0], tuple(n for _, n in days))


def days_of(case: Case) -> list[tuple[date, float | None]]:
    macro = list(case.nights.values())[-1].watched.macro
    return list(zip(Window(macro.first, macro.last), macro.values, strict=True))


def nights_without(rule: RuleFigures) -> list[date]:
    return [night for span in rule.without_helpers for night in span]
