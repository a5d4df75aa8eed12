"""All that may stand in the way of a change, while it is planned and again right before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import Change
from adsync.model.log import Past
from adsync.model.plan import CampaignEffect
from adsync.model.volume import ActionDay
from adsync.plan.adoption import second
from adsync.plan.goal_control import not_alone, without_effect
from adsync.plan.groups import Key
from adsync.plan.guard import obstacle
from adsync.plan.protection import protection
from adsync.plan.sharing import obstacle_elsewhere, unagreed


def in_the_way(
    change: Change,
    account: Account,
    before: AccountState,
    after: AccountState,
    seen: tuple[CampaignEffect, ...],
    past: Past,
    origin: str,
    moving: frozenset[Key] = frozenset(),
    elsewhere: Mapping[str, Sequence[ActionDay]] | None = None,
) -> str:
    """Why a change is not made, whoever agrees to it; "" where nothing is in its way.

    before, after: the account as it is when the change's turn comes, and with it. seen: what campaigns would see. moving: what
    holds the targets that go along with it. elsewhere: what counted of late in other accounts that use the same actions.
    """
    return (
        unagreed(change, account, before)
        or protection(change, account, before, after)
        or obstacle(change, before, after, seen, past, origin, moving)
        or second(change, account, before, past, origin)
        or not_alone(change, account, before, after, past)
        or without_effect(change, before, after, past, origin)
        or obstacle_elsewhere(change, account, before, after, past, origin, elsewhere or {})
    )
