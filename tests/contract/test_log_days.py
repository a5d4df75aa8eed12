"""Which days are a log: events far away from all others, holes, and where its weeks begin."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from adsync.errors import UsageError
from adsync.events.days import HOLES_NAMED, Stretch, body_of, lively_until, on_holes, on_strays
from adsync.journeys import Journey, channels_of, funnel_of
from adsync.model.condition import condition
from adsync.model.exposure import LogSummary
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.render.channels import channel_facts
from adsync.render.funnel import facts
from adsync.render.journeys import log_facts
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.journeys import HEAD, a_time, event, write_log

MONDAY = date(2026, 3, 2)
DAYS = 80


def shop(first: date = MONDAY, visitors: int = 300) -> list[str]:
    """Visitors who look, some of whom fill a cart and buy, some days apart."""
    dice = random.Random(3)
    rows = []
    for n in range(visitors):
        at = a_time(first, n * DAYS * 86_400 / visitors)
        busy = dice.random() < 0.4
        names = (
            ["page_view"] * (1 + 2 * busy)
            + ["view_item"] * (1 + 3 * busy)
            + ["add_to_cart"] * (dice.random() < 0.2 + 0.4 * busy)
        )
        rows += [event(f"{first}-{n}", at + timedelta(minutes=k), name) for k, name in enumerate(names)]
        if dice.random() < (0.6 if "add_to_cart" in names else 0.05):
            rows.append(event(f"{first}-{n}", at + timedelta(hours=dice.randrange(1, 90)), "purchase", 2))
    return rows


def whole_of(days: NDArray[Any], counts: NDArray[Any], codes: NDArray[Any], devices: int = 1_000) -> list[Stretch]:
    """What is left of a log of so many visitors, of whom two come on each day; but for one, they are others each day."""
    return body_of(days, counts, codes, [np.arange(len(days)) % devices, (np.arange(len(days)) + 1) % devices])


def stray(at: datetime, visitor: str = "stray") -> str:
    return event(visitor, at, "view_item")


def read(folder: Path, rows: Sequence[str]) -> LogSummary:
    with event_log([write_log(folder / "log.csv", rows)], "purchase") as log:
        return log.summary


def score(folder: Path, rows: Sequence[str]) -> ScoreReport:
    with event_log([write_log(folder / "log.csv", rows)], "purchase") as log:
        return score_log(log, Asked(macro="purchase", horizon_days=7), Policy())


def test_strays_and_machines_change_nothing_and_are_counted(tmp_path: Path) -> None:
    """Weeks, too, begin with the first event of people that counts."""
    rows = shop()
    far = [a_time(MONDAY + timedelta(days=days)) for days in (-4_000, -400, -30, DAYS + 20, DAYS + 45, DAYS + 133)]
    early = a_time(MONDAY) - timedelta(days=3)
    machine = [event("robot", early + timedelta(seconds=n), "view_item") for n in range(10_001)]
    beside = [*map(stray, far), stray(far[0], visitor=f"{MONDAY}-0"), *machine, event("u", early, "")]
    beside.append(event("stray", far[0], "a_test_before_the_site"))
    plain, found = score(tmp_path, rows), score(tmp_path, [*rows, *beside])
    assert found.scores == plain.scores and found.mature_until == plain.mature_until
    assert any(score.lift for score in plain.scores)
    log = found.log
    assert (log.first, log.last, log.visitors, log.names) == (
        plain.log.first, plain.log.last, plain.log.visitors, {**plain.log.names, "a_test_before_the_site": 0},
    )  # fmt: skip
    assert ["left out as a machine" in note for note in log.notes] == [True]
    assert (log.excluded["astray"], log.excluded["machine"], log.excluded["no_name"]) == (8, 10_001, 1)
    assert sum(log.names.values()) + sum(log.excluded.values()) == log.rows
    assert "; 8 events far away from the rest of the log (a wrong clock?); " in log_facts(log)[1]


@pytest.mark.parametrize("days", [20, 133])
def test_funnels_of_a_log_with_a_stray_event_end_where_the_log_ends(days: int, tmp_path: Path) -> None:
    rows = shop(visitors=150)
    with event_log(
        [write_log(tmp_path / "log.csv", [*rows, stray(a_time(MONDAY + timedelta(days=DAYS + days)))])]
    ) as log:
        funnel = funnel_of(log, Journey(macro="purchase"))
    assert funnel.period[1] < MONDAY + timedelta(days=DAYS + 5) and funnel.steps[0].visitors > 25
    assert funnel.compared_with is not None


def test_a_period_within_a_hole_of_the_log_says_so_and_a_period_of_one_day_names_one(tmp_path: Path) -> None:
    rows = [*shop(visitors=30), *shop(MONDAY - timedelta(days=365), visitors=30)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join([HEAD, *(row.replace(",1,,,", ",1,,Email,") for row in rows)]))
    with event_log([path]) as log:
        for day, days, empty in ((-100, 28, True), (40, 1, False)):
            asked = Journey(macro="purchase", as_of=MONDAY + timedelta(days=day), days=days)
            funnel, channels = funnel_of(log, asked), channels_of(log, replace(asked, by="channel"))
            assert (funnel.steps[0].visitors == channels.total.visitors == 0) == empty
            for said in (facts(funnel), channel_facts(channels)):
                assert (
                    any("no events from 2025-10-26 to 2025-11-22, so that everything" in fact for fact in said) == empty
                )
                if days == 1:
                    assert f"Counted: {asked.as_of}, the day of UTC" in said[-1] and f"{asked.as_of} to" not in said[-1]
    with event_log([write_log(path, [stray(a_time(MONDAY))])]) as log:
        assert f"of 1 visitor, {MONDAY} (UTC)." in log_facts(log.summary)[0]


def test_a_hole_between_large_parts_is_named_and_both_stay(tmp_path: Path) -> None:
    later = MONDAY - timedelta(days=365)
    one, other = shop(), shop(later)
    log = read(tmp_path, [*one, *other])
    assert log.excluded["astray"] == 0 and log.first.date() == later and sum(log.names.values()) == len(one + other)
    _, note = log.notes  # all times are whole minutes
    assert note.startswith("No events from 2025-05-") and f"to {MONDAY - timedelta(days=1)}: figures per 30" in note
    # A single event in the hole is no part of it.
    assert read(tmp_path, [*one, *other, stray(a_time(date(2025, 9, 20)))]).notes == log.notes


def test_orders_that_a_wrong_clock_sent_once_more_are_bought_once(tmp_path: Path) -> None:
    """The stray rows go, not those whose order they repeat."""
    rows = [line + (f",order-{n}" if ",purchase," in line else ",") for n, line in enumerate(shop())]
    bought = [line for line in rows if ",purchase," in line]

    def summary(more: Sequence[str]) -> LogSummary:
        path = tmp_path / "log.csv"
        path.write_text("\n".join([f"{HEAD},transaction_id", *rows, *more]), encoding="utf-8")
        with event_log([path], "purchase") as log:
            return log.summary

    def on(day: date, line: str) -> str:
        return line.replace(line.split(",")[1][:10], str(day), 1)

    plain = summary([])
    assert plain.names["purchase"] == len(bought) > 10 and plain.excluded["duplicate_order"] == 0
    early = summary([on(MONDAY - timedelta(days=730), line) for line in bought[:10]])
    assert (early.names, early.visitors, early.first) == (plain.names, plain.visitors, plain.first)
    assert (early.excluded["astray"], early.excluded["duplicate_order"]) == (10, 0)
    # Of two rows that both count the second one goes, and the log ends without it.
    late = summary([on(plain.last.date() + timedelta(days=1), bought[0])])
    assert (late.names, late.last, late.excluded["duplicate_order"]) == (plain.names, plain.last, 1)


def parts(days: Sequence[int], events: Sequence[int]) -> list[Stretch]:
    return whole_of(np.array(days), np.array(events), np.zeros(len(days)))


def test_sixty_days_without_events_are_a_hole_and_fifty_nine_are_none() -> None:
    """Of a shop with so few visitors that three weeks without any are nothing."""
    sparse = [*range(0, 400, 3)]
    for empty, counted in ((59, 135), (60, 134)):
        (body,) = parts([*sparse, sparse[-1] + 1 + empty], [1] * 135)
        assert body.events == counted


def test_what_is_astray_has_less_than_one_percent_of_the_events() -> None:
    for astray, number in ((9, 1), (10, 2)):
        assert len(parts([0, 100], [990, astray])) == number
    assert len(parts([100 * n for n in range(150)], [1] * 150)) == 150, "the largest stay, or nothing would"
    notes = on_holes(np.array([100 * n for n in range(9)]), np.array([5] * 9))
    assert len(notes) == HOLES_NAMED + 1 and notes[-1].startswith("So they do in 5 more")


def test_where_many_clocks_are_wrong_the_log_is_the_days_on_which_it_is_busy() -> None:
    """Strays on every day leave no hole; a machine's day makes the others no strays, and the first and last hours stay."""
    dice = np.random.default_rng(7)
    log, days = np.zeros(1_500), np.arange(1_500)
    log[700:790] = dice.poisson(6_000, 90)
    (body,) = parts(days.tolist(), (log + 1 + dice.poisson(1, 1_500)).tolist())
    assert (body.first, body.last) == (700, 789)
    machine = [*([1_000] * 45), 300_000, *([1_000] * 45)]
    assert [part.events for part in parts([*range(91)], machine)] == [sum(machine)]
    ends = [7, *([6_000] * 40), 2, 3]
    assert [part.events for part in parts([*range(43)], ends)] == [sum(ends)]
    beginning = [*(40 + 2 * n for n in range(60)), *([6_000] * 60)]
    assert [part.events for part in parts([*range(120)], beginning)] == [sum(beginning)], "a slow beginning is no stray"


