"""Holds from night to night. See Holds in ports.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from adsync.model.decision import Hold
from adsync.model.holds import BY_NAME, CLEARABLE, RESTORABLE, KnownHold, ended_as, is_cleared, linked
from adsync.state import tables
from adsync.state.database import Database
from adsync.state.documents import from_text, to_text


class SqlHolds:
    """Holds in the state database."""

    def __init__(self, database: Database, known: tuple[date, datetime] | None = None) -> None:
        """known: the day and the moment up to which is told; None for all."""
        self._database, self._known_until = database, known

    def as_known(self, day: date, until: datetime) -> SqlHolds:
        return SqlHolds(self._database, (day, until))

    def see(self, customer_id: str, holds: Sequence[Hold], as_of: date) -> None:
        now = _named(holds)
        with self._database.writing() as connection:
            known_before = self._known(connection, [customer_id], lasting=False)
            before = [known for known in known_before if known.lasts]
            # A person may have ended one while the night was under way.
            cleared = _cleared(known_before)
            going_on = dict(zip(_named([known.hold for known in before]), before, strict=True))
            for name, known in going_on.items():
                if as_of < known.seen_on:
                    continue  # a night of an earlier day says nothing of how things are
                if name not in now:
                    _update(connection, known.id, ended_on=as_of)
                else:
                    _update(connection, known.id, seen_on=as_of, document=to_text(_since(now[name], known.hold.since)))
            new = [
                {
                    "customer_id": customer_id,
                    "code": hold.code,
                    "seen_on": as_of,
                    "cleared_by": "",
                    "reason": "",
                    "document": to_text(hold),
                }
                for name, hold in now.items()
                if name not in going_on and not is_cleared(ended_as(hold), hold.since, cleared)
            ]
            if new:
                connection.execute(insert(tables.hold), new)

    def known(self, customer_ids: Sequence[str] = (), *, lasting: bool = True) -> tuple[KnownHold, ...]:
        with self._database.reading() as connection:
            return tuple(self._known(connection, customer_ids, lasting=lasting))

    def clear(self, hold_id: int, at: datetime, by: str, reason: str) -> bool:
        table = tables.hold
        lasting = (table.c.id == hold_id, table.c.ended_on.is_(None), table.c.cleared_at.is_(None))
        with self._database.writing() as connection:
            word = update(table).where(*lasting).values(cleared_at=at, cleared_by=by, reason=reason)
            return connection.execute(word).rowcount == 1

    def cleared(self, customer_id: str) -> frozenset[tuple[str, date]]:
        return _cleared(self.known([customer_id], lasting=False))

    def _known(self, connection: Connection, customer_ids: Sequence[str], *, lasting: bool) -> list[KnownHold]:
        table = tables.hold
        query = select(table).order_by(table.c.id)
        if customer_ids:
            query = query.where(table.c.customer_id.in_(customer_ids))
        found = [
            KnownHold(
                id=row.id,
                customer_id=row.customer_id,
                hold=from_text(Hold, row.document, table, id=row.id),
                seen_on=row.seen_on,
                ended_on=row.ended_on,
                cleared_at=row.cleared_at,
                cleared_by=row.cleared_by,
                reason=row.reason,
            )
            for row in connection.execute(query)
        ]
        found = linked(found)
        if self._known_until is None:
            return [known for known in found if known.lasts or not lasting]
        day, until = self._known_until
        then = [_as_known(known, day, until) for known in found if known.hold.since <= day]
        return [known for known in then if known.lasts or not lasting]


def _as_known(known: KnownHold, day: date, until: datetime) -> KnownHold:
    """Without its end where that came later."""
    if known.ended_on is not None and known.ended_on > day:
        known = replace(known, ended_on=None)
    if known.cleared_at is not None and known.cleared_at > until:
        known = replace(known, cleared_at=None, cleared_by="", reason="")
    return known


def _named(holds: Sequence[Hold]) -> dict[str, Hold]:
    """By what makes a hold the same one as last night's: what it is about and, where numbers tell that, since when."""
    found: dict[str, Hold] = {}
    for hold in holds:
        name = f"{hold.name} {hold.since}" if hold.code in CLEARABLE - BY_NAME - RESTORABLE else hold.name
        while name in found:
            name += " again"
        found[name] = hold
    return found


def _cleared(holds: Sequence[KnownHold]) -> frozenset[tuple[str, date]]:
    return frozenset((ended_as(known.hold), known.hold.since) for known in holds if known.cleared_at is not None)


def _since(hold: Hold, first: date) -> Hold:
    """Guards that look at settings know no yesterday: their hold began when it was first seen.

    Of a switch by hand the copies tell when it was, the more exactly the later they are asked.
    """
    if hold.seen_begin:
        return hold
    return replace(hold, since=min(hold.since, first))


def _update(connection: Connection, hold_id: int, **values: Any) -> None:
    connection.execute(update(tables.hold).where(tables.hold.c.id == hold_id).values(values))
