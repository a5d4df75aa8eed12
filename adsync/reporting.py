"""Puts together what the report shows, from what is stored: Google is not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta

from adsync.changelog import known_on, pending_changes, reviewed_changes
from adsync.errors import AdsyncError, UsageError
from adsync.journeys import ways_of
from adsync.judging import Judgement, judge
from adsync.model.account import Account
from adsync.model.dataset import SCHEME
from adsync.model.outcome_words import review_line
from adsync.model.page import Page, Ways, Week
from adsync.model.window import Window
from adsync.overview import overview
from adsync.ports import Axis, Clock, EventLog, State
from adsync.review import words_that_hold
from adsync.score import drop_off

WEEKS = 40


OpenLog = Callable[[], AbstractContextManager[EventLog]]


def page_of(
    account: Account, state: State, clock: Clock, *, as_of: date | None = None, open_log: OpenLog | None = None
) -> Page:
    """One account's page as known on its newest night, or on an earlier one. Raises UsageError before the first pull.

    open_log: opens the account's log of single events; None where none is to be read.
    """
    known = known_on(account, state, as_of)
    if known is None:
        if as_of:
            raise UsageError(
                f"Nothing was known of {account.name} on {as_of}.", "It was pulled later for the first time."
            )
        raise UsageError(
            f"Nothing is known of {account.name} yet.",
            next_step=f"Copy its numbers: adsync pull --account {account.name}",
        )
    seen, snapshot, night = overview(account, state, clock, as_of=as_of), known.snapshot, known.night
    state = known.state
    judged = judge(account, state, night, snapshot)
    entries = state.ledger.entries([account.customer_id])
    ways, no_ways = _ways(account, open_log, {c.id: c.name for c in snapshot.state.campaigns}, as_of)
    return Page(
        overview=seen,
        macro=account.macro.event_name,
        made_at=clock.now(),
        time_zone=snapshot.state.customer.time_zone,
        standing=judged.decisions.demand.standing,
        weeks=_weeks(account, state, judged, night),
        drop_off=drop_off(account, judged.history.funnels),
        decisions=judged.decisions.each,
        minimum_share=account.policy.minimum_share,
        entries=entries,
        pending=pending_changes(account, state),
        words=words_that_hold([account], state, clock.now()),
        reviews={r.entry.id: review_line(r).said for r in reviewed_changes(state, [account.customer_id])},
        ways=ways,
        no_ways=no_ways,
    )


def _ways(
    account: Account, open_log: OpenLog | None, campaigns: Mapping[str, str], as_of: date | None
) -> tuple[Ways | None, str]:
    """What the account's log says, or why it says nothing here: whatever is wrong with a log, the page is made."""
    if open_log is None or not account.event_log:
        return None, ""
    if any(source.startswith(SCHEME) for source in account.event_log):
        return None, (
            "The log of single events lies in BigQuery, where each reading is billed. To read it: "
            f"`adsync funnel --events {account.event_log[0]} --macro '{account.macro.event_name}' --html funnel.html`, and "
            "`adsync channels` likewise."
        )
    try:
        with open_log() as log:
            return ways_of(log, account.macro.event_name, as_of, campaigns), ""
    except AdsyncError as error:
        return None, f"The log of single events says nothing here. {error}"


def _weeks(account: Account, state: State, judged: Judgement, night: date) -> tuple[Week, ...]:
    """The newest whole weeks, oldest first."""
    last = judged.decisions.demand.standing.last_day
    span = Window.ending(last, days=7 * WEEKS)
    axis = Axis.CONVERSION if judged.history.complete_until is None else Axis.CLICK
    counted: dict[date, float] = {}
    for day in state.numbers.campaign_conversions(account.customer_id, span, night, axis):
        counted[day.date] = counted.get(day.date, 0.0) + day.conversions
    actions = [a.id for a in account.macro_actions(judged.snapshot.state)]
    series = [judged.history.conversions[a] for a in actions if a in judged.history.conversions]
    weeks = []
    for back in reversed(range(WEEKS)):
        week = Window.ending(last - timedelta(days=7 * back), days=7)
        totals = [s.total(week) for s in series]
        known = bool(totals) and min(days for _, days in totals) >= 4
        macros = sum(count for count, _ in totals) if known else None
        weeks.append(Week(first=week.first, macros=macros, counted=sum(counted.get(day, 0.0) for day in week)))
    return tuple(weeks)
