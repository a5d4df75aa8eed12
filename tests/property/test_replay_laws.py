"""Laws of the watch and of a replay: night by night is the same as at once, and the future is not read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.decide.demand import standing
from adsync.decide.episodes import NOTHING_SEEN, Watched
from adsync.decide.guards import evidence, holds_of
from adsync.decide.replay import AT_ONCE, Answers, Known, Night, replay
from adsync.decide.watch import look, watch
from adsync.model.decision import Helper
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import TODAY, a_helper
from tests.property.generated import Dice, thrown

LAWS = settings(max_examples=40)
HELPERS = (a_helper("200", worth=0.1), a_helper("201", worth=0.2, event_name="begin_checkout"))
DAYS = 240


def a_watched_life(dice: Dice, days: int = DAYS) -> Watched:
    """Stretches of six weeks at other levels, with silent tags, double counts, pauses and gaps among them."""
    macro: list[float | None] = []
    companion: list[float | None] = []
    clicks: list[float | None] = []
    while len(macro) < days:
        rate, trouble = dice.pick(0.3, 1.0, 2.0, 4.0), dice.pick("", "", "silent", "twice", "paused", "gap")
        length = dice.pick(42, 9, 21)
        for day in range(length):
            noise = dice.pick(0.0, 1.0, 1.0, 2.0)
            odd = trouble if day < 8 else ""
            times = {"silent": 0.0, "twice": 2.0, "paused": 0.0}.get(odd, 1.0)
            macro.append(None if odd == "gap" else rate * noise * times)
            companion.append(rate * (2 + 2 * noise) * (0.0 if odd == "paused" else 1.0))
            clicks.append(100.0 * (0.1 if odd == "paused" else 1.0))
    first = TODAY - timedelta(days=days)
    return Watched(
        macro=DailySeries(first, tuple(macro[:days])),
        companion=DailySeries(first, tuple(companion[:days])),
        clicks=DailySeries(first, tuple(clicks[:days])),
    )


def until(seen: Watched, last: date, after: float) -> Watched:
    """The same up to a day, and something else after it."""

    def cut(series: DailySeries | None) -> DailySeries | None:
        if series is None:
            return None
        kept = (last - series.first).days + 1
        return DailySeries(series.first, (*series.values[:kept], *[after] * (len(series.values) - kept)))

    macro = cut(seen.macro)
    assert macro is not None
    return Watched(macro=macro, companion=cut(seen.companion), clicks=cut(seen.clicks))


@LAWS
@given(thrown(600))
def test_looking_day_by_day_sees_what_looking_at_once_sees(dice: Dice) -> None:
    seen = a_watched_life(dice)
    found = NOTHING_SEEN
    for day in Window(seen.macro.first, seen.macro.last):
        found = look(found, seen, day, Policy())
        assert all(episode.since <= episode.until <= day for episode in found.episodes)
    assert found == watch(seen, seen.macro.last, Policy())


@LAWS
@given(thrown(600), st.integers(100, DAYS - 1), st.sampled_from([0.0, 50.0]))
def test_no_watch_reads_the_future(dice: Dice, days: int, after: float) -> None:
    seen = a_watched_life(dice)
    last = seen.macro.first + timedelta(days=days)
    assert watch(seen, last, Policy()) == watch(until(seen, last, after), last, Policy())


@LAWS
@given(thrown(600))
def test_flagged_days_are_days_of_the_episode(dice: Dice) -> None:
    for episode in watch(seen := a_watched_life(dice), seen.macro.last, Policy()).episodes:
        assert all(episode.since <= day <= episode.until for day in episode.flagged)
        assert bool(episode.flagged) == (episode.code in ("outage", "ratio"))


def lived(
    seen: Watched, last: date, *, answers: Answers = AT_ONCE, helpers: tuple[Helper, ...] = HELPERS
) -> list[Night]:
    nights = Window(seen.macro.first + timedelta(days=90), last)
    return list(replay(Policy(), lambda night: Known.final(seen, night), helpers, nights, answers=answers))


@LAWS
@given(thrown(600), st.integers(120, DAYS - 2), st.sampled_from([0.0, 50.0]))
def test_a_replay_does_not_read_the_future(dice: Dice, days: int, after: float) -> None:
    seen = a_watched_life(dice)
    last = seen.macro.first + timedelta(days=days)
    # What a night reads ends with the day before it.
    assert lived(seen, last) == lived(until(seen, last - timedelta(days=1), after), last)


@settings(max_examples=12)
@given(thrown(600))
def test_numbers_that_are_read_anew_every_night_come_to_the_same(dice: Dice) -> None:
    seen = a_watched_life(dice)
    nights = Window(seen.macro.first + timedelta(days=90), seen.macro.first + timedelta(days=150))
    once = list(replay(Policy(), lambda night: Known.final(seen, night), HELPERS, nights))

    def anew(night: date) -> Known:
        return Known.final(until(seen, night - timedelta(days=1), 7.0), night)

    assert once == list(replay(Policy(), anew, HELPERS, nights))


@settings(max_examples=10)
@given(thrown(600), st.lists(st.integers(0, 149), min_size=1, max_size=6))
def test_a_night_that_knows_days_otherwise_decides_as_if_it_had_looked_at_all_of_them(
    dice: Dice, restated: list[int]
) -> None:
    seen = a_watched_life(dice)
    start = seen.macro.first + timedelta(days=90)

    def known(night: date) -> Known:
        values = list(until(seen, night - timedelta(days=1), 7.0).macro.values)
        days = restated[: (night - start).days // 10]
        for day in days:
            values[day] = 3.0
        return Known.final(replace(seen, macro=DailySeries(seen.macro.first, tuple(values))), night)

    for night in replay(Policy(), known, HELPERS, Window(start, start + timedelta(days=60))):
        then, last_day = known(night.on).watched, night.on - timedelta(days=1)
        seen_at_once = watch(then, last_day, Policy())
        assert night.decision.holds == tuple(holds_of(Policy(), "purchase", seen_at_once, last_day, night.on))
        if night.decision.checked:
            weighed = standing(Policy(), evidence(Policy(), then, seen_at_once, last_day, "helper"))
            assert night.decision.weighed == weighed


@LAWS
@given(thrown(600), st.integers(0, 9))
def test_whoever_waits_for_a_person_changes_later_and_no_other_way(dice: Dice, days: int) -> None:
    seen = a_watched_life(dice)
    nights = lived(seen, TODAY, answers=Answers(demote=days, restore=days))
    for night in nights:
        assert night.applied in ("", "demote", "restore")
    first = next((n.on for n in lived(seen, TODAY) if n.applied), None)
    later = next((n.on for n in nights if n.applied), None)
    if first is not None and later is not None:
        assert later >= first + timedelta(days=days)


def test_nobody_who_never_answers_changes_anything() -> None:
    first = TODAY - timedelta(days=DAYS)
    seen = Watched(macro=DailySeries(first, (2.0,) * DAYS), companion=DailySeries(first, (8.0,) * DAYS))
    nights = lived(seen, TODAY, answers=Answers(demote=None))
    assert {night.applied for night in nights} == {""}
    assert "demote" in {night.decision.verdict for night in nights}
    assert [n.applied for n in lived(seen, TODAY) if n.applied] == ["demote", "demote"]


def test_what_is_applied_is_who_is_primary() -> None:
    first = TODAY - timedelta(days=DAYS)
    counts = (2.0,) * 150 + (0.1,) * (DAYS - 150)
    seen = Watched(macro=DailySeries(first, counts), companion=DailySeries(first, tuple(4 * n for n in counts)))
    helper = replace(HELPERS[0], primary=True)
    nights = lived(seen, TODAY, helpers=(helper,))
    assert [night.applied for night in nights if night.applied] == ["demote", "restore"]
    assert [night.primary for night in nights if night.applied] == [(), ("add_to_cart",)]
