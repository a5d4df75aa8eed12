"""adsync plan: what would be changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, as_of_option, console, json_option, progress, wiring_of

if TYPE_CHECKING:
    from adsync.nightly import NightReport

SOMETHING_TO_REVIEW = 3


@click.command(name="plan")
@account_option
@as_of_option
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 3 when something waits for review.")
@click.pass_context
def command(
    context: click.Context, accounts: tuple[str, ...], as_of: date | None, as_json: bool, exit_code: bool
) -> int:
    """Show what would be changed, and why: the change log to come. Reads from Google, writes nothing to it.

    \b
    Example:
      adsync plan --account shop
    """
    from adsync.cli.fleet_output import show_trouble
    from adsync.fleet import run_fleet
    from adsync.nightly import run_night

    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    with progress(context, len(chosen), "Planning") as step:
        report = run_fleet(
            chosen,
            wiring,
            "plan",
            lambda account, ports: run_night(
                account,
                ports,
                apply=False,
                as_of=as_of,
                progress=lambda what: step(f"{account.name}: {what}", 0),
            ),
            finished=lambda account: step(account.name, 1),
        )
    nights = [o.result for o in report.outcomes if o.result is not None]
    if as_json:
        _print_json(nights)
    else:
        for night in nights:
            _print(night)
    code = show_trouble(report, wiring.settings)
    waits = any(p.consent.value == "review" for night in nights for p in night.plan.changes)
    return SOMETHING_TO_REVIEW if code == 0 and exit_code and waits else code


def _print(night: NightReport) -> None:
    from adsync.render.terminal import plan_table, text

    out = console()
    out.print(text(f"{night.account.name}: {night.decisions.demand.reason}"))
    if not night.plan.changes:
        out.print("Nothing is to be changed.\n")
        return
    out.print()
    out.print(plan_table(night.plan.numbered()))
    if any(p.consent.value == "review" for p in night.plan.changes):
        out.print(f"\nSay yes or no:  adsync review --account {night.account.name}\n")


def _print_json(nights: list[NightReport]) -> None:
    from adsync.render.document import as_json

    rows = [
        {
            "account": night.account.name,
            "stands": night.decisions.demand.reason,
            "plan": night.plan,
            "decisions": [{"event": d.event_name, "verb": d.verb, "because": d.because} for d in night.decisions.each],
        }
        for night in nights
    ]
    click.echo(as_json(rows))
