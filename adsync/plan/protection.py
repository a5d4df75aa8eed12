"""Changes of what the config protects are only proposed, whoever agrees to them."""

from __future__ import annotations

from adsync.model.account import Account
from adsync.model.ads import AccountState, Campaign
from adsync.model.bidding import counting_actions
from adsync.model.change import ACTION, KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.goal import GOAL, goal_id


def protection(change: Change, account: Account, before: AccountState, after: AccountState) -> str:
    """Why a change may be shown and not applied: which key of the config names what it would touch; "" where none does."""
    if name := _action(change, account, before):
        return f'"{name}" is named under protected.actions in the config: adsync changes nothing about it.'
    own = next((c for c in before.campaigns if account.protected.has_campaign(c) and _is_about(change, c)), None)
    if own is not None:
        return (
            f'Campaign "{own.name}" is named under protected.campaigns in the config: adsync changes nothing about it.'
        )
    moved = [
        c for c in before.campaigns if account.protected.has_campaign(c) and _counts(before, c) != _counts(after, c)
    ]
    if moved:
        return (
            f'Campaign "{moved[0].name}" is named under protected.campaigns in the config, and what counts as a conversion '
            "would change for it."
        )
    return ""


def _action(change: Change, account: Account, state: AccountState) -> str:
    """The name of the protected action that a change, or its goal, or its key event is about."""
    if change.verb is Verb.GOAL:
        inside = (a for a in state.actions if goal_id(a.goal) == change.object_id)
        return next((a.name for a in inside if account.protected.has_action(a)), "")
    named = change.object_id if change.kind == ACTION else ""
    mirror = state.mirror_of(change.property_id, change.event_name) if change.kind == KEY_EVENT else None
    action = state.action(named) or mirror
    if action is not None and account.protected.has_action(action):
        return action.name
    return named if named in account.protected.actions else ""


def _is_about(change: Change, campaign: Campaign) -> bool:
    """Whether it sets something of the campaign itself, or of the portfolio that it belongs to."""
    return change.kind not in (ACTION, KEY_EVENT, GOAL) and change.object_id in (campaign.id, campaign.portfolio_id)


def _counts(state: AccountState, campaign: Campaign) -> frozenset[object]:
    """The actions in the campaign's "Conversions" column, with all that is set of them."""
    return frozenset(counting_actions(state, campaign))
