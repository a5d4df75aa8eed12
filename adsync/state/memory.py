"""What decisions remember from night to night. See Memory in ports.py."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from adsync.model.decision import Counters
from adsync.state import tables
from adsync.state.database import Database
from adsync.state.documents import from_text, to_text


class SqlMemory:
    """Counters in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counters(self, customer_id: str) -> Counters:
        table = tables.counters
        with self._database.reading() as connection:
            document = connection.execute(select(table.c.document).where(table.c.customer_id == customer_id)).scalar()
        return from_text(Counters, document) if document is not None else Counters()

    def store_counters(self, customer_id: str, counters: Counters) -> None:
        table = tables.counters
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.customer_id == customer_id))
            connection.execute(insert(table), [{"customer_id": customer_id, "document": to_text(counters)}])
