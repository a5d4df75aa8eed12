"""adsync sandbox: looking at one that is running, and turning its wheels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adsync.cli.options import Whole, json_option
from adsync.cli.sandbox_options import FILE, directory_option
from adsync.sandbox.scenarios import SCENARIOS


@click.command()
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


@click.command()
@directory_option
@click.option("--days", default=1, show_default=True, type=Whole(min=1), metavar="N", help="How many days to go on.")
def advance(directory: Path, days: int) -> None:
    """Move the sandbox's clock.

    \b
    Example:
      adsync sandbox advance --days 7
    """
    from adsync.sandbox.control import SandboxControl

    now = SandboxControl.of(directory).advance(days)
    click.echo(f"The sandbox's clock says {now:%A %Y-%m-%d %H:%M} UTC.")


@click.command()
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
    made = f"{project['operations_today']:,} operations in 24 h, as many as one likes"
    if project["operations_a_day"]:
        made = f"{project['operations_today']:,} of {project['operations_a_day']:,} operations in 24 h"
    click.echo(f"\nGoogle Ads, {project['access_level']} access: {made}")
    if project["retired_versions"]:
        click.echo(f"Retired versions: {', '.join(project['retired_versions'])}")
    click.echo("\nCalls:")
    for name, count in found["calls"].items():
        click.echo(f"  {count:>6}  {name}")


@click.command("install-tag")
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


@click.command()
@directory_option
@click.option("--call", metavar="NAME", help="Part of the call's name, such as Search or runReport.")
@click.option(
    "--kind",
    metavar="KIND",
    help="unavailable, internal, quota, hang, cut, lost, forbidden, garbled, conflict, expired, a gRPC or HTTP status ...; "
    "none ends all.",
)
@click.option("--times", type=Whole(1, 1_000_000), metavar="N", help="How many calls suffer.  [default: 1]")
@click.option("--after", type=Whole(0, 1_000_000), metavar="N", help="How many calls pass first.")
@click.option(
    "--plan",
    type=FILE,
    metavar="FILE",
    help="A YAML list of faults instead: see docs/sandbox.md.",
)
def fault(
    directory: Path, call: str | None, kind: str | None, times: int | None, after: int | None, plan: Path | None
) -> None:
    """Let the next calls fail, to see what adsync makes of it.

    \b
    Examples:
      adsync sandbox fault --call SearchStream --kind cut
      adsync sandbox fault --plan faults.yaml
    """
    from adsync.sandbox.control import SandboxControl
    from adsync.sandbox.fault_plan import read_plan

    if plan is not None:
        if any(given is not None for given in (call, kind, times, after)):
            raise click.UsageError(
                "--plan says itself which calls suffer what, and how often: leave --call, --kind, --times and --after out."
            )
        faults = read_plan(plan)
        SandboxControl.of(directory).faults(faults)
        click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} of {plan} in force.")
        return
    if kind is None or (call is None and kind != "none"):
        raise click.UsageError("Name --call and --kind, or a --plan.")
    SandboxControl.of(directory).fault(call or "", kind, times=times or 1, after=after or 0)
    if kind == "none":
        click.echo("All faults are over.")
        return
    calls = f"{times} calls" if times and times > 1 else "call"
    click.echo(f"The next {calls} of {call}{f', after {after}' if after else ''}: {kind}.")


@click.command()
@directory_option
@click.argument("name", required=False)
@click.argument("position", required=False)
@json_option
def switch(directory: Path, name: str | None, position: str | None, as_json: bool) -> None:
    """Play another behaviour where nobody outside Google knows which is right. Without arguments: list the switches.

    \b
    Examples:
      adsync sandbox switch
      adsync sandbox switch ga4_sampling 10
    """
    from adsync.sandbox.control import SandboxControl

    control = SandboxControl.of(directory)
    found = control.switches()
    if name is not None and position is None:
        there = f"It can be {' or '.join(found[name]['choices'])}." if name in found else "There is no such switch."
        raise click.UsageError(f"To which position shall {name!r} be turned? {there} See: adsync sandbox switch")
    if name is not None and position is not None:
        control.turn(name, position)
        found = {name: control.switches()[name]}
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    if name is not None:
        click.echo(f"{name} stands at {position} from now on.")
        return
    for each, what in found.items():
        positions = ", ".join(f"[{c}]" if c == what["position"] else c for c in what["choices"])
        click.echo(f"{each}: {positions}\n    {what['about']}")


CONTROLS: tuple[click.Command, ...] = (scenarios, advance, status, install_tag, fault, switch)
