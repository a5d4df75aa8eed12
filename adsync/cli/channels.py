"""adsync channels: micro- and main conversions by channel and campaign."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.cli.journeys_options import (
    billed,
    days_option,
    events_option,
    html_option,
    macro_option,
    names_of,
    open_log,
    show,
)
from adsync.cli.options import as_of_option, json_option, progress

if TYPE_CHECKING:
    from adsync.model.dataset import Dataset


@click.command(name="channels")
@events_option()
@macro_option
@click.option(
    "--micros",
    metavar="A,B,...",
    help="The micro-conversions (default: those of the catalogue that the log has, else what most buyers do before).",
)
@click.option(
    "--by", type=click.Choice(["channel", "campaign"]), default="channel", show_default=True, help="What the rows are."
)
@as_of_option
@days_option
@html_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    events: tuple[Path | Dataset, ...],
    read_days: int | None,
    max_gb: float | None,
    macro: str,
    micros: str | None,
    by: str,
    as_of: date | None,
    days: int,
    html: Path | None,
    as_json: bool,
) -> None:
    """What each channel or campaign brings: micro- and main conversions by first and by last touch.

    Shows what a channel starts that others finish, and what it finishes that others started. Needs no config, state or
    credentials; docs/funnels.md explains the figures.

    \b
    Examples:
      adsync channels --events export/ --macro purchase
      adsync channels --events log.csv --macro purchase --micros add_to_cart,view_cart --days 90
      adsync channels --events log.csv --macro purchase --html channels.html
    """
    from adsync.journeys import Journey, channels_of
    from adsync.render.channels import channel_lines, channels_document
    from adsync.render.journeys_page import channels_html

    asked = Journey(macro=macro, steps=names_of(micros, "--micros"), by=by, as_of=as_of, days=days)
    # The period, and as long before it, in which touches count.
    limits = billed(events, as_of, read_days, max_gb, at_least_days=2 * days)
    with progress(context, None, "Counting") as step:
        step("Reading events", 0)
        named = [(macro, "--macro"), *((name, "--micros") for name in asked.steps)]
        with open_log(events, limits, named=named) as log:
            report = channels_of(log, asked, lambda what: step(what, 1))
    show(report, lines=channel_lines, document=channels_document, page=channels_html, html=html, as_json=as_json)
