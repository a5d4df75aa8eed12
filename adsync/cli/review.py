"""adsync review: a person says yes or no."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, who, wiring_of

if TYPE_CHECKING:
    from adsync.model.account import Account
    from adsync.model.plan import Approval, Plan
    from adsync.review.choose import Named
    from adsync.wiring import Wiring


_ANSWERS = ("y", "yes", "n", "no", "s", "skip", "q", "quit")


@click.command(name="review")
@account_option
@click.option(
    "--approve", multiple=True, metavar="WHAT", help="A change (shop-2026-11-21-1/2), a plan, a kind (promote), or all."
)
@click.option("--refuse", multiple=True, metavar="WHAT", help="The same, to say no.")
@click.option(
    "--from",
    "form",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Yes and no from a file: lists `approve` and `refuse`.",
)
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    approve: tuple[str, ...],
    refuse: tuple[str, ...],
    form: Path | None,
) -> None:
    """Say yes or no to each planned change. Without options it asks, one change after another.

    A yes holds for exactly the change that was shown, for 7 days; `adsync apply` or the next night carries it out. A group is
    one thing: its steps are agreed to with their calendar, each for 7 days from its own date. A kind, or "all", agrees to what
    waits only: what was refused stays refused unless it is named. A no to a plan that somebody has asked for, such as a rollback,
    and that can only be proposed drops it.

    \b
    Examples:
      adsync review
      adsync review --account shop --approve key_event
    """
    from adsync.changelog import pending_changes
    from adsync.errors import UsageError
    from adsync.model.group import bundled
    from adsync.planning import drop
    from adsync.review import choose, read_form, said_already, words_that_hold

    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    pending = [named for account in chosen for named in pending_changes(account, wiring.state)]
    if form is not None:
        # Once: what comes through a pipe can be read no second time.
        yes_to, no_to = read_form(form)
        approve, refuse = (*approve, *yes_to), (*refuse, *no_to)
    if approve or refuse:
        dropped = _dropped(wiring, chosen, refuse)
        refuse = tuple(word for word in refuse if not any(_means(word, plan) for plan in dropped))
        yes, no = choose(pending, approve), choose(pending, refuse)
        words = words_that_hold(chosen, wiring.state, wiring.clock.now())
        kept = said_already(yes, approve, words)
        yes = tuple(named for named in yes if named not in kept)
        both = [name for name, _ in yes if name in dict(no)]
        if both:
            raise UsageError(f"Yes and no are said to {', '.join(both)}.", "Nothing was decided.")
        _say(wiring, yes, no)
        for plan in dropped:
            drop(plan, dict(plan.numbered()), wiring.state, wiring.clock)
            click.echo(f"Plan {plan.id} is dropped: nothing of it could be applied.")
        if yes or no or not (kept or dropped):
            said = (*approve, *refuse)
            click.echo(_told(len(bundled(yes)), len(bundled(no)), _only_proposed(pending, said), said))
        for bundle in bundled(kept):
            click.echo(_stays(bundle, words))
        if yes:
            _warn(wiring, chosen)
        return
    if form is not None:
        click.echo(f"The review form {form} says yes or no to nothing; nothing was decided.")
        return
    _ask(wiring, chosen)


def _dropped(wiring: Wiring, accounts: Sequence[Account], refused: Sequence[str]) -> list[Plan]:
    """The plans that a person has asked for, of which nothing can be applied, and to which this says no by name."""
    from adsync.planning import dead_ends

    found = [plan for account in accounts for plan in dead_ends(account, wiring.state)]
    return [plan for plan in found if any(_means(word, plan) for word in refused)]


def _means(word: str, plan: Plan) -> bool:
    return word in (plan.id, *(name for name, _ in plan.numbered()))


def _stays(bundle: Sequence[Named], words: Mapping[str, Approval]) -> str:
    """Why a yes to all, or to a kind, leaves a change as it is."""
    name = bundle[0][0]
    said = [words[planned.change.hash] for _, planned in bundle if planned.change.hash in words]
    no = next((word for word in said if not word.approved), None)
    if no is None:
        until = min(word.until for word in said)
        return f"{name} was approved already by {said[0].by}, until {until:%Y-%m-%d}. Carry it out:  adsync apply"
    return (
        f"{name} was refused by {no.by} on {no.at:%Y-%m-%d} and stays so until {no.until:%Y-%m-%d}. "
        f"Approve it anyway:  adsync review --approve {name}"
    )


def _warn(wiring: Wiring, accounts: Sequence[Account]) -> None:
    """Of changes that are agreed to and not meant side by side: which one goes first, and how to keep the other."""
    from adsync.changelog import pending_changes
    from adsync.model.opposed import rules_out
    from adsync.render.plan_words import verb
    from adsync.render.text import clean
    from adsync.review import contradictions, words_that_hold

    pending = [named for account in accounts for named in pending_changes(account, wiring.state)]
    for (first, one), (later, other) in contradictions(
        pending, words_that_hold(accounts, wiring.state, wiring.clock.now())
    ):
        then = "is not made any more" if rules_out(one.change, other.change) else "takes it back again"
        click.echo(
            f"adsync: {first} ({verb(one.change)}) and {later} ({verb(other.change)}) contradict each other: both are about "
            f'"{clean(other.change.title)}". The first goes first, and then the second {then}. Refuse the one that '
            f"is not meant:  adsync review --refuse {first}  or  {later}",
            err=True,
        )


def _only_proposed(pending: Sequence[Named], wanted: Sequence[str]) -> int:
    """How many of the changes that were meant adsync does not apply, whoever agrees."""
    from adsync.model.plan import Consent
    from adsync.review import is_meant

    return sum(p.consent is Consent.PROPOSAL and any(is_meant(w, name, p) for w in wanted) for name, p in pending)


def _told(approved: int, refused: int, proposed: int = 0, wanted: Sequence[str] = ()) -> str:
    """What was decided, and the next step. wanted: the words that were said."""
    if not approved and not refused and proposed:
        what = "All that is planned" if "all" in wanted else "What is of that kind"
        return f"{what} is only proposed; nothing was decided. Why:  adsync plan"
    if not approved and not refused and "all" in wanted:
        return "Nothing is planned that is not done yet; nothing was decided."
    if not approved and not refused:
        return "No change is of that kind; nothing was decided. See what waits:  adsync log --pending"
    parts = [f"{number} {word}" for number, word in ((approved, "approved"), (refused, "refused")) if number]
    return f"{', '.join(parts)}." + (" Carry it out:  adsync apply" if approved else "")


def _say(wiring: Wiring, yes: Sequence[Named], no: Sequence[Named]) -> None:
    """Stores all of it or nothing."""
    from adsync.review import verdicts

    by, now = who(), wiring.clock.now()
    said = (*verdicts(yes, approved=True, by=by, now=now), *verdicts(no, approved=False, by=by, now=now))
    wiring.state.ledger.approve(said)


def _ask(wiring: Wiring, accounts: Sequence[Account]) -> None:
    from adsync.model.group import bundled
    from adsync.overview import waiting_for_person
    from adsync.render.grades import change_lines
    from adsync.render.plan_words import bundle_row
    from adsync.render.terminal import rows_table, text

    waits = [named for a in accounts for named in waiting_for_person(a, wiring.state, wiring.clock.now())]
    if not waits:
        click.echo("Nothing waits for review.")
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on. Say it with --approve, --refuse or --from FILE.")
    for line in change_lines(planned.change for _, planned in waits):
        console().print(text(f"{line}\n", "dim"))
    said = {True: 0, False: 0}
    try:
        for bundle in bundled(waits):
            console().print(rows_table([bundle_row(bundle)]))
            answer = click.prompt(
                "Approve? [y]es, [n]o, [s]kip, [q]uit", type=click.Choice(_ANSWERS), show_choices=False
            )
            if answer[0] == "q":
                break
            if answer[0] != "s":
                approved = answer[0] == "y"
                _say(wiring, bundle if approved else [], [] if approved else bundle)
                said[approved] += 1
    finally:
        # Each word is kept at once; who breaks off should know what was said.
        if any(said.values()):
            click.echo(f"\n{_told(said[True], said[False])}")
            _warn(wiring, accounts)
    if not any(said.values()):
        click.echo("Nothing was decided.")
