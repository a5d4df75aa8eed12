"""Where a log's rows come from, before they are cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adsync.events.engine import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows as they are written.

    form: "GA4 export" or "flat log". files: how many, of what unit. notes: what a person should know of those that are not read.
    by_column: whether single columns are read as cheaply as needed, as often as needed; text is better read once.
    extracted: for rows that are billed when they are read: reads them once. each: the rows of each file by its name, to say
    which one does not fit.
    """

    rows: Table
    form: str
    files: int
    notes: tuple[str, ...] = ()
    by_column: bool = False
    extracted: Callable[[Table], Table] | None = None
    unit: str = "file"
    each: Callable[[], Iterable[tuple[str, Table]]] = tuple
