"""An account as it is known: now, or at the end of an earlier day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adsync.changelog.current import current_snapshot, with_changes
from adsync.model.account import Account
from adsync.model.pulled import Snapshot
from adsync.ports import State

_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an account is looked at by.

    state: with the plans, words, entries, holds and outcome reviews of that day; numbers are asked for by their night anyway.
    snapshot: with what adsync had changed since it was copied.
    night: the night that is looked at, the newest of that day or before it. until: the last moment of the day.
    What the nights remember from check to check is kept of the newest night only.
    """

    state: State
    snapshot: Snapshot
    night: date
    until: datetime = _ALWAYS


def known_on(account: Account, state: State, as_of: date | None) -> Known | None:
    """The account as it is known now, or as it was known on a day; None where nothing was copied by then."""
    if as_of is None:
        now = current_snapshot(account, state)
        return Known(state=state, snapshot=now, night=now.state.as_of) if now is not None else None
    copied = state.numbers.snapshot(account.customer_id, as_of)
    if copied is None:
        return None
    until = _end_of(as_of, copied.state.customer.time_zone)
    ledger = state.ledger.as_known(until)
    then = replace(
        state,
        ledger=ledger,
        memory=state.memory.as_known(as_of),
        holds=state.holds.as_known(as_of, until),
        reviews=state.reviews.as_known(as_of),
    )
    snapshot = with_changes(copied, ledger.entries([account.customer_id]))
    # Of a day without a night the newest one speaks, as it did on that evening.
    return Known(state=then, snapshot=snapshot, night=copied.state.as_of, until=until)


def _end_of(day: date, time_zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC) - timedelta(
        microseconds=1
    )
