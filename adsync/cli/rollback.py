"""adsync rollback: plan to take changes back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from adsync.cli.asked import show_asked
from adsync.cli.options import DATE, Whole, json_option, not_in_the_future, wiring_of

if TYPE_CHECKING:
    from adsync.planning import Asked
    from adsync.wiring import Wiring


@click.command(name="rollback")
@click.option(
    "--entry",
    "entry_id",
    type=Whole(1, 2**63 - 1),
    metavar="ID",
    help="This entry of the change log (adsync log).",
)
@click.option("--plan", "plan_id", metavar="PLAN", help="Whatever was made of this plan, such as shop-2026-03-02-1.")
@click.option("--to", "day", type=DATE, metavar="DATE", help="Whatever adsync has changed after this day.")
@click.option("--account", "name", metavar="NAME", help="With --to: of this account.")
@json_option
@click.pass_context
def command(
    context: click.Context, entry_id: int | None, plan_id: str | None, day: date | None, name: str | None, as_json: bool
) -> None:
    """Plan to take changes back. The plan is reviewed and applied like any other; nothing is changed yet.

    What was moved several times goes in one step to where it was. A rollback is a plan and can be taken back as well.

    \b
    Examples:
      adsync rollback --entry 4
      adsync rollback --plan shop-2026-03-02-1
      adsync rollback --account shop --to 2026-03-02
    """
    if sum(given is not None for given in (entry_id, plan_id, day)) != 1:
        raise click.UsageError("Say what to take back: --entry ID, --plan PLAN or --to DATE, one of them.")
    if name is not None and day is None:
        raise click.UsageError("--account is for --to: an entry and a plan have their account.")
    wiring = wiring_of(context, talks_to_google=False)
    again = _again(entry_id, plan_id, day, name)
    found = _planned(wiring, entry_id, plan_id, day, name)
    show_asked(
        found,
        again=again,
        nothing="Everything stands as it did: there is nothing to take back.",
        beside="What was counted and learned in the meantime stays as it is: only settings are taken back.",
        as_json=as_json,
    )


def _planned(wiring: Wiring, entry_id: int | None, plan_id: str | None, day: date | None, name: str | None) -> Asked:
    from adsync.errors import UsageError
    from adsync.rollback import plan_rollback, plan_rollback_of_plan, plan_rollback_to

    settings = wiring.settings
    if entry_id is not None:
        return plan_rollback(entry_id, settings.accounts, wiring.state, wiring.clock)
    if plan_id is not None:
        return plan_rollback_of_plan(plan_id, settings.accounts, wiring.state, wiring.clock)
    assert day is not None
    not_in_the_future(day, wiring)
    chosen = settings.chosen((name,) if name else ())
    if len(chosen) != 1:
        raise UsageError(f"Of which account? The config has {len(chosen)}.", next_step="Name one: --account NAME")
    return plan_rollback_to(day, chosen[0], wiring.state, wiring.clock)


def _again(entry_id: int | None, plan_id: str | None, day: date | None, name: str | None) -> str:
    account = f" --account {name}" if name else ""
    what = (
        f"--entry {entry_id}" if entry_id is not None else f"--plan {plan_id}" if plan_id is not None else f"--to {day}"
    )
    return f"adsync rollback{account} {what}"
