"""Ids of visitors as numbers with a fraction, as pandas writes a column in which some are missing: whose ids they still are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adsync.errors import UsageError
from adsync.events.duckdb_engine import DuckDBEngine, literal
from adsync.events.engine import Table

_IDS = ("user_id", "user_pseudo_id")
_EXACT_UP_TO = {"DOUBLE": 53, "FLOAT": 24}
"""Bits of a whole number that such a type tells from its neighbours."""

_Files = dict[str, dict[str, list[Path]]]
"""Files by column of ids and by its type, as Parquet stores it."""


def alike(engine: DuckDBEngine, rows: Table, paths: Sequence[Path]) -> Table:
    """Rows in which the whole number 2 is the id 2 whether a file holds it as text or, as 2.0, with a fraction."""
    mixed = {
        name: rows[name].re_replace(r"\.0$", "")
        for name, kinds in _files(engine, paths).items()
        if name in rows.columns and rows[name].type().is_string() and not kinds.keys().isdisjoint(_EXACT_UP_TO)
    }
    return rows.mutate(**mixed) if mixed else rows


def on_inexact_ids(engine: DuckDBEngine, paths: Sequence[Path]) -> list[str]:
    """Notes on ids that are too large for their type. Raises UsageError where other files hold them in another one."""
    notes = []
    for name, kinds in _files(engine, paths).items():
        for kind in kinds.keys() & _EXACT_UP_TO.keys():
            bits, some = _EXACT_UP_TO[kind], kinds[kind]
            if _largest(engine, name, some) <= 2**bits:
                continue
            file = next(file for file in some if _largest(engine, name, [file]) > 2**bits)
            what = f"{file}: its column {name} is of type {kind} and goes beyond 2^{bits}, where numbers side by side are one."
            if other := next((files[0] for other, files in kinds.items() if other != kind), None):
                raise UsageError(
                    what,
                    f"In {other} it is of another type: who is the same visitor in both could not be told.",
                    next_step="Write ids as text.",
                )
            notes.append(f"{what} Visitors may have become one when it was written: write ids as text.")
    return notes


def _files(engine: DuckDBEngine, paths: Sequence[Path]) -> _Files:
    asked = "select name, type, file_name from parquet_schema(?) where name in ? and type is not null order by all"
    found: _Files = {}
    for name, kind, file in engine.connection.con.execute(asked, [_literal(paths), list(_IDS)]).fetchall():
        found.setdefault(name, {}).setdefault(kind, []).append(Path(file))
    return found


def _largest(engine: DuckDBEngine, name: str, paths: Sequence[Path]) -> float:
    """0 where no id is a number, and where no column, but a part of one bears the name."""
    read = engine.connection.con.read_parquet
    rows = read(_literal(paths), union_by_name=True, hive_partitioning=False)
    if name not in rows.columns:
        return 0.0
    ((largest,),) = rows.aggregate(f"max(abs({name})) filter (where isfinite({name}))").fetchall()
    return largest or 0.0


def _literal(paths: Sequence[Path]) -> list[str]:
    return [literal(path) for path in paths]
