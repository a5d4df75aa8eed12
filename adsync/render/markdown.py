"""Plans as Markdown, for pull requests and chat: tables and sentences, no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from adsync.render.plan_page import COLUMNS, KEPT_COLUMNS, NOTHING, WHY, PlanPage, PlanRow
from adsync.render.text import clean

# Entities where a backslash would not do: tables are split at pipes before anything is read, and chat programs know no
# backslash. Look-alikes where a program looks for its marks in what has been drawn already: people and tickets.
_AS_TEXT = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "\\": "&#92;",
        "`": "&#96;",
        "@": "\N{FULLWIDTH COMMERCIAL AT}",
        **{mark: f"\\{mark}" for mark in "*_[]~$!"},
    }
)
_TICKET = re.compile(r"#(?=\w)")
_ADDRESS = re.compile(r"(?<=[A-Za-z]):(?=//)|(?<=[wW]{3})\.")
_LIST = re.compile(r"^(\d+)?([-+.)#=])")


def inert(text: str) -> str:
    """Foreign or own words that stay words: no link, no mention, no mark-up, no further cell or line."""
    words = _TICKET.sub("\N{FULLWIDTH NUMBER SIGN}", " ".join(clean(text).split())).translate(_AS_TEXT)
    words = _ADDRESS.sub(lambda found: f"\\{found[0]}", words)
    return _LIST.sub(lambda found: f"{found[1] or ''}\\{found[2]}", words)


def plan_markdown(pages: Iterable[PlanPage]) -> str:
    """One section for each account."""
    return "\n\n".join("\n\n".join(_section(page)) for page in pages) + "\n"


def _section(page: PlanPage) -> list[str]:
    parts = [f"### {inert(page.account)}", *map(inert, page.above)]
    if page.rows:
        parts.append(_table(_without_why(COLUMNS), [_without_why(row.cells()) for row in page.rows]))
        parts += [_sentences(row) for row in page.rows if row.sentences]
    else:
        parts.append(NOTHING)
    if page.kept:
        parts.append(_table(KEPT_COLUMNS, [((name,), (why,)) for name, why in page.kept]))
    parts += map(inert, page.below)
    if page.review:
        parts.append(f"Say yes or no: `{page.review}`")
    return parts


T = TypeVar("T")


def _without_why(cells: Sequence[T]) -> list[T]:
    """Sentences and calendars are no cells: they stand below the table."""
    return [cell for column, cell in zip(COLUMNS, cells, strict=True) if column != WHY]


def _sentences(row: PlanRow) -> str:
    because, *beside = row.sentences
    return "\n".join([f"- {inert(row.change)}: {inert(because)}", *(f"  - {inert(line)}" for line in beside)])


def _table(columns: Sequence[str], rows: Iterable[Sequence[Sequence[str]]]) -> str:
    lines = [columns, ["---"] * len(columns), *([" — ".join(map(inert, cell)) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
