"""The macro's own actions: they must be there, be bid on, and count each sale once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import mean

from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.bidding import custom_goal_of, goals_by_campaign
from adsync.model.decision import Hold
from adsync.model.volume import DailySeries
from adsync.model.window import Window

COMPARED_DAYS, COMPARED_AT_LEAST = 84, 10
"""The days over which two actions are compared, and how many each must have counted."""

SHARED = 0.7
"""The share of the larger one's count that goes one to one with the other's."""

LAGS, CLOSER = (7, 14, 21, 28), 2 / 3
"""Two actions of the same sales differ less on the same day than some weeks apart; this much, or it is only the same volume.

Pairs that have nothing to do with each other are at 0.8 and more, the same sales with a tenth missing and a fifth a day
late at 0.35 to 0.65, at any volume.
"""


def macro_settings(account: Account, state: AccountState, today: date) -> list[Hold]:
    """The macro must exist, be enabled and be bid on, or its volume means nothing for bidding."""
    holds = []
    for name in account.macro.actions:
        actions = state.actions_named(name)
        if not actions:
            holds.append(
                Hold(
                    code="macro_missing",
                    since=today,
                    saw=f'The macro action "{name}" is not in the account.',
                    todo="Correct macro.actions in the config (adsync init lists the account's actions).",
                    returns_too=True,
                )
            )
        for action in actions:
            if action.status != "ENABLED" or not action.primary_for_goal:
                shown = "primary" if action.primary_for_goal else "secondary"
                holds.append(
                    Hold(
                        code="macro_not_counting",
                        since=today,
                        saw=f'The macro action "{action.name}" is {action.status.lower()} and {shown}.',
                        todo="Enable it and make it primary in Google Ads, or name another macro in the config.",
                        returns_too=True,
                    )
                )
    return [*holds, *_not_bid_on(account, state, today)]


def _not_bid_on(account: Account, state: AccountState, today: date) -> list[Hold]:
    """Where no campaign would bid on the macro though it were primary, there is nobody to hand over to."""
    macros, campaigns = account.macro_actions(state), state.smart_campaigns()
    if not macros or not campaigns:
        return []
    wanted, ids = {macro.goal for macro in macros}, {macro.id for macro in macros}
    goals = goals_by_campaign(state)
    for campaign in campaigns:
        custom = custom_goal_of(state, campaign)
        if ids.intersection(custom.action_ids) if custom is not None else wanted & goals[campaign.id]:
            return []
    named = " and ".join(f'"{macro.name}"' for macro in macros)
    shown = ", ".join(" / ".join(goal) for goal in sorted(wanted))
    return [
        Hold(
            code="macro_not_bid_on",
            since=today,
            saw=f"None of the campaigns that bid by themselves bids on {named}: its goal ({shown}) is not among theirs.",
            todo="Make the goal biddable for these campaigns in Google Ads, or name another macro in the config.",
            returns_too=True,
        )
    ]


def double_count(
    account: Account, state: AccountState, series: Mapping[str, DailySeries], last_day: date
) -> Iterator[Hold]:
    """Pairs of actions that run near one to one: each sale counts twice, until a person says which of them is the sale.

    Either both are named as the macro, or one of them is and bidding counts the other beside it.
    """
    macros = account.macro_actions(state)
    window = Window.ending(last_day, days=COMPARED_DAYS)
    for index, first in enumerate(macros):
        for second in (*macros[index + 1 :], *_beside(account, state, macros)):
            if first.id not in series or second.id not in series:
                continue
            a, b = series[first.id].during(window), series[second.id].during(window)
            if _one_to_one(a, b):
                yield Hold(
                    code="double_count",
                    since=window.first,
                    detail="+".join(sorted((first.id, second.id))),
                    saw=f'"{first.name}" ({_total(a):.0f} in 12 weeks) and "{second.name}" ({_total(b):.0f}) go one to one.',
                    todo="They seem to count the same sales: name only one of them under macro.actions."
                    if second in macros
                    else "Bidding seems to count each sale twice: make one of them secondary in Google Ads.",
                )


Days = Sequence[float | None]


def _one_to_one(a: Days, b: Days) -> bool:
    """Whether two actions count the same sales, and not only as many on an average day."""
    total_a, total_b = _total(a), _total(b)
    shared = sum(min(x or 0.0, y or 0.0) for x, y in zip(a, b, strict=True))
    if min(total_a, total_b) < COMPARED_AT_LEAST or shared < SHARED * max(total_a, total_b):
        return False
    both = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    # One of them may miss some sales throughout.
    times = sum(x for x, _ in both) / sum(y for _, y in both)
    level = [None if y is None else times * y for y in b]
    apart = [distance for lag in LAGS if (distance := _distance(a, level, lag)) is not None]
    same_day = _distance(a, level, 0)
    return same_day is not None and bool(apart) and same_day <= CLOSER * mean(apart)


def _total(days: Days) -> float:
    return sum(day or 0.0 for day in days)


def _distance(a: Days, b: Days, lag: int) -> float | None:
    """By how much one differs on average from the other so many days before or after; None where that is not known.

    Whole weeks apart, so that weekdays stay what they are.
    """
    pairs = [*zip(a[lag:], b[: len(b) - lag], strict=True), *zip(a[: len(a) - lag], b[lag:], strict=True)]
    known = [abs(x - y) for x, y in pairs if x is not None and y is not None]
    return mean(known) if known else None


def _beside(account: Account, state: AccountState, macros: Sequence[ConversionAction]) -> tuple[ConversionAction, ...]:
    """Other actions for the sale itself that bidding counts. Steps shortly before it run near one to one as well."""
    categories = {macro.category for macro in macros}
    return tuple(
        action
        for action in state.actions
        if action not in macros
        and action.status == "ENABLED"
        and action.primary_for_goal
        and (action.ga4_event_name == account.macro.event_name or action.category in categories)
    )
