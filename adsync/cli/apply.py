"""adsync apply: carry out what is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, wiring_of

if TYPE_CHECKING:
    from adsync.apply import Applied
    from adsync.model.account import Account
    from adsync.ports import Ports


@click.command(name="apply")
@account_option
@click.option("--dry-run", is_flag=True, help="Do all but send: Google only validates, nothing is changed.")
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Carry out what is approved, or may run by itself, of the newest plans and rollbacks.

    Each change is checked against Google first, written down before it is sent, and read back after.

    \b
    Example:
      adsync apply --dry-run
    """
    from adsync.cli.fleet_output import show_stop, show_trouble
    from adsync.fleet import run_fleet

    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    report = run_fleet(chosen, wiring, "apply", _validate if dry_run else _apply)
    done = [(o.account, o.result) for o in report.outcomes if o.result is not None]

    def head(account: Account) -> str:
        return wiring.state.ledger.head(account.customer_id)

    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.unsettled import unsettled_document

        click.echo(
            to_json(
                [
                    {
                        "account": a.name,
                        "results": applied.results,
                        "unsettled": unsettled_document(applied.unsettled),
                        "change_log_head": head(a),
                    }
                    for a, applied in done
                ]
            )
        )
    else:
        for account, applied in done:
            _print(account.name, applied)
            if applied.done and not dry_run:
                click.echo(f"Head of the change log: {head(account)}")
    for account, applied in done:
        show_stop(account.name, applied)
    code = show_trouble(report, wiring.settings)
    if dry_run:
        return code or max((a.stopped_by.exit_code for _, a in done if a.stopped_by is not None), default=0)
    return code or max((applied.exit_code for _, applied in done), default=0)


def _apply(account: Account, ports: Ports) -> Applied:
    from adsync.applying import apply_open_plans, settle

    settle(account, ports)
    return apply_open_plans(account, ports)


def _validate(account: Account, ports: Ports) -> Applied:
    from adsync.applying import validate_open_plans

    return validate_open_plans(account, ports)


def _print(name: str, applied: Applied) -> None:
    from adsync.render.terminal import applied_table, text
    from adsync.render.unsettled import unsettled_lines

    out = console()
    if applied.results:
        rows = [(r.name, r.change, r.outcome, r.note) for r in applied.results]
        out.print(applied_table(rows, title=name))
    else:
        click.echo(f"{name}: nothing to apply.")
    for line in unsettled_lines(applied.unsettled):
        out.print(text(line))
