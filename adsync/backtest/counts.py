"""Daily counts from a CSV file: `date,macro[,micro][,clicks][,cost]`. What is wrong with it is said with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from adsync.decide.episodes import Watched
from adsync.decide.replay import Known
from adsync.decide.sight import frequent_enough
from adsync.errors import UsageError
from adsync.model.volume import DailySeries
from adsync.model.window import Window

REQUIRED, OPTIONAL = ("date", "macro"), ("micro", "clicks", "cost")
WANTED = "The first line must be: date,macro (and, if known, micro, clicks, cost)."
YEARS = range(2000, 2101)
MOST = 1e9
SAVE_AS = 'Save it as "CSV UTF-8" or plain CSV.'

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"-?[\d.]*,\d+", re.ASCII)

Cells = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a file holds, by column, over the same days; notes: what was assumed of it."""

    columns: Mapping[str, DailySeries]
    notes: tuple[str, ...] = ()

    @property
    def days(self) -> Window:
        macro = self.columns["macro"]
        return Window(macro.first, macro.last)


def read_counts(name: str, text: str, *, gaps_are_zero: bool = False) -> Counts:
    """The counts of a CSV text. name: of the file, for what is said of it.

    Raises UsageError with line, what was found, and what is wanted.
    """
    rows = _rows(name, text)
    header_line, header = next(rows, (0, []))
    if not header_line:
        raise UsageError(f"{name} is empty.", WANTED)
    columns = _columns(name, header_line, header)
    found: dict[date, Cells] = {}
    lines: dict[date, int] = {}
    newest, out_of_order = date.min, 0
    for line, cells in rows:
        day, values = _day(name, line, columns, cells)
        if day in found:
            raise _wrong(name, line, f"{day} stands twice, on line {lines[day]} as well.", "Each day has one line.")
        found[day], lines[day] = values, line
        out_of_order += day < newest
        newest = max(newest, day)
    if not found:
        raise UsageError(f"{name} has a header and no days.", "One line for each day is wanted.")
    if all(values["macro"] is None for values in found.values()) and not gaps_are_zero:
        raise UsageError(f"{name} has {len(found)} days and not one count of the macro.", "A day without any has a 0.")
    window = Window(min(found), newest)
    notes = [] if not out_of_order else [f"The lines of {name} are not in the order of their dates; they were sorted."]
    return Counts(
        columns={column: _series(window, found, column, gaps_are_zero) for column in columns if column != "date"},
        notes=(*notes, *_gaps(window, found, gaps_are_zero)),
    )


def nights_of(counts: Counts, nights: Window) -> dict[date, Known]:
    """What each night knows when every count is final on the day after."""
    macro, micro = counts.columns["macro"], counts.columns.get("micro")
    # What tells a pause from a broken tag is whether ads ran at all; money says so as well as clicks do.
    clicks = counts.columns.get("clicks") or counts.columns.get("cost")
    alone = Watched(macro=macro, clicks=clicks)
    both = Watched(macro=macro, companion=micro, clicks=clicks)
    known = {}
    for night in nights:
        final = Known.final(both, night)
        usable = micro is not None and frequent_enough(micro, macro, final.last_day)
        known[night] = final if usable else Known.final(alone, night)
    return known


