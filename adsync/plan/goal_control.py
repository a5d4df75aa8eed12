"""When a goal may be switched for a helper that is in it, and what that would do to everything else in it."""

from __future__ import annotations

from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.biddability import matrix
from adsync.model.bidding import campaigns_bidding_on
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.figures import listed
from adsync.model.goal import GoalMember, goal_id, goal_now, goal_title, switches_on
from adsync.model.log import Past
from adsync.model.plan import ROLLBACK


def not_alone(change: Change, account: Account, before: AccountState, after: AccountState, past: Past) -> str:
    """Why a goal may not be switched, whoever agrees; "" where it may, and of every other change."""
    if change.verb is not Verb.GOAL:
        return ""
    inside, title = _inside(change, before), change.title
    owner = before.customer.conversion_customer_id
    if owner != account.customer_id:
        return f"The goals belong to account {owner}, and adsync changes only what account {account.customer_id} owns."
    if goal_now(before.goals, change) is None:
        return f"The account has no goal {title}."
    macros = {a.id for a in account.macro_actions(before)}
    if main := next((a for a in inside if a.id in macros), None):
        return f'The main conversion, "{main.name}", is in the goal {title}: adsync never switches that.'
    helper = _helper(change, before, past)
    if helper is None:
        return f"No conversion action that adsync looks after for {change.event_name} records in the goal {title}."
    if helper.id in past.open:
        return f'An earlier change of "{helper.name}" has no known outcome yet; it is read back first: adsync apply'
    # What is secondary is not bid on, whatever its goal is; but with the goal off nobody could make it primary any more.
    others = [
        a
        for a in inside
        if a.id != helper.id and a.status == "ENABLED" and (a.primary_for_goal or not switches_on(change))
    ]
    if others:
        yourself = "let campaigns bid on that goal" if switches_on(change) else f'make "{helper.name}" secondary'
        return (
            f"{listed([_quoted(a) for a in others])} record{'s' if len(others) == 1 else ''} in the goal {title} as well, and "
            f"a goal is never switched for a helper that shares it: {yourself} in Google Ads yourself."
        )
    still = campaigns_bidding_on(after, helper.id)
    if still and not switches_on(change):
        return (
            f"{listed([_named(c.name) for c in still])} would go on bidding on it, by goals of their own: switch it off there "
            "first."
        )
    return ""


def without_effect(change: Change, before: AccountState, after: AccountState, past: Past, origin: str) -> str:
    """Why a promotion would bring nobody anything: its goal is not bid on; "" where somebody would bid, and of other changes.

    What a person takes back may be without effect: so it was.
    """
    action = before.action(change.object_id)
    if change.verb not in (Verb.PROMOTE, Verb.RESTORE) or origin == ROLLBACK or action is None:
        return ""
    goal = next((g for g in before.goals if (g.category, g.origin) == action.goal), None)
    views = (after, *(after.seen_by(client) for client in before.elsewhere))
    if goal is None or goal.biddable or any(campaigns_bidding_on(view, action.id) for view in views):
        return ""
    since = ", which adsync has switched off" if goal_id(action.goal) in dict(past.switched_off) else ""
    return (
        f"No campaign would bid on it: its goal, {goal_title(action.goal)}{since}, is none of the account's default goals. "
        "Make it one in Google Ads (Goals > Conversions > Summary) if the helper is to be used."
    )


def members(change: Change, before: AccountState, after: AccountState, past: Past) -> tuple[GoalMember, ...]:
    """Every other action of a goal that is switched, what records first, with the campaigns for which that changes something."""
    if change.verb is not Verb.GOAL:
        return ()
    helper = _helper(change, before, past)
    begins: dict[str, list[str]] = {}
    stops: dict[str, list[str]] = {}
    for alike in matrix(before, after):
        names = [campaign.name for campaign in alike.campaigns]
        for each in alike.actions:
            if each.now.counts != each.after.counts:
                (begins if each.after.counts else stops).setdefault(each.action.id, []).extend(names)
    found = [a for a in _inside(change, before) if helper is None or a.id != helper.id]
    return tuple(
        GoalMember(
            action_id=a.id,
            name=a.name,
            status=a.status,
            primary_for_goal=a.primary_for_goal,
            begins=tuple(sorted(begins.get(a.id, ()))),
            stops=tuple(sorted(stops.get(a.id, ()))),
        )
        for a in sorted(found, key=lambda a: (a.status != "ENABLED", a.name, a.id))
    )


def _inside(change: Change, state: AccountState) -> list[ConversionAction]:
    return [a for a in state.actions if a.status != "REMOVED" and goal_id(a.goal) == change.object_id]


def _helper(change: Change, state: AccountState, past: Past) -> ConversionAction | None:
    """The action for which the goal is switched; None where adsync has none there that records."""
    action = state.action(dict(past.counted_by).get(change.event_name, ""))
    if action is None or action.status != "ENABLED" or goal_id(action.goal) != change.object_id:
        return None
    return action


def _quoted(action: ConversionAction) -> str:
    return f'"{action.name}" ({"primary" if action.primary_for_goal else "secondary"})'


def _named(campaign: str) -> str:
    return f'Campaign "{campaign}"'
