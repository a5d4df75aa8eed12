"""Files as one table: every one is looked at first, so that the one that does not fit is named."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import duckdb

from adsync.errors import UsageError
from adsync.events.duckdb_engine import DuckDBEngine, literal
from adsync.events.engine import Table
from adsync.events.export import NDJSON_COLUMNS, is_export
from adsync.events.faults import AGAIN, fault_of
from adsync.events.files import KINDS, EventFiles, Kind
from adsync.events.flat import WANTED, in_own_names, is_flat, own_name
from adsync.events.id_types import alike, on_inexact_ids
from adsync.events.opened import opened
from adsync.events.shapes import check_shapes, typed
from adsync.events.source import Source
from adsync.model.figures import enumerated, listed, number_of

_DELIMITERS = ",;\t|"
_DECIMAL_COMMA = r"^[-+]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]+$"
_LOOKED_AT = 1_000_000
"""Bytes: more than any header has."""
_LONGEST = 1 << 24
"""Bytes of a line of NDJSON, beyond which the engine reads none."""

_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")
"""How a column is called. Of a file without such names nothing is shown: its first line may hold a visitor's id."""

_AS_WRITTEN = {"hive_partitioning": False}
"""Else a folder named event_name=purchase would take the place of the column, in every file below it."""


def read_files(engine: DuckDBEngine, files: EventFiles) -> Source:
    """All files as one table. Raises UsageError, naming the file that is the reason."""
    rows = _rows(engine, files)
    return Source(
        rows=rows,
        form="GA4 export" if is_export(tuple(rows.columns)) else "flat log",
        files=len(files.paths),
        notes=(*files.notes, *_on_no_rows(engine, files), *_on_ids(engine, files)),
        by_column=files.kind is Kind.PARQUET,
        each=lambda: ((str(path), _rows(engine, replace(files, paths=(path,)))) for path in files.paths),
    )


def _on_no_rows(engine: DuckDBEngine, files: EventFiles) -> list[str]:
    """A note that names the files without an event; none where all have some."""
    empty: list[str] = []
    if files.kind is Kind.CSV:
        empty = [str(path) for path in files.paths if not _has_rows(path)]
    elif files.kind is Kind.PARQUET:
        without_rows = "select file_name from parquet_file_metadata(?) where num_rows = 0 order by file_name"
        found = engine.connection.con.execute(without_rows, [[literal(path) for path in files.paths]])
        empty = [name for (name,) in found.fetchall()]
    if not empty:
        return []
    has = "has" if len(empty) == 1 else "have"
    return [f"{number_of(len(empty), 'file')} {has} columns and not one row: {listed(empty)}."]


def _on_ids(engine: DuckDBEngine, files: EventFiles) -> list[str]:
    return on_inexact_ids(engine, files.paths) if files.kind is Kind.PARQUET else []


def _has_rows(path: Path) -> bool:
    """Whether anything follows a CSV file's header."""
    with _in_words(path), opened(path) as file:
        lines = (line for some in file for line in some.removeprefix(codecs.BOM_UTF8).split(b"\r") if line.strip())
        return next(lines, None) is not None and next(lines, None) is not None


def _rows(engine: DuckDBEngine, files: EventFiles) -> Table:
    if files.kind is Kind.CSV:
        return _csv(engine, files.paths)
    if files.kind is Kind.NDJSON:
        for path in files.paths:
            _check_ndjson(path)
        names = [literal(path) for path in files.paths]
        return engine.connection.read_json(names, columns=NDJSON_COLUMNS, format="newline_delimited", **_AS_WRITTEN)
    return _parquet(engine, files.paths)


def _parquet(engine: DuckDBEngine, paths: Sequence[Path]) -> Table:
    forms: dict[bool, Path] = {}
    for path in paths:
        with _in_words(path):
            # Asked of DuckDB itself: Ibis works out every type of every file, which takes twenty times as long.
            columns = tuple(engine.connection.con.read_parquet(literal(path), **_AS_WRITTEN).columns)
        forms.setdefault(_is_export(path, tuple(map(own_name, columns))), path)
    if len(forms) > 1:
        raise UsageError(
            f"{forms[True]} is a GA4 export, and {forms[False]} is a flat log.", next_step="Score one kind at a time."
        )
    try:
        rows = engine.connection.read_parquet([literal(path) for path in paths], union_by_name=True, **_AS_WRITTEN)
    except duckdb.Error as error:
        raise UsageError(
            "The event files do not fit together.",
            "A column of one name holds things of different kinds in them.",
            next_step="Export them again in one go, or score them one by one.",
        ) from error
    rows = in_own_names(rows)
    alone = ((str(path), in_own_names(engine.connection.read_parquet(literal(path), **_AS_WRITTEN))) for path in paths)
    check_shapes(rows, alone, is_export=True in forms)
    return alike(engine, typed(rows, is_export=True in forms), paths)


def _csv(engine: DuckDBEngine, paths: Sequence[Path]) -> Table:
    """Files of one header are read at once. What separates columns stands in the header: sniffed, one bad line decides."""
    alike: dict[_Header, list[Path]] = {}
    for path in paths:
        found = _header(path)
        alike.setdefault(found, []).append(path)
    _check_case(alike)
    tables = []
    for header, some in alike.items():
        table = engine.connection.read_csv(
            [literal(path) for path in some],
            columns=dict.fromkeys(header.names, "VARCHAR"),
            delim=header.delimiter,
            skip=header.blank_lines,
            quote='"',
            escape='"',
            header=True,
            auto_detect=False,
            **_AS_WRITTEN,
        )
        table = _without_blanks(table) if header.has_blanks else table
        tables.append(_with_points(table) if header.delimiter == ";" else table)
    return engine.one_of("files", tables) if len(tables) > 1 else tables[0]


