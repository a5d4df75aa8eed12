"""Column types that notice what cannot stand in a column: SQLite takes any value anywhere, and disks and people make mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, String, Table, TypeDecorator, select, type_coerce
from sqlalchemy.types import NullType, TypeEngine

from adsync.errors import StateError

_AGAIN = {"snapshot": ", or copy the account's settings anew: adsync pull"}
"""What brings a table's newest row back without a backup."""

_MEANT: dict[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "neither yes nor no"),
    int: ((int,), "no whole number"),
    float: ((float, int), "no number"),
    date: ((date,), "no date"),
    datetime: ((datetime,), "no date and time"),
    str: ((str,), "no text"),
}
"""By what SQLAlchemy gives out for a type: what may come, and what anything else is called."""


class Unreadable(StateError):
    """Something is stored that is not what stands there. column, value: where the row is still to be found."""

    column: Column[Any] | None = None
    value: object = None

    def __init__(self, what: str, because: str, table: str, row: Mapping[str, object]) -> None:
        named = "".join(f", {name} {value}" for name, value in row.items())
        article = "an" if what[0].lower() in "aeiou" else "a"
        super().__init__(
            f"The state database holds {article} {what} that cannot be read (table {table}{named}).",
            because,
            next_step="If a newer adsync has written it: install that one. Else restore the file from a backup"
            f"{_AGAIN.get(table, '.')}",
        )


class Cell(TypeDecorator[Any]):
    """The type of one column, which raises Unreadable for a value that is none of it."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any], place: str) -> None:
        """place: the column's full name. Types that are equal but for it are not the same to SQLAlchemy's cache."""
        super().__init__()
        # The class names a default; each column has its own.
        self.impl = self.kind = kind  # type: ignore[assignment]
        self.place = place
        self.column: Column[Any] | None = None

    @property
    def python_type(self) -> type[Any]:
        return self.kind.python_type

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        convert = super().result_processor(dialect, coltype)
        kinds, none_of_it = _MEANT[self.python_type]
        is_truth = kinds == (bool,)

        def read(value: Any) -> Any:
            if value is None:
                return None
            try:
                found = convert(value) if convert is not None else value
            except (ValueError, TypeError):
                raise self._unreadable(value, none_of_it) from None
            # Whatever is not 0 would be a yes.
            if not isinstance(found, kinds) or (is_truth and value not in (0, 1)):
                raise self._unreadable(value, none_of_it)
            return found

        return read

    def _unreadable(self, value: object, none_of_it: str) -> Unreadable:
        table, _, column = self.place.partition(".")
        found = Unreadable(column, f"{value!r:.60} is {none_of_it}.", table, {})
        found.column, found.value = self.column, value
        return found


def check_cells(table: Table) -> None:
    """From now on every column of a table is read through its Cell, but for JSON."""
    for column in table.columns:
        if column.type.python_type not in _MEANT:
            continue
        column.type = cell = Cell(column.type, str(column))
        cell.column = column


def with_its_row(error: Unreadable, connection: Connection) -> Unreadable:
    """The error with the row in which the value stands."""
    if error.column is None:
        return error
    table = error.column.table
    assert isinstance(table, Table)
    keys = [type_coerce(key, String).label(key.name) for key in table.primary_key]
    same = type_coerce(error.column, NullType()) == type_coerce(error.value, NullType())
    row = connection.execute(select(*keys).where(same).limit(1)).mappings().first()
    return Unreadable(error.column.name, error.because, table.name, dict(row or {}))
