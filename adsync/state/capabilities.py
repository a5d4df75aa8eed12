"""What Google said it would accept, as known on each night: a row for each field that was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, delete, insert

from adsync.model.capability import Capability, ManagedField
from adsync.state import tables
from adsync.state.documents import member
from adsync.state.versions import latest

_KEYS, _VALUES = ["action_id", "field"], ["as_of", "asked_at", "code"]


def store(connection: Connection, customer_id: str, found: Sequence[Capability]) -> None:
    """Each in the place of what the same night was told of the same field before."""
    table = tables.capability
    for each in found:
        same = (
            table.c.customer_id == customer_id,
            table.c.action_id == each.action_id,
            table.c.field == each.field.value,
            table.c.as_of == each.as_of,
        )
        connection.execute(delete(table).where(*same))
        row = {name: getattr(each, name) for name in (*_KEYS, *_VALUES)}
        connection.execute(insert(table), [{**row, "customer_id": customer_id, "field": each.field.value}])


def known(connection: Connection, customer_id: str, as_of: date) -> tuple[Capability, ...]:
    """The newest answer to each question until a night."""
    table = tables.capability
    newest = latest(table, _KEYS, _VALUES, table.c.customer_id == customer_id, as_of)
    return tuple(
        Capability(
            action_id=row.action_id,
            field=member(ManagedField, row.field, table, customer_id=customer_id, action_id=row.action_id),
            as_of=row.as_of,
            asked_at=row.asked_at,
            code=row.code,
        )
        for row in connection.execute(newest.order_by(*newest.selected_columns[:2]))
    )
