"""Makes the plan: changes in an order that never leaves bidding without a signal, each guarded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import NIGHT, Consent, Plan, PlannedChange
from adsync.model.policy import Policy
from adsync.model.volume import ActionDay
from adsync.plan.adoption import second
from adsync.plan.guard import consent, doubt, must_be_ours, obstacle
from adsync.plan.outcome import effects, state_after
from adsync.plan.protection import protection

# What gives bidding a signal comes before what takes one away; what is taken away altogether comes last.
_ORDER = (
    Verb.ADOPT,
    Verb.KEY_EVENT,
    Verb.CREATE,
    Verb.ENABLE,
    Verb.UPDATE,
    Verb.VALUE,
    Verb.TARGET,
    Verb.RESTORE,
    Verb.PROMOTE,
    Verb.DEMOTE,
    Verb.HIDE,
    Verb.REMOVE,
    Verb.UNMARK,
    Verb.RELEASE,
)


def make_plan(
    account: Account,
    state: AccountState,
    changes: Iterable[Change],
    past: Past,
    *,
    now: datetime,
    number: int,
    recent: Sequence[ActionDay] = (),
    needs_person: Mapping[str, str] | None = None,
    origin: str = NIGHT,
    policy: Policy | None = None,
) -> Plan:
    """The plan of one account; it may hold no change at all.

    needs_person: why a person must decide, by a change's hash. policy: that which asked for them.
    Raises Refused when a change may not even be proposed.
    """
    reasons = needs_person or {}
    planned: list[PlannedChange] = []
    before, ours = state, past
    for change in sorted(changes, key=lambda c: (_ORDER.index(c.verb), c.event_name, c.object_id)):
        must_be_ours(change, account, state, ours)
        after = state_after(before, change)
        seen = effects(before, after, recent)
        blocked = (
            protection(change, account, before, after)
            or obstacle(change, before, after, seen, past, origin)
            or second(change, account, before, ours, origin)
        )
        if blocked:
            planned.append(
                PlannedChange(change=change, consent=Consent.PROPOSAL, consent_because=blocked, effects=seen)
            )
            continue
        person = reasons.get(change.hash, "") or doubt(change, before, seen)
        who, why = consent(change, account, past, origin, person)
        planned.append(PlannedChange(change=change, consent=who, consent_because=why, effects=seen))
        before, ours = after, ours.looking_after(change)
    return Plan(
        id=f"{account.name}-{state.as_of}-{number}",
        account=account.name,
        customer_id=account.customer_id,
        made_on=state.as_of,
        made_at=now,
        fingerprint=state.fingerprint,
        changes=tuple(planned),
        origin=origin,
        policy=policy,
    )
