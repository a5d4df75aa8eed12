"""What somebody has switched by hand is put back by a plan that a person asks for, over the real protocols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.applying import apply_open_plans
from adsync.cli import run
from adsync.errors import Refused
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.capability import Capability, ManagedField
from adsync.model.decision import Hold, Verb
from adsync.model.holds import HoldNews, KnownHold, with_endings
from adsync.model.plan import Consent
from adsync.model.pulled import Report
from adsync.nightly import run_night
from adsync.overview import overview
from adsync.ports import Ports
from adsync.render.holds import hold_lines
from adsync.restoring import plan_restoring
from adsync.review import verdicts
from tests.builders import TODAY
from tests.contract.changes import Changing, change_action
from tests.sandboxes import LocalSandbox, local_sandbox


@dataclass
class Shop:
    """A shop of which adsync observes two mirrors. action_id: of one of them."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports
    action_id: str = ""

    def night(self) -> None:
        self.sandbox.control.advance(1)
        run_night(self.account, self.ports)

    def agree(self) -> list[Verb]:
        """Everything that waits; what was carried out."""
        for origin in ("asked", "night"):
            plan = self.ports.state.ledger.newest_plan(self.account.customer_id, origin)
            said = [(n, p) for n, p in plan.numbered() if p.consent is Consent.REVIEW] if plan else []
            now = self.ports.clock.now()
            self.ports.state.ledger.approve(verdicts(said, approved=True, by="ann", now=now))
        return [r.change.verb for r in apply_open_plans(self.account, self.ports).done]

    def by_hand(self, *mask: str, **values: Any) -> KnownHold:
        """Somebody changes the action; the hold that the next night sees."""
        Changing(self.sandbox).make(change_action(int(self.action_id), *mask, **values))
        self.night()
        (known,) = self.ports.state.holds.known([self.account.customer_id])
        return known

    @property
    def name(self) -> str:
        return next(a.name for a in self.ports.ads.actions() if a.id == self.action_id)

    @property
    def flags(self) -> tuple[str, bool]:
        action = next(a for a in self.ports.ads.actions() if a.id == self.action_id)
        return action.status, action.primary_for_goal


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with local_sandbox(tmp_path_factory.mktemp("restoring"), "growing-shop") as sandbox:
        account = sandbox.settings.accounts[0]
        found = Shop(sandbox, account, sandbox.wiring().ports(account))
        run_night(account, found.ports)
        assert found.agree() == [Verb.KEY_EVENT] * 2
        found.night()
        observed = [a for a in found.ports.ads.actions() if a.is_ga4_mirror and a.status == "ENABLED"]
        yield replace(found, action_id=observed[0].id)


@pytest.mark.parametrize(
    ("mask", "values", "verbs"),
    [
        (("primary_for_goal",), {"primary_for_goal": True}, [Verb.DEMOTE]),
        (("status", "primary_for_goal"), {"status": "HIDDEN", "primary_for_goal": True}, [Verb.ENABLE]),
    ],
    ids=["promoted", "hidden as primary"],
)
def test_it_is_put_back_as_adsync_left_it_and_the_hold_ends(
    shop: Shop, mask: tuple[str, ...], values: dict[str, Any], verbs: list[Verb]
) -> None:
    assert shop.flags == ("ENABLED", False)
    known = shop.by_hand(*mask, **values)
    assert f"--clear {known.id}" in known.todo and f"--restore {known.id}" in known.todo
    seen = overview(shop.account, shop.ports.state, shop.ports.clock)
    assert seen.todo == known.todo and seen.held == f'Held: "{shop.name}".'
    asked = plan_restoring(known, shop.account, shop.ports.state, shop.ports.clock)
    assert asked.plan is not None and all(p.consent is Consent.REVIEW for p in asked.plan.changes)
    assert apply_open_plans(shop.account, shop.ports).done == (), "nobody has said yes"
    waiting = overview(shop.account, shop.ports.state, shop.ports.clock).todo
    assert "for review" in waiting and waiting.endswith("; and 1 hold to look at: adsync holds --account shop")
    assert shop.agree() == verbs
    assert shop.flags == ("ENABLED", False)
    assert shop.ports.state.holds.known([shop.account.customer_id]) == ()
    entries = shop.ports.state.ledger.entries([shop.account.customer_id])
    (ended,) = (k for k in with_endings(shop.ports.state.holds.known(lasting=False), entries) if k.id == known.id)
    assert ended.put_back_by == entries[-1].id
    (told,) = hold_lines(HoldNews(ended=(ended,)))
    assert f"has ended, for adsync put it back with entry {entries[-1].id}. It said: adsync left" in told
    again = plan_restoring(known, shop.account, shop.ports.state, shop.ports.clock)
    assert again.plan is None, "it stands as it was left"


