"""Where one account stands, put together from what is stored: Google is not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from adsync.decide.guards import macro_actions
from adsync.decide.words import next_check
from adsync.model.account import Account
from adsync.model.decision import Standing
from adsync.model.overview import Overview, Urgency
from adsync.model.pulled import Snapshot
from adsync.nightly import Judgement, judge, open_plans
from adsync.ports import Clock, State
from adsync.review import waiting


def overview(account: Account, state: State, clock: Clock, *, as_of: date | None = None) -> Overview:
    """One account at a glance, as known on its newest night or on an earlier one."""
    snapshot = state.numbers.snapshot(account.customer_id, as_of)
    if snapshot is None:
        return Overview(
            account=account.name,
            urgency=Urgency.NOTHING_PULLED,
            stands="Nothing is known yet.",
            todo=f"adsync pull --account {account.name}",
        )
    night = as_of or snapshot.state.as_of
    judged = judge(account, state, night, snapshot)
    seen = _seen(account, state, judged, night)
    return _with_todo(seen, account, state, judged, snapshot, clock.now())


def _seen(account: Account, state: State, judged: Judgement, night: date) -> Overview:
    now = judged.decisions.demand.standing
    check = state.memory.counters(account.customer_id).next_check(account.policy.check_every_days)
    helpers = [a for a in judged.snapshot.state.actions if a.id in judged.past.managed and a.status == "ENABLED"]
    return Overview(
        account=account.name,
        urgency=Urgency.FINE,
        stands=judged.decisions.demand.reason,
        next_check=next_check(check, night),
        as_of=night,
        pulled_at=judged.snapshot.taken_at,
        primary=tuple(a.name for a in helpers if a.primary_for_goal),
        observed=tuple(a.name for a in helpers if not a.primary_for_goal),
        where=_where(account, judged, now),
        counted=now.counted,
        needed=now.needed,
        demand=now.demand,
    )


def _where(account: Account, judged: Judgement, now: Standing) -> str:
    """How to find the same number on Google's own screens."""
    names = " and ".join(f'"{a.name}"' for a in macro_actions(account, judged.snapshot.state))
    first = now.last_day - timedelta(days=83)
    return (
        f'The same number in Google Ads: Campaigns, dates {first} to {now.last_day}, column "All conv. (by conv. time)", '
        f"segmented by conversion action, {names}: {sum(now.weekly):.0f}."
    )


def _with_todo(
    seen: Overview, account: Account, state: State, judged: Judgement, snapshot: Snapshot, now: datetime
) -> Overview:
    """The most urgent thing that a person should do, if there is one."""
    holds = judged.decisions.demand.holds
    if holds:
        return replace(seen, urgency=Urgency.HELD, todo=holds[0].todo)
    if judged.past.open:
        return replace(
            seen, urgency=Urgency.UNSETTLED, todo="A change has no known outcome yet: adsync sync settles it."
        )
    todo = pending(account, state, now)
    if todo:
        count = f"{todo} change{'s wait' if todo > 1 else ' waits'}"
        return replace(seen, urgency=Urgency.REVIEW, todo=f"{count} for review: adsync review --account {account.name}")
    today = now.astimezone(ZoneInfo(snapshot.state.customer.time_zone)).date()
    age = (today - snapshot.state.as_of).days
    if age > 1:
        return replace(
            seen,
            urgency=Urgency.NOTHING_PULLED,
            todo=f"The numbers are {age} days old: adsync pull --account {account.name}",
        )
    return seen


def pending(account: Account, state: State, now: datetime) -> int:
    """How many changes wait for a person."""
    words = state.ledger.approvals(account.customer_id)
    entries = state.ledger.entries([account.customer_id])
    done = frozenset(e.change_name for e in entries if e.outcome.is_done)
    return sum(len(waiting(plan, words, done, now)) for plan in open_plans(account, state))
