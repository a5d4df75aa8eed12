"""adsync sandbox export-events."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from adsync.cli.options import Number, Whole
from adsync.cli.sandbox_options import DIRECTORY, directory_option


@click.command("export-events")
@directory_option
@click.option("--to", "target", type=DIRECTORY, required=True, metavar="PATH", help="The folder to write to.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(("parquet", "ndjson")),
    default="parquet",
    show_default=True,
    help="Kind of file, one for each day.",
)
@click.option(
    "--first", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The first day (default: all there is)."
)
@click.option("--last", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day (default: up to now).")
@click.option("--days", type=Whole(1), metavar="N", help="Instead of --first: the last N days.")
@click.option("--customer", default="", metavar="ID", help="Which account's site, where there are several.")
@click.option("--property", "property_id", default="", metavar="ID", help="The same by its GA4 property.")
@click.option(
    "--duplicates",
    type=Number(0, 1),
    default=0.0,
    metavar="SHARE",
    help="Share of the rows that are written twice, as happens (default: 0).",
)
@click.option("--fresh", is_flag=True, help="Remove the files of an earlier export from that folder first.")
def export_events(
    directory: Path,
    target: Path,
    file_format: str,
    first: datetime | None,
    last: datetime | None,
    days: int | None,
    customer: str,
    property_id: str,
    duplicates: float,
    fresh: bool,
) -> None:
    """Write a site's visitors as a GA4 BigQuery export, and what is true of each event as truth.json beside it.

    The same visitors as those of the reports, up to the sandbox's clock; whether or not it is serving.

    \b
    Example:
      adsync sandbox export-events --to /tmp/export --days 30
    """
    from adsync.errors import UsageError
    from adsync.sandbox.export import check_apart, customer_of, export_events
    from adsync.sandbox.home import look_into

    if first and days:
        raise click.UsageError("Give --first or --days, not both.")
    check_apart(target, directory)
    recipe, estate = look_into(directory)
    chosen = customer_of(estate, customer_id=customer.replace("-", ""), property_id=property_id)
    try:
        done = export_events(
            recipe,
            estate,
            chosen,
            target,
            file_format=file_format,
            first=first.date() if first else None,
            last=last.date() if last else None,
            days=days,
            duplicates=duplicates,
            fresh=fresh,
        )
    except OSError as error:
        raise UsageError(f"The export cannot be written to {target}.", f"{error.strerror or error}.") from None
    of = f"1 day ({done.first})" if done.files == 1 else f"{done.files} days ({done.first} to {done.last})"
    click.echo(f"{done.rows:,} events of {of} in {target}, {done.denied:,} of them without ids (no consent).")
    if last and last.date() > done.last:
        click.echo(
            f"None after {done.last}: at the sandbox's clock, {estate.date_time:%Y-%m-%d %H:%M} UTC, GA4 has processed no "
            "later event. To go on: adsync sandbox advance"
        )
