"""adsync funnel: how far visitors come on the way to the main conversion, and where they are lost."""

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


@click.command(name="funnel")
@events_option()
@macro_option
@click.option(
    "--steps",
    metavar="A,B,...",
    help="The steps in order (default: those of the catalogue that the log has, else what most buyers do before).",
)
@click.option("--by", type=click.Choice(["device", "channel", "campaign"]), help="Show the funnel of each as well.")
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
    steps: str | None,
    by: str | None,
    as_of: date | None,
    days: int,
    html: Path | None,
    as_json: bool,
) -> None:
    """How far visitors come on the way to the main conversion, where they are lost, and what is different from before.

    Each visitor counts once, and a step only after the one before it. Needs no config, state or credentials; docs/funnels.md
    explains the figures.

    \b
    Examples:
      adsync funnel --events export/ --macro purchase
      adsync funnel --events log.csv --macro purchase --steps view_item,add_to_cart --by device
      adsync funnel --events log.csv --macro purchase --days 90 --html funnel.html
    """
    from adsync.journeys import Journey, funnel_of
    from adsync.render.funnel import funnel_document, funnel_lines
    from adsync.render.journeys_page import funnel_html

    asked = Journey(macro=macro, steps=names_of(steps, "--steps"), by=by or "", as_of=as_of, days=days)
    # The period, and the one before it.
    limits = billed(events, as_of, read_days, max_gb, at_least_days=2 * days)
    with progress(context, None, "Counting") as step:
        step("Reading events", 0)
        named = [(macro, "--macro"), *((name, "--steps") for name in asked.steps)]
        with open_log(events, limits, named=named) as log:
            report = funnel_of(log, asked, lambda what: step(what, 1))
    show(report, lines=funnel_lines, document=funnel_document, page=funnel_html, html=html, as_json=as_json)
