"""Columns of Parquet files: whether they hold what their names promise, and those that hold nothing and have no type."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType

from adsync.errors import UsageError
from adsync.events.engine import Table
from adsync.events.export import NDJSON_COLUMNS
from adsync.events.flat import NEEDED, OPTIONAL

_PLAIN = (*NEEDED, *OPTIONAL)


def typed(rows: Table, *, is_export: bool) -> Table:
    """With a type for what has none: a column or field that is empty in every row of a file, as pandas and Arrow write it."""
    wanted = _export() if is_export else {}
    kinds = {name: (kind, _filled(kind, wanted.get(name, dt.string))) for name, kind in rows.schema().items()}
    return rows.cast({name: filled for name, (kind, filled) in kinds.items() if filled != kind})


def check_shapes(rows: Table, each: Iterable[tuple[str, Table]], *, is_export: bool) -> None:
    """Raises UsageError where a column is a record that should be none, or the other way round.

    each: the files by their names, looked at to say which one it is.
    """
    if (fault := _fault(rows, is_export)) is None:
        return
    file, told = next(((f"{name}: its", own) for name, one in each if (own := _fault(one, is_export))), ("The", fault))
    form = "it in the nested form in which GA4 exports it" if is_export else "plain values: text, numbers or times"
    raise UsageError(f"{file} column {told[0]} is {told[1]}.", next_step=f"Write {form}.")


def _fault(rows: Table, is_export: bool) -> tuple[str, str] | None:
    """The first column that is not what its name promises, and in which way."""
    wanted = _export() if is_export else dict.fromkeys(_PLAIN, dt.string)
    faults = (_unlike(kind, wanted[name], name) for name, kind in rows.schema().items() if name in wanted)
    return next(filter(None, faults), None)


def _unlike(kind: Any, wanted: Any, name: str) -> tuple[str, str] | None:
    """Where a type is not like the wanted one, as far as records and lists go, and what it is not."""
    if _is_empty(kind):
        return None
    if wanted.is_array() and kind.is_array():
        return _unlike(kind.value_type, wanted.value_type, name)
    if wanted.is_array():
        return name, "no list of records"
    if not wanted.is_struct():
        return (name, "no plain value") if kind.is_nested() else None
    if not kind.is_struct():
        return name, "no record"
    if "key" in wanted.names and not {"key", "value"} <= set(kind.names):
        return name, "no list of records with a key and a value"
    parts = (_unlike(kind[part], wanted[part], f"{name}.{part}") for part in wanted.names if part in kind.names)
    return next(filter(None, parts), None)


def _filled(kind: Any, wanted: Any) -> Any:
    """The type with that of the wanted one wherever it has none."""
    if _is_empty(kind):
        return wanted
    if kind.is_struct():
        inside = wanted if wanted.is_struct() else {}
        return dt.Struct({n: _filled(k, inside.get(n, dt.string)) for n, k in kind.items()})
    if kind.is_array():
        return dt.Array(_filled(kind.value_type, wanted.value_type if wanted.is_array() else dt.string))
    return kind


def _is_empty(kind: Any) -> bool:
    """Without a type. Ibis knows DuckDB's own name for it only inside of records."""
    return bool(kind.is_null() or (kind.is_unknown() and "NULL" in str(kind)))


@cache
def _export() -> dict[str, Any]:
    """The types of the export's columns that are read."""
    return {name: DuckDBType.from_string(written) for name, written in NDJSON_COLUMNS.items()}
