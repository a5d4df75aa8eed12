"""What is fixed of an outcome review when a change is applied: which campaigns, which weeks, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.model.ads import AccountState
from adsync.model.bidding import counting_actions
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.goal import with_goal
from adsync.model.log import ChangeLogEntry
from adsync.model.outcome_review import CampaignCounts, OutcomeReview
from adsync.model.window import Window

SETTLE_WEEKS, SETTLE_WEEKS_IF_LATE = 2, 4
"""Weeks after a change that are not compared: bidding learns, and conversions come in of clicks from before it."""

BEFORE_WEEKS, BEFORE_WEEKS_AT_LEAST, AFTER_WEEKS = 8, 4, 4

AT_LEAST = 20.0
"""Main conversions before the change. With fewer the 90 % interval of a ratio spans a factor of three and more."""

LATE = 0.10
"""More than this share of conversions later than two weeks after their click, and four weeks are let pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A change that was applied. on: in the account's time zone. state: the account before it. earlier: the newest day
    before that one on which adsync changed something else that bidding goes by; None where there is none.
    """

    entry: ChangeLogEntry
    on: date
    state: AccountState
    earlier: date | None = None


def touched_campaigns(state: AccountState, action_id: str) -> tuple[str, ...]:
    """Ids of the campaigns that bid on this action if it is primary, and do not if it is secondary; paused ones as well."""
    with_it, without = (
        replace(
            state,
            # Enabled in any case: the night may have begun with the action hidden.
            actions=tuple(
                replace(a, primary_for_goal=primary, status="ENABLED") if a.id == action_id else a
                for a in state.actions
            ),
        )
        for primary in (True, False)
    )
    return _learning_otherwise(with_it, without)


def _touched_by(change: Change, state: AccountState) -> tuple[str, ...]:
    if change.verb is Verb.GOAL:
        return _learning_otherwise(with_goal(state, change), with_goal(state, change.inverse()))
    return touched_campaigns(state, change.object_id)


def _learning_otherwise(one: AccountState, other: AccountState) -> tuple[str, ...]:
    """Ids of the campaigns that learn from something else in one of two accounts than in the other; paused ones as well."""
    return tuple(
        campaign.id
        for campaign in one.campaigns
        if campaign.has_smart_strategy
        and campaign.status != "REMOVED"
        and counting_actions(one, campaign) != counting_actions(other, campaign)
    )


def windows(on: date, earlier: date | None, *, late: bool) -> tuple[Window, Window]:
    """The whole weeks before and after a change that are compared.

    Those before begin after the change before, as long as that leaves four. late: conversions take weeks.
    """
    free = BEFORE_WEEKS if earlier is None else ((on - earlier).days - 1) // 7
    weeks = min(max(free, BEFORE_WEEKS_AT_LEAST), BEFORE_WEEKS)
    settle = 7 * (SETTLE_WEEKS_IF_LATE if late else SETTLE_WEEKS)
    last = on + timedelta(days=settle + 7 * AFTER_WEEKS)
    return Window.ending(on - timedelta(days=1), days=7 * weeks), Window.ending(last, days=7 * AFTER_WEEKS)


def fixed(
    applied: Applied,
    macros: Sequence[str],
    counts: Sequence[CampaignCounts],
    *,
    late: bool,
    days_behind: int,
) -> OutcomeReview | None:
    """The review of a change; None where no campaign that bids by itself is touched by it.

    counts: of the weeks before. days_behind: how old the newest complete day of macros is on any night.
    """
    touched = _touched_by(applied.entry.change, applied.state)
    if not touched:
        return None
    before, after = windows(applied.on, applied.earlier, late=late)
    others = tuple(c.id for c in applied.state.campaigns if c.id not in touched and c.status != "REMOVED")
    sold = [sum(c.macros for c in counts if c.campaign_id in ids and c.date in before) for ids in (touched, others)]
    # Others that sell less than those that were touched would bring in more chance than they take out.
    large_enough = sold[1] >= max(sold[0], AT_LEAST)
    return OutcomeReview(
        entry_id=applied.entry.id,
        customer_id=applied.entry.customer_id,
        changed_on=applied.on,
        macros=tuple(macros),
        campaigns=touched,
        compared_with=others if large_enough else (),
        before=before,
        after=after,
        due_on=after.last + timedelta(days=days_behind),
        at_least=AT_LEAST,
    )
