"""Scopes of an account whose campaigns bid in several ways, from what was copied of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.model.scope import ScopeKind
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.overview import overview
from adsync.pull import read_history
from tests.sandboxes import LocalSandbox, local_sandbox


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    directory: Path = tmp_path_factory.mktemp("several")
    with local_sandbox(directory, scenario="fixed-target") as sandbox:
        yield sandbox


def test_the_macros_of_all_scopes_are_those_of_the_account(several: LocalSandbox) -> None:
    account = several.settings.accounts[0]
    ports = several.wiring().ports(account)
    night = run_night(account, ports, apply=False)
    snapshot = ports.state.numbers.snapshot(account.customer_id)
    assert snapshot is not None
    history = read_history(account, snapshot.state, ports.state.numbers, night.pulled.as_of)
    [macro] = account.macro_actions(snapshot.state)
    days = Window.ending(night.pulled.as_of - timedelta(days=1), days=84)
    whole = history.conversions[macro.id].total(days)
    each = [series.total(days) for series in history.by_scope.values()]
    assert len(each) == 3 and whole[0] > 20
    assert sum(count for count, _ in each) == pytest.approx(whole[0]) and {known for _, known in each} == {whole[1]}
    demand = night.decisions.demand
    assert {(s.name, s.on_value, s.standing.demand) for s in demand.scopes} == {
        ('"Generic" and "Competitors"', False, 30),
        ('"Shopping"', True, 50),
        ('"Brand"', False, 30),
    }
    assert sum(s.spend for s in demand.scopes) == pytest.approx(1)
    assert [s.spend for s in demand.scopes] == sorted((s.spend for s in demand.scopes), reverse=True)


def test_on_request_the_account_is_judged_as_one(several: LocalSandbox) -> None:
    account = replace(several.settings.accounts[0], scope=ScopeKind.ACCOUNT)
    ports = several.wiring().ports(account)
    night = run_night(account, ports, apply=False)
    [scope] = night.decisions.demand.scopes
    assert scope.standing.demand == 50 and set(ports.state.memory.counters(account.customer_id)) == {"account"}
    assert "Campaigns, dates" in overview(account, ports.state, ports.clock).where
