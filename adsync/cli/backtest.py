"""adsync backtest: what the rule would have done with a history."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.cli.options import (
    DATE,
    Number,
    Whole,
    console,
    helpers_option,
    json_option,
    progress,
    wiring_of,
    write_page,
)

if TYPE_CHECKING:
    from adsync.backtest.run import Case

ANSWER_DAYS = 5
LARGEST = 16 << 20
"""Bytes of a file of counts."""


@click.command(name="backtest")
@click.option(
    "--counts",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Daily counts as CSV: date,macro[,micro][,clicks][,cost]; - reads stdin.",
)
@click.option("--account", "account_name", metavar="NAME", help="What is stored of this account, under its policy.")
@click.option("--campaign", default="", metavar="NAME", help="With --account: the campaigns that learn with this one.")
@click.option("--demand", type=Number(5, 1000), metavar="N", help="Another demand line, in 30 days.")
@helpers_option
@click.option("--first", type=DATE, metavar="DATE", help="The first night (default: after 14 known weeks).")
@click.option("--last", type=DATE, metavar="DATE", help="The last night (default: the newest).")
@click.option(
    "--answer-days",
    type=Whole(0, 365),
    metavar="N",
    help="How long a person takes to approve what does not run by itself (default: 5 where an account's config leaves it "
    "to a person). With --counts: every change (default: 0).",
)
@click.option(
    "--gaps",
    type=click.Choice(["unknown", "zero"]),
    default="unknown",
    show_default=True,
    help="What days are that the file leaves out.",
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a page with a chart."
)
@json_option
@click.pass_context
def command(
    context: click.Context,
    counts: Path | None,
    account_name: str | None,
    campaign: str,
    demand: float | None,
    helpers: int,
    first: date | None,
    last: date | None,
    answer_days: int | None,
    gaps: str,
    html: Path | None,
    as_json: bool,
) -> None:
    """Replay a history night by night: when helpers would have been retired and brought back, and why.

    Compares with simpler rules and with other demand lines. With --counts it needs no config, state or credentials.

    \b
    Examples:
      adsync backtest --counts counts.csv --demand 30
      adsync backtest --account shop --helpers 2
      adsync backtest --account shop --campaign Brand
    """
    from dataclasses import replace

    from adsync.backtest.run import backtest, with_demand
    from adsync.errors import UsageError

    if (counts is None) == (account_name is None):
        raise UsageError(
            "One history is wanted.", next_step="Name a file (--counts counts.csv) or an account (--account shop)."
        )
    if counts is None and gaps == "zero":
        raise UsageError("--gaps is for files.", "What adsync has stored says itself which days are zero.")
    if counts is not None and campaign:
        raise UsageError("--campaign is for accounts.", "A file of counts has no campaigns.")
    if counts is not None:
        case = _of_file(counts, first, last, answer_days, gaps_are_zero=gaps == "zero")
    else:
        case = _of_account(context, account_name or "", campaign, first, last, answer_days)
    policy = case.policy if demand is None else with_demand(case.policy, demand)
    found = backtest(replace(case, policy=policy, helpers=helpers))
    if html is not None:
        from adsync.render.backtest_page import backtest_html

        write_page(html, backtest_html(found))
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
        return
    from adsync.render.backtest import backtest_lines

    terminal = console()
    for line in backtest_lines(found):
        terminal.print(line)


def _of_file(path: Path, first: date | None, last: date | None, days: int | None, *, gaps_are_zero: bool) -> Case:
    from adsync.backtest.counts import nights_of, read_counts
    from adsync.backtest.run import Case
    from adsync.backtest.span import nights_to_replay
    from adsync.decide.replay import Answers
    from adsync.model.policy import Policy

    name = "stdin" if str(path) == "-" else path.name
    counts = read_counts(name, _text(path), gaps_are_zero=gaps_are_zero)
    window = counts.days
    nights = nights_to_replay(Policy(), window.first, window.last + timedelta(days=1), first, last)
    return Case(
        source=name,
        macro="conversion",
        nights=nights_of(counts, nights),
        policy=Policy(),
        answers=Answers.of((), days or 0),
        notes=("Each day's count is taken to be complete on the day after, and never corrected.", *counts.notes),
    )


def _text(path: Path) -> str:
    from adsync.backtest.counts import SAVE_AS
    from adsync.errors import UsageError

    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read.", error.strerror or str(error)) from None
    if len(raw) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MB.", "A hundred years of daily counts are 2 MB.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text (byte {error.start}).", next_step=SAVE_AS) from None


def _of_account(
    context: click.Context, name: str, campaign: str, first: date | None, last: date | None, days: int | None
) -> Case:
    from adsync.backtest.run import Case
    from adsync.backtest.stored import stored_nights
    from adsync.decide.replay import Answers

    wiring = wiring_of(context, talks_to_google=False)
    (account,) = wiring.settings.chosen((name,))
    with progress(context, None, "Reading nights") as step:
        holds = wiring.state.holds.known([account.customer_id], lasting=False)
        stored = stored_nights(account, wiring.state.numbers, first, last, campaign, lambda _: step("", 1), holds)
    return Case(
        source=account.name,
        macro=account.macro.event_name,
        nights=stored.nights,
        policy=account.policy,
        answers=Answers.of(account.auto, ANSWER_DAYS if days is None else days),
        approximate=stored.approximate,
        why_approximate=stored.why_approximate,
        notes=stored.notes,
    )