def test_an_event_keeps_its_days_where_the_others_have_ended_but_for_a_few_of_a_wrong_clock() -> None:
    """Contracts from elsewhere go on after the site's log, daily or monthly; from 60 days on a few rows are strays as ever."""
    days, shop_days = np.array([*range(90), 75, 106, 137]), 90
    codes = np.array([0] * shop_days + [1] * 3)

    def end(*contracts: int) -> int:
        return whole_of(days, np.array([600] * shop_days + [*contracts]), codes)[-1].last

    assert end(50, 3, 3) == 137 and end(50, 2, 3) == 89, "a tenth of them"
    assert end(0, 2, 2) == 89, "one or two rows of a rare event say nothing"
    mirrored = whole_of(-days, np.array([600] * shop_days + [50, 3, 3]), codes)
    assert mirrored[0].first == -137
    a_dozen = whole_of(np.array([*range(90), 130]), np.array([600] * 90 + [12]), np.array([0] * 90 + [1]))
    assert a_dozen[-1].last == 89, "on one day they are somebody's test"
    weekly, many = np.array([*range(90), *range(100, 140, 8)]), np.array([600] * 90 + [3] * 5)
    assert whole_of(weekly, many, np.array([0] * 90 + [1] * 5), 2)[-1].last == 132
    assert whole_of(weekly, many, np.array([0] * 90 + [1] * 5), 1)[-1].last == 89, "a device with a wrong clock"
    daily = np.array([*range(90), *range(70, 150)])
    (body,) = whole_of(daily, np.array([6_000] * 90 + [1] * 80), np.array([0] * 90 + [1] * 80))
    assert (body.last, body.events) == (149, 540_080)


