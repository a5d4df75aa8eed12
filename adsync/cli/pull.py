"""adsync pull: copy Google's numbers."""

from __future__ import annotations

import click

from adsync.cli.options import account_option, json_option, progress, wiring_of


@click.command(name="pull")
@account_option
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], as_json: bool) -> int:
    """Copy Google's numbers and settings into the state database, as known today.

    The first pull copies 400 days, later ones what still changes. A pull that was interrupted is completed; a complete
    one is repeated and replaces what it stored that day.

    \b
    Example:
      adsync pull --account shop
    """
    from adsync.cli.fleet_output import show_trouble
    from adsync.fleet import run_fleet
    from adsync.pull import pull_account
    from adsync.render.text import clean

    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    with progress(context, len(chosen), "Pulling") as step:
        report = run_fleet(
            chosen,
            wiring,
            "pull",
            lambda account, ports: pull_account(
                account, ports, progress=lambda what: step(f"{account.name}: {what}", 0)
            ),
            finished=lambda account: step(account.name, 1),
        )
    done = [(o.account.name, o.result) for o in report.outcomes if o.result is not None]
    if as_json:
        from adsync.render.document import as_json as to_json

        rows = [
            {
                "account": name,
                "as_of": r.as_of,
                "reports": [str(x) for x in r.reports],
                "event_log": r.log_fault or None,
            }
            for name, r in done
        ]
        click.echo(to_json(rows))
    else:
        for name, result in done:
            click.echo(f"{name}: {', '.join(result.reports)} as of {result.as_of}")
            if result.log_fault:
                click.echo(clean(f"The event log could not be read. {result.log_fault}"))
    return show_trouble(report, wiring.settings)
