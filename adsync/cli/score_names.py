"""adsync score --names: what the micro-conversions of each business are called on every platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.catalog import CATALOGUE, MAIN_GOALS, menu
from adsync.cli.options import console
from adsync.render.document import as_json as to_json
from adsync.render.names import LEGEND, names_document, names_table

if TYPE_CHECKING:
    from rich.console import Console

    from adsync.catalog import Entry

NARROW = 80
"""Columns to which a terminal is taken to be limited that cannot hold a line: there the table turns into ribbons."""


def answer(business: str | None, *, as_json: bool) -> None:
    """The map of one business, or of all, for people or programs."""
    if as_json:
        click.echo(to_json(names_document(_entries(business))))
    else:
        show_names(business, console())


def show_names(business: str | None, out: Console) -> None:
    """The map as a table."""
    table, width = names_table(_entries(business))
    if not out.is_terminal:
        # A pipe has no width of its own, and whoever searches it looks for whole names.
        out.width = max(out.width, width)
    out.print(table, width=out.width if width <= out.width else min(out.width, NARROW))
    for line in LEGEND:
        out.print(line, markup=False)


def _entries(business: str | None) -> tuple[Entry, ...]:
    """What there is to choose from, and the main goals after it."""
    if business is None:
        return (*CATALOGUE, *MAIN_GOALS)
    return (*menu(business), *(e for e in MAIN_GOALS if business in e.businesses))
