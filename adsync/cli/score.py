"""adsync score: the menu of micro-conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.catalog import BUSINESSES, CATALOGUE, MAIN_GOALS, menu
from adsync.cli.options import console, json_option

if TYPE_CHECKING:
    from rich.console import Console

    from adsync.catalog import Entry

NARROW = 80
"""Columns to which a terminal is taken to be limited that cannot hold a line: there the table turns into ribbons."""


@click.command(name="score")
@click.option("--names", is_flag=True, help="Show what each micro-conversion is called on every platform.")
@click.option("--business", type=click.Choice(BUSINESSES), help="With --names: only those of this business.")
@json_option
def command(names: bool, business: str | None, as_json: bool) -> None:
    """Show the micro-conversions that a business can choose from, and their names on every platform.

    Needs no config, state or credentials. What the forms of conditions mean: docs/catalogue.md.

    \b
    Examples:
      adsync score --names
      adsync score --names --business saas
    """
    from adsync.errors import UsageError

    if not names:
        from adsync.errors import UsageError

        raise UsageError("adsync score was not told what to show.", next_step="Try: adsync score --names")
    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.names import names_document

        click.echo(to_json(names_document(_entries(business))))
        return
    show_names(business, console())


def show_names(business: str | None, out: Console) -> None:
    """The map of one business, or of all."""
    from adsync.render.names import LEGEND, names_table

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
