"""A group of a promotion and its target steps, from night to night on the sandbox: carried, stopped, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adsync.applying import apply_open_plans
from adsync.changelog import past_of, pending_changes
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.change import ACTION, Change, fields
from adsync.model.decision import Verb
from adsync.model.plan import Consent, Plan, PlannedChange
from adsync.model.target import targets_of
from adsync.model.volume import ActionDay
from adsync.nightly import NightReport, run_night
from adsync.overview import obstacles, overview, waiting_for_person
from adsync.plan import make_plan
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.restoring import plan_restoring
from adsync.review import verdicts
from adsync.rollback import plan_rollback, plan_rollback_of_plan, plan_rollback_to
from adsync.wiring import Wiring
from tests.builders import a_change, a_plan
from tests.sandboxes import LocalSandbox, local_sandbox

CPA, ROAS = "target_cpa.target_cpa_micros", "target_roas.target_roas"


@dataclass(frozen=True)
class Later:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Shop:
    """A shop with fixed targets and an action that adsync has made."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports
    action_id: str = ""

    def agree(self, plan: Plan) -> None:
        said = verdicts(plan.numbered(), approved=True, by="ann", now=self.ports.clock.now())
        self.ports.state.ledger.approve(said)

    def make(self) -> None:
        after = fields(
            name="adsync: Newsletter", type="WEBPAGE", category="SIGNUP", counting_type="ONE_PER_CLICK",
            status="ENABLED", primary_for_goal=False,
        )  # fmt: skip
        now = self.ports.clock.now()
        change = a_change(
            Verb.CREATE, customer_id=self.account.customer_id, object_id="adsync: Newsletter", title="adsync: Newsletter",
            before=None, after=after, event_name="sign_up",
        )  # fmt: skip
        plan = a_plan(
            change, id=f"shop-{now.date()}-2", customer_id=self.account.customer_id, made_at=now, made_on=now.date()
        )
        self.ports.state.ledger.store_plan(plan)
        self.agree(plan)
        assert apply_open_plans(self.account, self.ports).exit_code == 0
        self.action_id = next(a.id for a in self.ports.ads.actions() if a.name == "adsync: Newsletter")

    def planned(self, verb: Verb, sign_ups: float) -> Plan:
        """As a night would plan it had each campaign sold 28 times in four weeks, and had so many sign-ups."""
        snapshot = pull_account(self.account, self.ports).snapshot
        macro = self.account.macro_actions(snapshot.state)[0]
        recent = [
            ActionDay(
                date=snapshot.state.as_of - timedelta(days=3), campaign_id=c.id, action_id=action,
                conversions=0, all_conversions=count, value=0, all_value=70 * count,
            )
            for c in snapshot.state.campaigns
            for action, count in ((macro.id, 28.0), (self.action_id, sign_ups))
        ]  # fmt: skip
        change = Change(
            customer_id=self.account.customer_id, kind=ACTION, object_id=self.action_id, title="adsync: Newsletter",
            verb=verb, before=fields(primary_for_goal=verb is Verb.DEMOTE), after=fields(primary_for_goal=verb is Verb.PROMOTE),
            event_name="sign_up",
        )  # fmt: skip
        ledger = self.ports.state.ledger
        plan = make_plan(
            self.account,
            snapshot.state,
            [change],
            past_of(ledger.entries([self.account.customer_id]), "Europe/Berlin"),
            now=self.ports.clock.now(),
            number=ledger.next_plan_number(self.account.name, snapshot.state.as_of),
            recent=recent,
        )
        ledger.store_plan(plan)
        return plan

    def night(self, days: int) -> NightReport:
        self.sandbox.control.advance(days)
        report = run_night(self.account, self.ports)
        assert report.applied is not None and report.applied.stopped_by is None
        return report

    def targets(self) -> dict[str, float]:
        return {t.campaigns[0].name: t.value for t in targets_of(self.ports.ads.campaigns()).values()}

    @property
    def is_promoted(self) -> bool:
        return next(a for a in self.ports.ads.actions() if a.id == self.action_id).primary_for_goal


