"""What a change needs where the conversion actions belong to a manager and other accounts use them too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adsync.model.account import Account
from adsync.model.ads import AccountState, ClientState
from adsync.model.change import ACTION, Change
from adsync.model.decision import Verb
from adsync.model.figures import enumerated
from adsync.model.log import Past
from adsync.model.plan import CampaignEffect
from adsync.model.sharing import Client, dashed
from adsync.model.volume import ActionDay
from adsync.plan.guard import obstacle
from adsync.plan.outcome import effects
from adsync.plan.protection import protection

_MOVES_BIDDING = frozenset({Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE, Verb.VALUE})


def unagreed(change: Change, account: Account, state: AccountState) -> str:
    """Why a change may be shown and not applied: the config does not agree to all that it would meet, or it is not
    about an action of the owner; "" where it may."""
    if change.is_kept_here:
        return ""
    if (found := account.disagreement(state.sharing)) is not None:
        return found.said
    if change.kind == ACTION and change.owner_id != state.owner_id:
        planned, now = (dashed(each or change.customer_id) for each in (change.owner_id, state.owner_id))
        return f"It was planned for account {planned}, and the conversion actions that are used now belong to account {now}."
    action = state.action(change.object_id) if state.sharing is not None and change.kind == ACTION else None
    if action is not None and action.owner_customer_id not in ("", state.owner_id):
        return (
            f"It belongs to account {dashed(action.owner_customer_id)} and not to {dashed(state.owner_id)}, whose actions the "
            "account uses now."
        )
    return ""


def met(change: Change, state: AccountState) -> tuple[Client, ...]:
    """Every account that a change meets; none where the account owns its conversion actions, or its own campaign moves."""
    if state.sharing is None or change.kind != ACTION or change.is_kept_here:
        return ()
    return state.sharing.clients


def effects_elsewhere(
    before: AccountState, after: AccountState, recent: Mapping[str, Sequence[ActionDay]]
) -> tuple[CampaignEffect, ...]:
    """What bidding of the other accounts will see. recent: by account, of the newest four weeks."""
    return tuple(
        replace(effect, client=client.called)
        for client in before.elsewhere
        for effect in _effects(client, before, after, recent)
    )


def obstacle_elsewhere(
    change: Change,
    account: Account,
    before: AccountState,
    after: AccountState,
    past: Past,
    origin: str,
    recent: Mapping[str, Sequence[ActionDay]],
) -> str:
    """Why another account that uses the same actions keeps a change from being applied; "" where none does."""
    for client in before.elsewhere:
        old, new = before.seen_by(client), after.seen_by(client)
        blocked = protection(change, account, old, new) or obstacle(
            change, old, new, _effects(client, before, after, recent), past, origin
        )
        if blocked:
            return f"In account {client.called}: {blocked}"
    unseen = [client.called for client in met(change, before) if not client.is_sure]
    if unseen and change.verb in _MOVES_BIDDING:
        return f"Nobody can say what bidding would see in {enumerated(unseen)}."
    return ""


def _effects(
    client: ClientState, before: AccountState, after: AccountState, recent: Mapping[str, Sequence[ActionDay]]
) -> tuple[CampaignEffect, ...]:
    return effects(before.seen_by(client), after.seen_by(client), recent.get(client.customer.customer_id, ()))
