"""Flat logs: one row for each event, a column for each thing known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from adsync.errors import UsageError
from adsync.events.conditions import hits
from adsync.events.engine import Column, Table
from adsync.events.ids import NO_SESSION, TAKEN, session_of
from adsync.model.condition import Condition

NEEDED = ("user_pseudo_id", "user_id", "event_timestamp", "event_name")
OPTIONAL = ("session_id", "campaign_id", "channel", "device", "value", "currency", "transaction_id")
WANTED = (
    "A flat log has the columns user_pseudo_id (or user_id), event_timestamp (microseconds since 1970, or ISO 8601) and "
    "event_name, and if known session_id, campaign_id, channel, device, value, currency, transaction_id."
)


@ibis.udf.scalar.builtin(name="epoch_us")  # type: ignore[untyped-decorator]
def _epoch_us(moment: ibis.expr.datatypes.Timestamp("UTC")) -> int:  # type: ignore[valid-type, empty-body]
    """Microseconds since 1970."""


_TEXTS = {
    "campaign": "campaign_id",
    "channel": "channel",
    "device": "device",
    "order_id": "transaction_id",
    "currency": "currency",
}
"""Texts that a log may know of an event, and their columns."""


def own_name(written: str) -> str:
    """A column's name without the blanks around it; one that is ours in small letters, however it is written."""
    name = written.strip()
    ours = name.lower()
    return ours if ours in (*NEEDED, *OPTIONAL, "page_location") else name


def in_own_names(rows: Table) -> Table:
    """With the names that are ours. A column that has such a name already keeps it."""
    named = {own_name(written): written for written in rows.columns}
    return rows.rename({ours: written for ours, written in named.items() if ours not in rows.columns})


def is_flat(columns: tuple[str, ...]) -> bool:
    """Whether these are a flat log's columns."""
    return "event_name" in columns and "event_timestamp" in columns and "event_params" not in columns


def from_flat(rows: Table, conditions: Sequence[Condition] = ()) -> Table:
    """The columns that every form of log is brought to, those of them that it has; with both ids, device and account.

    Raises UsageError where one is missing.
    """
    known = tuple(rows.columns)
    written = [name for name in known if name not in (TAKEN, NO_SESSION)]
    for condition in conditions:
        for needed in (condition.parameter, "page_location" if condition.page else ""):
            if needed and needed not in known:
                raise UsageError(
                    f"This log has no column {needed}, which {condition.text} looks at.",
                    f"Its columns are {', '.join(written[:20])}.",
                )
    ids = [name for name in ("user_id", "user_pseudo_id") if name in known]
    if not ids:
        raise UsageError("This log does not say who did an event.", next_step=WANTED)

    def text(name: str) -> Column:
        return _text(rows[name]).cast("string").nullif("(not set)") if name in known else ibis.null("string")

    more = {ours: text(theirs) for ours, theirs in _TEXTS.items() if theirs in known}
    if "value" in known:
        number = rows.value.try_cast("float64")
        more["value"] = number.isnan().ifelse(None, number)
        # In a column of numbers it is how programs write that there is none.
        if rows.value.type().is_string():
            written = text("value").strip().nullif("")
            more["unread_value"] = written.notnull() & more["value"].isnull()
    if any(condition.event for condition in conditions):
        more["hits"] = hits(
            rows.event_name.cast("string"),
            conditions,
            text("page_location"),
            lambda key: (rows[key].cast("string"), rows[key].try_cast("float64")),
        )
    who = {name: rows[name].cast("string").nullif("") for name in ids}
    if "session_id" in known:
        more |= session_of(_text(rows.session_id))
    if TAKEN in known:
        more[TAKEN] = rows[TAKEN]
    if len(ids) > 1:
        more["account"] = who["user_id"]
    return rows.select(
        who=who[ids[-1]],
        at=_micros(rows.event_timestamp),
        name=_text(rows.event_name).cast("string"),
        **{"session": ibis.null("int64"), **more},
    )


def _text(column: Column) -> Column:
    """Text, null where there is none. Numbers are left as they are where a number will do."""
    return column.nullif("") if column.type().is_string() else column


def _micros(column: Column) -> Any:
    if column.type().is_integer():
        return column.try_cast("int64")
    if column.type().is_timestamp():
        return _epoch_us(column.cast(ibis.expr.datatypes.Timestamp("UTC")))
    if column.type().is_floating():
        return column.try_cast("int64")
    written = column.cast("string")
    return ibis.coalesce(written.try_cast("int64"), _epoch_us(written.try_cast(ibis.expr.datatypes.Timestamp("UTC"))))
