"""adsync doctor: is everything as a night needs it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, wiring_of
from adsync.errors import NotAllDone

if TYPE_CHECKING:
    from adsync.model.account import Account
    from adsync.wiring import Wiring


@click.command(name="doctor")
@account_option
@click.option(
    "--probe", "probing", is_flag=True, help="Ask Google what its documentation leaves open; changes nothing."
)
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], probing: bool, as_json: bool) -> int:
    """Check credentials, access, links, key events, time zones, budget, file modes and the clock; say how to mend each.

    \b
    Examples:
      adsync doctor
      adsync doctor --probe
    """
    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    return _probe(wiring, chosen, as_json) if probing else _examine(wiring, chosen, as_json)


def _examine(wiring: Wiring, accounts: tuple[Account, ...], as_json: bool) -> int:
    from adsync.doctor import Grade, examine
    from adsync.render.terminal import findings_table

    findings = examine(wiring, accounts)
    problems = sum(f.grade is Grade.PROBLEM for f in findings)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(findings))
        return 1 if problems else 0
    console().print(findings_table([(f.where, f.check, f.grade.value, f.saw, f.remedy) for f in findings]))
    if problems:
        click.echo(f"\n{problems} problem{'s' if problems > 1 else ''} to mend.")
        return 1
    click.echo("\nA night can run: adsync sync")
    return 0


def _probe(wiring: Wiring, accounts: tuple[Account, ...], as_json: bool) -> int:
    """Prints the answers, without anything that tells whose they are; what failed goes to stderr."""
    from adsync.probing import probe
    from adsync.render.probe import probe_document, probe_report
    from adsync.render.text import clean

    outcomes = probe(wiring, accounts)
    found = [o.probe for o in outcomes if o.probe is not None]
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(probe_document(found)))
    elif found:
        click.echo(probe_report(found))
    errors = [(o.account.name, o.error) for o in outcomes if o.error is not None]
    for name, error in errors:
        click.echo(f"adsync: {name}: {clean(str(error))}", err=True)
    if not errors:
        return 0
    return NotAllDone.exit_code if found else errors[0][1].exit_code
