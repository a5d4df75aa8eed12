"""What the commands about visitors' ways share."""

from __future__ import annotations

from pathlib import Path

import click

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
