"""adsync score without a log: what the accounts' own numbers say about their candidates."""

from __future__ import annotations

from datetime import date

import click

from adsync.cli.options import console, not_in_the_future, wiring_of


def show_account_scores(
    context: click.Context, accounts: tuple[str, ...], as_of: date | None, *, as_json: bool
) -> None:
    """Every candidate of each account, from what is stored: Google is not asked."""
    from adsync.account_scores import stored_scores

    wiring = wiring_of(context, talks_to_google=False)
    not_in_the_future(as_of, wiring)
    found = [stored_scores(account, wiring.state, as_of=as_of) for account in wiring.settings.chosen(accounts)]
    if as_json:
        from adsync.render.account_scores import account_document
        from adsync.render.document import as_json as to_json

        click.echo(to_json([account_document(each) for each in found]))
        return
    from adsync.render.account_scores import account_lines
    from adsync.render.terminal import text

    terminal = console()
    for number, each in enumerate(found):
        if number:
            terminal.print(text(""))
        for line in account_lines(each):
            terminal.print(line)