def test_a_long_thin_part_of_a_log_makes_no_stray_a_usual_day() -> None:
    """A year of two rows a day before the shop opened: one row six weeks after its end is neither a day of it nor moves it."""
    days, counts = np.array([*range(465), 510]), np.array([2] * 365 + [80] * 100 + [1])
    (body,) = whole_of(days, counts, np.zeros(466, int))
    assert (body.first, body.last) == (0, 464)
    assert lively_until(days, counts) == date(1970, 1, 1) + timedelta(days=464)


def test_events_until_a_moment_are_counted_alike_in_the_middle_of_a_day_and_at_its_end(tmp_path: Path) -> None:
    rows = shop()
    at = sorted((datetime.fromisoformat(row.split(",")[1]), row.split(",")[2]) for row in rows)
    with event_log([write_log(tmp_path / "log.csv", rows)], "purchase") as log:
        midnight = datetime.combine(MONDAY + timedelta(days=31), time(), UTC)
        for last in (
            midnight,
            midnight - timedelta(microseconds=1),
            at[90][0],
            at[-1][0],
            midnight + timedelta(days=400),
        ):
            until = Counter(name for moment, name in at if moment <= last)
            assert log.names_until(last) == {name: until[name] for name in {name for _, name in at}}


def test_a_quiet_season_is_the_logs_own() -> None:
    """Four months of a thousand a day, then eight of fifty, one part of which nothing was logged."""
    days = np.array([*range(120), *range(120, 320), *range(333, 363)])
    counts = np.array([1_000] * 120 + [50] * 230)
    (body,) = whole_of(days, counts, np.zeros(350, int))
    assert body.last == 362 and lively_until(days, counts) == date(1970, 1, 1) + timedelta(days=362)


