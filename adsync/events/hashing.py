"""Ids of visitors, sessions and orders become numbers while a log is read."""

from __future__ import annotations

import ibis

from adsync.events.engine import Column, Table

_LATER = 17
"""The first of the second fifteen digits of a hash."""


def without_names(rows: Table) -> Table:
    """What is kept somewhere else holds no visitor's id."""
    ids = [name for name in ("who", "account", "order_id") if name in rows.columns]
    return rows.mutate(**{name: _hash(rows[name]) for name in ids})


def hashed(rows: Table) -> Table:
    """With numbers in the place of visitor, session and order ids, which stay nowhere as they are written."""
    orders = {"order": _number_of(rows.order_id)} if "order_id" in rows.columns else {}
    return rows.mutate(
        visitor=_number_of(rows.who),
        # Faults are looked for several times, and hashing is most of the work of reading.
        has_visitor=rows.who.notnull(),
        has_session=rows.session.notnull(),
        is_session_0=_is_0(rows.session),
        # By other digits than visitors: where both ids are one, all sessions would be the same visit of everybody.
        session=_is_0(rows.session).ifelse(0, _number_of(rows.session, _LATER)).cast("int64"),
        **orders,
    ).drop("who", *("order_id" for _ in orders))


def _is_0(session: Column) -> Column:
    """As text, too: whether it stands for none is seen later."""
    kind = session.type()
    if not (kind.is_string() or kind.is_integer()):
        return ibis.literal(False)
    return (session == ("0" if kind.is_string() else 0)).fill_null(False)


def _number_of(column: Column, start: int = 1) -> Column:
    """A hash of text; whole numbers that have a sign are left as they are, being no names or hashed before."""
    kind = column.type()
    return column if kind.is_integer() and not kind.is_uint64() else _hash(column.cast("string"), start)


@ibis.udf.scalar.builtin(name="substr")  # type: ignore[untyped-decorator]
def _part(text: str, start: int, length: int) -> str:  # type: ignore[empty-body]
    """Of a text, from a character on that is counted from one. What Ibis makes of its own substr hashes every text twice."""


def _hash(text: Column, start: int = 1) -> Column:
    """60 bits of MD5, a whole number: the same on every engine. start: the first of fifteen hexadecimal digits."""
    return (ibis.literal("0x") + _part(text.hexdigest("md5"), start, 15)).cast("int64")
