"""Tables that fit the terminal: columns wrap between words, and sentences stand below their row where room is short."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from math import ceil
from typing import TypeVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adsync.render.text import clean

_INDENT = 4
_ANY = 1_000
_TIGHTER = ((2, 30, _ANY), (2, 18, _ANY), (1, 18, _ANY), (1, 0, _ANY), (1, 0, 16), (1, 0, 12))
"""What is tried in turn until a table fits: the space between columns, and how long a cell or a word may be and stay whole."""

_FIGURE = re.compile(r"[\d.,]+ %|\S+")
"""A word, or a figure with its unit."""

_Cells = tuple[Text, ...]
_T = TypeVar("_T")


class Rows:
    """A table as narrow as it must be; where none fits, a block of lines for each row.

    The first column holds names that are copied: it is folded last of all. below: the column of sentences. Where a row
    does not fit into one line it stands below it, with whatever follows the first line of the other cells. first_lines: of
    each cell only the first line is shown where a table with all of them would have to break them.
    """

    def __init__(self, *columns: str, title: str = "", below: str | None = None, first_lines: bool = False) -> None:
        # Events and actions of other people head columns too.
        self._columns, self._title = tuple(map(clean, columns)), title
        self._below = None if below is None else columns.index(below)
        self._first_lines = first_lines
        self._rows: list[_Cells] = []

    def add_row(self, *cells: Text) -> None:
        self._rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, style="bold")
        columns, rows, room = self._columns, self._rows, options.max_width
        below: list[list[Text]] = []
        if self._first_lines and _unbroken(columns, rows) > room:
            rows = [tuple(cell.split("\n")[0] for cell in row) for row in rows]
        if self._below is not None and sum(_wanted(columns, rows)) + 2 * (len(columns) - 1) > room:
            columns = _without(columns, self._below)
            rows, below = self._split(self._below)
        found = _laid_out(columns, rows, room)
        if found is None:
            yield from map(self._block, self._rows)
            return
        gap, widths = found
        if not any(below):
            yield _table(columns, rows, gap, widths)
            return
        yield _table(columns, (), gap, widths)
        for number, (row, sentences) in enumerate(zip(rows, below, strict=True), 1):
            yield _table(columns, (row,), gap, widths, header=False)
            yield from (Padding(sentence, (0, 0, 0, _INDENT)) for sentence in sentences)
            if sentences and number < len(rows):
                yield Text("")

    def _split(self, below: int) -> tuple[list[_Cells], list[list[Text]]]:
        """What stands in the table of each row, and the lines below it in the order of the columns."""
        lines = [[list(cell.split("\n", allow_blank=True)) for cell in row] for row in self._rows]
        rows = [_without(tuple(cell[0] for cell in row), below) for row in lines]
        kept = [chain.from_iterable(cell[0 if n == below else 1 :] for n, cell in enumerate(row)) for row in lines]
        return rows, [[line for line in row if line.plain] for row in kept]

    def _block(self, row: _Cells) -> Table:
        block = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        block.add_column(style="dim", no_wrap=True)
        block.add_column(overflow="fold")
        for column, cell in zip(self._columns, row, strict=True):
            if cell.plain:
                block.add_row(Text(column), cell)
        block.add_row("", "")
        return block


def _without(cells: tuple[_T, ...], left_out: int) -> tuple[_T, ...]:
    return (*cells[:left_out], *cells[left_out + 1 :])


def _table(
    columns: Sequence[str], rows: Sequence[_Cells], gap: int, widths: Sequence[int], *, header: bool = True
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=header)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column), overflow="fold", vertical="top", width=width)
    for row in rows:
        table.add_row(*row)
    return table


def _lines(rows: Sequence[_Cells], column: int) -> list[str]:
    return [line for row in rows for line in row[column].plain.split("\n")]


def _wanted(columns: Sequence[str], rows: Sequence[_Cells]) -> list[int]:
    """How wide each column is where nothing is broken."""
    return [max(map(cell_len, (heading, *_lines(rows, n)))) for n, heading in enumerate(columns)]


def _unbroken(columns: Sequence[str], rows: Sequence[_Cells]) -> int:
    """How wide a table is in which only headings are broken."""
    widths = [_least(heading, _lines(rows, n), _ANY) for n, heading in enumerate(columns)]
    return sum(widths) + 2 * (len(columns) - 1)


def _laid_out(columns: Sequence[str], rows: Sequence[_Cells], room: int) -> tuple[int, list[int]] | None:
    """The gap between columns and the width of each; None where no table fits."""
    wanted = _wanted(columns, rows)
    for gap, whole, folded in _TIGHTER:
        least = [_least(heading, _lines(rows, n), whole) for n, heading in enumerate(columns)]
        widths = [min(width, folded) for width in (wanted[0], *least[1:])]
        spare = room - sum(widths) - gap * (len(widths) - 1)
        if spare >= 0:
            return gap, _widened(widths, wanted, spare)
    return None


def _least(heading: str, lines: Iterable[str], whole: int) -> int:
    """How narrow a column may be: headings are broken between words, and so are cells longer than `whole`."""
    parts = heading.split()
    for line in lines:
        parts += [line] if cell_len(line) <= whole else _FIGURE.findall(line)
    return max(map(cell_len, parts), default=0)


def _widened(widths: Sequence[int], wanted: Sequence[int], spare: int) -> list[int]:
    """Spare characters go, one by one, to the column that would be the tallest."""
    found = list(widths)
    for _ in range(spare):
        lines = [ceil(want / max(width, 1)) if want > width else 0 for want, width in zip(wanted, found, strict=True)]
        tallest = max(lines)
        if tallest == 0:
            break
        found[max(range(len(found)), key=lambda n: (lines[n], wanted[n] - found[n]))] += 1
    return found
