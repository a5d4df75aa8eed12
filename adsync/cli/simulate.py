"""adsync simulate: what a policy does with accounts of which the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import Whole, console, helpers_option, json_option, progress, settings_of
from adsync.model.presets import PRESETS, preset

if TYPE_CHECKING:
    from adsync.decide.replay import Answers
    from adsync.model.policy import Policy

ANSWER_DAYS = 5


@click.command(name="simulate")
@click.option(
    "--account",
    "account_name",
    metavar="NAME",
    help="Under this account's policy and approvals (default: adsync's own, without any config).",
)
@click.option(
    "--preset",
    "preset_name",
    type=click.Choice(tuple(PRESETS)),
    help="With the values of this preset; with --account, in place of the account's own.",
)
@click.option(
    "--kind", "kinds", multiple=True, metavar="NAME", help="Only this kind of account; may be given several times."
)
@click.option(
    "--accounts",
    type=Whole(20, 100_000),
    default=200,
    show_default=True,
    metavar="N",
    help="How many of each.",
)
@helpers_option
@click.option(
    "--answer-days",
    type=Whole(0, 365),
    metavar="N",
    help="With --account: how long a person takes to approve what its config leaves to a person.  [default: 5]",
)
@click.option(
    "--seed",
    type=Whole(0),
    default=7,
    show_default=True,
    metavar="N",
    help="The same seed draws the same accounts.",
)
@click.option("--processes", type=Whole(1, 64), default=2, show_default=True, metavar="N", help="How many work at it.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    account_name: str | None,
    preset_name: str | None,
    kinds: tuple[str, ...],
    accounts: int,
    helpers: int,
    answer_days: int | None,
    seed: int,
    processes: int,
    as_json: bool,
) -> None:
    """Let the rule decide simulated years of accounts that are steady, grow, fade, have seasons or broken tags.

    Shows how often it retires helpers that were needed, how soon it acts, and how far chance alone may carry these
    figures (±, one standard error). Needs no config, state or credentials.

    \b
    Examples:
      adsync simulate --kind steady-25 --accounts 40
      adsync simulate --preset cautious --kind steady-45 --accounts 40
      adsync simulate --account shop --kind fall --accounts 20
    """
    from adsync.errors import UsageError
    from adsync.simulate.kinds import KINDS
    from adsync.simulate.run import Task, simulate

    if answer_days is not None and account_name is None:
        raise UsageError(
            "--answer-days goes with --account.",
            "Without an account everything runs by itself, and nobody is asked.",
            next_step="Name one: adsync simulate --account shop --answer-days 5",
        )
    unknown = [name for name in kinds if name not in KINDS]
    if unknown:
        raise UsageError(f"There is no kind {unknown[0]!r}.", f"There are: {', '.join(KINDS)}.")
    policy, answers = _settings(context, account_name, ANSWER_DAYS if answer_days is None else answer_days)
    if preset_name is not None:
        policy = preset(preset_name, policy)
    task = Task(
        policy=policy,
        answers=answers,
        kinds=tuple(dict.fromkeys(kinds)) or tuple(KINDS),
        accounts=accounts,
        helpers=helpers,
        seed=seed,
    )
    with progress(context, accounts * len(task.kinds), "Living years") as step:
        found = simulate(task, processes=processes, progress=lambda more: step("", more))
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    from adsync.render.simulation import simulation_table

    console().print(simulation_table(found))
    click.echo(f"{accounts} accounts of each kind over 365 nights. ± is one standard error of the simulation.")


def _settings(context: click.Context, account_name: str | None, answer_days: int) -> tuple[Policy, Answers]:
    from adsync.decide.replay import AT_ONCE, Answers
    from adsync.model.policy import Policy

    if account_name is None:
        return Policy(), AT_ONCE
    (account,) = settings_of(context).chosen((account_name,))
    return account.policy, Answers.of(account.auto, answer_days)
