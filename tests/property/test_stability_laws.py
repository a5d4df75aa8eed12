"""Laws of scores over time and by segment, over the real engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from adsync.events import log as limits
from adsync.model.condition import conditions
from adsync.model.policy import Policy
from adsync.model.score import Score, ScoreReport
from adsync.model.stability import SegmentScore
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.event_worlds import World, draw, write_parquet

PROMOTED = date(2026, 7, 1)
ASKED = Asked(
    macro="purchase",
    candidates=conditions("add_to_wishlist,store_locator,view_item,page_view*3"),
    horizon_days=14,
    by="channel",
    promoted={"view_item": PROMOTED},
)


@pytest.fixture(scope="module")
def world() -> World:
    """With two channels, of which activity knows nothing."""
    drawn = draw("planted helpers", seed=12, visitors=3_000, days=75)
    channel = np.where(drawn.columns["device"] == "mobile", "Paid", "Direct")
    return replace(drawn, columns={**drawn.columns, "channel": channel})


@pytest.fixture(scope="module")
def scores(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Score]:
    return scored(world, tmp_path_factory.mktemp("log"))


def report_of(world: World, folder: Path, asked: Asked = ASKED) -> ScoreReport:
    path = folder / "events.parquet"
    write_parquet(world, path)
    with event_log([path], world.macro, asked.candidates) as log:
        return score_log(log, asked, Policy())


def scored(world: World, folder: Path) -> dict[str, Score]:
    return {score.event: score for score in report_of(world, folder).scores}


def by(score: Score) -> Mapping[str, SegmentScore]:
    assert score.by is not None
    return {segment.label: segment for segment in score.by.segments}


def test_all_weeks_and_all_segments_are_everybody(scores: Mapping[str, Score]) -> None:
    assert len(scores) == 4 and all(score.exposed > 100 for score in scores.values())
    for score in scores.values():
        for counted in (score.weeks, tuple(by(score).values())):
            assert sum(part.exposed for part in counted) == score.exposed
            assert sum(part.converted for part in counted) == score.converted
        assert score.lift is not None
        assert sum(week.expected for week in score.weeks) == pytest.approx(score.converted / score.lift.point)
        whole = [week for week in score.weeks if week.whole]
        assert len(whole) >= 7 and all(week.first.weekday() == 0 for week in score.weeks)
        if score.event == "view_item":
            assert score.drift is not None
            assert score.drift.now.exposed == sum(week.exposed for week in whole[-4:])
    parts = scores["view_item"].promoted
    assert parts is not None and parts.before.last == PROMOTED - timedelta(days=1) and parts.after.first == PROMOTED
    assert parts.before.exposed + parts.after.exposed == scores["view_item"].exposed
    assert all(score.promoted is None for name, score in scores.items() if name != "view_item")


@pytest.mark.slow
def test_twice_as_many_visitors_of_segments_by_other_names_go_on_as_often(
    world: World, scores: Mapping[str, Score], tmp_path: Path
) -> None:
    called = {"Paid": "Affiliates", "Direct": "Zone"}
    columns = world.columns
    renamed = {**columns, "channel": np.array([called[name] for name in columns["channel"].tolist()])}
    twins = {**renamed, "user_pseudo_id": np.char.add("twin-", columns["user_pseudo_id"])}
    both = {name: np.concatenate([values, twins[name]]) for name, values in renamed.items()}
    for name, many in scored(replace(world, columns=both), tmp_path).items():
        few = scores[name]
        assert [week.first for week in many.weeks] == [week.first for week in few.weeks]
        for one, other in zip(few.weeks, many.weeks, strict=True):
            assert (other.exposed, other.converted) == (2 * one.exposed, 2 * one.converted)
            assert other.p.point == one.p.point and other.p.high - other.p.low < one.p.high - one.p.low
        if "(others)" not in by(few):
            doubled = {called[label]: (2 * s.exposed, 2 * s.converted) for label, s in by(few).items()}
            assert doubled == {label: (s.exposed, s.converted) for label, s in by(many).items()}
    assert "(others)" not in by(scores["view_item"])


@pytest.mark.slow
def test_who_is_thinned_out_stays_in_the_weeks_and_segments(
    world: World, scores: Mapping[str, Score], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ENOUGH_EVENTS", 12_000)
    monkeypatch.setattr(limits, "RARE", 100)
    for name, thin in scored(world, tmp_path).items():
        assert [(w.exposed, w.converted) for w in thin.weeks] == [(w.exposed, w.converted) for w in scores[name].weeks]
        assert {s.label: s.exposed for s in by(thin).values()} == {
            s.label: s.exposed for s in by(scores[name]).values()
        }
        assert sum(w.expected for w in thin.weeks) == pytest.approx(
            sum(w.expected for w in scores[name].weeks), rel=0.2
        )
