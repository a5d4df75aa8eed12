"""adsync goals: which conversion actions each campaign bids on."""

from __future__ import annotations

import click

from adsync.cli.options import account_option, console, json_option, wiring_of


@click.command(name="goals")
@account_option
@click.option("--all", "everything", is_flag=True, help="Paused campaigns and actions that record nothing as well.")
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Which conversion actions each campaign bids on, now and after the open plan, and why. What was refused is left out.

    A custom goal beats a campaign's own goals, and those beat the account's; only the last two look at whether an action is
    primary. Reads what is stored and asks Google nothing.

    \b
    Examples:
      adsync goals
      adsync goals --account shop --all --json
    """
    from adsync.goals import goals_of
    from adsync.render.goals import goals_document, goals_lines

    wiring = wiring_of(context, talks_to_google=False)
    chosen, now = wiring.settings.chosen(accounts), wiring.clock.now()
    found = [goals_of(account, wiring.state, now, everything=everything) for account in chosen]
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(
            to_json(
                [
                    {"account": g.account, "as_of": g.as_of, "planned": g.planned, "groups": goals_document(g.groups)}
                    for g in found
                ]
            )
        )
        return
    from adsync.render.terminal import text

    out = console()
    for goals in found:
        out.print(text(_intro(goals.account, goals.as_of, len(goals.groups), len(goals.planned)), "bold"))
        for line in goals_lines(goals.groups, planned=bool(goals.planned)):
            out.print(line)


def _intro(account: str, as_of: object, groups: int, planned: int) -> str:
    from adsync.model.figures import number_of

    if as_of is None:
        return f"{account}: nothing is copied yet. Copy it: adsync pull"
    if not groups:
        return f"{account}, as of {as_of}: no campaign bids for conversions by itself."
    changes = f", with {number_of(planned, 'open change')} that may still be made" if planned else ""
    return f"{account}, as of {as_of}{changes}"
