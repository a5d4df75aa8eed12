"""The scores of event logs, from files to the report, on made-up sites whose truth is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from adsync.model.evidence import Verdict
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.event_worlds import World, draw, write_csv, write_parquet


def scored(world: World, folder: Path, asked: Asked | None = None) -> ScoreReport:
    path = folder / "events.parquet"
    write_parquet(world, path)
    with event_log([path]) as log:
        return score_log(log, asked or Asked(macro=world.macro, candidates=world.candidates), Policy())


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
    with event_log([tmp_path / "events.csv"]) as log:
        from_text = score_log(log, asked, Policy())
    assert from_text == scored(world, tmp_path, asked)