def opened(sandbox: LocalSandbox, wiring: Wiring) -> Shop:
    account = wiring.settings.accounts[0]
    shop = Shop(sandbox, account, wiring.ports(account))
    run_night(account, shop.ports, apply=False)
    shop.make()
    return shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with local_sandbox(Path(tmp_path_factory.mktemp("groups")), "fixed-target") as sandbox:
        wiring = sandbox.wiring()
        yield opened(sandbox, wiring)
        wiring.database.close()


def rest(report: NightReport) -> list[PlannedChange]:
    return [p for p in report.plan.changes if p.group]


def test_a_group_goes_on_night_by_night_stops_where_somebody_moves_a_target_and_is_taken_back(shop: Shop) -> None:
    before = shop.targets()
    plan = shop.planned(Verb.PROMOTE, sign_ups=14.0)
    assert [p.change.verb for p in plan.changes] == [Verb.PROMOTE, *[Verb.TARGET] * 7]
    assert {p.consent for p in plan.changes} == {Consent.REVIEW}
    shop.agree(plan)
    applied = apply_open_plans(shop.account, shop.ports)
    assert len(applied.done) == 1 and shop.is_promoted and shop.targets() == before
    assert {r.note for r in applied.results if not r.allowed} == {
        f"Not before {plan.made_on + timedelta(days=d)}." for d in (14, 28, 42)
    }
    assert applied.exit_code == 0, "what is not due is no trouble"

    # Thirteen days later it is not yet time, and nobody is asked again.
    quiet = shop.night(13)
    assert [p.change for p in rest(quiet)] == [p.change for p in plan.changes[1:]]
    assert shop.targets() == before and not [p for _, p in quiet.news if p.group]
    waiting = waiting_for_person(shop.account, shop.ports.state, shop.ports.clock.now())
    assert not [p for _, p in waiting if p.group]
    (said,) = overview(shop.account, shop.ports.state, shop.ports.clock).under_way
    assert '"adsync: Newsletter" and fixed targets, 1 of 8 changes made; the next is due on' in said
    ledger, now = shop.ports.state.ledger, shop.ports.clock.now()
    ledger.approve(verdicts([(n, p) for n, p in quiet.plan.numbered() if p.group], approved=False, by="ann", now=now))
    (refused,) = overview(shop.account, shop.ports.state, shop.ports.clock).under_way
    assert f"Refused by ann on {now:%Y-%m-%d}, and not going on" in refused and "due" not in refused
    assert '"Brand": target CPA 18.00, ' in refused and '"Shopping": target ROAS 350 %' in refused
    assert refused.endswith(f"adsync rollback --plan {plan.id}")
    (waits,) = overview(shop.account, shop.ports.state, Later(now + timedelta(days=60))).under_way
    assert waits.startswith("Begun, and waiting for review") and "nobody's yes holds for the rest" in waits
    shop.agree(quiet.plan)
    due = shop.night(1)
    first = {
        "Brand": 18e6 * (2 / 3) ** 0.5, "Generic": 32e6 * (2 / 3) ** 0.5, "Shopping": 3.5 * 1.5 ** (1 / 3)
    }  # fmt: skip
    assert shop.targets() == pytest.approx(first, rel=1e-3)
    assert [r.change.verb for r in (due.applied.done if due.applied else ()) if r.change.kind != "key_event"] == [
        Verb.TARGET
    ] * 3

    # Adsync's own steps are no hold; a target that somebody else moves stops the whole.
    brand = next(p.change for p in rest(shop.night(1)) if p.change.title == "Brand")
    by_hand = a_change(
        Verb.TARGET, customer_id=shop.account.customer_id, kind="campaign", object_id=brand.object_id, title="Brand",
        before=brand.before, after=fields(**{CPA: 15_500_000.0}),
    )  # fmt: skip
    shop.ports.writer.send(by_hand)
    stopped = shop.night(13)
    assert {p.consent for p in rest(stopped)} == {Consent.PROPOSAL}
    assert f"adsync rollback --plan {plan.id}" in rest(stopped)[0].consent_because
    (said,) = overview(shop.account, shop.ports.state, shop.ports.clock).under_way
    assert said.startswith("Begun, and not going on at present") and "due" not in said
    told = [o.saw for o in obstacles(shop.account, shop.ports.state) if "has stopped" in o.saw]
    assert len(told) == 1, "said once for the whole"
    assert shop.targets()["Brand"] == 15_500_000.0 and shop.targets()["Generic"] == pytest.approx(
        first["Generic"], rel=1e-3
    )

    # Taking it back: targets first, for they ask less then, and the promotion last.
    shop.ports.writer.send(by_hand.inverse())
    pull_account(shop.account, shop.ports)
    entries = shop.ports.state.ledger.entries([shop.account.customer_id])
    (promoted,) = (e for e in entries if e.change.verb is Verb.PROMOTE and e.outcome.is_done)
    alone = plan_rollback(promoted.id, [shop.account], shop.ports.state, shop.ports.clock)
    assert "3 steps of fixed targets: they go back with it, to where they stood before" in alone.left[0]
    whole = plan_rollback_of_plan(plan.id, [shop.account], shop.ports.state, shop.ports.clock)
    assert whole.left[0].startswith("A group goes back as a whole") and whole.left[0].endswith(
        "on other nights, 3 changes."
    )
    back = whole.plan
    assert back is not None and back.changes[-1].change.verb is Verb.DEMOTE
    assert alone.plan is not None and [p.change for p in alone.plan.changes] == [p.change for p in back.changes]
    assert {p.change.verb for p in back.changes[:-1]} == {Verb.TARGET} and len({p.group for p in back.changes}) == 1
    shop.agree(back)
    assert apply_open_plans(shop.account, shop.ports).exit_code == 0
    shop.night(14)
    # Up by a fifth at most, too: what went down by 18 % comes back in two steps.
    assert shop.is_promoted and shop.targets() == before
    after = shop.night(14)
    assert not shop.is_promoted and shop.targets() == before
    assert rest(after) == [] and not [p for _, p in pending_changes(shop.account, shop.ports.state) if p.group]


