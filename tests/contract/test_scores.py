"""The scores of event logs, from files to the report, on made-up sites whose truth is known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adsync.model.activity import DAY_MICROS
from adsync.model.condition import Condition, conditions
from adsync.model.evidence import Verdict
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.event_worlds import World, draw, write_csv, write_parquet


def scored(world: World, folder: Path, asked: Asked | None = None) -> ScoreReport:
    path = folder / "events.parquet"
    write_parquet(world, path)
    asked = asked or Asked(macro=world.macro, candidates=tuple(Condition(event=name) for name in world.candidates))
    with event_log([path], world.macro, asked.candidates) as log:
        return score_log(log, asked, Policy())


def test_planted_helpers_are_found_in_their_order_and_nothing_else_is(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=3)
    report = scored(world, tmp_path)
    good = [s.event for s in report.scores if s.verdict is Verdict.GOOD]
    assert good == list(world.helpers)
    (after,) = [s for s in report.scores if s.event in world.after]
    assert after.verdict is Verdict.AFTER_MACRO and after.exposed == 0 and after.lift is None


@pytest.mark.parametrize("regime", ["busy and idle", "loyal", "bots"])
def test_where_nothing_announces_anything_nothing_is_called_good(regime: str, tmp_path: Path) -> None:
    world = draw(regime, seed=1)
    report = scored(world, tmp_path)
    assert not [s.event for s in report.scores if s.verdict is Verdict.GOOD]
    naive = [s.naive_lift for s in report.scores if s.naive_lift is not None and s.event not in world.after]
    assert min(naive) > 1.2


def test_the_same_events_as_csv_say_the_same(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=4, visitors=3_000)
    write_csv(world, tmp_path / "events.csv")
    asked = Asked(macro=world.macro)
    with event_log([tmp_path / "events.csv"], world.macro) as log:
        from_text = score_log(log, asked, Policy())
    assert from_text == scored(world, tmp_path, asked)


def test_conditions_are_counted_as_they_are_written(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=5, visitors=2_000)
    asked = Asked(macro=world.macro, candidates=conditions("page_view*3,view_item*2/7d,60s,search"))
    counted = {score.event: score for score in scored(world, tmp_path, asked).scores}
    did = first_times(world, {"page_view*3": 3, "search": 1}) | {
        "view_item*2/7d": twice_within_a_week(world),
        "60s": after_a_minute(world),
    }
    last = world.columns["event_timestamp"].max()
    bought = first_times(world, {world.macro: 1})[world.macro]
    for name, times in did.items():
        ripe = {
            who: at
            for who, at in times.items()
            if at <= last - 30 * DAY_MICROS and bought.get(who, 1 << 62) - at > 10_000_000
        }
        assert counted[name].exposed == len(ripe), name
        assert counted[name].converted == sum(
            bought.get(who, 1 << 62) - at <= 30 * DAY_MICROS for who, at in ripe.items()
        )


Rows = list[tuple[str, int, str, int]]


def rows_of(world: World) -> Rows:
    """Visitor, session, name and time, in order of time."""
    c = world.columns
    return sorted(
        zip(
            c["user_pseudo_id"].tolist(),
            c["session_id"].tolist(),
            c["event_name"].tolist(),
            c["event_timestamp"].tolist(),
            strict=True,
        ),
        key=lambda row: row[3],
    )


def first_times(world: World, nth: dict[str, int]) -> dict[str, dict[str, int]]:
    """When each visitor did an event for the nth time in a session, the name being what stands before a star."""
    found: dict[str, dict[str, int]] = {name: {} for name in nth}
    seen: Counter[tuple[str, int, str]] = Counter()
    for who, session, name, at in rows_of(world):
        seen[who, session, name] += 1
        for wanted, times in nth.items():
            if wanted.split("*")[0] == name and seen[who, session, name] == times:
                found[wanted].setdefault(who, at)
    return found


def twice_within_a_week(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    last: dict[str, int] = {}
    for who, _, name, at in rows_of(world):
        if name == "view_item":
            if who in last and at - last[who] <= 7 * DAY_MICROS:
                found.setdefault(who, at)
            last[who] = at
    return found


def after_a_minute(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    start: dict[tuple[str, int], int] = {}
    for who, session, _, at in rows_of(world):
        if at - start.setdefault((who, session), at) >= 60_000_000:
            found.setdefault(who, at)
    return found
