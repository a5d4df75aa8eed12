"""Existing against desired: what a decision means for the object that stands for it."""

from __future__ import annotations

from collections.abc import Iterable

from adsync.model.account import Account, Candidate
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.change import ACTION, KEY_EVENT, Change, Fields, fields
from adsync.model.decision import Decision, Verb
from adsync.model.goal import GOAL, goal_id, goal_title

# What each verb makes of an action's managed fields.
_DESIRED: dict[Verb, Fields] = {
    # The mirror is enabled as secondary in the same call: it is never bid on, not even for a moment.
    Verb.ENABLE: fields(status="ENABLED", primary_for_goal=False),
    Verb.UPDATE: fields(counting_type="ONE_PER_CLICK"),
    Verb.PROMOTE: fields(primary_for_goal=True),
    Verb.RESTORE: fields(primary_for_goal=True),
    Verb.DEMOTE: fields(primary_for_goal=False),
}


def changes_for(account: Account, state: AccountState, decisions: Iterable[Decision]) -> tuple[Change, ...]:
    """One change for each decision that asks for one and is not fulfilled already."""
    found = (_change(account, state, decision) for decision in decisions)
    return tuple(change for change in found if change is not None)


def _change(account: Account, state: AccountState, decision: Decision) -> Change | None:
    candidate = account.candidate(decision.event_name)
    if decision.verb is None or candidate is None:
        return None
    if decision.verb is Verb.KEY_EVENT:
        return _key_event(account, candidate, decision)
    if decision.verb is Verb.CREATE:
        return _create(account, candidate, decision, state.owner_id)
    action = state.action(decision.action_id)
    if action is not None and decision.verb is Verb.GOAL:
        return _goal(account, state, action, decision)
    return None if action is None else _update(account, action, candidate, decision, state)


def _key_event(account: Account, candidate: Candidate, decision: Decision) -> Change:
    return Change(
        customer_id=account.customer_id,
        property_id=account.property_id,
        kind=KEY_EVENT,
        object_id=candidate.event_name,
        title=candidate.event_name,
        verb=Verb.KEY_EVENT,
        before=None,
        after=fields(counting_method="ONCE_PER_SESSION"),
        event_name=candidate.event_name,
        because=decision.because,
        numbers=decision.numbers,
    )


def _create(account: Account, candidate: Candidate, decision: Decision, owner_id: str) -> Change:
    name = account.tag_name(candidate)
    return Change(
        customer_id=account.customer_id,
        kind=ACTION,
        object_id=name,
        title=name,
        verb=Verb.CREATE,
        before=None,
        # Left out, Google makes a new action primary, and campaigns on that goal bid for it at once.
        after=fields(
            name=name,
            type="WEBPAGE",
            category=candidate.category,
            counting_type="ONE_PER_CLICK",
            status="ENABLED",
            primary_for_goal=False,
        ),
        event_name=candidate.event_name,
        owner_id=owner_id,
        because=decision.because,
        numbers=decision.numbers,
    )


def _goal(account: Account, state: AccountState, action: ConversionAction, decision: Decision) -> Change | None:
    """Off where it is bid on, and on where it is not."""
    goal = next((g for g in state.goals if (g.category, g.origin) == action.goal), None)
    if goal is None:
        return None
    return Change(
        customer_id=account.customer_id,
        kind=GOAL,
        object_id=goal_id(action.goal),
        title=goal_title(action.goal),
        verb=Verb.GOAL,
        before=fields(biddable=goal.biddable),
        after=fields(biddable=not goal.biddable),
        event_name=decision.event_name,
        because=decision.because,
        numbers=decision.numbers,
    )


def _update(
    account: Account, action: ConversionAction, candidate: Candidate, decision: Decision, state: AccountState
) -> Change | None:
    assert decision.verb is not None
    after = (
        _valued(decision.value, action, state.customer.currency)
        if decision.verb is Verb.VALUE
        else _DESIRED[decision.verb]
    )
    before = fields(**{name: getattr(action, name) for name, _ in after})
    if before == after:
        return None
    return Change(
        customer_id=account.customer_id,
        kind=ACTION,
        object_id=action.id,
        title=action.name,
        verb=decision.verb,
        before=before,
        after=after,
        event_name=candidate.event_name,
        owner_id=state.owner_id,
        because=decision.because,
        numbers=decision.numbers,
    )


def _valued(value: float, action: ConversionAction, currency: str) -> Fields:
    # A cart says what is in it: taken at its word, bidding would think every cart an order.
    wanted = fields(default_value=value, always_use_default_value=True)
    # None of its own means the account's; that cannot be written, nor be written back.
    own = action.default_currency
    return wanted if own in ("", currency) else fields(**dict(wanted), default_currency=currency)
