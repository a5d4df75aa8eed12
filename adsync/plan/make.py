"""Makes the plan: changes in an order that never leaves bidding without a signal, each guarded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.group import bundled
from adsync.model.log import Past
from adsync.model.plan import NIGHT, Consent, Plan, PlannedChange
from adsync.model.policy import Policy
from adsync.model.volume import ActionDay, ClientVolume
from adsync.plan.company import goals_kept_alone
from adsync.plan.guard import must_be_ours
from adsync.plan.outcome import state_after
from adsync.plan.weigh import Weighing

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
    Verb.GOAL,
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
    elsewhere: Mapping[str, ClientVolume] | None = None,
    kept: Mapping[str, str] | None = None,
    needs_person: Mapping[str, str] | None = None,
    origin: str = NIGHT,
    policy: Policy | None = None,
    carried: Sequence[PlannedChange] = (),
    taken: frozenset[tuple[str, str]] = frozenset(),
    today: date | None = None,
    stood: Mapping[tuple[str, str], Fields] | None = None,
) -> Plan:
    """The plan of one account; it may hold no change at all.

    needs_person: why a person must decide, by a change's hash. policy: that which asked for them. elsewhere: what other accounts
    that use the same actions counted. kept: why a change is only proposed, by its hash. carried: what is left of
    groups that earlier plans began with. taken: what holds the targets that other plans move.
    today: the account's, where the state is older than that. stood: where targets stood before what is taken back, by what
    holds them.
    Raises Refused when a change may not even be proposed.
    """
    weighing = Weighing(
        account=account,
        past=past,
        origin=origin,
        reasons=needs_person or {},
        recent=recent,
        taken=taken,
        today=today or state.as_of,
        elsewhere={customer_id: volume.recent for customer_id, volume in (elsewhere or {}).items()},
        kept=kept or {},
        stood=stood or {},
    )
    weighing = replace(weighing, taken=taken | weighing.moving([m.change for m in carried], state))
    asked = tuple(changes)
    switched = (*asked, *(m.change for m in carried))
    weighing = replace(weighing, kept_alone=goals_kept_alone(state, past, switched, taken))
    plan_id = f"{account.name}-{state.as_of}-{number}"
    planned: list[PlannedChange] = []
    before = state
    for bundle in bundled((m.group, m) for m in carried):
        planned += weighing.again([member for _, member in bundle], before)
    with_targets: list[Change] = []
    for change in sorted(asked, key=lambda c: (_ORDER.index(c.verb), c.event_name, c.object_id)):
        must_be_ours(change, account, state, weighing.past)
        if weighing.needs_targets(change, before):
            with_targets.append(change)
            continue
        planned.append(weighing.alone(change, before))
        if planned[-1].consent is not Consent.PROPOSAL:
            before, weighing = state_after(before, change), weighing.following(change)
    if with_targets:
        planned += weighing.together(with_targets, before, f"{plan_id}/{len(planned) + 1}")
    return Plan(
        id=plan_id,
        account=account.name,
        customer_id=account.customer_id,
        made_on=state.as_of,
        made_at=now,
        fingerprint=state.fingerprint,
        changes=tuple(planned),
        origin=origin,
        policy=policy,
    )
