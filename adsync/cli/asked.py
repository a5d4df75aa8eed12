"""What commands print of a plan that a person has asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import console
from adsync.render.text import clean

if TYPE_CHECKING:
    from adsync.planning import Asked


def show_asked(found: Asked, *, again: str, nothing: str, beside: str, as_json: bool) -> None:
    """The plan, what is left out of it, and the next step.

    again: the command that makes it anew. nothing: what is said where there is no plan. beside: what else is to be known.
    Raises Refused where all of it is only proposed.
    """
    for words in found.left:
        click.echo(f"adsync: {clean(words)}", err=True)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found.plan))
        return
    if found.plan is None:
        click.echo(nothing)
        return
    from adsync.errors import Refused
    from adsync.model.plan import Consent
    from adsync.render.terminal import plan_table, text

    out = console()
    out.print(plan_table(found.plan.numbered(), words=found.words))
    if all(p.consent is Consent.PROPOSAL for p in found.plan.changes):
        raise Refused(
            "It cannot be applied as things are.",
            found.plan.changes[0].consent_because,
            next_step=f"When that has been settled: {again}   or drop it: adsync review --refuse {found.plan.id}",
        )
    out.print(f"\n{beside}")
    if found.earlier:
        out.print(
            text(
                f"Asked for before, and in this plan as well: {', '.join(found.earlier)}. Leave that out:  adsync review "
                f"{' '.join(f'--refuse {name}' for name in found.earlier)}"
            )
        )
    refused = [word for word in found.words.values() if not word.approved]
    if refused:
        part = "It" if len(refused) == len(found.plan.changes) else "A part of it"
        out.print(
            text(
                f"{part} was refused by {refused[0].by} on {refused[0].at:%Y-%m-%d}, until {refused[0].until:%Y-%m-%d}."
            )
        )
    word = "Approve it anyway" if refused else "Say yes"
    out.print(f"{word}:  adsync review --account {found.account.name} --approve {found.plan.id}   then:  adsync apply")