def _rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells, without empty lines."""
    if "\0" in text:
        raise UsageError(f"{name} is no text: it holds zero bytes.", next_step=SAVE_AS)
    # Lines end where editors say that they do, so that the number of a line is the one that they show.
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise _wrong(
            name, reader.line_num, f"This is no CSV: {error}.", "Save it as CSV, separated by commas."
        ) from None


def _columns(name: str, line: int, header: list[str]) -> list[str]:
    columns = [cell.lower() for cell in header]
    _separated_by_commas(name, line, header)
    for column in columns:
        if column not in (*REQUIRED, *OPTIONAL):
            raise _wrong(name, line, f"There is a column {_shown(column)}, which is not known.", WANTED)
        if columns.count(column) > 1:
            raise _wrong(name, line, f"The column {column} stands twice.", WANTED)
    for column in REQUIRED:
        if column not in columns:
            raise _wrong(name, line, f"There is no column {column}.", WANTED)
    return columns


def _separated_by_commas(name: str, line: int, cells: list[str]) -> None:
    if len(cells) == 1 and (other := next((c for c in ";\t|" if c in cells[0]), "")):
        called = {";": "semicolons", "\t": "tabs", "|": "bars"}[other]
        raise _wrong(
            name,
            line,
            f"The columns are separated by {called}.",
            "Save the file with commas between columns, and a point in decimal numbers.",
        )


def _day(name: str, line: int, columns: list[str], cells: list[str]) -> tuple[date, Cells]:
    _separated_by_commas(name, line, cells)
    if len(cells) != len(columns):
        hint = " A decimal number is written with a point: 3.5." if len(cells) > len(columns) else ""
        raise _wrong(
            name,
            line,
            f"It has {len(cells)} cell{'' if len(cells) == 1 else 's'}.",
            f"The header names {len(columns)}: {','.join(columns)}.{hint}",
        )
    named = dict(zip(columns, cells, strict=True))
    day = _date(name, line, named.pop("date"))
    return day, {column: _number(name, line, column, cell) for column, cell in named.items()}


def _date(name: str, line: int, cell: str) -> date:
    try:
        day = date.fromisoformat(cell) if _DATE.fullmatch(cell) else None
    except ValueError:
        day = None
    if day is None:
        raise _wrong(name, line, f"{_shown(cell)} is no date.", "Write it as 2026-11-21.")
    if day.year not in YEARS:
        raise _wrong(
            name, line, f"{day} is not a day of any ad account.", f"Years {YEARS[0]} to {YEARS[-1]} are wanted."
        )
    return day


def _number(name: str, line: int, column: str, cell: str) -> float | None:
    """None for an empty cell: nothing is known of it."""
    if not cell:
        return None
    if _NUMBER.fullmatch(cell) is None:
        hint = "Write decimals with a point and no separators: 1234.5." if _DECIMAL_COMMA.fullmatch(cell) else ""
        hint = hint or "Write a number, or nothing where it is not known."
        raise _wrong(name, line, f"{column} is {_shown(cell)}, which is no number.", hint)
    value = float(cell)
    if value < 0:
        raise _wrong(name, line, f"{column} is {cell}.", "There are no negative counts.")
    if value > MOST:
        raise _wrong(name, line, f"{column} is {_shown(cell)}.", f"More than {MOST:.0f} a day are not believed.")
    return value


def _series(window: Window, found: Mapping[date, Cells], column: str, gaps_are_zero: bool) -> DailySeries:
    unknown = 0.0 if gaps_are_zero else None
    cells = (found[day][column] if day in found else None for day in window)
    return DailySeries(window.first, tuple(unknown if cell is None else cell for cell in cells))


def _gaps(window: Window, found: Mapping[date, Cells], gaps_are_zero: bool) -> list[str]:
    """How many days nothing is known of, and what is made of them."""
    missing = [day for day in window if day not in found or found[day]["macro"] is None]
    if not missing:
        return []
    first = missing[0] if len(missing) == 1 else f"{missing[0]} the first, {missing[-1]} the last"
    how_many = "1 day has" if len(missing) == 1 else f"{len(missing)} days have"
    so = "taken for zero" if gaps_are_zero else "unknown, not zero (--gaps zero takes them for zero)"
    return [f"{how_many} no count ({first}): {so}."]


def _shown(cell: str) -> str:
    """What stands there, as far as it helps to find it."""
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}…")


def _wrong(name: str, line: int, found: str, wanted: str) -> UsageError:
    return UsageError(f"{name}, line {line}: {found}", wanted, line=line)
