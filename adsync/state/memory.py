"""What decisions remember from night to night. See Memory in ports.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from adsync.model.decision import Conclusion, Counters
from adsync.state import tables
from adsync.state.database import Database
from adsync.state.documents import from_text, to_text


class SqlMemory:
    """Counters and conclusions in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counters(self, customer_id: str) -> Counters:
        text = self._text(customer_id, tables.memory.c.counters)
        return from_text(Counters, text) if text is not None else Counters()

    def conclusion(self, customer_id: str) -> Conclusion | None:
        text = self._text(customer_id, tables.memory.c.conclusion)
        return from_text(Conclusion, text) if text is not None else None

    def remember(self, customer_id: str, counters: Counters, conclusion: Conclusion) -> None:
        table = tables.memory
        row = {"customer_id": customer_id, "counters": to_text(counters), "conclusion": to_text(conclusion)}
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.customer_id == customer_id))
            connection.execute(insert(table), [row])

    def _text(self, customer_id: str, column: Any) -> str | None:
        with self._database.reading() as connection:
            found: str | None = connection.execute(
                select(column).where(tables.memory.c.customer_id == customer_id)
            ).scalar()
        return found
