"""adsync doctor: is everything as a night needs it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, wiring_of
from adsync.errors import NotAllDone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adsync.doctor import Finding
    from adsync.model.account import Account
    from adsync.wiring import Wiring


@click.command(name="doctor")
@account_option
@click.option(
    "--probe", "probing", is_flag=True, help="Ask Google what its documentation leaves open; changes nothing."
)
@click.option("--all", "show_all", is_flag=True, help="Show what is well, too.")
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], probing: bool, show_all: bool, as_json: bool) -> int:
    """Check credentials, access, links, key events, time zones, budget, file modes and the clock; say how to mend each.

    What is well is a number, and shown with --all.

    \b
    Examples:
      adsync doctor
      adsync doctor --all
      adsync doctor --probe
    """
    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    if probing:
        return _probe(wiring, chosen, as_json)
    return _examine(wiring, chosen, as_json=as_json, show_all=show_all)


def _examine(wiring: Wiring, accounts: tuple[Account, ...], *, as_json: bool, show_all: bool) -> int:
    from adsync.doctor import Grade, examine
    from adsync.render.terminal import findings_table

    findings = examine(wiring, accounts)
    problems = sum(f.grade is Grade.PROBLEM for f in findings)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(findings))
        return 1 if problems else 0
    shown = [f for f in findings if show_all or f.grade is not Grade.OK]
    if shown:
        console().print(findings_table([(f.where, f.check, f.grade.value, f.saw, f.remedy) for f in shown]))
        click.echo()
    click.echo(_counted(findings, hidden=len(findings) - len(shown)))
    if problems:
        click.echo(f"{problems} problem{'s' if problems > 1 else ''} to mend.")
        return 1
    click.echo("A night can run: adsync sync")
    return 0


def _counted(findings: Sequence[Finding], *, hidden: int) -> str:
    """How many checks ended how, and where to see those that are not shown."""
    from adsync.doctor import Grade
    from adsync.model.figures import number_of

    count = {grade: sum(f.grade is grade for f in findings) for grade in Grade}
    well = f"{number_of(len(findings), 'check')}: {count[Grade.OK]} ok"
    others = [number_of(count[grade], grade.value) for grade in (Grade.WARNING, Grade.PROBLEM) if count[grade]]
    return f"{', '.join([well, *others])}.{' Those that are ok:  adsync doctor --all' if hidden else ''}"


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
