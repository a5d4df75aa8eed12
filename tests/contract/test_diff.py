"""What moved between nights, and who did it: adsync by its change log, others by the nights between which it was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from adsync.applying import apply_open_plans
from adsync.cli import run
from adsync.differences import moved_between, outside
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.difference import THERE, Moved
from adsync.model.plan import Consent
from adsync.nightly import run_night
from adsync.ports import Ports
from adsync.review import verdicts
from tests.contract.changes import BRAND, GENERIC, MACRO, Changing, a_tag, change_action, change_campaign
from tests.sandboxes import LocalSandbox, local_sandbox


@dataclass(frozen=True, slots=True)
class Shop:
    sandbox: LocalSandbox
    account: Account
    ports: Ports
    first: date

    def moved(self, first: int = 0, last: int = 9) -> list[Moved]:
        """Between nights, counted from the first."""
        days = (self.first + timedelta(days=first), self.first + timedelta(days=last))
        return list(moved_between(self.account, self.ports.state, *days))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Night 0: two key events are marked. Night 1: their mirrors are enabled. Before night 2 a person changes this and that."""
    with local_sandbox(tmp_path_factory.mktemp("diff"), "growing-shop") as sandbox:
        account = sandbox.settings.accounts[0]
        ports = sandbox.wiring().ports(account)
        first = run_night(account, ports)
        chosen = [(name, p) for name, p in first.plan.numbered() if p.consent is Consent.REVIEW]
        ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
        assert apply_open_plans(account, ports).done
        sandbox.control.advance(1)
        run_night(account, ports)
        sandbox.control.advance(1)
        Changing(sandbox).make(
            a_tag("Newsletter"),
            change_action(MACRO, "name", name="Purchase, renamed"),
            change_campaign(BRAND, "status", status="PAUSED"),
            change_campaign(
                GENERIC,
                "maximize_conversions.target_cpa_micros",
                maximize_conversions={"target_cpa_micros": 40_000_000},
            ),
        )
        run_night(account, ports)
        yield Shop(sandbox, account, ports, first.pulled.as_of)


def told(found: list[Moved]) -> set[tuple[str, str, str, object, object, bool]]:
    each = ((m.difference, m.entry_id is not None) for m in found)
    return {(d.kind, d.title, d.field, d.before, d.after, ours) for d, ours in each}


def test_what_adsync_did_bears_its_entry_and_what_others_did_does_not(shop: Shop) -> None:
    found = told(shop.moved())
    assert ("key_event", "add_to_cart", THERE, False, True, True) in found
    assert ("conversion_action", "Sandbox shop (web) add_to_cart", "status", "HIDDEN", "ENABLED", True) in found
    assert ("conversion_action", "Purchase, renamed", "name", "Purchase (web)", "Purchase, renamed", False) in found
    assert ("conversion_action", "Newsletter", THERE, False, True, False) in found
    assert ("campaign", "Brand", "status", "ENABLED", "PAUSED", False) in found
    assert ("goal", "SIGNUP / WEBSITE", THERE, False, True, False) in found, "the first sign-up action brought its goal"
    # Google made the mirrors; adsync only marked the events.
    assert ("conversion_action", "Sandbox shop (web) add_to_cart", THERE, False, True, False) in found


def test_what_google_made_of_a_key_event_bears_the_entry_that_it_follows(shop: Shop) -> None:
    events = {e.id: e.change.event_name for e in shop.ports.state.ledger.entries([shop.account.customer_id])}
    followed = {m.difference.title: events[m.follows] for m in shop.moved() if m.follows is not None}
    assert followed["Sandbox shop (web) add_to_cart"] == "add_to_cart"
    assert set(followed.values()) == {"add_to_cart", "begin_checkout"}
    assert not {"Newsletter", "SIGNUP / WEBSITE"} & set(followed), "a person's"
    assert all(m.entry_id is None and m.difference.field == THERE for m in shop.moved() if m.follows is not None)


def test_each_lies_between_the_last_copy_without_it_and_the_first_with_it(shop: Shop) -> None:
    (renamed,) = (m for m in shop.moved() if m.difference.after == "Purchase, renamed")
    assert renamed.until - renamed.after == timedelta(days=1)
    assert all(m.after < m.until for m in shop.moved())


def test_a_stretch_holds_what_happened_in_it(shop: Shop) -> None:
    whole = shop.moved()
    assert shop.moved(0, 1) + shop.moved(1, 2) == whole
    assert shop.moved(2, 9) == []
    assert shop.moved(-30, 9) == whole, "there was no copy before the first"


def test_the_log_has_what_others_did_to_what_is_decided_on(shop: Shop) -> None:
    whole = datetime.combine(shop.first, time(), tzinfo=UTC)
    found = list(outside(shop.account, shop.ports.state, whole))
    assert {(d.title, d.field) for d in (m.difference for m in found)} == {
        ("Newsletter", THERE),
        ("Purchase, renamed", "name"),
        ("Generic", "target_cpa_micros"),
    }, "no pauses, no goals that came with their first action, and no mirrors of what adsync marked"
    newest = max(m.until for m in found)
    assert list(outside(shop.account, shop.ports.state, newest)) == found
    assert outside(shop.account, shop.ports.state, newest + timedelta(seconds=1)) == ()


def test_the_log_shows_all_three_in_the_order_of_time_and_keeps_entries_apart_as_json(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "300")
    log = ["--config", str(shop.sandbox.directory / "adsync.yaml"), "log"]
    assert run(log) == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    kinds = [line.split()[0] for line in shown[1:]]
    assert kinds == ["1", "2", "3", "4", "-", "-", "-"], "no plan of the newest night is pending"
    second, third = (shop.first + timedelta(days=days) for days in (1, 2))
    between = f"between {second:%A} {second} "
    assert all(between in line and f" and {third:%A} {third} " in line for line in shown[-3:])

    assert run([*log, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in document["data"]] == ["entry"] * 4
    assert {"id", "change", "outcome", "approved_by", "request_id", "policy"} <= set(document["data"][0])
    assert len(document["outside"]) == 3 and document["pending"] == []
    assert run([*log, "--outside", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == document["outside"]
    assert run([*log, "--outside"]) == 0
    assert "Purchase, renamed" in capsys.readouterr().out
    assert run([*log, "--outside", "--since", str(third + timedelta(days=1))]) == 0
    assert "Nobody else has changed" in capsys.readouterr().out
    assert run([*log, "--outside", "--pending"]) == 2


def test_before_there_were_copies_there_is_nothing_to_compare(shop: Shop) -> None:
    with pytest.raises(UsageError, match="were not copied yet"):
        shop.moved(-30, -3)


def test_the_command_shows_it_as_a_table_and_as_json(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "140")
    since = ["--config", str(shop.sandbox.directory / "adsync.yaml"), "diff", "--from", str(shop.first)]
    assert run(since) == 0
    shown = capsys.readouterr().out
    assert "outside adsync" in shown and "adsync, entry" in shown and "Purchase, renamed" in shown
    came = next(line for line in shown.splitlines() if "SIGNUP / WEBSITE" in line and "campaign" not in line)
    assert came.split("SIGNUP / WEBSITE")[1].split()[:3] == ["exists", "no", "yes"]
    assert run([*since, "--json"]) == 0
    (account,) = json.loads(capsys.readouterr().out)["data"]
    rows: list[dict[str, Any]] = account["moved"]
    assert account["not_copied_yet"] == []
    assert len(rows) == len(shop.moved()) and {row["entry"] for row in rows} > {None}
    assert run([*since, "--to", str(shop.first - timedelta(days=1))]) == 2
    assert "lies before" in capsys.readouterr().err
