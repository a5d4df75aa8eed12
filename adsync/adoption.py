"""Other people's conversion actions that count what a candidate counts, and plans to let adsync look after one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from adsync.changelog import current_snapshot, past_of
from adsync.errors import UsageError
from adsync.model.account import Account, Candidate
from adsync.model.adoption import Adoptable
from adsync.model.bidding import campaigns_bidding_on
from adsync.model.log import Past
from adsync.model.plan import ASKED
from adsync.model.pulled import NOT_SERVED, Report, Snapshot
from adsync.model.window import Window
from adsync.plan.adoption import adoption, twins, twins_of
from adsync.planning import Asked, copied, plan_asked
from adsync.ports import Axis, Clock, State

DAYS = 30


def adoptable(account: Account, state: State) -> tuple[Adoptable, ...] | None:
    """What others have made and may count one of the account's candidates, as last copied; None before that."""
    snapshot = current_snapshot(account, state)
    if snapshot is None:
        return None
    past = _past(account, snapshot, state)
    found = [t for t in twins(account, snapshot.state, past.managed) if t.action.status == "ENABLED"]
    conversions = _conversions(account, [t.action.id for t in found], snapshot, state) if found else {}
    seen = _first_seen(account, [t.action.id for t in found], state) if found else {}
    return tuple(
        Adoptable(
            twin=twin,
            conversions=conversions[twin.action.id],
            campaigns=tuple(c.name for c in campaigns_bidding_on(snapshot.state, twin.action.id)),
            after=seen[twin.action.id][0],
            until=seen[twin.action.id][1],
        )
        for twin in found
    )


def plan_adoption(action_id: str, event_name: str, accounts: Sequence[Account], state: State, clock: Clock) -> Asked:
    """A plan to let adsync look after an action as that of a candidate.

    Raises UsageError for an unknown action or event, and Refused when a guard says no.
    """
    account = _owner(action_id, accounts, state)
    candidate = _candidate(event_name, account)
    snapshot = copied(account, state)
    action = snapshot.state.action(action_id)
    assert action is not None
    known = twins_of(candidate, account, snapshot.state, _past(account, snapshot, state).managed)
    why = next((f"It counts {event_name}: {t.why}" for t in known if t.action.id == action_id), "")
    change = adoption(account, action, candidate, why or f"A person says that it counts {event_name}")
    return plan_asked(account, snapshot, (change,), state, clock, ASKED)


def _past(account: Account, snapshot: Snapshot, state: State) -> Past:
    return past_of(state.ledger.entries([account.customer_id]), snapshot.state.customer.time_zone)


def _owner(action_id: str, accounts: Sequence[Account], state: State) -> Account:
    known = [(account, current_snapshot(account, state)) for account in accounts]
    found = [a for a, copy in known if copy is not None and copy.state.action(action_id) is not None]
    if len(found) == 1:
        return found[0]
    names = ", ".join(account.name for account in found or accounts)
    if found:
        raise UsageError(f"Action {action_id} is in several accounts: {names}.", next_step="Name one: --account NAME")
    raise UsageError(
        f"There is no conversion action {action_id} in {names}.",
        "Only what was copied is known.",
        next_step="See what could be adopted: adsync adopt   or copy the account: adsync pull",
    )


def _candidate(event_name: str, account: Account) -> Candidate:
    candidate = account.candidate(event_name)
    if candidate is None:
        raise UsageError(
            f"{event_name} is no candidate of {account.name}.",
            f"There are: {', '.join(c.event_name for c in account.candidates) or 'none'}.",
            next_step="Name one of them with --as, or write it under `candidates` in the config.",
        )
    return candidate


def _conversions(
    account: Account, action_ids: Sequence[str], snapshot: Snapshot, state: State
) -> dict[str, float | None]:
    """What each recorded in the last 30 days; None where no day of them is known."""
    night = snapshot.state.as_of
    copy = state.numbers.newest_copies(account.customer_id, night).get(Report.CONVERSIONS)
    axis = Axis.CLICK if copy is not None and copy.fault == NOT_SERVED else Axis.CONVERSION
    window = Window.ending(night - timedelta(days=1), days=DAYS)
    series = state.numbers.conversion_series(account.customer_id, action_ids, axis, window, night)
    totals = {action_id: series[action_id].total(window) for action_id in action_ids}
    return {action_id: count if known else None for action_id, (count, known) in totals.items()}


def _first_seen(
    account: Account, action_ids: Sequence[str], state: State
) -> dict[str, tuple[datetime | None, datetime]]:
    """Between which copies each was switched on; without a beginning where the first copy had it already."""
    found: dict[str, tuple[datetime | None, datetime]] = {}
    for copy in state.numbers.settings_copies(account.customer_id, date.min, date.max):
        for action_id in action_ids:
            action = copy.snapshot.state.action(action_id)
            if action_id not in found and action is not None and action.status == "ENABLED":
                found[action_id] = (copy.unchanged_until, copy.snapshot.taken_at)
    return found
