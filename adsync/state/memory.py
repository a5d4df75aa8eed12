"""What decisions remember from night to night. See Memory in ports.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from adsync.errors import StateError
from adsync.model.decision import Conclusion, Counters, ScopeCounters
from adsync.state import tables
from adsync.state.database import Database
from adsync.state.documents import from_text, to_text

VERSION = 2
"""1: the counters of an account that is one scope. 2: those of each scope, by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    version: int
    scopes: dict[str, Counters]


def counters_from(text: str, customer_id: str = "") -> ScopeCounters:
    """Counters as some version of adsync has stored them. Raises StateError for a newer one than this, and for others."""
    table, row = tables.memory, {"customer_id": customer_id}
    version = from_text(_Versioned, text, table, **row).version
    if version > VERSION:
        raise StateError(
            f"The state database holds counters of version {version}; this adsync knows those up to {VERSION}.",
            next_step="Use the adsync that wrote them, or a newer one.",
        )
    return (
        {"": from_text(Counters, text, table, **row)} if version == 1 else from_text(_Record, text, table, **row).scopes
    )


def counters_to(counters: ScopeCounters) -> str:
    """Text that `counters_from` turns into the same counters."""
    return to_text(_Record(version=VERSION, scopes=dict(counters)))


class SqlMemory:
    """Counters and conclusions in the state database."""

    def __init__(self, database: Database, last_day: date = date.max) -> None:
        """last_day: what was counted later is left out."""
        self._database, self._last_day = database, last_day

    def as_known(self, day: date) -> SqlMemory:
        return SqlMemory(self._database, day)

    def counters(self, customer_id: str) -> ScopeCounters:
        text = self._text(customer_id, tables.memory.c.counters)
        known = counters_from(text, customer_id) if text is not None else {}
        return {key: each.as_known(self._last_day) for key, each in known.items()}

    def conclusion(self, customer_id: str) -> Conclusion | None:
        text = self._text(customer_id, tables.memory.c.conclusion)
        return from_text(Conclusion, text, tables.memory, customer_id=customer_id) if text is not None else None

    def remember(self, customer_id: str, counters: ScopeCounters, conclusion: Conclusion) -> None:
        table = tables.memory
        row = {"customer_id": customer_id, "counters": counters_to(counters), "conclusion": to_text(conclusion)}
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.customer_id == customer_id))
            connection.execute(insert(table), [row])

    def _text(self, customer_id: str, column: Any) -> str | None:
        with self._database.reading() as connection:
            found: str | None = connection.execute(
                select(column).where(tables.memory.c.customer_id == customer_id)
            ).scalar()
        return found
