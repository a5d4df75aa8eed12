"""Seals over the rows of the change log, in the same transaction as the row. What they are: adsync.model.seal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, String, insert, select, type_coerce

from adsync.errors import StateError
from adsync.model.seal import GENESIS, Seal, seal_hash
from adsync.state import tables


def seal_entry(connection: Connection, entry_id: int, key: str, *, key_is_lost: bool = False) -> None:
    """Seals a row of the change log as it stands in this transaction.

    key_is_lost: the secret of the seals before is lost, and a person knows it. Raises StateError where key is not theirs.
    """
    log, table = tables.change_log, tables.seal
    row = connection.execute(select(*_as_stored()).where(log.c.id == entry_id)).mappings().one()
    newest = _seals(
        connection,
        select(table).where(table.c.customer_id == row["customer_id"]).order_by(table.c.number.desc()).limit(2),
    )
    if newest and not key_is_lost:
        _must_be_the_key(newest, key, row["customer_id"])
    number, before = (newest[0].number, newest[0].hash) if newest else (0, GENESIS)
    text = row_text({**row})
    made = {
        "customer_id": row["customer_id"],
        "number": number + 1,
        "entry_id": entry_id,
        "text": text,
        "hash": seal_hash(before, number + 1, entry_id, text, key),
        "keyed": bool(key),
    }
    connection.execute(insert(table).values(made))


def _must_be_the_key(newest: Sequence[Seal], key: str, customer_id: str) -> None:
    """A single seal without the secret, or under another one, would keep the log from ever fitting again."""
    last, *before = newest
    base = before[0].hash if before else GENESIS
    if not last.keyed or (key and last.hash == seal_hash(base, last.number, last.entry_id, last.text, key)):
        return
    what = "ADSYNC_LOG_KEY is not set" if not key else "ADSYNC_LOG_KEY is not the one, or the newest seal was changed"
    raise StateError(
        f"The change log of account {customer_id} is sealed with a secret, and {what}.",
        "Nothing was written, and what is not written is not sent.",
        next_step="Set the variable to the secret of before, and check the log: adsync log --verify. Where the secret is lost, "
        "ADSYNC_LOG_KEY_LOST=yes lets adsync go on; --verify will say for good from which seal on it was.",
    )


SEALED = (
    "id", "customer_id", "change_name", "change_hash", "outcome", "opened_at", "deadline", "closed_at", "approved_by",
    "origin", "request_id", "note", "document",
)  # fmt: skip
"""Columns of the change log that are sealed. One that is added later is not in the seals of today, and stays out of them."""


def row_text(row: Mapping[str, Any]) -> str:
    """A row of the change log as the text that is sealed."""
    return json.dumps({name: row[name] for name in SEALED}, default=str, separators=(",", ":"), ensure_ascii=False)


def _as_stored() -> list[Any]:
    """The columns as they lie there: a moment that was tampered with is none any more, and must be found all the same."""
    log = tables.change_log
    return [log.c.id, *(type_coerce(log.c[name], String).label(name) for name in SEALED if name != "id")]


def seals_of(connection: Connection, customer_id: str) -> tuple[Seal, ...]:
    """All seals of an account, by their numbers."""
    table = tables.seal
    return _seals(connection, select(table).where(table.c.customer_id == customer_id).order_by(table.c.number))


def _seals(connection: Connection, wanted: Select[Any]) -> tuple[Seal, ...]:
    return tuple(
        Seal(number=row.number, entry_id=row.entry_id, text=row.text, hash=row.hash, keyed=row.keyed)
        for row in connection.execute(wanted)
    )


def head_of(connection: Connection, customer_id: str) -> str:
    """The hash of an account's newest seal; 64 zeros where there is none."""
    table = tables.seal
    newest = select(table.c.hash).where(table.c.customer_id == customer_id).order_by(table.c.number.desc()).limit(1)
    return str(connection.execute(newest).scalar() or GENESIS)


def rows_of(connection: Connection, customer_id: str) -> dict[int, str]:
    """The account's rows of the change log, each as the text that would be sealed now."""
    log = tables.change_log
    rows = connection.execute(select(*_as_stored()).where(log.c.customer_id == customer_id)).mappings()
    return {row["id"]: row_text({**row}) for row in rows}


def damage_of(connection: Connection) -> tuple[str, ...]:
    """What SQLite finds wrong with the log's own tables.

    A row is found by an index, and what the index has of it is not read from the row: the two must say the same.
    """
    found = [
        (table.name, said)
        for table in (tables.change_log, tables.seal)
        for said in connection.exec_driver_sql(f"PRAGMA integrity_check({table.name})").scalars()
        if said != "ok"
    ]
    return tuple(f"The table {name} is damaged: {said}." for name, said in found)