def test_an_event_that_is_left_out_whole_is_told_with_its_reasons(tmp_path: Path) -> None:
    busy = [event("bot", a_time(MONDAY, n), "lead") for n in range(10_001)]
    odd = [
        event(f"o{n}", a_time(MONDAY + timedelta(days=200), n), name) for n in range(3) for name in ("signed", "lead")
    ]
    log = write_log(tmp_path / "log.csv", [*shop(), *busy, *odd])
    astray = "3 events far away from the rest of the log (a wrong clock?)"
    machine = "10,001 events of visitors with more than 10,000 events: machines"
    with event_log([log]) as found:
        for name, reasons in ("signed", astray), ("lead", f"{machine} and {astray}"):
            asks: list[Callable[[], object]] = [
                partial(score_log, found, Asked(macro=name), Policy()),
                partial(score_log, found, Asked(macro="purchase", candidates=(condition(name),)), Policy()),
                partial(funnel_of, found, Journey(macro=name)),
                partial(channels_of, found, Journey(macro="purchase", steps=(name,), by="channel")),
            ]
            for ask in asks:
                with pytest.raises(UsageError, match=f"Of the event {name} no row can be used") as refused:
                    ask()
                assert f"Left out were {reasons}" in str(refused.value)


def test_an_event_that_is_largely_astray_is_named_with_its_days() -> None:
    """Contracts two months and more after the site's log; a wrong clock has a few rows of what there is much of."""
    days, codes = np.array([*range(90), 30, 200, 230, 400]), np.array([0] * 90 + [1, 1, 1, 0])

    def notes(*contracts: int) -> tuple[str, ...]:
        counts = np.array([600] * 90 + [*contracts, 1])
        return on_strays(days, counts, codes, whole_of(days, counts, codes), ["view_item", "signed"])

    assert notes(60, 20, 20) == (
        "40 of 100 signed events are left out, far away from the rest of the log (1970-07-20 to 1970-08-19). If their times are "
        "right, the log lacks the days between: add those.",
    )
    assert len(notes(760, 20, 20)) == 1, "a twentieth"
    assert notes(60, 2, 2) == () == notes(800, 20, 20), "a few, and less than a twentieth"


def test_strays_of_a_rare_event_lead_from_one_to_the_next_nowhere() -> None:
    """One row of it every fifty days, and what else lies around the last of an event's own days."""
    days = np.array([*range(90), *(89 + 50 * n for n in range(1, 21))])
    (body,) = whole_of(days, np.array([60] * 90 + [1] * 20), np.array([0] * 90 + [1] * 20))
    assert body.last == 89
    days, codes = np.array([*range(90), *range(95, 125), 170]), np.array([0] * 90 + [1] * 30 + [2])
    (body,) = whole_of(days, np.array([60] * 90 + [1] * 31), codes)
    assert body.last == 124


def test_a_few_exact_times_make_no_log_of_minutes_or_days_exact(tmp_path: Path) -> None:
    """Rows that are alike count as so many events there; one row with its seconds would have made them one."""
    cut = [line.replace(line.split(",")[1], line.split(",")[1][:16] + ":00", 1) for line in shop()]
    plain, found = read(tmp_path, cut), read(tmp_path, [*cut, event("exact", a_time(MONDAY, 7), "view_item")])
    assert found.used == plain.used + 1 == len(cut) + 1
    assert any(note.startswith("Nearly all times are whole minutes") for note in found.notes)
    days = [line.replace(line.split(",")[1], line.split(",")[1][:10], 1) for line in shop()]
    assert read(tmp_path, [*days, event("exact", a_time(MONDAY, 7), "view_item")]).cut_to == "day"


