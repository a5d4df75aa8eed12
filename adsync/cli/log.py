"""adsync log: what was changed, and what is pending."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from adsync.cli.options import DATE, account_option, console, json_option, wiring_of

if TYPE_CHECKING:
    from adsync.model.plan import PlannedChange


@click.command(name="log")
@account_option
@click.option("--since", type=DATE, metavar="DATE", help="Only entries of this day (UTC) and later.")
@click.option("--pending", is_flag=True, help="What is planned and not applied yet, instead of what was.")
@json_option
@click.pass_context
def command(
    context: click.Context, accounts: tuple[str, ...], since: date | None, pending: bool, as_json: bool
) -> None:
    """The change log: what was changed, why, who agreed, when, and Google's request id.

    \b
    Example:
      adsync log --since 2026-11-01
    """
    wiring = wiring_of(context, talks_to_google=False)
    chosen = wiring.settings.chosen(accounts)
    if pending:
        from adsync.changelog import pending_changes

        _show_pending([named for a in chosen for named in pending_changes(a, wiring.state)], as_json=as_json)
        return
    moment = datetime.combine(since, time(), tzinfo=UTC) if since else None
    # Without --account the whole log is shown: accounts that have left the config are part of history.
    entries = wiring.state.ledger.entries([a.customer_id for a in chosen] if accounts else (), since=moment)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(entries))
        return
    if not entries:
        click.echo("Nothing has been changed" + (f" since {since}." if since else " yet."))
        return
    from adsync.render.terminal import log_table

    console().print(log_table(entries, {a.customer_id: a.name for a in wiring.settings.accounts}))


def _show_pending(found: list[tuple[str, PlannedChange]], *, as_json: bool) -> None:
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json([{"name": name, **_plain(planned)} for name, planned in found]))
        return
    if not found:
        click.echo("Nothing is pending.")
        return
    from adsync.render.terminal import plan_table

    console().print(plan_table(found))


def _plain(planned: PlannedChange) -> dict[str, object]:
    return {"change": planned.change, "consent": planned.consent, "consent_because": planned.consent_because}