def test_a_promotion_is_taken_back_at_once_while_all_targets_stand_where_they_stood_before_it(shop: Shop) -> None:
    shop.sandbox.control.advance(21)  # by then bidding has learnt
    before = shop.targets()
    plan = shop.planned(Verb.PROMOTE, sign_ups=14.0)
    shop.agree(plan)
    # A target that moves after the yes: the helper is not made primary, for the target could not follow.
    brand = next(c for c in shop.ports.ads.campaigns() if c.name == "Brand")
    by_hand = a_change(
        Verb.TARGET, customer_id=shop.account.customer_id, kind="campaign", object_id=brand.id, title="Brand",
        before=fields(**{CPA: 18e6}), after=fields(**{CPA: 9e6}),
    )  # fmt: skip
    shop.ports.writer.send(by_hand)
    (held, *_) = apply_open_plans(shop.account, shop.ports).results
    assert held.note.startswith('Not applied: The group has stopped: "Brand" was changed by somebody else since (')
    assert not shop.is_promoted
    shop.ports.writer.send(by_hand.inverse())
    assert len(apply_open_plans(shop.account, shop.ports).done) == 1 and shop.is_promoted
    (promoted,) = (
        e for e in shop.ports.state.ledger.entries([shop.account.customer_id]) if e.change_name == f"{plan.id}/1"
    )
    ports, zone = shop.ports, "Europe/Berlin"
    yesterday = business_date(ports.clock.now(), zone) - timedelta(days=1)
    for asked in (
        plan_rollback(promoted.id, [shop.account], ports.state, ports.clock),
        plan_rollback_to(yesterday, shop.account, ports.state, ports.clock),
        plan_rollback_of_plan(plan.id, [shop.account], ports.state, ports.clock),
    ):
        back = asked.plan
        assert back is not None
        (only,) = back.changes
        assert only.change.verb is Verb.DEMOTE and only.consent is Consent.REVIEW and only.not_before is None
        assert {e.campaign: e.stays_at for e in only.effects} == {
            "Brand": 18e6, "Generic": 32e6, "Competitors": 32e6, "Shopping": 3.5,
        }  # fmt: skip

    assert back is not None
    shop.agree(back)
    ports.writer.send(by_hand)
    (held,) = (r for r in apply_open_plans(shop.account, ports).results if r.name.startswith(back.id))
    assert held.note == 'Not applied: The target of "Brand" has been moved since this was planned: ask for it anew.'
    ports.writer.send(by_hand.inverse())
    assert apply_open_plans(shop.account, ports).exit_code == 0
    assert not shop.is_promoted and shop.targets() == before

    # So is what somebody else has switched, when a person has it put back.
    now = {"customer_id": shop.account.customer_id, "object_id": shop.action_id, "title": "adsync: Newsletter"}
    ports.writer.send(a_change(Verb.PROMOTE, **now))
    shop.night(1)
    (hold,) = (k for k in ports.state.holds.known([shop.account.customer_id]) if k.restorable)
    asked = plan_restoring(hold, shop.account, ports.state, ports.clock)
    assert asked.plan is not None and [p.change.verb for p in asked.plan.changes] == [Verb.DEMOTE]
    shop.agree(asked.plan)
    apply_open_plans(shop.account, ports)
    assert not shop.is_promoted and shop.targets() == before


