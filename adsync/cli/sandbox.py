"""adsync sandbox: a made-up Google on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from adsync.cli.options import json_option

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
    "--scenario", default="growing-shop", show_default=True, metavar="NAME", help="growing-shop or starved-shop."
)
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A GA4 export (Parquet, NDJSON) as the property's events.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=7,
    show_default=True,
    metavar="N",
    help="The same seed makes the same visitors.",
)
@click.option(
    "--accounts",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="How many such shops the manager has.",
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(0, 60_000),
    default=0.0,
    metavar="MS",
    help="How much longer every answer takes.",
)
@click.option(
    "--access-level",
    default="standard",
    show_default=True,
    metavar="LEVEL",
    help="Of the Cloud project: test, explorer, basic or standard; sets the Ads operations a day.",
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
    scenario: str,
    events: Path | None,
    seed: int,
    accounts: int,
    latency_ms: float,
    access_level: str,
    retire: tuple[str, ...],
    faults: Path | None,
) -> None:
    """Serve until Ctrl-C. Writes DIR/env, with which every adsync command talks to the sandbox.

    \b
    Example:
      adsync sandbox serve --dir /tmp/sandbox --scenario starved-shop
    """
    from adsync.errors import UsageError
    from adsync.sandbox.fault_plan import read_plan, rules_of
    from adsync.sandbox.serve import Ports, RunningSandbox, build_estate, serve_until_stopped, set_project

    rules = rules_of(read_plan(faults)) if faults else []
    estate = build_estate(scenario, seed, accounts=accounts, events=events)
    set_project(estate, access_level, retire)
    estate.faults.add(rules)
    ports = Ports(ads=ads_port, http=ga4_port, https=https_port)
    try:
        sandbox = RunningSandbox(directory, estate, ports=ports, latency=latency_ms / 1000)
    except OSError as error:
        raise UsageError(f"The sandbox cannot serve from {directory}.", f"{error.strerror or error}.") from None
    click.echo(
        f"Sandbox {scenario} is up: {estate.scenario.title}. Its clock says {estate.date_time:%A %Y-%m-%d %H:%M} UTC."
    )
    click.echo(f"In another terminal:  . {directory}/env")
    serve_until_stopped(sandbox)


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
