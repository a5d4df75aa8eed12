"""The first helper to bid on, where the macro is too rare to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from adsync.decide import words
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.decision import SHARE_THAT_BUYS, Decision, DemandDecision, Helper, Verb
from adsync.model.evidence import Evidence, Verdict
from adsync.model.history import History
from adsync.model.scope import Scope
from adsync.model.window import Window

HEADROOM = 1.3
"""A helper should bring this much more than the demand, or the first weak month starves bidding again."""


def first_helper(
    account: Account,
    state: AccountState,
    history: History,
    demand: DemandDecision,
    known: Sequence[tuple[Evidence, Helper]],
) -> Decision | None:
    """The deepest helper that alone brings enough; None while none is needed, or none is good enough.

    known: the helpers that could be bid on, with what is known of each.
    """
    policy = account.policy
    starving = [scope for scope in demand.scopes if scope.standing.starved]
    too_few = sum(scope.spend for scope in starving) <= 1 - policy.enough_of_spend
    if demand.verdict != "keep" or too_few:
        return None
    # The one that costs most of those that starve: what it needs decides.
    worst = starving[0]
    scope = next(scope for scope in account.scopes(state) if scope.key == worst.key)
    offers = [
        (evidence, helper, clicks)
        for evidence, helper in known
        if evidence.verdict is Verdict.GOOD
        and evidence.share.point >= policy.minimum_share
        and (clicks := _monthly_conversions(account, state, history, helper.action_id, scope)) is not None
    ]
    if not offers:
        return None
    need = HEADROOM * worst.standing.demand
    enough = [offer for offer in offers if offer[2] >= need]
    best, helper, clicks = (
        max(enough, key=lambda offer: (offer[0].share.point, offer[0].event_name))
        if enough
        else max(offers, key=lambda offer: (offer[2], offer[0].event_name))
    )
    return Decision(
        event_name=best.event_name,
        verb=Verb.PROMOTE,
        action_id=helper.action_id,
        because=words.promoting(account.macro.event_name, best, clicks, need, worst.standing, policy),
        numbers=(
            ("conversions a month", round(clicks, 1)),
            ("wanted", round(need, 1)),
            (SHARE_THAT_BUYS, round(best.share.point, 4)),
            ("at least", round(best.share.low, 4)),
            ("at most", round(best.share.high, 4)),
            ("lift", round(best.lift.point, 2)),
        ),
        evidence=best,
    )


def _monthly_conversions(
    account: Account, state: AccountState, history: History, action_id: str, scope: Scope
) -> float | None:
    """What the action recorded in 30 days, from ads of one scope.

    None until it has been observed for long enough, and where it would not be bid on there.
    """
    action, series = state.action(action_id), history.conversions.get(action_id)
    if action is None or series is None or not scope.reaches(action.goal):
        return None
    # Imported conversions are complete after three days; by click date, when the newest day is known at all.
    last = history.as_of - timedelta(days=3)
    if history.complete_until is not None:
        known_days = [n for n, value in enumerate(series.values) if value is not None]
        last = min(last, series.first + timedelta(days=known_days[-1])) if known_days else last
    days = account.policy.observe_days_before_promotion
    first_seen = next((n for n, value in enumerate(series.values) if value), None)
    if first_seen is None or (last - series.first).days - first_seen + 1 < days:
        return None
    count, known = series.total(Window.ending(last, days=days))
    return _share_of(history, scope, action_id) * 30.0 * count / known if known else None


def _share_of(history: History, scope: Scope, action_id: str) -> float:
    """Which share of what the action recorded of late comes from the campaigns of a scope."""
    if scope.campaigns is None:
        return 1.0
    recorded = [day for day in history.recent if day.action_id == action_id]
    whole = sum(day.all_conversions for day in recorded)
    inside = sum(day.all_conversions for day in recorded if day.campaign_id in scope.campaigns)
    return inside / whole if whole else 0.0
