"""adsync sandbox: a made-up Google on this machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from adsync.cli.options import Number, Whole
from adsync.cli.sandbox_controls import CONTROLS
from adsync.cli.sandbox_export import export_events
from adsync.cli.sandbox_options import DIRECTORY, FILE, GivenPath
from adsync.sandbox.scenarios import SCENARIOS

_PORT = Whole(0, 65_535)
_YEARS = (2005, 2090)


def _day(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """--starts-on as ISO 8601: the world's recipe is a document."""
    if value is None:
        return None
    try:
        day = datetime.now(UTC).date() if value == "today" else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a day. Write it as 2026-03-01, or `today`.") from None
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise click.BadParameter(f"Worlds are drawn for the years {_YEARS[0]} to {_YEARS[1]}.")
    return day.isoformat()


@click.group(name="sandbox")
def command() -> None:
    """A made-up Google Ads, GA4 and OAuth on this machine, spoken to by the unmodified official clients.

    \b
    Example:
      adsync sandbox serve --dir /tmp/sandbox &
      . /tmp/sandbox/env
      adsync sync
    """


@command.command()
@click.option(
    "--dir", "directory", type=DIRECTORY, required=True, metavar="DIR", help="Where to put keys, config and env."
)
@click.option(
    "--ads-port",
    type=_PORT,
    default=0,
    metavar="N",
    help="Port for gRPC, of Google Ads and GA4 (default: any free one).",
)
@click.option(
    "--ga4-port",
    type=_PORT,
    default=0,
    metavar="N",
    help="Port for GA4, OAuth and the controls (default: any free one).",
)
@click.option(
    "--https-port",
    type=_PORT,
    default=0,
    metavar="N",
    help="Port for GA4, OAuth and Google Ads' REST over HTTPS (default: any free one).",
)
@click.option(
    "--proxy-port",
    type=_PORT,
    default=0,
    metavar="N",
    help="Port of the proxy for programs whose Google hosts are fixed (default: any free one).",
)
@click.option(
    "--scenario", type=click.Choice(tuple(SCENARIOS)), metavar="NAME", help=f"{', '.join(SCENARIOS)}. [growing-shop]"
)
@click.option(
    "--events",
    type=GivenPath(exists=True, path_type=Path),
    metavar="PATH",
    help="A GA4 export (Parquet or NDJSON, a file or a folder of days) as the property's events.",
)
@click.option("--seed", type=Whole(0), metavar="N", help="The same seed makes the same visitors. [7]")
@click.option(
    "--accounts",
    type=Whole(1, 1000),
    metavar="N",
    help="How many such sites the manager has. [1, agency 12]",
)
@click.option(
    "--sessions-per-day",
    type=Whole(1, 100_000),
    metavar="N",
    help="Busier sites, with as many sales as before. [the scenario's own]",
)
@click.option(
    "--starts-on",
    callback=_day,
    metavar="DATE",
    help="The clock's first day; `today` for programs that go by this machine's clock. [the scenario's own]",
)
@click.option("--history-days", type=Whole(30, 2000), metavar="N", help="Days before the clock's first. [460]")
@click.option("--future-days", type=Whole(31, 2000), metavar="N", help="Days after it; the last 30 only ripen. [420]")
@click.option("--fresh", is_flag=True, help="Forget what the folder holds, and start anew.")
@click.option(
    "--latency-ms",
    type=Number(0, 60_000),
    default=0.0,
    metavar="MS",
    help="How much longer every answer takes.",
)
@click.option(
    "--access-level",
    metavar="LEVEL",
    help="Of the Cloud project: test, explorer, basic or standard; sets the Ads operations a day. [standard]",
)
@click.option("--retire", multiple=True, metavar="vNN", help="An API version of Google Ads that is closed; repeatable.")
@click.option(
    "--faults",
    type=FILE,
    metavar="FILE",
    help="A YAML list of faults to begin with: see docs/sandbox.md.",
)
def serve(
    directory: Path,
    ads_port: int,
    ga4_port: int,
    https_port: int,
    proxy_port: int,
    events: Path | None,
    fresh: bool,
    latency_ms: float,
    access_level: str | None,
    retire: tuple[str, ...],
    faults: Path | None,
    **world: Any,
) -> None:
    """Serve until Ctrl-C. Writes DIR/env, with which every adsync command talks to the sandbox.

    What was done in it is kept in DIR, however it ends: serving from there again goes on with it.

    \b
    Example:
      adsync sandbox serve --dir /tmp/sandbox --scenario starved-shop
    """
    from adsync.errors import UsageError
    from adsync.sandbox.fault_plan import read_plan, rules_of
    from adsync.sandbox.home import Home
    from adsync.sandbox.kept_keys import kept_identities
    from adsync.sandbox.serve import Ports, RunningSandbox, check_project, serve_until_stopped, set_project

    rules = rules_of(read_plan(faults)) if faults else []
    check_project(access_level, retire)
    given = {name: value for name, value in world.items() if value is not None}
    if events is not None and "starts_on" in given:
        raise click.UsageError("Give --starts-on or --events, not both: the clock starts after the last of the events.")
    if events is not None:
        given["events"] = str(events.resolve())
    try:
        home = Home(directory)
        estate = home.estate(given, fresh=fresh)
        estate.faults.add(rules)
        sandbox = RunningSandbox(
            directory,
            estate,
            identities=kept_identities(directory),
            ports=home.ports(Ports(ads=ads_port, http=ga4_port, https=https_port, proxy=proxy_port)),
            latency=latency_ms / 1000,
        )
        set_project(estate, access_level, retire)
        home.keep_ports(sandbox.running)
    except OSError as error:
        raise UsageError(f"The sandbox cannot serve from {directory}.", f"{error.strerror or error}.") from None
    name, title = estate.scenario.name, estate.scenario.title
    click.echo(f"Sandbox {name} is up: {title}. Its clock says {estate.date_time:%A %Y-%m-%d %H:%M} UTC.")
    click.echo(f"In another terminal:  . {directory}/env")
    serve_until_stopped(sandbox)


for each in (*CONTROLS, export_events):
    command.add_command(each)
