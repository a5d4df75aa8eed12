"""Outcome reviews: what was fixed when a change was applied, and what was found. See OutcomeReviews in ports.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, insert, select, update

from adsync.model.outcome_review import Concluded, OutcomeReview
from adsync.state import tables
from adsync.state.database import Database
from adsync.state.documents import from_text, to_text


class SqlOutcomeReviews:
    """Outcome reviews in the state database."""

    def __init__(self, database: Database, last_day: date = date.max) -> None:
        """last_day: what was found later is left out."""
        self._database, self._last_day = database, last_day

    def as_known(self, day: date) -> SqlOutcomeReviews:
        return SqlOutcomeReviews(self._database, day)

    def open(self, review: OutcomeReview) -> bool:
        table = tables.outcome_review
        row = {
            "entry_id": review.entry_id,
            "customer_id": review.customer_id,
            "due_on": review.due_on,
            "document": to_text(review),
        }
        with self._database.writing() as connection:
            known = select(exists().where(table.c.entry_id == review.entry_id))
            if connection.execute(known).scalar():
                return False
            connection.execute(insert(table), [row])
        return True

    def conclude(self, entry_id: int, found: Concluded) -> bool:
        table = tables.outcome_review
        still_open = (table.c.entry_id == entry_id, table.c.conclusion.is_(None))
        word = update(table).where(*still_open).values(concluded_on=found.on, conclusion=to_text(found))
        with self._database.writing() as connection:
            return connection.execute(word).rowcount == 1

    def known(self, customer_ids: Sequence[str] = ()) -> tuple[tuple[OutcomeReview, Concluded | None], ...]:
        table = tables.outcome_review
        query = select(table.c.entry_id, table.c.document, table.c.conclusion).order_by(table.c.entry_id)
        if customer_ids:
            query = query.where(table.c.customer_id.in_(customer_ids))
        with self._database.reading() as connection:
            known = [_of_row(row) for row in connection.execute(query)]
        return tuple((review, found if found and found.on <= self._last_day else None) for review, found in known)


def _of_row(row: Any) -> tuple[OutcomeReview, Concluded | None]:
    table, key = tables.outcome_review, row.entry_id
    found = from_text(Concluded, row.conclusion, table, entry_id=key) if row.conclusion is not None else None
    return from_text(OutcomeReview, row.document, table, entry_id=key), found