def _without_blanks(table: Table) -> Table:
    """Where blanks follow the commas of a header, they do so in every row. Quotes that follow them are part of the value."""
    bare = {name: table[name].strip().re_replace('^"(.*)"$', r"\1") for name in table.columns}
    return table.mutate(**bare)


def _with_points(table: Table) -> Table:
    """Values with a decimal point: columns are separated by semicolons where the comma is in numbers."""
    if "value" not in table.columns:
        return table
    written = table.value.strip()
    pointed = written.replace(".", "").replace(",", ".")
    return table.mutate(value=written.re_search(_DECIMAL_COMMA).ifelse(pointed, written))


@dataclass(frozen=True, slots=True)
class _Header:
    """What separates columns and whether blanks do besides, their names, and how many empty lines stand above them."""

    delimiter: str
    names: tuple[str, ...]
    blank_lines: int
    has_blanks: bool


def _header(path: Path) -> _Header:
    """How to read a file. Raises UsageError where it is no event log's, and where one name stands for two columns."""
    with _in_words(path), opened(path) as file:
        start = file.read(4)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
            width = 32 if b"\0\0" in start else 16
            raise UsageError(
                f"{path} cannot be read as CSV.", f"It is written in UTF-{width}.", next_step="Save it as UTF-8."
            )
        file.seek(0)
        blank, text = _first_line(file)
        delimiter = next((d for d in _DELIMITERS if "event_name" in map(own_name, _columns(text, d))), ",")
        has_blanks = any(name != name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
        written = [own_name(name) for name in _columns(text, delimiter)]
    # First of all: what else could be said would show values, where the header is missing.
    _is_export(path, tuple(name for name in written if name))
    # Spreadsheets end each line with a comma, and others leave the column of row numbers without a name.
    names = tuple(name or f"(column {place})" for place, name in enumerate(written, start=1))
    for place, name in enumerate(names):
        if name in names[:place]:
            raise UsageError(f"{path} has two columns named {name}.", "Which one is meant?", next_step="Rename one.")
    return _Header(delimiter, names, blank, has_blanks)


def _columns(text: str, delimiter: str) -> list[str]:
    """The names in a header; quotes may follow a blank."""
    return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])


def _first_line(file: gzip.GzipFile | IO[bytes]) -> tuple[int, str]:
    """How many empty lines there are before the first that is not, and that one. A line may end with a \\r alone."""
    read = iter(lambda: file.readline(_LOOKED_AT), b"")
    lines = (
        line
        for some in read
        for line in some.removeprefix(codecs.BOM_UTF8).rstrip(b"\n").removesuffix(b"\r").split(b"\r")
    )
    return next(((blank, line.decode()) for blank, line in enumerate(lines) if line), (0, ""))


def _check_case(headers: Iterable[_Header]) -> None:
    """The engine knows no capitals: Channel and channel would be one column, in one file or in two."""
    seen: dict[str, str] = {}
    for name in (name for header in headers for name in header.names):
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise UsageError(
                f"Columns are named {other} and {name}.",
                "Capitals do not tell columns apart.",
                next_step="Rename one, or write both alike.",
            )


def _check_ndjson(path: Path) -> None:
    """A log that is none, or a flat one, has no session and no parameters: better said than read as nothing."""
    with _in_words(path), opened(path) as file:
        line = file.readline(_LONGEST).decode()
        if line.startswith("\ufeff"):
            raise UsageError(
                f"{path} cannot be read as NDJSON.",
                "It begins with a byte order mark, which JSON does not have.",
                next_step="Save it as UTF-8 without one (BOM).",
            )
        try:
            first = json.loads(line)
        except (ValueError, RecursionError):
            first = None
    if not isinstance(first, dict):
        raise UsageError(
            f"{path} cannot be read as NDJSON.",
            "Its first line is no JSON object; one event is wanted in each line.",
            next_step=AGAIN,
        )
    if "event_params" not in first and "event_name" in first:
        raise UsageError(f"{path} is a flat log as NDJSON.", next_step=f"Write it as CSV or Parquet. {WANTED}")
    if "event_params" not in first:
        _is_export(path, tuple(first))


def _is_export(path: Path, columns: tuple[str, ...]) -> bool:
    """Else it is a flat log. Raises UsageError where it is neither."""
    if is_export(columns):
        return True
    if is_flat(columns):
        return False
    wanted = ("event_name", "event_timestamp", *(("user_pseudo_id",) if "event_params" in columns else ()))
    lacking = enumerated([name for name in wanted if name not in columns])
    if not all(map(_NAME.fullmatch, columns)):
        raise UsageError(
            f"{path} is no event log: it lacks {lacking}, and its {len(columns)} columns have no names that look like such.",
            "Is the header missing?",
            next_step=f"{KINDS}. {WANTED}",
        )
    more = f" and {len(columns) - 12} more" if len(columns) > 12 else ""
    shown = ", ".join(columns[:12]) + more
    raise UsageError(
        f"{path} is no event log: it lacks {lacking}, its columns are {shown}.", next_step=f"{KINDS}. {WANTED}"
    )


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """What is wrong with the file itself."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UsageError(
            f"{path} cannot be read.", "What is compressed in it is broken or cut off.", next_step=AGAIN
        ) from None
    except UnicodeDecodeError:
        raise UsageError(
            f"{path} cannot be read.", "It is not written in UTF-8.", next_step="Save it as UTF-8."
        ) from None
    except csv.Error:
        raise UsageError(
            f"{path} cannot be read as CSV.", "Its first line holds no names of columns.", next_step=WANTED
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except duckdb.Error as error:
        told = fault_of(error, [path])
        if told is None:
            raise
        raise told from None
