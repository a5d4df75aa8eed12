"""adsync report: one HTML page."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import click

from adsync.cli.interrupts import ends_at_once
from adsync.cli.options import account_option, as_of_option, not_in_the_future, wiring_of, write_page


@click.command(name="report")
@account_option
@as_of_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("adsync-report.html"),
    show_default=True,
    metavar="PATH",
    help="Where to write it.",
)
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], as_of: date | None, out: Path) -> None:
    """Write one self-contained HTML page: volume against its lines, the funnel, the candidates, the change log.

    Where the config names a log of single events in files, `events`, the page has what `adsync funnel` and `adsync channels`
    show of it as well.

    \b
    Example:
      adsync report --account shop --out shop.html
    """
    from adsync.errors import UsageError
    from adsync.render.report import report_html
    from adsync.reporting import page_of

    wiring = wiring_of(context, talks_to_google=False)
    not_in_the_future(as_of, wiring)
    with ends_at_once():  # logs may be read, and nothing is written before the page
        pages = [
            page_of(a, wiring.state, wiring.clock, as_of=as_of, open_log=partial(wiring.open_log, a))
            for a in wiring.settings.chosen(accounts)
        ]
    if not pages:
        raise UsageError(
            f"Every account in {wiring.settings.path} is set aside.", next_step="Correct what is named above."
        )
    write_page(out, report_html(pages))
    click.echo(out.resolve())
