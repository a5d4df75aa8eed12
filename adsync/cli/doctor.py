"""adsync doctor: is everything as a night needs it?"""

from __future__ import annotations

import click

from adsync.cli.options import account_option, console, json_option, wiring_of


@click.command(name="doctor")
@account_option
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], as_json: bool) -> int:
    """Check credentials, access, links, key events, time zones, budget, file modes and the clock; say how to mend each.

    \b
    Example:
      adsync doctor
    """
    from adsync.doctor import Grade, examine
    from adsync.render.terminal import findings_table

    wiring = wiring_of(context)
    findings = examine(wiring, wiring.settings.chosen(accounts))
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
