"""Queries over numbers of which several versions are kept: the newest that was known on a night, and sums of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from adsync.model.window import Window
from adsync.ports import Axis
from adsync.state import tables


def latest(table: Table, keys: list[str], values: list[str], where: Any, as_of: date) -> Any:
    """The newest version of each number that was known on a night, vanished ones (all null) among them."""
    columns = [table.c[name] for name in (*keys, *values)]
    rank = func.row_number().over(partition_by=[table.c[k] for k in keys], order_by=table.c.as_of.desc())
    ranked = select(*columns, rank.label("rank")).where(where, table.c.as_of <= as_of).subquery()
    return select(*(ranked.c[name] for name in (*keys, *values))).where(ranked.c.rank == 1)


def columns_of(table: Table, fixed: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The key columns that vary within a series, and the value columns."""
    constant = {"customer_id", "as_of", *fixed}
    keys = [c.name for c in table.columns if c.primary_key and c.name not in constant]
    return keys, [c.name for c in table.columns if not c.primary_key]


def in_window(table: Table, customer_id: str, window: Window) -> Any:
    """An account's rows of some days."""
    return and_(table.c.customer_id == customer_id, table.c.date.between(window.first, window.last))


def daily_sums(
    column: str, by: str, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
) -> Any:
    """A column of these actions' days, added up by the database for each day and action, or day and campaign.

    A large account has hundreds of campaigns: adding them up here would take longer than reading.
    """
    table = tables.action_day
    where = and_(in_window(table, customer_id, window), table.c.axis == axis.value, table.c.action_id.in_(action_ids))
    keys, _ = columns_of(table, {"axis": ""})
    newest = latest(table, keys, [column], where, as_of).subquery()
    return (
        select(newest.c.date, newest.c[by], func.sum(newest.c[column]))
        .where(newest.c[column].is_not(None))
        .group_by(newest.c.date, newest.c[by])
    )


def by_campaign(connection: Connection, newest: Any, column: str) -> dict[str, float]:
    """A column of such a query, added up for each campaign."""
    summed = select(newest.c.campaign_id, func.sum(newest.c[column])).where(newest.c[column].is_not(None))
    return {row[0]: row[1] for row in connection.execute(summed.group_by(newest.c.campaign_id))}