def test_diff_names_what_only_the_next_copy_shows(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = shop.by_hand("primary_for_goal", primary_for_goal=True)
    plan_restoring(known, shop.account, shop.ports.state, shop.ports.clock)
    assert shop.agree() == [Verb.DEMOTE]
    entry = shop.ports.state.ledger.entries([shop.account.customer_id])[-1]
    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "140")
    config = ["--config", str(shop.sandbox.directory / "adsync.yaml")]
    assert run([*config, "diff", "--from", str(known.hold.since)]) == 0
    assert f"since the newest copy comes with the next: entry {entry.id} (adsync log)." in capsys.readouterr().out


def test_a_second_switch_after_the_first_was_put_back_is_a_hold_of_its_own(shop: Shop) -> None:
    known, holds = shop.by_hand("primary_for_goal", primary_for_goal=True), shop.ports.state.holds
    today = business_date(shop.ports.clock.now(), "Europe/Berlin")
    assert known.hold.since == today, "not when adsync had left it"
    holds.clear(known.id, shop.ports.clock.now(), "ann", "meant so")
    Changing(shop.sandbox).make(change_action(int(shop.action_id), "primary_for_goal", primary_for_goal=False))
    shop.night()
    assert holds.known([shop.account.customer_id]) == ()
    entries = shop.ports.state.ledger.entries([shop.account.customer_id])
    assert {k.put_back_by for k in with_endings(holds.known(lasting=False), entries) if k.id == known.id} == {None}
    again = shop.by_hand("primary_for_goal", primary_for_goal=True)
    assert again.id > known.id and again.hold.since == today + timedelta(days=2)
    Changing(shop.sandbox).make(change_action(int(shop.action_id), "primary_for_goal", primary_for_goal=False))
    shop.night()


def test_only_what_adsync_had_set_is_put_back(shop: Shop) -> None:
    held = Hold(code="settings", since=TODAY, saw="Somebody has changed goals.", todo="End it.")
    known = KnownHold(id=9, customer_id=shop.account.customer_id, hold=held, seen_on=TODAY)
    with pytest.raises(Refused, match="Hold 9 is about nothing that adsync could put back"):
        plan_restoring(known, shop.account, shop.ports.state, shop.ports.clock)


def test_the_command_plans_it_and_says_the_next_step(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = shop.by_hand("primary_for_goal", primary_for_goal=True)
    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "140")
    command = ["--config", str(shop.sandbox.directory / "adsync.yaml"), "holds", "--restore"]
    assert run([*command, str(known.id)]) == 0
    shown = capsys.readouterr().out
    assert "Stop using for bidding" in shown and "adsync review --account shop --approve" in shown
    assert run([*command, "99"]) == 2 and "no hold 99" in capsys.readouterr().err
    assert run([*command, str(known.id), "--reason", "because"]) == 2
    assert "stands alone" in capsys.readouterr().err


def test_who_finds_right_what_was_to_be_put_back_has_the_last_word(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (known,) = shop.ports.state.holds.known([shop.account.customer_id])
    asked = plan_restoring(known, shop.account, shop.ports.state, shop.ports.clock).plan
    assert asked is not None
    shop.ports.state.ledger.approve(verdicts(asked.numbered(), approved=True, by="ann", now=shop.ports.clock.now()))
    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    command = ["--config", str(shop.sandbox.directory / "adsync.yaml"), "holds", "--clear", str(known.id)]
    assert run([*command, "--reason", "I did that"]) == 0
    assert f"The plan to put it back, {asked.id}, is dropped." in capsys.readouterr().err
    assert shop.flags == ("ENABLED", True)
    shop.night()
    assert shop.flags == ("ENABLED", True), "and the yes to it is good for nothing else"
    Changing(shop.sandbox).make(change_action(int(shop.action_id), "primary_for_goal", primary_for_goal=False))
    shop.night()


def test_what_google_is_known_to_refuse_is_only_proposed_and_not_offered(shop: Shop) -> None:
    assert "--restore" in shop.by_hand("primary_for_goal", primary_for_goal=True).todo
    ports, today = shop.ports, business_date(shop.ports.clock.now(), "Europe/Berlin")
    answer = Capability(
        action_id=shop.action_id,
        field=ManagedField.PRIMARY,
        as_of=today,
        asked_at=ports.clock.now(),
        code="FieldError.IMMUTABLE_FIELD",
    )
    copy = ports.state.numbers.newest_copies(shop.account.customer_id, today)[Report.ACCOUNT]
    asked = replace(copy, report=Report.CAPABILITIES)
    ports.state.numbers.store_capabilities(shop.account.customer_id, [answer], asked)
    shop.night()
    (known,) = ports.state.holds.known([shop.account.customer_id])
    assert "--restore" not in known.todo and f"--clear {known.id}" in known.todo
    assert "Google does not let adsync change whether" in known.todo and "do it yourself in Google Ads" in known.todo
    plan = plan_restoring(known, shop.account, ports.state, ports.clock).plan
    assert plan is not None
    (planned,) = plan.changes
    assert (planned.consent, planned.change.verb) == (Consent.PROPOSAL, Verb.DEMOTE)
    assert "FieldError.IMMUTABLE_FIELD" in planned.consent_because
    assert "do it yourself in Google Ads" in planned.consent_because
    assert shop.agree() == [], "nothing is sent that Google would refuse"
