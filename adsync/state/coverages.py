"""What was copied when: the rows that tell a missing number from a zero."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from adsync.model.pulled import Coverage, Report
from adsync.model.window import Window
from adsync.state import tables
from adsync.state.documents import member


def note(connection: Connection, customer_id: str, coverage: Coverage) -> bool:
    """Notes what was copied; True when the same night had copied the report before."""
    table = tables.coverage
    same = and_(
        table.c.customer_id == customer_id, table.c.report == coverage.report.value, table.c.as_of == coverage.as_of
    )
    again = connection.execute(delete(table).where(same)).rowcount > 0
    row = {
        "customer_id": customer_id,
        "report": coverage.report.value,
        "as_of": coverage.as_of,
        "first": coverage.window.first,
        "last": coverage.window.last,
        "pulled_at": coverage.pulled_at,
        "whole": coverage.whole,
        "fault": coverage.fault,
        "backfill": coverage.backfill,
    }
    connection.execute(insert(table), [row])
    return again


def copies(connection: Connection, customer_id: str, report: Report, as_of: date) -> tuple[Coverage, ...]:
    """Every copy of a report that was made up to a night, oldest first."""
    table = tables.coverage
    wanted = (
        select(table)
        .where(table.c.customer_id == customer_id, table.c.report == report.value, table.c.as_of <= as_of)
        .order_by(table.c.as_of)
    )
    return tuple(_copy(row) for row in connection.execute(wanted))


def newest_of_each(connection: Connection, customer_id: str, until: date) -> dict[Report, Coverage]:
    """The newest copy of each report that was made up to a night."""
    table = tables.coverage
    newest = (
        select(table.c.report, func.max(table.c.as_of).label("as_of"))
        .where(table.c.customer_id == customer_id, table.c.as_of <= until)
        .group_by(table.c.report)
        .subquery()
    )
    same = and_(table.c.report == newest.c.report, table.c.as_of == newest.c.as_of)
    wanted = select(table).join(newest, same).where(table.c.customer_id == customer_id)
    return {copy.report: copy for copy in map(_copy, connection.execute(wanted))}


def _copy(row: Any) -> Coverage:
    return Coverage(
        report=member(Report, row.report, tables.coverage, as_of=row.as_of),
        as_of=row.as_of,
        window=Window(row.first, row.last),
        pulled_at=row.pulled_at,
        whole=row.whole,
        fault=row.fault,
        backfill=row.backfill,
    )


def usable_days(
    connection: Connection, customer_id: str, report: Report, window: Window, as_of: date
) -> frozenset[date]:
    """The days of a window whose newest copy, of those made up to a night, was whole; days never copied are not among them."""
    table = tables.coverage
    wanted = (
        select(table.c.first, table.c.last, table.c.whole)
        .where(
            table.c.customer_id == customer_id,
            table.c.report == report.value,
            table.c.as_of <= as_of,
            table.c.first <= window.last,
            table.c.last >= window.first,
        )
        .order_by(table.c.as_of)
    )
    usable: dict[date, bool] = {}
    for first, last, whole in connection.execute(wanted):
        usable.update(dict.fromkeys(Window(max(first, window.first), min(last, window.last)), whole))
    return frozenset(day for day, whole in usable.items() if whole)
