"""adsync rollback: plan to take a change back."""

from __future__ import annotations

import click

from adsync.cli.options import console, json_option, wiring_of


@click.command(name="rollback")
@click.option(
    "--entry",
    "entry_id",
    type=click.IntRange(1, 2**63 - 1),
    required=True,
    metavar="ID",
    help="The entry of the change log (adsync log).",
)
@json_option
@click.pass_context
def command(context: click.Context, entry_id: int, as_json: bool) -> None:
    """Plan to take a change back. The plan is reviewed and applied like any other; nothing is changed yet.

    \b
    Example:
      adsync rollback --entry 4
    """
    from adsync.rollback import plan_rollback

    wiring = wiring_of(context, talks_to_google=False)
    account, plan = plan_rollback(entry_id, wiring.settings.accounts, wiring.state, wiring.clock)
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(plan))
        return
    from adsync.errors import Refused
    from adsync.model.plan import Consent
    from adsync.render.terminal import plan_table

    out = console()
    out.print(plan_table(plan.numbered()))
    if all(p.consent is Consent.PROPOSAL for p in plan.changes):
        raise Refused(
            "It cannot be applied as things are.",
            plan.changes[0].consent_because,
            next_step=f"When that has been settled: adsync rollback --entry {entry_id}",
        )
    out.print("\nWhat was counted and learned in the meantime stays as it is: only the setting is taken back.")
    out.print(f"Say yes:  adsync review --account {account.name} --approve {plan.id}   then:  adsync apply")
