"""Reads back what was copied, as it was known on a night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.history import History
from adsync.model.log_scores import with_doubt
from adsync.model.pulled import NOT_SERVED, Report
from adsync.model.scope import Scope
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.ports import Axis, Numbers
from adsync.pull.clients import read_clients
from adsync.pull.windows import BACKFILL_DAYS

# The rule looks back twelve weeks, and at the same season of last year.
_DAYS = BACKFILL_DAYS + 60
_RECENT_DAYS = 28
_LONGEST_CLICK_WINDOW_DAYS = 90


def read_history(account: Account, state: AccountState, numbers: Numbers, as_of: date) -> History:
    """What was known of an account on the night ``as_of``; nothing that became known later."""
    customer_id = account.customer_id
    seen, window = read_counts(account, state, numbers, as_of)
    axis = Axis.CONVERSION if seen.complete_until is None else Axis.CLICK
    last = seen.complete_until or window.last
    copies = numbers.newest_copies(customer_id, as_of)
    funnels, log = copies.get(Report.FUNNELS), copies.get(Report.EVENT_LOG)
    macro, has_log = account.macro.event_name, bool(account.event_log)
    seen_funnels = numbers.funnels(customer_id, as_of)
    macros, recent = [a.id for a in account.macro_actions(state)], Window.ending(last, days=_RECENT_DAYS)
    return replace(
        seen,
        users=numbers.user_series(customer_id, account.events, window, as_of),
        by_scope=read_scopes(account, state, numbers, account.scopes(state), seen, window),
        ad_sessions=numbers.ad_session_series(customer_id, window, as_of),
        funnels=seen_funnels,
        campaigns=numbers.campaign_volumes(
            customer_id,
            macros,
            Window.ending(last, days=7 * account.policy.demand_weeks),
            as_of,
            axis,
        ),
        orders=numbers.orders(customer_id, as_of),
        recent=numbers.campaign_conversions(customer_id, recent, as_of, axis),
        elsewhere=read_clients(state, numbers, macros, axis, Window(window.first, last), recent),
        funnels_fault=funnels.fault if funnels is not None else "",
        log_scores=with_doubt(numbers.log_scores(customer_id, as_of, macro), seen_funnels) if has_log else None,
        log_fault=log.fault if log is not None and has_log else "",
        log_shares=numbers.log_shares(customer_id, as_of, macro) if has_log else {},
        capabilities=numbers.capabilities(customer_id, as_of),
    )


def read_counts(account: Account, state: AccountState, numbers: Numbers, as_of: date) -> tuple[History, Window]:
    """Only what Google Ads counted by day, as known on a night, and the days that are read; yesterday is the last."""
    customer_id, yesterday = account.customer_id, as_of - timedelta(days=1)
    window = Window.ending(yesterday, days=_DAYS)
    copies = numbers.coverage(customer_id, Report.CONVERSIONS, as_of)
    by_click = bool(copies) and copies[-1].fault == NOT_SERVED
    axis = Axis.CLICK if by_click else Axis.CONVERSION
    if by_click:
        copies = numbers.coverage(customer_id, Report.CLICKS, as_of)
    if copies:
        # Days before the first copy are unknown, not zero; leaving them out keeps the series short.
        first = min(copy.window.first for copy in copies)
        window = Window(max(window.first, min(first, yesterday)), yesterday)
    actions = [a for a in state.actions if a.status != "REMOVED"]
    conversions = numbers.conversion_series(customer_id, [a.id for a in actions], axis, window, as_of)
    macros = account.macro_actions(state)
    values = numbers.value_series(customer_id, [a.id for a in macros], axis, window, as_of)
    complete_until = None
    if by_click:
        conversions = {a.id: _complete(conversions[a.id], last_complete_day(a, yesterday)) for a in actions}
        complete_until = min((last_complete_day(a, yesterday) for a in macros), default=yesterday)
    counts = History(
        as_of=as_of,
        conversions=conversions,
        clicks=numbers.click_series(customer_id, window, as_of),
        cost=numbers.cost_series(customer_id, window, as_of),
        values=values,
        conversions_as_of=copies[-1].as_of if copies else None,
        complete_until=complete_until,
    )
    return counts, window


def read_scopes(
    account: Account, state: AccountState, numbers: Numbers, scopes: Iterable[Scope], counts: History, window: Window
) -> Mapping[str, DailySeries]:
    """The macros of scopes in the days of ``counts``, by their keys; nothing of a scope whose macros are the account's.

    state: which campaigns there were on that night.
    """
    parts = [scope for scope in scopes if scope.campaigns is not None]
    if not parts:
        return {}
    groups = {campaign.id: "" for campaign in state.campaigns}
    groups |= {campaign_id: scope.key for scope in parts for campaign_id in scope.campaigns or ()}
    others = next((scope.key for scope in parts if scope.removed_too), "")
    macros = [action.id for action in account.macro_actions(state)]
    until = counts.complete_until
    axis = Axis.CONVERSION if until is None else Axis.CLICK
    found = numbers.grouped_series(account.customer_id, macros, axis, window, counts.as_of, groups, others)
    return found if until is None else {key: _complete(series, until) for key, series in found.items()}


def last_complete_day(action: ConversionAction, yesterday: date) -> date:
    """The last day whose clicks cannot convert any more: a click is credited for as long as the action's window lasts."""
    return yesterday - timedelta(days=action.click_window_days or _LONGEST_CLICK_WINDOW_DAYS)


def _complete(series: DailySeries, until: date) -> DailySeries:
    return series.without(Window(until + timedelta(days=1), series.last)) if until < series.last else series
