"""Reads back what was copied, as it was known on a night."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.history import History
from adsync.model.pulled import Report
from adsync.model.window import Window
from adsync.ports import Axis, Numbers
from adsync.pull.windows import BACKFILL_DAYS

# The rule looks back twelve weeks, and at the same season of last year.
_DAYS = BACKFILL_DAYS + 60
_RECENT_DAYS = 28


def read_history(account: Account, state: AccountState, numbers: Numbers, as_of: date) -> History:
    """What was known of an account on the night ``as_of``; nothing that became known later."""
    customer_id, yesterday = account.customer_id, as_of - timedelta(days=1)
    window = Window.ending(yesterday, days=_DAYS)
    copies = numbers.coverage(customer_id, Report.CONVERSIONS, as_of)
    events = numbers.coverage(customer_id, Report.EVENTS, as_of)
    if copies:
        # Days before the first copy are unknown, not zero; leaving them out keeps the series short.
        first = min(copy.window.first for copy in copies)
        window = Window(max(window.first, min(first, yesterday)), yesterday)
    action_ids = [a.id for a in state.actions if a.status != "REMOVED"]
    return History(
        as_of=as_of,
        conversions=numbers.conversion_series(customer_id, action_ids, Axis.CONVERSION, window, as_of),
        users=numbers.user_series(customer_id, account.events, window, as_of),
        clicks=numbers.click_series(customer_id, window, as_of),
        funnels=numbers.funnels(customer_id, as_of),
        recent=numbers.campaign_conversions(customer_id, Window.ending(yesterday, days=_RECENT_DAYS), as_of),
        conversions_as_of=copies[-1].as_of if copies else None,
        ga4_fault=events[-1].fault if events else "",
    )
