"""adsync holds: what stops automation, and how a person ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, who, wiring_of

if TYPE_CHECKING:
    from adsync.model.holds import KnownHold
    from adsync.wiring import Wiring


@click.command(name="holds")
@account_option
@click.option("--all", "everything", is_flag=True, help="Those that have ended as well, and notes, which hold nothing.")
@click.option(
    "--clear",
    "hold_id",
    type=click.IntRange(1, 2**63 - 1),
    metavar="ID",
    help="End this one: you have looked, and nothing is wrong.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; kept beside the hold.")
@json_option
@click.pass_context
def command(
    context: click.Context, accounts: tuple[str, ...], everything: bool, hold_id: int | None, reason: str, as_json: bool
) -> None:
    """What stops automation, since when, and what a person should do.

    Guards that infer something can be ended with a reason: their days are evidence again, and the same episode holds
    nothing any more. So can one about a helper that was switched by hand: adsync goes on from there. All other holds end by
    themselves when what they see is mended. A note that has been looked at is ended in the same way.

    \b
    Examples:
      adsync holds
      adsync holds --clear 4 --reason "a real sale, checked against the shop"
    """
    if (hold_id is None) != (not reason.strip()):
        raise click.UsageError("--clear and --reason go together: whoever looks at the hold later wants to know why.")
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if hold_id is not None:
        _clear(wiring, hold_id, reason.strip())
    known = wiring.state.holds.known([a.customer_id for a in chosen], lasting=not everything)
    found = known if everything else tuple(k for k in known if not k.hold.note)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    if not found:
        click.echo("Nothing is held." if not everything else "Nothing has been held yet.")
        return
    from adsync.render.holds import holds_table

    console().print(holds_table(found, {a.customer_id: a.name for a in wiring.settings.accounts}))


def _clear(wiring: Wiring, hold_id: int, reason: str) -> None:
    from adsync.nightly import judge_again

    known = _find(wiring, hold_id)
    wiring.state.holds.clear(hold_id, wiring.clock.now(), who(), reason)
    for account in wiring.settings.accounts:
        if account.customer_id == known.customer_id:
            judge_again(account, wiring.state)
    click.echo(f"Hold {hold_id} is ended. The next check counts again.", err=True)


def _find(wiring: Wiring, hold_id: int) -> KnownHold:
    from adsync.errors import Refused, UsageError

    known = next((k for k in wiring.state.holds.known(lasting=False) if k.id == hold_id), None)
    if known is None:
        raise UsageError(f"There is no hold {hold_id}.", next_step="adsync holds --all lists them.")
    if not known.lasts:
        raise UsageError(f"Hold {hold_id} has ended already.", next_step="adsync holds lists those that last.")
    if not known.clearable:
        raise Refused(
            f"Hold {hold_id} cannot be ended by a word: {known.hold.saw}",
            "It ends by itself when that is mended.",
            next_step=known.hold.todo,
        )
    return known
