"""adsync sandbox: a made-up Google on this machine."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from adsync.cli.options import json_option
from adsync.sandbox.scenarios import SCENARIOS

_PORT = click.IntRange(0, 65_535)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


def _directory(_: click.Context, __: click.Parameter, value: Path | None) -> Path:
    """--dir, or the sandbox whose environment was sourced."""
    if value is None and "ADSYNC_SANDBOX_DIR" in os.environ:
        return Path(os.environ["ADSYNC_SANDBOX_DIR"])
    if value is None:
        raise click.UsageError("Name the sandbox's folder with --dir (or read its environment first: . DIR/env).")
    return value


directory_option = click.option(
    "--dir", "directory", type=_DIRECTORY, callback=_directory, metavar="DIR", help="The sandbox's folder."
)


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
    "--dir", "directory", type=_DIRECTORY, required=True, metavar="DIR", help="Where to put keys, config and env."
)
@click.option("--ads-port", type=_PORT, default=0, metavar="N", help="Port for Google Ads (default: any free one).")
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
    "--scenario", type=click.Choice(tuple(SCENARIOS)), metavar="NAME", help=f"{', '.join(SCENARIOS)}. [growing-shop]"
)
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A GA4 export (Parquet or NDJSON, a file or a folder of days) as the property's events.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="The same seed makes the same visitors. [7]")
@click.option(
    "--accounts",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="How many such sites the manager has. [1, agency 12]",
)
@click.option(
    "--sessions-per-day",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Busier sites, with as many sales as before. [the scenario's own]",
)
@click.option("--history-days", type=click.IntRange(30, 2000), metavar="N", help="Days before the clock's first. [460]")
@click.option(
    "--future-days", type=click.IntRange(31, 2000), metavar="N", help="Days after it; the last 30 only ripen. [420]"
)
@click.option("--fresh", is_flag=True, help="Forget what the folder holds, and start anew.")
@click.option(
    "--latency-ms",
    type=click.FloatRange(0, 60_000),
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
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A YAML list of faults to begin with: see docs/sandbox.md.",
)
def serve(
    directory: Path,
    ads_port: int,
    ga4_port: int,
    https_port: int,
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
    from adsync.sandbox.serve import Ports, RunningSandbox, serve_until_stopped, set_project

    rules = rules_of(read_plan(faults)) if faults else []
    given = {name: value for name, value in world.items() if value is not None}
    if events is not None:
        given["events"] = str(events.resolve())
    try:
        home = Home(directory)
        estate = home.estate(given, fresh=fresh)
        estate.faults.add(rules)
        sandbox = RunningSandbox(
            directory,
            estate,
            identities=home.identities(),
            ports=home.ports(Ports(ads=ads_port, http=ga4_port, https=https_port)),
            latency=latency_ms / 1000,
        )
        if access_level or retire:
            set_project(estate, access_level or estate.project.level, retire or estate.project.retired)
        home.keep_ports(sandbox.running)
    except OSError as error:
        raise UsageError(f"The sandbox cannot serve from {directory}.", f"{error.strerror or error}.") from None
    name, title = estate.scenario.name, estate.scenario.title
    click.echo(f"Sandbox {name} is up: {title}. Its clock says {estate.date_time:%A %Y-%m-%d %H:%M} UTC.")
    click.echo(f"In another terminal:  . {directory}/env")
    serve_until_stopped(sandbox)


@command.command()
@json_option
def scenarios(as_json: bool) -> None:
    """List what the sandbox can play.

    \b
    Example:
      adsync sandbox scenarios
    """
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json([{"name": s.name, "title": s.title, "macro": s.macro} for s in SCENARIOS.values()]))
        return
    for scenario in SCENARIOS.values():
        click.echo(f"{scenario.name:<14} {scenario.title}")


@command.command()
@directory_option
@click.option(
    "--days", default=1, show_default=True, type=click.IntRange(min=1), metavar="N", help="How many days to go on."
)
def advance(directory: Path, days: int) -> None:
    """Move the sandbox's clock.

    \b
    Example:
      adsync sandbox advance --days 7
    """
    from adsync.sandbox.control import SandboxControl

    now = SandboxControl.of(directory).advance(days)
    click.echo(f"The sandbox's clock says {now:%A %Y-%m-%d %H:%M} UTC.")


@command.command()
@directory_option
@json_option
def status(directory: Path, as_json: bool) -> None:
    """Show the sandbox's accounts, its date, and the calls it has answered.

    \b
    Example:
      adsync sandbox status
    """
    from adsync.sandbox.control import SandboxControl

    found = SandboxControl.of(directory).status()
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    _show_status(found)


def _show_status(found: dict[str, Any]) -> None:
    click.echo(f"Scenario {found['scenario']}, seed {found['seed']}, {found['now']}")
    for account in found["accounts"]:
        click.echo(
            f"\n{account['name']}: Ads {account['customer_id']}, GA4 {account['property_id']}, {account['time_zone']}"
        )
        for name, what in account["actions"].items():
            click.echo(f"  {name}: {what}")
    project = found["project"]
    most = f"of {project['operations_a_day']:,}" if project["operations_a_day"] else "of any number"
    click.echo(
        f"\nGoogle Ads, {project['access_level']} access: {project['operations_today']:,} {most} operations in 24 h"
    )
    if project["retired_versions"]:
        click.echo(f"Retired versions: {', '.join(project['retired_versions'])}")
    click.echo("\nCalls:")
    for name, count in found["calls"].items():
        click.echo(f"  {count:>6}  {name}")


@command.command("export-events")
@directory_option
@click.option("--to", "target", type=_DIRECTORY, required=True, metavar="PATH", help="The folder to write to.")
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
@click.option("--days", type=click.IntRange(1), metavar="N", help="Instead of --first: the last N days.")
@click.option("--customer", default="", metavar="ID", help="Which account's site, where there are several.")
@click.option("--property", "property_id", default="", metavar="ID", help="The same by its GA4 property.")
@click.option(
    "--duplicates",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="SHARE",
    help="Share of the rows that are written twice, as happens (default: 0).",
)
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
) -> None:
    """Write a site's visitors as a GA4 BigQuery export, and what is true of each event as truth.json beside it.

    The same visitors as those of the reports, up to the sandbox's clock; whether or not it is serving.

    \b
    Example:
      adsync sandbox export-events --to /tmp/export --days 30
    """
    from adsync.errors import UsageError
    from adsync.sandbox.export import customer_of, export_events
    from adsync.sandbox.home import look_into

    if first and days:
        raise click.UsageError("Give --first or --days, not both.")
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
        )
    except OSError as error:
        raise UsageError(f"The export cannot be written to {target}.", f"{error.strerror or error}.") from None
    click.echo(
        f"{done.rows:,} events of {done.files} days in {target}, {done.denied:,} of them without ids (no consent)."
    )


@command.command("install-tag")
@directory_option
@click.option("--customer", required=True, metavar="ID", help="The account's customer id.")
@click.option("--action", required=True, metavar="ID", help="The conversion action's id.")
@click.option("--event", required=True, metavar="NAME", help="What visitors do when the tag fires.")
def install_tag(directory: Path, customer: str, action: str, event: str) -> None:
    """Put a conversion action's tag on the site: it fires from now on.

    \b
    Example:
      adsync sandbox install-tag --customer 1000000001 --action 700000003 --event sign_up
    """
    from adsync.sandbox.control import SandboxControl

    SandboxControl.of(directory).install_tag(customer.replace("-", ""), action, event)
    click.echo(f"The tag of action {action} fires with {event} from now on.")


@command.command()
@directory_option
@click.option("--call", metavar="NAME", help="Part of the call's name, such as Search or runReport.")
@click.option(
    "--kind",
    metavar="KIND",
    help="unavailable, internal, quota, hang, cut, lost, forbidden, garbled, conflict, expired, a gRPC or HTTP status ...; "
    "none ends all.",
)
@click.option(
    "--times", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="How many calls suffer."
)
@click.option("--after", type=click.IntRange(0), default=0, metavar="N", help="How many calls pass first.")
@click.option(
    "--plan",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A YAML list of faults instead: see docs/sandbox.md.",
)
def fault(directory: Path, call: str | None, kind: str | None, times: int, after: int, plan: Path | None) -> None:
    """Let the next calls fail, to see what adsync makes of it.

    \b
    Examples:
      adsync sandbox fault --call SearchStream --kind cut
      adsync sandbox fault --plan faults.yaml
    """
    from adsync.sandbox.control import SandboxControl
    from adsync.sandbox.fault_plan import read_plan

    if plan is not None:
        if call is not None or kind is not None:
            raise click.UsageError("--plan names the calls and their faults itself: leave --call and --kind out.")
        faults = read_plan(plan)
        SandboxControl.of(directory).faults(faults)
        click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} of {plan} in force.")
        return
    if kind is None or (call is None and kind != "none"):
        raise click.UsageError("Name --call and --kind, or a --plan.")
    SandboxControl.of(directory).fault(call or "", kind, times=times, after=after)
    click.echo("All faults are over." if kind == "none" else f"The next {times} calls of {call}: {kind}.")
