"""A plan with a change of every kind, and a rollback beside it, all of them approved."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from adsync import nightly
from adsync.changelog import pending_changes
from adsync.model.account import Account
from adsync.model.change import Change, Value, fields
from adsync.model.decision import Verb
from adsync.model.goal import GOAL
from adsync.model.log import Outcome
from adsync.model.target import targets_of
from adsync.ports import Ports
from adsync.rollback import plan_rollback
from adsync.wiring import Wiring
from tests.builders import a_change, a_mark, an_entry
from tests.contract.survival import Scene, approve, approved
from tests.contract.test_survival_changes import creating, enabling

_MOVED: dict[Verb, dict[str, Value]] = {
    Verb.UPDATE: {"counting_type": "MANY_PER_CLICK"},
    Verb.VALUE: {"default_value": 12.5, "default_currency": "EUR", "always_use_default_value": True},
    Verb.PROMOTE: {"primary_for_goal": True},
    Verb.DEMOTE: {"primary_for_goal": False},
    Verb.RESTORE: {"primary_for_goal": True},
}
"""What is done to an action of its own for each."""

_ALONE = "file_download"


def all_kinds(made: Scene, wiring: Wiring, account: Account) -> None:
    """Ten changes of the night and three that take back what was done before."""
    ports = wiring.ports(account)
    at_google = next(iter(made.estate.accounts.values()))
    ids = {verb: _made(account, ports, verb) for verb in (*_MOVED, Verb.REMOVE, Verb.HIDE)}
    _done(account, ports, a_mark(account), ports.writer.send(a_mark(account)).object_id)
    # Only a campaign that rests bids on this goal: what these changes do to bidding is not what is tried here.
    at_google.goals["SIGNUP", "WEBSITE"] = False
    resting = at_google.campaigns[-1]
    resting.status, resting.goal_level = "PAUSED", "CAMPAIGN"
    resting.goals = {pair: on or pair == ("SIGNUP", "WEBSITE") for pair, on in at_google.goals.items()}
    at_google.actions[int(ids[Verb.DEMOTE])].set(made.estate.now, primary=True)
    # Nor is this one's: a helper alone in its goal, which nobody has made primary.
    alone = replace(
        _named(creating(account), "adsync: alone", name="adsync: alone", category="DOWNLOAD"), event_name=_ALONE
    )
    _done(account, ports, alone, ports.writer.send(alone).object_id)
    bidding = at_google.campaigns[0]
    bidding.strategy, bidding.target_cpa_micros = "TARGET_CPA", 20_000_000
    moving = [partial(_moving, ports, verb, ids[verb]) for verb in _MOVED]
    made.estate.now += 5
    stepping = partial(_stepping, ports)
    approved(_marking_another, _creating_another, enabling, *moving, _switching, stepping)(made, wiring, account)
    taken_back = [e for e in ports.state.ledger.entries() if e.change.event_name != _ALONE][-3:]
    for entry in taken_back:
        plan_rollback(entry.id, [account], ports.state, ports.clock)
    changes = [planned.change for _, planned in pending_changes(account, ports.state)]
    approve(wiring, account, *changes)
    taking_back = {Verb.UNMARK, Verb.REMOVE, Verb.HIDE}
    assert {change.verb for change in changes} == {
        Verb.KEY_EVENT,
        Verb.CREATE,
        Verb.ENABLE,
        Verb.GOAL,
        Verb.TARGET,
        *_MOVED,
        *taking_back,
    }


def _switching(account: Account) -> Change:
    values = {"kind": GOAL, "object_id": "DOWNLOAD~WEBSITE", "title": "DOWNLOAD / WEBSITE", "event_name": _ALONE}
    before, after = fields(biddable=True), fields(biddable=False)
    return a_change(Verb.GOAL, customer_id=account.customer_id, before=before, after=after, **values)


def _stepping(ports: Ports, account: Account) -> Change:
    (target,) = targets_of(ports.ads.campaigns()).values()
    return Change(
        customer_id=account.customer_id,
        kind=target.kind,
        object_id=target.object_id,
        title=target.title,
        verb=Verb.TARGET,
        before=fields(**{target.field: target.value}),
        after=fields(**{target.field: 1.1 * target.value}),
    )


def _marking_another(account: Account) -> Change:
    return replace(_named(a_mark(account), "begin_checkout"), event_name="begin_checkout")


def _creating_another(account: Account) -> Change:
    # For an event of its own: two actions for one would count twice.
    return replace(_named(creating(account), "adsync: Second", name="adsync: Second"), event_name="newsletter")


def _named(change: Change, object_id: str, **after: Value) -> Change:
    wanted = {**dict(change.after or ()), **after}
    return replace(change, object_id=object_id, title=object_id, after=fields(**wanted))


def _made(account: Account, ports: Ports, verb: Verb) -> str:
    """The id of an action on which the verb can be tried, of adsync's making by its log."""
    name = f"adsync: to {verb}"
    create = _named(creating(account), name, name=name)
    made = ports.writer.send(create).object_id
    enabled = replace(enabling(account), object_id=made, title=name, event_name="sign_up")
    return _done(account, ports, enabled if verb is Verb.HIDE else create, made)


def _done(account: Account, ports: Ports, change: Change, object_id: str) -> str:
    """Writes down that adsync has made a change, on a person's word."""
    ledger, now = ports.state.ledger, ports.clock.now()
    values: dict[str, Any] = {"change_name": f"{account.name}-2026-01-01-1/1", "approved_by": "erika", "opened_at": now}
    entry = an_entry(0, change, customer_id=account.customer_id, **values)
    ledger.close_entry(ledger.open_entry(entry), Outcome.APPLIED, now, object_id=object_id)
    return object_id


def _moving(ports: Ports, verb: Verb, action_id: str, account: Account) -> Change:
    """The change from how the action stands at Google."""
    action = next(a for a in ports.ads.actions() if a.id == action_id)
    after = _MOVED[verb]
    before = fields(**{name: getattr(action, name) for name in after})
    values: dict[str, Any] = {"object_id": action_id, "title": action.name, "event_name": "sign_up", "before": before}
    return a_change(verb, customer_id=account.customer_id, after=fields(**after), **values)


def night_plan(made: Scene, wiring: Wiring, account: Account) -> None:
    """What a night itself has planned, all of it approved."""
    night = nightly.run_night(account, wiring.ports(account), apply=False)
    approve(wiring, account, *(p.change for p in night.plan.changes))
    made.estate.now += 5
