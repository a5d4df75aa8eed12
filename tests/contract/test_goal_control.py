"""A goal is switched at Google, read back, logged, taken back, and settled when no answer came, as every other change is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from adsync import applying, nightly
from adsync.changelog import current_snapshot, past_of
from adsync.cli.status import _details
from adsync.decide.refusals import allowed
from adsync.differences import moved_between
from adsync.model.account import Account
from adsync.model.capability import ManagedField
from adsync.model.change import Change, fields
from adsync.model.decision import Decision, Verb
from adsync.model.log import Outcome
from adsync.model.plan import Consent, PlannedChange
from adsync.model.protected import Protected
from adsync.overview import overview
from adsync.plan import changes_for, make_plan
from adsync.ports import Ports
from adsync.rollback import plan_rollback
from adsync.sandbox.ads.tracking import Action
from adsync.wiring import Wiring
from tests.builders import a_change, a_mark, a_plan, an_entry
from tests.contract.survival import Scene, approve, scene

CART = "add_to_cart"
DEFAULT = ("DEFAULT", "WEBSITE")


def _bid_on(made: Scene, wiring: Wiring, account: Account) -> None:
    """The mirror of add_to_cart is bid on, alone in its goal, and Google refuses to have it demoted: all of it is known."""
    ports = wiring.ports(account)
    first = nightly.run_night(account, ports, apply=False)
    approve(wiring, account, *(p.change for p in first.plan.changes if p.change.event_name == CART))
    assert applying.apply_open_plans(account, ports).done
    made.sandbox.control.advance(1)
    at_google = next(iter(made.estate.accounts.values()))
    mirror = next(a for a in at_google.actions.values() if a.is_mirror and a.fires_on == CART)
    for verb, before, after in (
        (Verb.ENABLE, ("HIDDEN", False), ("ENABLED", False)),
        (Verb.PROMOTE, ("ENABLED", False), ("ENABLED", True)),
    ):
        sides = [fields(status=status, primary_for_goal=primary) for status, primary in (before, after)]
        values = {"object_id": str(mirror.id), "event_name": CART, "title": mirror.name}
        change = a_change(verb, customer_id=account.customer_id, before=sides[0], after=sides[1], **values)
        now = ports.clock.now()
        entry = an_entry(0, change, customer_id=account.customer_id, approved_by="erika", opened_at=now)
        ports.state.ledger.close_entry(ports.state.ledger.open_entry(entry), Outcome.APPLIED, now)
    mirror.set(made.estate.now, status="ENABLED", primary=True)
    made.estate.now += 60
    made.estate.switches.set("mirror_primary_for_goal", "refused")
    nightly.run_night(account, ports, apply=False)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("goal"), _bid_on) as made:
        yield made


@pytest.fixture
def bid_on(prepared: Scene, no_pauses: None) -> Scene:
    prepared.restore()
    return prepared


def ready(made: Scene) -> tuple[Account, Ports, Change]:
    """An approved retirement through the goal, as the night that knows the refusal would plan it."""
    wiring = made.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account)
    snapshot = current_snapshot(account, ports.state)
    assert snapshot is not None
    state = snapshot.state
    known = ports.state.numbers.capabilities(account.customer_id, date.max)
    assert ManagedField.PRIMARY in {c.field for c in known if c.is_refused}
    mirror = next(a for a in state.actions if a.ga4_event_name == CART)
    wanted = Decision(event_name=CART, because="Enough.", verb=Verb.DEMOTE, action_id=mirror.id)
    past = past_of(ports.state.ledger.entries([account.customer_id]), "UTC")
    changes = changes_for(account, state, [allowed(wanted, state, known)])
    plan = make_plan(account, state, changes, past, now=ports.clock.now(), number=9)
    (planned,) = plan.changes
    assert (planned.change.verb, planned.consent) == (Verb.GOAL, Consent.REVIEW), planned.consent_because
    assert planned.effects, "a campaign bids on it"
    ports.state.ledger.store_plan(plan)
    assert applying.apply_open_plans(account, ports).results[0].note.startswith("Waits for review.")
    approve(wiring, account, planned.change)
    return account, ports, planned.change


def changeable(made: Scene, **different: Any) -> tuple[Wiring, Account, Ports, Action]:
    """The account, with a helper whose flag Google lets be changed."""
    made.estate.switches.set("mirror_primary_for_goal", "accepted")
    wiring = made.wiring()
    account = replace(wiring.settings.accounts[0], **different)
    (at_google,) = made.estate.accounts.values()
    mirror = next(a for a in at_google.actions.values() if a.is_mirror and a.fires_on == CART)
    return wiring, account, wiring.ports(account), mirror


def a_flip(verb: Verb, account: Account, mirror: Action, *, primary: bool) -> Change:
    """The helper is primary afterwards, or is so no more."""
    return a_change(
        verb,
        customer_id=account.customer_id,
        object_id=str(mirror.id),
        title=mirror.name,
        event_name=CART,
        before=fields(primary_for_goal=not primary),
        after=fields(primary_for_goal=primary),
    )


def is_on(made: Scene) -> bool:
    return bool(next(iter(made.estate.accounts.values())).goals[DEFAULT])


def test_a_goal_is_switched_off_read_back_logged_and_taken_back(bid_on: Scene) -> None:
    account, ports, change = ready(bid_on)
    assert is_on(bid_on)
    assert [r.outcome for r in applying.validate_open_plans(account, ports).results] == [Outcome.VALID]
    bid_on.estate.switches.set("goals_validate_only", "refused")
    (unknown,) = applying.validate_open_plans(account, ports).results
    assert unknown.outcome is Outcome.VALID and "cannot validate this" in unknown.note
    bid_on.estate.switches.set("goals_validate_only", "supported")
    assert is_on(bid_on), "only validated"
    (result,) = applying.apply_open_plans(account, ports).results
    assert result.outcome is Outcome.APPLIED and not is_on(bid_on)
    entry = ports.state.ledger.entries([account.customer_id])[-1]
    assert entry.change == change and entry.request_id and entry.approved_by == "erika"
    assert ports.state.ledger.verified(account.customer_id).faults == ()
    assert applying.apply_open_plans(account, ports).results == (), "made once"
    seen = overview(account, ports.state, ports.clock)
    assert CART in " ".join(seen.observed) and seen.primary == ()
    assert not any(known.hold.code == "settings" for known in ports.state.holds.known([account.customer_id]))

    bid_on.sandbox.control.advance(1)
    night = nightly.run_night(account, ports)
    assert not any(p.change.verb is Verb.GOAL for p in night.plan.changes), "what is done is not asked for again"
    assert not is_on(bid_on) and not night.decisions.demand.holds
    moved = moved_between(account, ports.state, night.pulled.as_of - timedelta(days=2), night.pulled.as_of)
    goals = [m for m in moved if m.difference.kind == "goal" and m.difference.field == "biddable"]
    assert [(m.difference.title, m.entry_id) for m in goals] == [("DEFAULT / WEBSITE", entry.id)]

    plan_rollback(entry.id, [account], ports.state, ports.clock)
    back = ports.state.ledger.newest_plan(account.customer_id, "rollback")
    assert back is not None and back.changes[0].consent is Consent.REVIEW, back
    approve(bid_on.wiring(), account, back.changes[0].change)
    results = applying.apply_open_plans(account, ports).results
    assert [r.outcome for r in results if r.change.verb is Verb.GOAL] == [Outcome.APPLIED] and is_on(bid_on)
    assert overview(account, ports.state, ports.clock).observed == ()


@pytest.mark.parametrize(("kind", "made"), [("lost", True), ("unavailable", False)])
def test_a_goal_whose_answer_is_lost_is_read_back_and_never_sent_twice(bid_on: Scene, kind: str, made: bool) -> None:
    account, ports, _ = ready(bid_on)
    bid_on.estate.calls.forget()
    bid_on.sandbox.control.fault("MutateCustomerConversionGoals", kind, times=1)
    applied = applying.apply_open_plans(account, ports)
    assert applied.results[0].outcome is Outcome.UNKNOWN
    bid_on.estate.now += 20 * 60
    ((_, outcome),) = applying.settle(account, ports)
    assert outcome is (Outcome.APPLIED if made else Outcome.FAILED) and is_on(bid_on) is not made
    assert sum("MutateCustomerConversionGoals" in name for name in bid_on.estate.calls.in_order()) == 1


def test_what_somebody_else_has_switched_or_put_into_the_goal_meanwhile_stops_it(bid_on: Scene) -> None:
    account, ports, _ = ready(bid_on)
    at_google = next(iter(bid_on.estate.accounts.values()))
    tag = next(a for a in at_google.actions.values() if a.type == "WEBPAGE")
    newer = replace(tag, id=at_google.take_id(), name="Newsletter", category="DEFAULT", history=list(tag.history))
    at_google.add(newer)
    (result,) = applying.apply_open_plans(account, ports).results
    assert result.outcome is None and "Newsletter" in result.note and is_on(bid_on)
    newer.set(bid_on.estate.now, status="REMOVED")
    at_google.goals[DEFAULT] = False
    (result,) = applying.apply_open_plans(account, ports).results
    assert result.outcome is Outcome.ALREADY, "it is theirs"
    past = past_of(ports.state.ledger.entries([account.customer_id]), "UTC")
    assert past.switched_off == ()


def test_what_would_starve_a_campaign_since_the_run_began_is_not_sent(
    bid_on: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring, account, ports, mirror = changeable(bid_on)
    at_google = next(iter(bid_on.estate.accounts.values()))
    mark = a_mark(account, "begin_checkout")
    demotion = a_flip(Verb.DEMOTE, account, mirror, primary=False)
    plan = a_plan(mark, demotion, id="shop-2026-12-01-9", customer_id=account.customer_id)
    ports.state.ledger.store_plan(replace(plan, made_at=ports.clock.now()))
    approve(wiring, account, mark, demotion)
    send = type(ports.writer).send

    def meanwhile(self: Any, change: Change, **how: bool) -> Any:
        campaign = at_google.campaigns[0]
        campaign.goal_level = "CAMPAIGN"
        campaign.goals = {pair: pair == DEFAULT for pair in at_google.goals}
        return send(self, change, **how)

    monkeypatch.setattr(type(ports.writer), "send", meanwhile)
    marked, demoted = applying.apply_open_plans(account, ports).results
    assert (marked.outcome, demoted.outcome) == (Outcome.APPLIED, None)
    assert "would have no conversion left to learn from" in demoted.note


def test_a_return_that_ran_by_itself_waits_for_a_person_where_bidding_has_begun_to_learn_since(bid_on: Scene) -> None:
    wiring, account, ports, mirror = changeable(bid_on, auto=frozenset({"restore"}))
    at_google = next(iter(bid_on.estate.accounts.values()))
    mirror.set(bid_on.estate.now, status="ENABLED", primary=False)
    change = a_flip(Verb.RESTORE, account, mirror, primary=True)
    planned = PlannedChange(change=change, consent=Consent.AUTO)
    plan = a_plan(planned, id="shop-2026-12-01-9", customer_id=account.customer_id)
    ports.state.ledger.store_plan(replace(plan, made_at=ports.clock.now()))
    (campaign, *_) = at_google.campaigns
    campaign.learning = {"LEARNING_SETTING_CHANGE": bid_on.estate.now}
    (waits,) = applying.apply_open_plans(account, ports).results
    assert (waits.outcome, waits.allowed) == (None, False)
    assert waits.note.startswith("Waits for review.") and "so a person decides" in waits.note
    approve(wiring, account, change)
    assert [r.outcome for r in applying.apply_open_plans(account, ports).results] == [Outcome.APPLIED]


def test_status_names_what_campaigns_bid_on_and_adsync_leaves_alone(bid_on: Scene) -> None:
    _, account, ports, _ = changeable(bid_on)
    (at_google,) = bid_on.estate.accounts.values()
    tag = next(a for a in at_google.actions.values() if a.type == "WEBPAGE")
    at_google.add(replace(tag, id=at_google.take_id(), name="Cart (GTM)", history=list(tag.history)))
    nightly.run_night(account, ports, apply=False)
    seen = overview(account, ports.state, ports.clock)
    assert seen.others == ("Cart (GTM)",) and not {*seen.primary, *seen.observed} & {"Cart (GTM)", tag.name}
    assert "leaves alone, too: Cart (GTM)." in " ".join(_details(seen))
    mistyped = overview(replace(account, protected=Protected(actions=("Cart (GMT)",))), ports.state, ports.clock)
    assert mistyped.todo.startswith("Correct `protected` in the config") and '"Cart (GMT)"' in mistyped.amiss
    assert seen.todo == ""