def test_dates_that_have_passed_are_made_up_one_step_at_a_time(shop: Shop) -> None:
    shop.account = replace(shop.account, policy=replace(shop.account.policy, stage_gap_days=7))
    shop.sandbox.control.advance(21)  # by then bidding has learnt
    before = shop.targets()
    plan = shop.planned(Verb.PROMOTE, sign_ups=14.0)
    shop.agree(plan)
    assert len(apply_open_plans(shop.account, shop.ports).done) == 1 and shop.is_promoted and shop.targets() == before

    # Two weeks without a night: two steps of each target are due, and the second follows a cycle after the first.
    shop.sandbox.control.advance(14)
    late = apply_open_plans(shop.account, shop.ports)
    assert [r.change.title for r in late.done] == ["portfolio of Generic and 1 more", "Brand", "Shopping"]
    next_week = shop.ports.clock.now().date() + timedelta(days=7)
    assert {r.note for r in late.results if not r.allowed} == {f"Not before {next_week}."}
    assert apply_open_plans(shop.account, shop.ports).done == ()

    # Nor is a plan that is made on the old copy of a month ago dated by that.
    shop.sandbox.control.advance(28)
    back = plan_rollback_of_plan(plan.id, [shop.account], shop.ports.state, shop.ports.clock).plan
    assert back is not None and back.made_on == plan.made_on
    assert back.changes[0].not_before == shop.ports.clock.now().date()

    # And no target moves on the way to what cannot be made: the helper is the main conversion by now.
    shop.agree(back)
    moved, account = shop.targets(), shop.account
    macro = replace(account.macro, actions=(*account.macro.actions, "adsync: Newsletter"))
    shop.account = replace(account, macro=macro)
    applied = apply_open_plans(shop.account, shop.ports)
    waits = next(r.note for r in applied.results if r.name == f"{back.id}/1")
    assert waits.startswith(
        'Not applied: The group waits, for its end cannot be made: "adsync: Newsletter" is the main'
    )
    assert shop.targets() == moved
    shop.account = account
    apply_open_plans(shop.account, shop.ports)
    assert shop.targets() != moved
