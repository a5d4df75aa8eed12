"""adsync score without a log: what the accounts' own numbers say about their candidates."""

from __future__ import annotations

from datetime import date

import click

from adsync.cli.options import console, not_in_the_future, wiring_of

WITHOUT_CONFIG = "No config is needed by: adsync score --events export/ --macro purchase   or: adsync score --names"


def show_account_scores(
    context: click.Context, accounts: tuple[str, ...], as_of: date | None, *, as_json: bool
) -> None:
    """Every candidate of each account, from what is stored: Google is not asked."""
    from adsync.account_scores import stored_scores
    from adsync.errors import SettingsError

    try:
        wiring = wiring_of(context, talks_to_google=False)
    except SettingsError as error:
        # Whoever has no config may have meant one of the ways that need none.
        raise SettingsError(
            error.what, error.because, next_step=f"{error.next_step} {WITHOUT_CONFIG}".strip()
        ) from None
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
