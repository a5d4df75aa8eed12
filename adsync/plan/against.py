"""All that may stand in the way of a change, while it is planned and again right before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adsync.model.account import Account
from adsync.model.ads import AccountState, Campaign
from adsync.model.change import Change
from adsync.model.group import origin_of, purposes
from adsync.model.log import Past
from adsync.model.plan import CampaignEffect
from adsync.model.volume import ActionDay
from adsync.plan.adoption import second
from adsync.plan.goal_control import not_alone, without_effect
from adsync.plan.groups import Key
from adsync.plan.guard import not_ours, obstacle
from adsync.plan.outcome import effects, state_after
from adsync.plan.protection import protection
from adsync.plan.sharing import obstacle_elsewhere, unagreed


def at_the_end(
    rest: Sequence[Change],
    account: Account,
    before: AccountState,
    past: Past,
    origin: str,
    moving: frozenset[Key],
    elsewhere: Mapping[str, Sequence[ActionDay]] | None = None,
    recent: Sequence[ActionDay] = (),
) -> str:
    """Why what a group is for cannot be made any more, when all in front of it is; "" while it can.

    rest: the changes of it that are left, in order. recent: of the newest four weeks. What passes by then is no reason: bidding
    that is learning, and an outcome that is not known yet.
    """
    past = replace(past, open=frozenset())
    state = _settled(before)
    aims = purposes(rest)
    for change in rest:
        after = state_after(state, change)
        if change in aims:
            if refused := not_ours(change, account, state, past):
                return f"{refused.what} {refused.because}"
            seen = effects(state, after, recent)
            if blocked := in_the_way(change, account, state, after, seen, past, origin, moving, elsewhere):
                return blocked
        state = after
    return ""


def _settled(state: AccountState) -> AccountState:
    """The account when no bidding is learning any more."""

    def settled(campaigns: Sequence[Campaign]) -> tuple[Campaign, ...]:
        return tuple(replace(c, system_status="ENABLED") for c in campaigns)

    clients = tuple(replace(client, campaigns=settled(client.campaigns)) for client in state.elsewhere)
    return replace(state, campaigns=settled(state.campaigns), elsewhere=clients)


def paused(why: str, group: str) -> str:
    """What is said of a group whose end cannot be made."""
    return (
        f"The group waits, for its end cannot be made: {why} It goes on when that is over; to take back what was made of it "
        f"instead: adsync rollback --plan {origin_of(group)}"
    )


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
