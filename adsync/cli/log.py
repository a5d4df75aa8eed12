"""adsync log: what was changed, by adsync and by others, and what is pending."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from adsync.cli.options import DATE, account_option, console, json_option, wiring_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adsync.model.account import Account
    from adsync.model.difference import Moved
    from adsync.model.log import ChangeLogEntry
    from adsync.model.outcome_words import ReviewLine
    from adsync.model.plan import Approval, PlannedChange
    from adsync.model.policy import Policy
    from adsync.model.seal import Verified
    from adsync.wiring import Wiring


OUTSIDE_DAYS = 28
"""How far back the copies of settings are read where nobody names a day: of many accounts they are many."""


class _Head(click.ParamType[str]):
    """The 64 hexadecimal digits that `sync` and `apply` print."""

    name = "hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        head = value.strip().lower()
        if not re.fullmatch("[0-9a-f]{64}", head):
            self.fail(f"{value!r:.80} is no head: 64 hexadecimal digits, as sync and apply print them.", param, ctx)
        return head


HEAD = _Head()


@click.command(name="log")
@account_option
@click.option("--since", type=DATE, metavar="DATE", help="Only what was changed on this day (UTC) or later.")
@click.option(
    "--verify", is_flag=True, help="Check that no entry was changed, added or taken away since it was written."
)
@click.option(
    "--head",
    type=HEAD,
    metavar="HASH",
    help="With --verify: a head that was noted earlier; its log must still be there.",
)
@click.option("--pending", is_flag=True, help="Only what is planned and not applied yet.")
@click.option("--outside", is_flag=True, help="Only what others have changed.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    since: date | None,
    verify: bool,
    head: str | None,
    pending: bool,
    outside: bool,
    as_json: bool,
) -> None:
    """What was changed, why, who agreed, when, and Google's request id; what others have changed; and what is pending.

    What others have changed is what the nights' copies of the settings tell, of all that adsync decides on: conversion actions,
    goals, key events, and how campaigns bid. Google's API does not say who it was. Without --since the newest 28 days of it are
    shown. adsync diff has everything else.

    Every entry is sealed when it is written, and each seal stands on the one before. --verify finds what was changed, added or
    taken away since. An end that was cut off shows only beside a head that was noted elsewhere: `sync` and `apply` print it.

    \b
    Examples:
      adsync log --since 2026-11-01
      adsync log --outside
      adsync log --verify
    """
    if head is not None and not verify:
        raise click.UsageError("--head is for --verify.")
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if verify:
        context.exit(_verify(wiring, chosen, head or "", as_json=as_json))
    if pending and outside:
        raise click.UsageError("--pending and --outside are two of three parts; without either all are shown.")
    if pending:
        _show_pending(wiring, chosen, as_json=as_json)
        return
    moment = datetime.combine(since, time(), tzinfo=UTC) if since else None
    others = _outside(wiring, chosen, moment)
    if outside:
        _show_outside(wiring, others, since, as_json=as_json)
        return
    from adsync.review import words_that_hold

    # Without --account the whole log is shown: accounts that have left the config are part of history.
    entries = wiring.state.ledger.entries([a.customer_id for a in chosen] if accounts else (), since=moment)
    to_come = _pending(wiring, chosen)
    words = words_that_hold(chosen, wiring.state, wiring.clock.now())
    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.timeline import outside_document, pending_document

        reviews = _reviews(wiring, entries)
        rows = [
            {"kind": "entry", **_fields(e), "policy": policy, "outcome_review": reviews.get(e.id)}
            for e, policy in _with_policies(wiring, entries)
        ]
        # Beside the entries, not among them: whoever reads the log goes by what every entry has.
        click.echo(to_json(rows, outside=outside_document(others), pending=pending_document(to_come, words)))
        return
    if not entries and not any(others.values()) and not any(to_come.values()):
        click.echo("Nothing has been changed" + (f" since {since}." if since else " yet."))
        return
    _print(wiring, entries, others, to_come, words)


def _outside(wiring: Wiring, accounts: Sequence[Account], since: datetime | None) -> Mapping[str, Sequence[Moved]]:
    from adsync.differences import outside

    found: dict[str, Sequence[Moved]] = {}
    for account in accounts:
        newest = wiring.state.numbers.snapshot(account.customer_id)
        if newest is not None:
            first = since or newest.taken_at - timedelta(days=OUTSIDE_DAYS)
            found[account.name] = outside(account, wiring.state, first)
    return found


def _show_outside(wiring: Wiring, found: Mapping[str, Sequence[Moved]], since: date | None, *, as_json: bool) -> None:
    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.timeline import outside_document

        click.echo(to_json(outside_document(found)))
    elif any(found.values()):
        _print(wiring, (), found)
    else:
        when = f"since {since}" if since else f"in the newest {OUTSIDE_DAYS} days that were copied"
        click.echo(f"Nobody else has changed what adsync decides on {when}.")


def _print(
    wiring: Wiring,
    entries: Sequence[ChangeLogEntry],
    outside: Mapping[str, Sequence[Moved]],
    pending: Mapping[str, Sequence[tuple[str, PlannedChange]]] | None = None,
    words: Mapping[str, Approval] | None = None,
) -> None:
    from adsync.render.timeline import timeline_table

    names = {a.customer_id: a.name for a in wiring.settings.accounts}
    said = {entry_id: line.said for entry_id, line in _reviews(wiring, entries).items()}
    console().print(timeline_table(entries, outside, pending or {}, names, words or {}, said))


def _reviews(wiring: Wiring, entries: Sequence[ChangeLogEntry]) -> dict[int, ReviewLine]:
    """The outcome reviews of entries, by their id."""
    from adsync.changelog import reviewed_changes
    from adsync.model.outcome_words import review_line

    found = reviewed_changes(wiring.state, sorted({entry.customer_id for entry in entries}))
    return {each.entry.id: review_line(each) for each in found}


def _verify(wiring: Wiring, accounts: Sequence[Account], head: str, *, as_json: bool) -> int:
    """Exit code 1 when a log is not as it was written."""
    from adsync.errors import UsageError
    from adsync.render.seals import verified_lines

    if head and len(accounts) != 1:
        raise UsageError("A head belongs to the log of one account.", next_step="Name it: --account NAME")
    found = {account.name: wiring.state.ledger.verified(account.customer_id, head) for account in accounts}
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json([{"account": name, **_fields(each)} for name, each in found.items()]))
    else:
        for line in verified_lines(found):
            click.echo(line)
    return 1 if any(each.faults for each in found.values()) else 0


def _with_policies(wiring: Wiring, entries: Sequence[ChangeLogEntry]) -> Iterator[tuple[ChangeLogEntry, Policy | None]]:
    """Each entry and the policy that led to it, as its plan has kept it."""
    known: dict[str, Policy | None] = {}
    for entry in entries:
        plan_id = entry.change_name.rpartition("/")[0]
        if plan_id not in known:
            plan = wiring.state.ledger.plan(plan_id)
            known[plan_id] = plan.policy if plan is not None else None
        yield entry, known[plan_id]


def _fields(row: ChangeLogEntry | Verified) -> dict[str, object]:
    return {f.name: getattr(row, f.name) for f in fields(row)}


def _pending(wiring: Wiring, accounts: Sequence[Account]) -> Mapping[str, Sequence[tuple[str, PlannedChange]]]:
    from adsync.changelog import pending_changes

    return {account.name: pending_changes(account, wiring.state) for account in accounts}


def _show_pending(wiring: Wiring, accounts: Sequence[Account], *, as_json: bool) -> None:
    from adsync.review import words_that_hold

    found, words = _pending(wiring, accounts), words_that_hold(accounts, wiring.state, wiring.clock.now())
    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.timeline import pending_document

        click.echo(to_json(pending_document(found, words)))
        return
    if not any(found.values()):
        click.echo("Nothing is pending.")
        return
    from adsync.render.terminal import plan_table

    console().print(plan_table([named for each in found.values() for named in each], words=words))
