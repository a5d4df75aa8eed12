"""What guards set aside before anybody looked: days that decide nothing are listed with dates and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adsync.changelog import current_snapshot
from adsync.cli import run
from adsync.decide.episodes import NOTHING_SEEN, Episode, Watch
from adsync.decide.set_aside import set_aside
from adsync.model.freeze import Freeze
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.overview import concluded
from adsync.pull import pull_account
from tests.sandboxes import LocalSandbox, local_sandbox

LAST = date(2026, 5, 31)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSandbox]:
    """A first copy of a year in which the tag was silent for eight days, some weeks ago."""
    with local_sandbox(tmp_path, "tag-outage") as sandbox:
        monkeypatch.setenv("ADSYNC_CLOCK_URL", sandbox.running.running.url)
        monkeypatch.setenv("COLUMNS", "200")
        account = sandbox.settings.accounts[0]
        pull_account(account, sandbox.wiring().ports(account))
        yield sandbox


def holds(shop: LocalSandbox, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert run(["--config", str(shop.directory / "adsync.yaml"), "holds", *options]) == 0
    return capsys.readouterr().out


def test_an_outage_of_long_ago_is_listed_with_its_days(shop: LocalSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(holds(shop, capsys, "--all", "--json"))
    assert document["schema"] == 1 and document["data"] == [], "no night has held for it"
    account = shop.settings.accounts[0]
    state = shop.wiring().state
    snapshot = current_snapshot(account, state)
    assert snapshot is not None
    standing = concluded(account, state, snapshot, snapshot.state.as_of).standing
    (found,) = document["set_aside"]
    assert (found["hold_id"], found["days"]["code"]) == (None, "outage")
    first, last = (date.fromisoformat(found["days"][end]) for end in ("first", "last"))
    assert found["days"]["days"] == (last - first).days + 1 == round(84 - standing.effective_days)
    shown = holds(shop, capsys, "--all")
    assert "Set aside in the weeks that decide" in shown and str(first) in shown and str(last) in shown
    assert "broken tag" in shown
    assert "set_aside" not in json.loads(holds(shop, capsys, "--json")) and "Set aside" not in holds(shop, capsys)


def test_days_within_the_weeks_that_decide_are_listed_with_their_reason() -> None:
    first = LAST - timedelta(days=200)
    macro = DailySeries(first, (2.0,) * 201).without(Window(LAST - timedelta(days=5), LAST - timedelta(days=4)))
    begun = LAST - timedelta(days=90)

    def episode(code: str, since: date, days: int, **more: Any) -> Episode:
        span = Window(since, since + timedelta(days=days - 1))
        return Episode(code=code, since=since, until=span.last, flagged=frozenset(span), **more)

    seen = Watch(
        episodes=(
            episode("outage", begun, 20),
            episode("ratio", LAST - timedelta(days=30), 3, factor=2.0),
            episode("outage", LAST - timedelta(days=150), 9),
            Episode(code="traffic", since=LAST, until=LAST, about="clicks"),
        )
    )
    season = Window(LAST - timedelta(days=12), LAST - timedelta(days=10))
    policy = Policy(freezes=(Freeze(days=season, why="Spring sale"),))
    found = set_aside(policy, "purchase", macro, seen, LAST)
    assert [(each.code, each.days) for each in found] == [("outage", 13), ("ratio", 3), ("freeze", 3), ("unknown", 2)]
    assert (found[0].since, found[0].first) == (begun, LAST - timedelta(days=83))
    assert "Spring sale" in found[2].saw and "rose 2.0 times faster" in found[1].saw
    assert set_aside(Policy(), "purchase", replace(macro, values=(2.0,) * 201), NOTHING_SEEN, LAST) == ()


def test_every_kind_of_episode_that_sets_days_aside_has_words() -> None:
    day = frozenset({LAST})
    for code in ("outage", "ratio", "ratio_ga4", "tag_silent", "data_exclusion"):
        seen = Watch(episodes=(Episode(code=code, since=LAST, until=LAST, flagged=day, factor=2.0),))
        (found,) = set_aside(Policy(), "purchase", DailySeries(LAST, (1.0,) * 1), seen, LAST)[-1:]
        assert found.saw
