"""Scopes of an account whose campaigns bid in several ways, from what was copied of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.backtest.stored import stored_nights
from adsync.cli import run
from adsync.errors import UsageError
from adsync.model.scope import ScopeKind
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.overview import overview
from adsync.pull import read_history
from adsync.render.report import report_html
from adsync.reporting import page_of
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
    assert "50 a month, because at least one campaign bids for value;" in night.decisions.demand.line
    assert scope.standing.demand == 50 and "account" in ports.state.memory.counters(account.customer_id)
    assert "Campaigns, dates" in overview(account, ports.state, ports.clock).where


def test_a_backtest_replays_all_campaigns_as_one_or_the_scope_of_one(several: LocalSandbox) -> None:
    account = several.settings.accounts[0]
    ports = several.wiring().ports(account)
    night = run_night(account, ports, apply=False).pulled.as_of
    numbers, days = ports.state.numbers, Window.ending(night - timedelta(days=1), days=84)
    whole = stored_nights(account, numbers, first=night)
    assert (
        whole.nights[night].line(account.policy).demand == 50
        and "Nights decide 3 scopes each by itself" in whole.notes[0]
    )
    parts = {
        name: stored_nights(account, numbers, first=night, campaign=name) for name in ("Brand", "Shopping", "Generic")
    }
    lines = {name: stored.nights[night].line(account.policy).demand for name, stored in parts.items()}
    assert lines == {"Brand": 30, "Shopping": 50, "Generic": 30}
    assert 'this is "Generic" and "Competitors", on a demand line of 30' in parts["Generic"].notes[0]
    each = [stored.nights[night].macro.total(days)[0] for stored in parts.values()]
    assert sum(each) == pytest.approx(whole.nights[night].macro.total(days)[0]) and min(each) > 0
    assert parts["Brand"].nights[night].watched == whole.nights[night].watched, "guards look at the whole account"
    with pytest.raises(UsageError, match='No campaign "Nobody" bids by itself') as raised:
        stored_nights(account, numbers, first=night, campaign="Nobody")
    assert '"Competitors"' in raised.value.next_step


def test_status_says_what_the_parts_of_the_table_are(
    several: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = several.settings.accounts[0]
    run_night(account, several.wiring().ports(account), apply=False)
    monkeypatch.setenv("ADSYNC_CLOCK_URL", several.running.running.url)
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["--config", str(several.directory / "adsync.yaml"), "status"]) == 0
    told = capsys.readouterr().out
    assert "Campaigns that learn from the same conversions are decided as one; here are 3 such parts" in told
    assert "Sure of it" in told and "Helpers back at" not in told, "none rests"


def test_the_report_has_a_line_of_the_table_for_each_scope_and_no_line_for_all_of_them(several: LocalSandbox) -> None:
    account = several.settings.accounts[0]
    ports = several.wiring().ports(account)
    run_night(account, ports, apply=False)
    page = report_html([page_of(account, ports.state, ports.clock)])
    for scope in ("&#34;Generic&#34; and &#34;Competitors&#34;", "&#34;Shopping&#34;", "&#34;Brand&#34;"):
        assert f'<td class="name">{scope}</td>' in page
    assert "return line (" not in page
    assert (
        "each row below has its own: " in page
        and "a demand line of 30 a month (7.0 a week) and a return line of " in page
    )
    assert "<th>12 weeks</th><th>Needed</th><th>Sure of it</th><th>4 weeks</th>" in page
    assert '<td data-column="Asks for">nothing</td>' in page
    whole = replace(account, scope=ScopeKind.ACCOUNT)
    run_night(whole, ports, apply=False)
    assert "return line (" in report_html([page_of(whole, ports.state, ports.clock)])
