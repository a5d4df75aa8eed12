"""A conversion action that a person has made is offered, adopted by a person's word, looked after, and released."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from adsync.adoption import adoptable, plan_adoption
from adsync.apply import Applied
from adsync.applying import apply_open_plans, settle
from adsync.changelog import past_of
from adsync.cli import run
from adsync.errors import Refused, UsageError
from adsync.model.account import Account
from adsync.model.adoption import Adoptable
from adsync.model.decision import Verb
from adsync.model.log import Outcome, Past
from adsync.model.plan import Consent, Plan
from adsync.nightly import NightReport, run_night
from adsync.overview import obstacles
from adsync.planning import Asked
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.render.plan_words import verb, withdrawn_line
from adsync.review import verdicts
from adsync.rollback import plan_rollback
from tests.builders import an_entry
from tests.contract.changes import MACRO, MIRROR, Changing, a_tag, change_action
from tests.sandboxes import LocalSandbox, local_sandbox

EVENT = "add_to_cart"


@dataclass
class Shop:
    """A shop whose owner has an own tag for carts. action_id: of that tag."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports
    action_id: str
    first: NightReport | None = None

    def night(self) -> NightReport:
        night = run_night(self.account, self.ports)
        self.sandbox.control.advance(1)
        return night

    def adopt(self, action_id: str | int = 0, event: str = EVENT) -> Asked:
        wanted = str(action_id or self.action_id)
        return plan_adoption(wanted, event, [self.account], self.ports.state, self.ports.clock)

    def agree(self, plan: Plan | None) -> Applied:
        assert plan is not None
        now = self.ports.clock.now()
        self.ports.state.ledger.approve(verdicts(plan.numbered(), approved=True, by="ann", now=now))
        return apply_open_plans(self.account, self.ports)

    @property
    def past(self) -> Past:
        return past_of(self.ports.state.ledger.entries([self.account.customer_id]), "UTC")

    @property
    def offered(self) -> tuple[Adoptable, ...]:
        found = adoptable(self.account, self.ports.state)
        assert found is not None
        return found

    @property
    def mutates(self) -> int:
        calls = self.sandbox.control.status()["calls"]
        return sum(
            count for call, count in calls.items() if "Mutate" in call or ("KeyEvent" in call and "Create" in call)
        )


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One night is over. Each test leaves nobody adopted."""
    with local_sandbox(tmp_path_factory.mktemp("adoption"), "growing-shop") as sandbox:
        made = Changing(sandbox).make_one(a_tag("Cart button (GTM)", category="ADD_TO_CART"))
        tag = a_tag("Add to cart - tag", category="ADD_TO_CART", counting_type="ONE_PER_CLICK", primary_for_goal=True)
        named = Changing(sandbox).make_one(tag)
        assert made < named
        account = sandbox.settings.accounts[0]
        shop = Shop(sandbox, account, sandbox.wiring().ports(account), str(named))
        shop.first = shop.night()
        yield shop


def test_the_whole_way(pulled: Shop) -> None:
    shop = pulled
    assert shop.first is not None
    (marked,) = (p for p in shop.first.plan.changes if p.change.event_name == EVENT)
    assert (marked.change.verb, marked.consent) == (Verb.KEY_EVENT, Consent.PROPOSAL)
    assert f"adsync adopt --action {shop.action_id} --as {EVENT}" in marked.consent_because
    assert f"distinct_from: {{{EVENT}: [{shop.action_id}]}}" in marked.consent_because

    offered = {each.twin.action.id: each for each in shop.offered}
    sure = offered.pop(shop.action_id)
    assert (sure.twin.event_name, sure.twin.is_sure, sure.after) == (EVENT, True, None)
    assert sure.conversions == 0 and sure.campaigns
    (other,) = offered.values()
    assert not other.twin.is_sure and not other.campaigns and "another name" in other.twin.why

    before, sent = shop.past, shop.mutates
    asked = shop.adopt()
    assert asked.plan is not None
    (planned,) = asked.plan.changes
    assert (planned.change.verb, planned.consent, planned.effects) == (Verb.ADOPT, Consent.REVIEW, ())
    assert apply_open_plans(shop.account, shop.ports).done == (), "nobody has said yes"
    applied = shop.agree(asked.plan)
    assert [(r.change.verb, r.outcome) for r in applied.done] == [(Verb.ADOPT, Outcome.APPLIED)]
    assert shop.mutates == sent, "Google is told nothing"
    left = [r.note for r in applied.results if not r.allowed]
    stands = [each.saw for each in obstacles(shop.account, shop.ports.state)]
    assert not [said for said in (*left, *stands) if "adsync adopt" in said], "it is done"
    assert shop.past.managed == before.managed | {shop.action_id}
    assert not shop.past.reviewed, "and it is no reason to let anything run by itself"

    second = shop.night()
    assert EVENT not in {p.change.event_name for p in second.plan.changes}
    (decided,) = (d for d in second.decisions.each if d.event_name == EVENT)
    assert (decided.action_id, decided.because) == (shop.action_id, "Used for bidding.")
    with pytest.raises(Refused, match="looked after by adsync already"):
        shop.adopt()
    mirror = next(iter(shop.offered))
    with pytest.raises(Refused, match="Two actions for one event count twice"):
        shop.adopt(mirror.twin.action.id)

    Changing(shop.sandbox).make(change_action(int(shop.action_id), "primary_for_goal", primary_for_goal=False))
    third = shop.night()
    assert [hold.hold.code for hold in third.hold_news.began] == ["drift"]

    entry = next(e for e in shop.ports.state.ledger.entries() if e.change.verb is Verb.ADOPT)
    back = plan_rollback(entry.id, [shop.account], shop.ports.state, shop.ports.clock)
    released = shop.agree(back.plan)
    assert [(r.change.verb, r.outcome) for r in released.done] == [(Verb.RELEASE, Outcome.APPLIED)]
    assert shop.past == replace(before, taken_back=frozenset({shop.action_id}))
    assert shop.mutates == sent + 1, "the one by hand"


def test_the_macro_and_what_counts_it_are_never_adopted(pulled: Shop) -> None:
    stored = pulled.ports.state.ledger.newest_plan(pulled.account.customer_id, "asked")
    with pytest.raises(Refused, match="is the main conversion"):
        pulled.adopt(MACRO)
    with pytest.raises(Refused, match="switch it on in Google Ads first"):
        pulled.adopt(MIRROR)
    Changing(pulled.sandbox).make(change_action(MIRROR, "status", status="ENABLED"))
    pull_account(pulled.account, pulled.ports)
    with pytest.raises(Refused, match="counts the main conversion"):
        pulled.adopt(MIRROR)
    offered = {each.twin.action.id for each in pulled.offered}
    assert offered.isdisjoint({str(MACRO), str(MIRROR)})
    assert pulled.ports.state.ledger.newest_plan(pulled.account.customer_id, "asked") == stored


def test_what_is_unknown_is_said_with_what_there_is(pulled: Shop) -> None:
    with pytest.raises(UsageError, match="There is no conversion action 5 in shop"):
        pulled.adopt(5)
    with pytest.raises(UsageError, match="scrolling is no candidate of shop"):
        pulled.adopt(event="scrolling")


def test_what_moved_since_it_was_shown_is_not_adopted(pulled: Shop) -> None:
    pull_account(pulled.account, pulled.ports)
    asked = pulled.adopt()
    flag = not next(a for a in pulled.ports.ads.actions() if a.id == pulled.action_id).primary_for_goal
    Changing(pulled.sandbox).make(change_action(int(pulled.action_id), "primary_for_goal", primary_for_goal=flag))
    applied = pulled.agree(asked.plan)
    (left,) = (r for r in applied.results if r.change.verb is Verb.ADOPT)
    assert left.outcome is None and "it has changed since the plan was made" in left.note
    assert left.note.endswith(f"adsync pull   then: adsync adopt --action {pulled.action_id} --as {EVENT}")
    assert applied.exit_code == 5
    again = apply_open_plans(pulled.account, pulled.ports)
    assert Verb.ADOPT not in {r.change.verb for r in again.results} and again.exit_code == 0, "said once"


def test_an_adoption_that_was_broken_off_is_made_by_the_next_run(pulled: Shop) -> None:
    pull_account(pulled.account, pulled.ports)
    asked = pulled.adopt()
    assert asked.plan is not None
    (name, planned), ledger = asked.plan.numbered()[0], pulled.ports.state.ledger
    now = pulled.ports.clock.now()
    sent = an_entry(1, planned.change, customer_id=pulled.account.customer_id, change_name=name, outcome=Outcome.SENT)
    broken = ledger.open_entry(replace(sent, opened_at=now, deadline=now, closed_at=None))
    assert pulled.action_id not in pulled.past.managed and pulled.action_id in pulled.past.open
    pulled.sandbox.control.advance(1)
    ((settled, outcome),) = settle(pulled.account, pulled.ports)
    assert (settled.id, outcome) == (broken, Outcome.FAILED)
    assert [r.outcome for r in pulled.agree(asked.plan).done] == [Outcome.APPLIED]
    assert pulled.action_id in pulled.past.managed
    newest = ledger.entries([pulled.account.customer_id])[-1]
    pulled.agree(plan_rollback(newest.id, [pulled.account], pulled.ports.state, pulled.ports.clock).plan)
    assert pulled.action_id not in pulled.past.managed


def test_what_counts_something_else_is_in_nobodys_way(pulled: Shop) -> None:
    apart = tuple(replace(c, distinct_from=("Add to cart - tag",)) for c in pulled.account.candidates)
    shop = replace(pulled, account=replace(pulled.account, candidates=apart))
    night = run_night(shop.account, shop.ports, apply=False)
    (marked,) = (p for p in night.plan.changes if p.change.event_name == EVENT)
    assert (marked.change.verb, marked.consent) == (Verb.KEY_EVENT, Consent.REVIEW)
    assert pulled.action_id not in {each.twin.action.id for each in shop.offered}


def test_what_was_planned_of_a_candidate_that_left_the_config_is_told_once(pulled: Shop) -> None:
    night = run_night(pulled.account, pulled.ports, apply=False)
    (name, planned) = next((n, p) for n, p in night.plan.numbered() if p.change.event_name not in ("", EVENT))
    assert night.left_the_config == ()
    pulled.ports.state.ledger.approve(
        verdicts([(name, planned)], approved=True, by="ann", now=pulled.ports.clock.now())
    )
    gone = planned.change.event_name
    fewer = tuple(c for c in pulled.account.candidates if c.event_name != gone)
    without = replace(pulled.account, candidates=fewer)
    later = run_night(without, pulled.ports, apply=False)
    assert later.left_the_config == ((name, planned),)
    assert withdrawn_line(name, planned, later.words.get(planned.change.hash)) == (
        f"{name} ({verb(planned.change)}, {planned.change.title}), which ann has approved, is planned no more: the config names "
        f"{gone} no more as a candidate."
    )
    assert run_night(without, pulled.ports, apply=False).left_the_config == ()


def test_the_command_lists_plans_and_says_the_next_step(
    pulled: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADSYNC_CLOCK_URL", pulled.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "400")
    command = ["--config", str(pulled.sandbox.directory / "adsync.yaml"), "adopt"]
    assert run(command) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "Add to cart - tag" in shown
        and "made by somebody before adsync's first look" in shown
        and "--as EVENT" in shown
    )
    assert run([*command, "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["data"]
    assert {row["action"] for row in listed["adoptable"]} >= {pulled.action_id}
    assert run([*command, "--action", pulled.action_id, "--as", EVENT]) == 0
    planned = capsys.readouterr().out
    assert "Let adsync look after it" in planned and "adsync review --account shop --approve" in planned
    assert run([*command, "--action", pulled.action_id]) == 2
    assert "go together" in capsys.readouterr().err
    assert run([*command, "--action", str(MACRO), "--as", EVENT]) == 4
