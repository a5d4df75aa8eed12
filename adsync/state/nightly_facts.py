"""What was true of single nights only: how often orders came, and when tags were last heard of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, delete, func, insert, select

from adsync.model.ads import ConversionAction
from adsync.model.analytics import FunnelPart, OrderIds
from adsync.model.window import Window
from adsync.state import tables
from adsync.state.documents import from_text

_Heard = dict[str, str]
"""When each tag was last heard of, by the id of its action."""

_NIGHTS = 500
"""How far back it matters since when orders come twice."""


def store_orders(connection: Connection, customer_id: str, as_of: date, orders: OrderIds | None) -> None:
    """Counts, in the place of what the same night found before."""
    table = tables.order_ids
    connection.execute(delete(table).where(table.c.customer_id == customer_id, table.c.as_of == as_of))
    if orders is not None and orders.quality.is_whole:
        row = {
            "customer_id": customer_id,
            "as_of": as_of,
            "first": orders.window.first,
            "last": orders.window.last,
            "events": orders.events,
            "orders": orders.orders,
            "repeated": orders.repeated,
            "without_id": orders.without_id,
        }
        connection.execute(insert(table), [row])


def orders(connection: Connection, customer_id: str, as_of: date) -> tuple[tuple[date, OrderIds], ...]:
    """Of the newest nights until then, oldest first."""
    table = tables.order_ids
    wanted = (
        select(table)
        .where(table.c.customer_id == customer_id, table.c.as_of <= as_of)
        .order_by(table.c.as_of.desc())
        .limit(_NIGHTS)
    )
    found = [
        (
            row.as_of,
            OrderIds(
                window=Window(row.first, row.last),
                events=row.events,
                orders=row.orders,
                repeated=row.repeated,
                without_id=row.without_id,
            ),
        )
        for row in connection.execute(wanted)
    ]
    return tuple(reversed(found))


def store_funnel_parts(connection: Connection, customer_id: str, as_of: date, parts: Sequence[FunnelPart]) -> None:
    """In the place of what the same night found before."""
    table = tables.funnel_part
    connection.execute(delete(table).where(table.c.customer_id == customer_id, table.c.as_of == as_of))
    rows = [
        {
            "customer_id": customer_id,
            "event_name": part.event_name,
            "dimension": part.by,
            "segment": part.segment,
            "as_of": as_of,
            "entered": part.entered,
            "completed": part.completed,
        }
        for part in parts
    ]
    if rows:
        connection.execute(insert(table), rows)


def funnel_parts(connection: Connection, customer_id: str, as_of: date) -> tuple[FunnelPart, ...]:
    """Of the newest night until then that copied funnels: parts of older ones belong to other sums."""
    table, whole = tables.funnel_part, tables.funnel
    newest = select(func.max(whole.c.as_of)).where(whole.c.customer_id == customer_id, whole.c.as_of <= as_of)
    wanted = select(table).where(table.c.customer_id == customer_id, table.c.as_of == newest.scalar_subquery())
    return tuple(
        FunnelPart(
            event_name=row.event_name,
            by=row.dimension,
            segment=row.segment,
            entered=row.entered,
            completed=row.completed,
        )
        for row in connection.execute(wanted)
    )


def store_requests(connection: Connection, customer_id: str, as_of: date, actions: Sequence[ConversionAction]) -> None:
    """When each tag was last heard of, as the night knew it."""
    table = tables.tag_request
    connection.execute(delete(table).where(table.c.customer_id == customer_id, table.c.as_of == as_of))
    heard = {a.id: a.last_request for a in actions if a.is_web_tag and a.last_request}
    row = {"customer_id": customer_id, "as_of": as_of, "document": json.dumps(heard, sort_keys=True)}
    connection.execute(insert(table), [row])


def with_requests(
    connection: Connection, customer_id: str, as_of: date, actions: Sequence[ConversionAction]
) -> tuple[ConversionAction, ...]:
    """The actions with what the newest night until then knew of their tags, which an older copy does not tell."""
    table = tables.tag_request
    wanted = (
        select(table)
        .where(table.c.customer_id == customer_id, table.c.as_of <= as_of)
        .order_by(table.c.as_of.desc())
        .limit(1)
    )
    row = connection.execute(wanted).first()
    heard = from_text(_Heard, row.document, table, customer_id=customer_id, as_of=row.as_of) if row is not None else {}
    return tuple(replace(a, last_request=heard.get(a.id, "")) for a in actions)
