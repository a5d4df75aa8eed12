"""adsync log: what was changed, and what is pending."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from adsync.cli.options import DATE, account_option, console, json_option, wiring_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adsync.model.account import Account
    from adsync.model.log import ChangeLogEntry
    from adsync.model.plan import PlannedChange
    from adsync.model.policy import Policy
    from adsync.model.seal import Verified
    from adsync.wiring import Wiring


@click.command(name="log")
@account_option
@click.option("--since", type=DATE, metavar="DATE", help="Only entries of this day (UTC) and later.")
@click.option(
    "--verify", is_flag=True, help="Check that no entry was changed, added or taken away since it was written."
)
@click.option(
    "--head",
    default="",
    metavar="HASH",
    help="With --verify: a head that was noted earlier; its log must still be there.",
)
@click.option("--pending", is_flag=True, help="What is planned and not applied yet, instead of what was.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    since: date | None,
    verify: bool,
    head: str,
    pending: bool,
    as_json: bool,
) -> None:
    """The change log: what was changed, why, who agreed, when, and Google's request id.

    Every entry is sealed when it is written, and each seal stands on the one before. --verify finds what was changed, added or
    taken away since. An end that was cut off shows only beside a head that was noted elsewhere: `sync` and `apply` print it.

    \b
    Examples:
      adsync log --since 2026-11-01
      adsync log --verify
    """
    if head and not verify:
        raise click.UsageError("--head is for --verify.")
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if verify:
        context.exit(_verify(wiring, chosen, head.strip().lower(), as_json=as_json))
    if pending:
        _show_pending(wiring, chosen, as_json=as_json)
        return
    moment = datetime.combine(since, time(), tzinfo=UTC) if since else None
    # Without --account the whole log is shown: accounts that have left the config are part of history.
    entries = wiring.state.ledger.entries([a.customer_id for a in chosen] if accounts else (), since=moment)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json([{**_fields(e), "policy": policy} for e, policy in _with_policies(wiring, entries)]))
        return
    if not entries:
        click.echo("Nothing has been changed" + (f" since {since}." if since else " yet."))
        return
    from adsync.render.terminal import log_table

    console().print(log_table(entries, {a.customer_id: a.name for a in wiring.settings.accounts}))


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


def _show_pending(wiring: Wiring, accounts: Sequence[Account], *, as_json: bool) -> None:
    from adsync.changelog import pending_changes
    from adsync.review import words_that_hold

    found = [named for a in accounts for named in pending_changes(a, wiring.state)]
    approvals = {k: w for a in accounts for k, w in wiring.state.ledger.approvals(a.customer_id).items()}
    words = words_that_hold(approvals, wiring.clock.now())
    if as_json:
        from adsync.render.document import as_json as to_json

        rows = [{"name": name, **_plain(planned), "word": words.get(planned.change.hash)} for name, planned in found]
        click.echo(to_json(rows))
        return
    if not found:
        click.echo("Nothing is pending.")
        return
    from adsync.render.terminal import plan_table

    console().print(plan_table(found, words=words))


def _plain(planned: PlannedChange) -> dict[str, object]:
    return {
        "change": planned.change,
        "consent": planned.consent,
        "consent_because": planned.consent_because,
        "effects": planned.effects,
    }