def left_out(events: Sequence[float], beyond: Mapping[int, int] | None = None, *, mirrored: bool = False) -> int:
    """How many events are no part of a log with so many on each day. beyond: more of them, by days after its last one."""
    more = {len(events) - 1 + day: n for day, n in (beyond or {}).items()}
    counts, days = np.array([*events, *more.values()]), np.array([*range(len(events)), *more])
    days = -days if mirrored else days
    days, counts = days[counts > 0], counts[counts > 0]
    return int(counts.sum() - sum(part.events for part in whole_of(days, counts, np.zeros(len(days)))))


USUAL = [60] * 90
WEEK = [40, 40, 40, 40, 40, 0, 0]


@pytest.mark.parametrize("mirrored", [False, True], ids=["after", "before"])
@pytest.mark.parametrize(
    ("events", "beyond"),
    [
        *((USUAL, {day: 1}) for day in (11, 20, 45, 59, 60)),
        (USUAL, {45: 8}),
        (USUAL, {15: 2, 30: 2, 31: 1}),
        (WEEK * 12, {13: 2}),
        ([5] * 90, {45: 1}),
        ([12] * 90, {45: 3}),
        ([*USUAL, *[0] * 100, *USUAL], {20: 3}),
    ],
)
def test_few_events_of_a_wrong_clock_are_astray_long_before_sixty_days(
    events: list[float], beyond: dict[int, int], *, mirrored: bool
) -> None:
    assert left_out(events, beyond, mirrored=mirrored) == sum(beyond.values())


@pytest.mark.parametrize("mirrored", [False, True], ids=["after", "before"])
@pytest.mark.parametrize(
    ("events", "beyond"),
    [
        (USUAL, {10: 1}),  # nine days without events: Christmas
        (USUAL, {21: 60}),  # three weeks closed, and then a day as usual
        (USUAL, {45: 30}),
        (USUAL, dict.fromkeys(range(4, 50, 4), 1)),
        ([5] * 90, {20: 1}),  # of a small shop one event is much
        ([1, 0, 0] * 40, {45: 1}),
        ([60, 0, 0, 0, 0] * 20, {14: 1}),  # who only comes once a week
        ([*USUAL, *[0] * 25, *USUAL], {45: 30}),
        ([*USUAL, *[0] * 100, *USUAL], {}),
    ],
)
def test_quiet_times_holidays_and_small_shops_are_part_of_the_log(
    events: list[float], beyond: dict[int, int], *, mirrored: bool
) -> None:
    assert left_out(events, beyond, mirrored=mirrored) == 0


@pytest.mark.parametrize("rate", [0.1, 0.5, 1, 3, 10, 50])
def test_logs_without_strays_are_whole(rate: float) -> None:
    dice = np.random.default_rng(7)
    assert sum(left_out([1, *dice.poisson(rate, days)]) for days in (30, 90) for _ in range(50)) == 0


@pytest.mark.parametrize("mirrored", [False, True], ids=["ends", "begins"])
def test_a_log_that_begins_or_ends_slowly_loses_at_most_what_its_first_or_last_visitors_did(*, mirrored: bool) -> None:
    """One event in two hundred; what grows evenly loses nothing."""
    dice = np.random.default_rng(7)
    for top in (10, 50, 300):
        even = [*([top] * 60), *np.linspace(top, 0, 60)]
        assert sum(left_out(dice.poisson(even).tolist(), mirrored=mirrored) for _ in range(20)) == 0
        for half in (7, 14, 30):
            fading = dice.poisson([*([top] * 90), *(top * 0.5 ** (n / half) for n in range(200))])
            assert left_out(fading.tolist(), mirrored=mirrored) <= max(fading.sum() / 200, 3)


def test_a_pause_that_is_far_longer_than_usual_is_told_where_nothing_is_left_out() -> None:
    days = np.array([*range(90), 110, 111])
    (note,) = on_holes(days, np.array([*USUAL, 60, 60]))
    assert note == "No events from 1970-04-01 to 1970-04-20: figures per 30 days count these days as well."
    assert on_holes(np.arange(0, 400, 15), np.full(27, 9)) == (), "where pauses are usual they are no news"
