"""adsync status: where each account stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, as_of_option, console, json_option, not_in_the_future, wiring_of

if TYPE_CHECKING:
    from adsync.model.account import Account
    from adsync.model.overview import Overview
    from adsync.model.scope import ScopeKind
    from adsync.wiring import Wiring


@click.command(name="status")
@account_option
@as_of_option
@json_option
@click.pass_context
def command(context: click.Context, accounts: tuple[str, ...], as_of: date | None, as_json: bool) -> None:
    """Where each account stands, those that need a person first. Reads what is stored and asks Google nothing.

    \b
    Example:
      adsync status
    """
    wiring = wiring_of(context, talks_to_google=False)
    not_in_the_future(as_of, wiring)
    chosen = wiring.settings.chosen(accounts)
    found = sorted(
        (*_faulty(wiring, accounts), *(_overview(account, wiring, as_of) for account in chosen)),
        key=lambda o: (o.urgency, o.account),
    )
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    from adsync.render.terminal import scopes_table, status_table, text

    out = console()
    out.print(status_table(found))
    if len(found) == 1 or accounts:
        for overview in found:
            for line in _details(overview):
                out.print(text(line))
            if overview.scopes:
                out.print(text(""))
                if len(overview.scopes) > 1:
                    (account,) = wiring.settings.chosen((overview.account,))
                    out.print(text(_parts(len(overview.scopes), account.scope)))
                out.print(scopes_table(overview.scopes))


def _parts(count: int, kind: ScopeKind) -> str:
    """What the table of several scopes is about."""
    alone = "Each campaign is decided alone, or with its portfolio"
    together = "Campaigns that learn from the same conversions are decided as one"
    return (
        f"{alone if kind == 'campaign' else together}; here are {count} such parts, and what each asks for by itself."
    )


def _faulty(wiring: Wiring, accounts: tuple[str, ...]) -> list[Overview]:
    from adsync.model.overview import Overview, Urgency

    return [
        Overview(account=f.name, urgency=Urgency.FAULTY, stands="Set aside.", todo=f.problem)
        for f in wiring.settings.faulty
        if not accounts or f.name in accounts
    ]


def _overview(account: Account, wiring: Wiring, as_of: date | None) -> Overview:
    from adsync.overview import overview

    return overview(account, wiring.state, wiring.clock, as_of=as_of)


def _details(overview: Overview) -> list[str]:
    lines = [""]
    if overview.primary:
        lines.append(f"Used for bidding beside the main conversion: {', '.join(overview.primary)}.")
    if overview.observed:
        lines.append(f"Observed: {', '.join(overview.observed)}.")
    if overview.others:
        lines.append(
            f"Campaigns bid on what adsync leaves alone, too: {', '.join(overview.others)}. Which ones:  adsync goals"
        )
    if overview.line:
        lines.append(overview.line)
    if overview.where:
        lines.append(overview.where)
    if overview.evidence:
        lines.append(overview.evidence)
    lines += overview.under_way
    lines += [review.named for review in overview.reviews]
    if overview.as_of is not None and overview.pulled_at is not None:
        lines.append(f"Numbers as of {overview.as_of}, copied {overview.pulled_at:%Y-%m-%d %H:%M} UTC.")
    if overview.not_known:
        lines.append(overview.not_known)
    return lines
