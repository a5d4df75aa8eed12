"""Which days are a log: events far away from all others, holes, and where its weeks begin."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from adsync.events.days import HOLES_NAMED, Stretch, body_of, on_holes, stretches
from adsync.journeys import Journey, funnel_of
from adsync.model.exposure import LogSummary
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.render.journeys import log_facts
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.journeys import a_time, event, write_log

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
    far = [a_time(MONDAY - timedelta(days=4_000)), a_time(MONDAY - timedelta(days=400)), a_time(date(2026, 10, 1))]
    early = a_time(MONDAY) - timedelta(days=3)
    machine = [event("robot", early + timedelta(seconds=n), "view_item") for n in range(10_001)]
    beside = [*map(stray, far), stray(far[0], visitor=f"{MONDAY}-0"), *machine, event("u", early, "")]
    beside.append(event("stray", far[0], "a_test_before_the_site"))
    plain, found = score(tmp_path, rows), score(tmp_path, [*rows, *beside])
    assert found.scores == plain.scores and found.mature_until == plain.mature_until
    assert any(score.lift for score in plain.scores)
    log = found.log
    assert (log.first, log.last, log.visitors, log.names, log.notes) == (
        plain.log.first, plain.log.last, plain.log.visitors, {**plain.log.names, "a_test_before_the_site": 0}, (),
    )  # fmt: skip
    assert (log.excluded["astray"], log.excluded["machine"], log.excluded["no_name"]) == (5, 10_001, 1)
    assert sum(log.names.values()) + sum(log.excluded.values()) == log.rows
    assert "Left out: 5 events 60 days or more away from the rest of the log (a wrong clock?)." in log_facts(log)


def test_funnels_of_a_log_with_a_stray_event_end_where_the_log_ends(tmp_path: Path) -> None:
    with event_log([write_log(tmp_path / "log.csv", [*shop(), stray(a_time(date(2026, 10, 1)))])], "purchase") as log:
        funnel = funnel_of(log, Journey(macro="purchase"))
    assert funnel.period[1] < MONDAY + timedelta(days=DAYS + 10) and funnel.steps[0].visitors > 50
    assert funnel.compared_with is not None


def test_a_hole_between_large_parts_is_named_and_both_stay(tmp_path: Path) -> None:
    later = MONDAY - timedelta(days=365)
    one, other = shop(), shop(later)
    log = read(tmp_path, [*one, *other])
    assert log.excluded["astray"] == 0 and log.first.date() == later and sum(log.names.values()) == len(one + other)
    (note,) = log.notes
    assert note.startswith("No events from 2025-05-") and f"to {MONDAY - timedelta(days=1)}: figures per 30" in note
    # A single event in the hole is no part of it.
    assert read(tmp_path, [*one, *other, stray(a_time(date(2025, 9, 20)))]).notes == log.notes


def parts(days: Sequence[int], events: Sequence[int]) -> tuple[list[Stretch], list[Stretch]]:
    """All stretches, and those that are the log."""
    found = stretches(np.array(days), np.array(events))
    return found, body_of(found)


def test_sixty_days_without_events_are_a_hole_and_fifty_nine_are_none() -> None:
    for empty, number in ((59, 1), (60, 2)):
        found, body = parts([0, 1, 2 + empty], [900, 99, 1])
        assert (len(found), len(body), sum(part.events for part in found)) == (number, 1, 1_000)


def test_what_is_astray_has_less_than_one_percent_of_the_events() -> None:
    for astray, number in ((9, 1), (10, 2)):
        assert len(parts([0, 100], [990, astray])[1]) == number
    found, body = parts([100 * n for n in range(150)], [1] * 150)
    assert body == found[:1], "the largest stays, or nothing would"
    notes = on_holes(parts([100 * n for n in range(9)], [5] * 9)[1])
    assert len(notes) == HOLES_NAMED + 1 and notes[-1].startswith("So they do in 5 more")
