"""adsync plan: what would be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, progress, wiring_of

if TYPE_CHECKING:
    from adsync.nightly import NightReport

SOMETHING_TO_REVIEW = 3


@click.command(name="plan")
@account_option
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 3 when something waits for review.")
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], as_json: bool, exit_code: bool) -> int:
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
    waits = any(_waits(night) for night in nights)
    return SOMETHING_TO_REVIEW if code == 0 and exit_code and waits else code


def _waits(night: NightReport) -> bool:
    from adsync.review import waiting

    return bool(waiting(night.plan.numbered(), night.words))


def _print(night: NightReport) -> None:
    from adsync.render.grades import grade_lines
    from adsync.render.terminal import decisions_table, plan_table, text

    out = console()
    out.print(text(f"{night.account.name}: {night.decisions.demand.stands}"))
    if night.log_fault:
        out.print(text(night.log_fault))
    if not night.plan.changes:
        out.print("Nothing is to be changed.\n")
        out.print(decisions_table(night.decisions.each))
        for line in grade_lines(night.decisions.each):
            out.print(text(line, "dim"))
        return
    out.print()
    out.print(plan_table(night.plan.numbered(), words=night.words))
    if night.beyond_limits:
        out.print(text(f"\n{night.beyond_limits}"))
    if _waits(night):
        out.print(f"\nSay yes or no:  adsync review --account {night.account.name}\n")


def _print_json(nights: list[NightReport]) -> None:
    from adsync.render.document import as_json
    from adsync.render.grades import evidence_document

    rows = [
        {
            "account": night.account.name,
            "stands": night.decisions.demand.stands,
            "plan": night.plan,
            "words": list(night.words.values()),
            "beyond_limits": night.beyond_limits or None,
            "event_log": night.log_fault or None,
            "decisions": [
                {
                    "event": d.event_name,
                    "verb": d.verb,
                    "because": d.because,
                    "evidence": evidence_document(d.evidence),
                }
                for d in night.decisions.each
            ],
        }
        for night in nights
    ]
    click.echo(as_json(rows))
