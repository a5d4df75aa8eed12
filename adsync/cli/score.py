"""adsync score: which micro-conversions announce the main one, and the menu of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.catalog import BUSINESSES
from adsync.cli.journeys_options import EventName, billed, events_option, open_log
from adsync.cli.options import Number, Whole, account_option, as_of_option, console, day_in, json_option, progress

if TYPE_CHECKING:
    from adsync.model.dataset import Dataset
    from adsync.scoring import Asked
    from adsync.wiring import Billed


@click.command(name="score")
@account_option
@events_option(required=False)
@click.option("--macro", type=EventName(), metavar="EVENT", help="With --events: the main conversion.")
@click.option(
    "--candidates",
    metavar="A,B,...",
    help="With --events: only these, events or conditions such as page_view*3 or 60s (default: the log's own events).",
)
@click.option(
    "--horizon-days",
    type=Whole(1, 90),
    default=30,
    show_default=True,
    metavar="N",
    help="How long after it the main conversion may follow: the conversion window.",
)
@click.option(
    "--demand",
    type=Number(5, 1000),
    metavar="N",
    help="With --events: main conversions that bidding needs in 30 days (default: 30); helpers are to bring 1.3 times as many.",
)
@click.option(
    "--by",
    type=click.Choice(["campaign", "channel", "device"]),
    help="With --events: each candidate by these as well.",
)
@click.option(
    "--promoted",
    multiple=True,
    metavar="EVENT=DATE",
    help="With --events: before and after this day, from which on bidding aims at the event. May be given several times.",
)
@as_of_option
@click.option("--names", is_flag=True, help="Show what each micro-conversion is called on every platform.")
@click.option("--business", type=click.Choice(BUSINESSES), help="With --names: only those of this business.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    events: tuple[Path | Dataset, ...],
    read_days: int | None,
    max_gb: float | None,
    macro: str | None,
    candidates: str | None,
    horizon_days: int,
    demand: float | None,
    by: str | None,
    promoted: tuple[str, ...],
    as_of: date | None,
    names: bool,
    business: str | None,
    as_json: bool,
) -> None:
    """Which micro-conversions announce the main one: from a log of single events, or from what is stored of accounts.

    With --events: compares what follows each with what follows other things that equally active visitors do who have not
    done it yet, so that busy visitors do not make everything look good; needs no config, state or credentials. Without:
    what each account's stored numbers say of its candidates, in weaker grades that say what they cannot know; asks Google
    nothing. docs/scores.md explains formats, columns, grades and verdicts.

    \b
    Examples:
      adsync score
      adsync score --events export/ --macro purchase
      adsync score --events log.csv --macro purchase --candidates add_to_cart,view_item*2,60s --horizon-days 7
      adsync score --events export/ --macro purchase --by device
      adsync score --names --business saas
    """
    from adsync.errors import UsageError

    if names and events:
        raise UsageError(
            "One thing is wanted: a log to score, or the map of names.",
            next_step="Try: adsync score --events export/ --macro purchase   or: adsync score --names",
        )
    if events and accounts:
        raise UsageError(
            "A log of events belongs to no account.",
            "--account is for what is stored of one.",
            next_step="Leave one out.",
        )
    if names:
        from adsync.cli.score_names import answer

        answer(business, as_json=as_json)
    elif events:
        asked = _asked(macro, candidates, horizon_days, as_of, by, promoted)
        limits = billed(events, as_of, read_days, max_gb)
        _score(context, events, limits, asked, demand, as_json=as_json)
    elif macro or candidates is not None or demand is not None:
        raise UsageError(
            "Which log? --macro, --candidates and --demand are asked of one.",
            "An account has its own in the config.",
            next_step="Say so, such as: --events export/   or leave them out: adsync score",
        )
    else:
        from adsync.cli.account_scores import show_account_scores

        show_account_scores(context, accounts, as_of, as_json=as_json)


def _asked(
    macro: str | None,
    candidates: str | None,
    horizon_days: int,
    as_of: date | None,
    by: str | None,
    promoted: tuple[str, ...],
) -> Asked:
    """What is asked of a log. Raises UsageError for what no log can answer."""
    from adsync.errors import UsageError
    from adsync.model.condition import events_or_conditions
    from adsync.scoring import Asked, names_of

    if macro is None:
        raise UsageError("Which event is the main conversion?", next_step="Say so, such as: --macro purchase")
    asked = Asked(
        macro=macro,
        candidates=events_or_conditions(candidates) if candidates is not None else (),
        horizon_days=horizon_days,
        as_of=as_of,
        by=by or "",
        promoted=_promoted(promoted),
    )
    names_of(asked.candidates)  # too many are told before the log is read, which has no room for them
    return asked


def _promoted(written: tuple[str, ...]) -> dict[str, date]:
    """Dates by event. Conditions have equals signs of their own: the last one is what counts."""
    from adsync.errors import UsageError
    from adsync.model.condition import event_or_condition

    found: dict[str, date] = {}
    for one in written:
        event, _, day = one.rpartition("=")
        event = event and event_or_condition(event).name
        try:
            on = day_in(day)
        except ValueError:
            on = None
        if not event or on is None:
            raise UsageError(
                f"--promoted {one!r} is no event with a date.", next_step="Such as: --promoted add_to_cart=2026-01-05"
            )
        if event in found:
            raise UsageError(f"--promoted names {event} twice.", "Give the day from which on bidding aims at it.")
        found[event] = on
    return found


def _score(
    context: click.Context,
    events: tuple[Path | Dataset, ...],
    limits: Billed,
    asked: Asked,
    demand: float | None,
    *,
    as_json: bool,
) -> None:
    from adsync.model.policy import Policy
    from adsync.scoring import score_log

    policy = Policy()
    if demand is not None:
        from adsync.backtest.run import with_demand

        policy = with_demand(policy, demand)
    with progress(context, None, "Scoring") as step:
        step("Reading events", 0)
        with open_log(events, limits, asked.macro, asked.candidates, [(asked.macro, "--macro")]) as log:
            report = score_log(log, asked, policy, lambda what: step(what, 1))
    if as_json:
        from adsync.render.document import as_json as to_json
        from adsync.render.score import score_document

        click.echo(to_json(score_document(report)))
        return
    from adsync.render.score import score_lines

    terminal = console()
    for line in score_lines(report):
        terminal.print(line)
