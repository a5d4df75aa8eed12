"""adsync holds: what stops automation, and how a person ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import Whole, account_option, console, json_option, who, wiring_of
from adsync.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adsync.errors import UsageError
    from adsync.model.account import Account
    from adsync.model.holds import DaysAside, KnownHold
    from adsync.model.plan import Plan
    from adsync.wiring import Wiring


LONGEST_REASON = 500


@click.command(name="holds")
@account_option
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Those that have ended as well, notes, and which days of the weeks that decide are set aside.",
)
@click.option(
    "--clear",
    "hold_id",
    type=Whole(1, 2**63 - 1),
    metavar="ID",
    help="End this one: you have looked, and nothing is wrong.",
)
@click.option(
    "--restore",
    "restored_id",
    type=Whole(1, 2**63 - 1),
    metavar="ID",
    help="Plan to put back what somebody has switched by hand, as adsync left it.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; kept beside the hold.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    everything: bool,
    hold_id: int | None,
    restored_id: int | None,
    reason: str,
    as_json: bool,
) -> None:
    """What stops automation, since when, and what a person should do.

    Guards that infer something can be ended with a reason: their days are evidence again, and the same episode holds
    nothing any more. So can one about a helper that was switched by hand: adsync goes on from there, and a plan to put it back
    is dropped; or --restore plans to put it back, which is reviewed and applied like any change. All other holds end by
    themselves when what they see is mended. So does what keeps a planned change from being made, such as bidding that is still
    learning: it stands without an id. A note that has been looked at is ended in the same way.

    \b
    Examples:
      adsync holds
      adsync holds --clear 4 --reason "a real sale, checked against the shop"
      adsync holds --restore 4
    """
    if restored_id is not None and (hold_id is not None or reason):
        raise click.UsageError("--restore stands alone: the plan that it makes is reviewed, and says why.")
    reason = clean(reason).strip()
    if (hold_id is None) != (not reason):
        raise click.UsageError("--clear and --reason go together: whoever looks at the hold later wants to know why.")
    if len(reason) > LONGEST_REASON:
        raise click.UsageError(f"The reason has {len(reason)} characters; {LONGEST_REASON} are enough to say why.")
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if restored_id is not None:
        _restore(wiring, restored_id, chosen if accounts else wiring.settings.accounts, as_json=as_json)
        return
    if hold_id is not None:
        _clear(wiring, hold_id, reason, chosen if accounts else wiring.settings.accounts)
    from adsync.model.holds import with_endings

    ids = [a.customer_id for a in chosen]
    known = with_endings(wiring.state.holds.known(ids, lasting=not everything), wiring.state.ledger.entries(ids))
    found = known if everything else tuple(k for k in known if not k.hold.note)
    from adsync.overview import obstacles

    blocked = tuple(each for account in chosen for each in obstacles(account, wiring.state))
    aside = tuple(_set_aside(wiring, chosen)) if everything else ()
    if as_json:
        from adsync.render.document import as_json as to_json

        beside = {"blocked": blocked} | ({"set_aside": aside} if everything else {})
        click.echo(to_json(found, **beside))
        return
    from adsync.render.holds import holds_table, set_aside_table

    names = {a.customer_id: a.name for a in wiring.settings.accounts}
    if found or blocked:
        console().print(holds_table(found, names, blocked))
    else:
        click.echo("Nothing is held." if not everything else "Nothing has been held yet.")
    if aside:
        click.echo("\nSet aside in the weeks that decide:")
        console().print(set_aside_table(aside, names))


def _set_aside(wiring: Wiring, accounts: Sequence[Account]) -> Iterator[DaysAside]:
    from adsync.changelog import current_snapshot
    from adsync.model.holds import DaysAside, is_same
    from adsync.overview import concluded

    for account in accounts:
        snapshot = current_snapshot(account, wiring.state)
        if snapshot is None:
            continue
        known = wiring.state.holds.known([account.customer_id], lasting=False)
        for days in concluded(account, wiring.state, snapshot, snapshot.state.as_of).set_aside:
            alike = (k for k in reversed(known) if k.hold.code == days.code)
            ids = (k.id for k in alike if is_same(k.hold.name, days.since, (k.hold.name, k.hold.since)))
            yield DaysAside(customer_id=account.customer_id, hold_id=next(ids, None), days=days)


def _clear(wiring: Wiring, hold_id: int, reason: str, accounts: Sequence[Account]) -> None:
    from adsync.restoring import drop_restoring

    known = _find(wiring, hold_id, accounts)
    account = next(each for each in accounts if each.customer_id == known.customer_id)
    # First, for nothing may put back in between what has just been found right.
    dropped = drop_restoring(known, account, wiring.state, wiring.clock)
    if not wiring.state.holds.clear(hold_id, wiring.clock.now(), who(), reason):
        # Somebody else was quicker by a moment.
        raise _ended(_known(wiring, hold_id, accounts) or known)
    others = [k for k in wiring.state.holds.known([known.customer_id]) if not k.hold.note]
    left = [f"Hold {k.id} still holds: {clean(k.hold.saw)}" for k in others] or ["The next check counts again."]
    click.echo(" ".join([f"Hold {hold_id} is ended.", *_dropped(dropped), *left]), err=True)


def _dropped(plans: tuple[Plan, Plan] | None) -> list[str]:
    """What has become of a plan to put back what was found right."""
    if plans is None:
        return []
    before, after = plans
    rest = [f"What else was asked for is now plan {after.id}."] if after.changes else []
    return [f"The plan to put it back, {before.id}, is dropped.", *rest]


def _restore(wiring: Wiring, hold_id: int, accounts: Sequence[Account], *, as_json: bool) -> None:
    from adsync.cli.asked import show_asked
    from adsync.restoring import plan_restoring

    known = _lasting(wiring, hold_id, accounts)
    account = next(each for each in accounts if each.customer_id == known.customer_id)
    show_asked(
        plan_restoring(known, account, wiring.state, wiring.clock),
        again=f"adsync holds --restore {hold_id}",
        nothing="It stands as adsync left it: there is nothing to put back. The next night ends the hold.",
        beside="What was counted and learned in the meantime stays as it is. The hold ends when the plan is carried out.",
        as_json=as_json,
    )


def _find(wiring: Wiring, hold_id: int, accounts: Sequence[Account]) -> KnownHold:
    from adsync.errors import Refused

    known = _lasting(wiring, hold_id, accounts)
    if not known.clearable:
        raise Refused(
            f"Hold {hold_id} cannot be ended by a word: {known.hold.saw}",
            "It ends by itself when that is mended.",
            next_step=known.hold.todo,
        )
    return known


def _lasting(wiring: Wiring, hold_id: int, accounts: Sequence[Account]) -> KnownHold:
    from adsync.errors import UsageError

    known = _known(wiring, hold_id, accounts)
    if known is None:
        of = ", ".join(account.name for account in accounts)
        raise UsageError(f"There is no hold {hold_id} of {of}.", next_step="adsync holds --all lists them.")
    if not known.lasts:
        raise _ended(known)
    return known


def _known(wiring: Wiring, hold_id: int, accounts: Sequence[Account]) -> KnownHold | None:
    owners = [account.customer_id for account in accounts]
    return next((k for k in wiring.state.holds.known(owners, lasting=False) if k.id == hold_id), None)


def _ended(known: KnownHold) -> UsageError:
    from adsync.errors import UsageError

    said = f"{known.cleared_by} ended it: {known.reason}" if known.cleared_at is not None else ""
    return UsageError(f"Hold {known.id} has ended already.", said, next_step="adsync holds lists those that last.")
