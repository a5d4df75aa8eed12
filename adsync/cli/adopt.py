"""adsync adopt: let adsync look after a conversion action that somebody else has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, wiring_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adsync.model.account import Account
    from adsync.wiring import Wiring


@click.command(name="adopt")
@account_option
@click.option("--action", "action_id", metavar="ID", help="Plan to adopt this conversion action.")
@click.option("--as", "event_name", metavar="EVENT", help="With --action: the candidate that it counts.")
@json_option
@click.pass_context
def command(
    context: click.Context, accounts: tuple[str, ...], action_id: str | None, event_name: str | None, as_json: bool
) -> None:
    """Conversion actions that others have made and that count what a candidate counts, and plans to look after one.

    adsync takes none over by itself, and makes no second one beside it. An adoption is reviewed and applied like any change; at
    Google it changes nothing. From then on the action is treated like adsync's own. adsync rollback --entry leaves it to people
    again. The main conversion is never adopted.

    \b
    Examples:
      adsync adopt
      adsync adopt --action 700000004 --as add_to_cart
    """
    if (action_id is None) != (event_name is None):
        raise click.UsageError("--action and --as go together: which action, and which candidate it counts.")
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if action_id is None or event_name is None:
        _list(wiring, chosen, as_json=as_json)
    else:
        _plan(wiring, chosen, action_id, event_name, as_json=as_json)


def _list(wiring: Wiring, accounts: Sequence[Account], *, as_json: bool) -> None:
    from adsync.adoption import adoptable
    from adsync.render.adoption import adoptable_document, adoptable_table

    found = {account.name: adoptable(account, wiring.state) for account in accounts}
    if as_json:
        from adsync.render.document import as_json as to_json

        rows = [
            {"account": name, "adoptable": None if each is None else adoptable_document(each)}
            for name, each in found.items()
        ]
        click.echo(to_json(rows))
        return
    from adsync.render.text import clean

    for name, each in found.items():
        if each is None:
            click.echo(f"{clean(name)}: nothing is copied yet. Copy it: adsync pull")
        elif each:
            console().print(adoptable_table(each, title=name))
        else:
            click.echo(f"{clean(name)}: nobody else's conversion action looks like a candidate's.")
    if any(found.values()):
        click.echo("\nLet adsync look after one:  adsync adopt --action ID --as EVENT")


def _plan(wiring: Wiring, accounts: Sequence[Account], action_id: str, event_name: str, *, as_json: bool) -> None:
    from adsync.adoption import plan_adoption
    from adsync.cli.asked import show_asked

    found = plan_adoption(action_id, event_name, accounts, wiring.state, wiring.clock)
    again = f"adsync adopt --action {action_id} --as {event_name}"
    show_asked(
        found, again=again, nothing="", beside="adsync rollback --entry leaves it to people again.", as_json=as_json
    )
