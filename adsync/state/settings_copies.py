"""Copies of an account's settings: one row a night, with what earlier copies of the same night found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Row, func, select

from adsync.model.ads import AccountState
from adsync.model.pulled import Report, SettingsCopy, Snapshot
from adsync.state import coverages, tables
from adsync.state.cells import Unreadable
from adsync.state.documents import from_text

_NIGHTS = 5
"""By their days three may lie after a moment, whatever the account's time zone; then the one asked for, and one before it."""


def with_earlier(connection: Connection, customer_id: str, snapshot: Snapshot, before: Snapshot | None) -> Snapshot:
    """A copy with those of its night that it takes the place of. before: what is known of that night so far."""
    as_of = snapshot.state.as_of
    if before is None or before.state.as_of != as_of:
        return snapshot
    table = tables.snapshot
    same = select(table).where(table.c.customer_id == customer_id, table.c.as_of == as_of)
    row = connection.execute(same).first()
    # Without a row of its own the night had found what the one before it had.
    replaced = from_row(row) if row is not None else before
    return replace(snapshot, earlier=(*replaced.earlier, replace(replaced, earlier=())))


def from_row(row: Row[Any]) -> Snapshot:
    """What a row of the table holds. Raises Unreadable."""
    place = {"customer_id": row.customer_id, "as_of": row.as_of}
    found = from_text(Snapshot, row.document, tables.snapshot, **place)
    zone = found.state.customer.time_zone
    if not _is_known(zone):
        raise Unreadable("Snapshot", f"state.customer.time_zone: there is no {zone!r:.60}.", "snapshot", place)
    return found


def _is_known(time_zone: str) -> bool:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def settings_at(connection: Connection, customer_id: str, moment: datetime) -> AccountState | None:
    """What the newest copy until a moment had found; the oldest one of the day where all are newer.

    Of copies that were taken at that very moment the first: what was done then was done after it.
    """
    table = tables.snapshot
    # Nights go by the account's days: none that begins more than a day after it knows anything of before.
    until = moment.date() + timedelta(days=1)
    newest_first = (
        select(table)
        .where(table.c.customer_id == customer_id, table.c.as_of <= until)
        .order_by(table.c.as_of.desc())
        .limit(_NIGHTS)
    )
    found: Snapshot | None = None
    for row in connection.execute(newest_first):
        night = from_row(row)
        for copy in (night, *reversed(night.earlier)):
            if found is not None and found.taken_at <= moment and copy.taken_at < found.taken_at:
                return found.state
            found = copy
    return found.state if found is not None else None


def between(connection: Connection, customer_id: str, first: date, last: date) -> tuple[SettingsCopy, ...]:
    """The last copy of the first night, and every copy after it until the last night, oldest first.

    Only copies that found something new have rows; when each of the others was made the coverage tells.
    """
    table = tables.snapshot
    mine = table.c.customer_id == customer_id
    begin = connection.execute(select(func.max(table.c.as_of)).where(mine, table.c.as_of <= first)).scalar()
    wanted = select(table).where(mine, table.c.as_of >= (begin or first), table.c.as_of <= last)
    nights = coverages.copies(connection, customer_id, Report.ACCOUNT, last)
    made = [copy.pulled_at for copy in nights]
    copies: list[SettingsCopy] = []
    for row in connection.execute(wanted.order_by(table.c.as_of)):
        night = from_row(row)
        same_night = (*night.earlier, replace(night, earlier=()))
        # How the first night ended is where it begins; what its earlier copies found was over then.
        for copy in same_night if copies or begin is None else same_night[-1:]:
            known = [at for at in made if at < copy.taken_at]
            known += [copies[-1].snapshot.taken_at] if copies else []
            copies.append(SettingsCopy(snapshot=copy, unchanged_until=max(known, default=None)))
    begun = max((night.pulled_at for night in nights if night.as_of <= first), default=None)
    nexts = (*(copy.snapshot.taken_at for copy in copies[1:]), None)
    return tuple(
        replace(copy, seen=_seen(copy.snapshot.taken_at, made, begun, following))
        for copy, following in zip(copies, nexts, strict=False)
    )


def _seen(
    taken_at: datetime, made: Sequence[datetime], begun: datetime | None, following: datetime | None
) -> tuple[datetime, ...]:
    """made: when copies were made. begun: when the first night's copy was. following: when others were found."""
    since = max(taken_at, begun) if begun is not None and (following is None or begun < following) else taken_at
    later = {at for at in made if at > since and (following is None or at < following)}
    return (since, *sorted(later))
