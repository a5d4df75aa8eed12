"""The engine where the data are: BigQuery works expressions out, and keeps tables that vanish with the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import ibis
import numpy as np

from adsync.events.bigquery_sql import sql_of, stacked
from adsync.events.engine import Later, Numbers, Table


class Warehouse(Protocol):
    """Runs BigQuery's SQL within a limit of bytes. Raises AdsyncError."""

    def day_tables(self) -> tuple[str, ...]:
        """Names of the dataset's tables."""

    def columns(self, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
        """Of each of these tables the columns, with their types as Ibis writes them."""

    def check(self, sql: str, what: str) -> None:
        """Says what a query would read and cost, by a dry run. Raises Refused where that is above the limit."""

    def keep(self, name: str, sql: str) -> None:
        """Makes a temporary table of a query's rows."""

    def rows(self, sql: str) -> Any:
        """A query's rows as an Arrow table."""


class BigQueryEngine:
    """Runs expressions over kept tables; nothing is written to the dataset, and no row of it is fetched."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._stacks: dict[str, str] = {}

    def stack(self, name: str, parts: Sequence[Table]) -> Table:
        """All rows of tables of the same columns, under one name; nothing is read yet."""
        self._stacks[name] = stacked(parts)
        return ibis.table(parts[0].schema(), name=name)

    def keep(self, name: str, expression: Table) -> Table:
        """The rows of an expression, worked out once."""
        self._warehouse.keep(name, self._sql(expression))
        return ibis.table(_as_stored(expression.schema()), name=name)

    def forget(self, *names: str) -> None:
        """Nothing: a DROP takes longer than the few bytes are worth until the session ends."""

    def check(self, expression: Table, what: str) -> None:
        """Says what it would cost to work this out. Raises Refused above the limit."""
        self._warehouse.check(self._sql(expression), what)

    def numbers(self, expression: Table) -> Numbers:
        """Works out a counted table."""
        found = self._warehouse.rows(self._sql(expression))
        return {name: np.asarray(found[name].to_numpy()) for name in found.column_names}

    def later(self, expression: Table) -> Later[Numbers]:
        """Works it out at once: a session takes one query at a time."""
        found = self.numbers(expression)
        return lambda: found

    def totals(self, expression: Table) -> dict[str, int]:
        """The one row of an aggregate; 0 where there was nothing to add up."""
        (row,) = self._warehouse.rows(self._sql(expression)).to_pylist()
        return {name: int(total or 0) for name, total in row.items()}

    def _sql(self, expression: Table) -> str:
        return sql_of(expression, self._stacks)


def _as_stored(schema: Mapping[str, Any]) -> dict[str, Any]:
    """BigQuery has whole numbers of one width."""
    return {name: "int64" if kind.is_integer() else kind for name, kind in schema.items()}
