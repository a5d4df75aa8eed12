"""adsync diff: what has become of an account's settings between two days."""

from __future__ import annotations

from datetime import date

import click

from adsync.cli.options import DATE, account_option, console, json_option, not_in_the_future, wiring_of


@click.command(name="diff")
@account_option
@click.option("--from", "first", type=DATE, required=True, metavar="DATE", help="From how it stood on this night.")
@click.option(
    "--to", "last", type=DATE, metavar="DATE", help="To how it stood on this night (default: the newest copy)."
)
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], first: date, last: date | None, as_json: bool) -> None:
    """What moved in conversion actions, goals, campaigns and key events, between which copies, and whether adsync did it.

    Google keeps no history of goals and actions that a program could ask for; these are the nights' own copies.
    What adsync has changed since the newest one is named by its entries.

    \b
    Example:
      adsync diff --from 2026-03-02
    """
    from adsync.differences import moved_between, not_copied_yet
    from adsync.errors import UsageError

    wiring = wiring_of(context, talks_to_google=False)
    not_in_the_future(first, wiring)
    until = last or date.max
    if until < first:
        raise UsageError(f"{until} lies before {first}.", next_step="Turn --from and --to round.")
    chosen = wiring.settings.chosen(accounts)
    found = {account.name: moved_between(account, wiring.state, first, until) for account in chosen}
    new = {account.name: [e.id for e in not_copied_yet(account, wiring.state, until)] for account in chosen}
    if as_json:
        from adsync.render.differences import differences_document
        from adsync.render.document import as_json as to_json

        rows = [
            {"account": name, "moved": differences_document(moved), "not_copied_yet": new[name]}
            for name, moved in found.items()
        ]
        click.echo(to_json(rows))
        return
    from adsync.model.figures import listed
    from adsync.render.differences import differences_table
    from adsync.render.text import clean

    for name, moved in found.items():
        if moved:
            console().print(differences_table(moved, title=name))
        else:
            click.echo(f"{clean(name)}: nothing has moved.")
        if new[name]:
            which = f"entr{'y' if len(new[name]) == 1 else 'ies'} {listed([str(each) for each in new[name]])}"
            click.echo(
                f"{clean(name)}: what adsync has changed since the newest copy comes with the next: {which} (adsync log)."
            )
