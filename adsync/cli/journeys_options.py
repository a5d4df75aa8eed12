"""What the commands about visitors' ways share: their options, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adsync.cli.options import console, write_page

if TYPE_CHECKING:
    from rich.console import RenderableType

Report = TypeVar("Report")

events_option = click.option(
    "--events",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="PATH",
    help="A log of single events: a file or folder of the GA4 export or of flat CSV or Parquet. May be given several times.",
)
macro_option = click.option("--macro", required=True, metavar="EVENT", help="The main conversion.")
days_option = click.option(
    "--days",
    type=click.IntRange(1, 3_650),
    default=28,
    show_default=True,
    metavar="N",
    help="The period: so many days up to the log's last one, or to --as-of.",
)
html_option = click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a page with charts as well."
)


def names_of(written: str | None, option: str) -> tuple[str, ...]:
    """Names of events with commas between them. Raises UsageError for an empty one."""
    from adsync.errors import UsageError

    if written is None:
        return ()
    names = tuple(name.strip() for name in written.split(","))
    if not all(names):
        raise UsageError(
            f"{option} {written!r} has an empty name.", next_step=f"Such as: {option} view_item,add_to_cart"
        )
    return names


def show(
    report: Report,
    *,
    lines: Callable[[Report], Iterable[RenderableType]],
    document: Callable[[Report], dict[str, Any]],
    page: Callable[[Report], str],
    html: Path | None,
    as_json: bool,
) -> None:
    """Writes the page where one is wanted, and prints JSON or what people read."""
    if html is not None:
        write_page(html, page(report))
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(document(report)))
        return
    terminal = console()
    for line in lines(report):
        terminal.print(line)
