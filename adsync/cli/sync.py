"""adsync sync: the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, progress, wiring_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from adsync.fleet import FleetReport
    from adsync.nightly import NightReport

SOMETHING_TO_REVIEW = 3


@click.command(name="sync")
@account_option
@click.option("--no-apply", is_flag=True, help="Only plan.")
@click.option("--exit-code", is_flag=True, help="Exit with 3 when something new waits for review or holds.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    accounts: tuple[str, ...],
    no_apply: bool,
    exit_code: bool,
    as_json: bool,
) -> int:
    """The night: pull, score, decide, plan, and apply what is approved or may run by itself, for all accounts.

    Prints nothing when nothing was due, so that cron has nothing to mail. A hold is told on the night on which it begins,
    and so is an event log that cannot be read, or has ended; an outcome review when it is opened, and when it is concluded.

    \b
    Example, in a crontab:
      15 5 * * *  adsync --config /etc/adsync/adsync.yaml sync
    """
    from adsync.cli.fleet_output import show_stop, show_trouble
    from adsync.fleet import run_fleet
    from adsync.nightly import run_night

    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    with progress(context, len(chosen), "Night") as step:
        report = run_fleet(
            chosen,
            wiring,
            "sync",
            lambda account, ports: run_night(
                account,
                ports,
                apply=not no_apply,
                progress=lambda what: step(f"{account.name}: {what}", 0),
            ),
            finished=lambda account: step(account.name, 1),
        )
    nights = [o.result for o in report.outcomes if o.result is not None]
    if as_json:
        _print_json(report, nights)
    else:
        told: frozenset[str] = frozenset()
        for night in nights:
            _print(night, told)
            told |= _explained(night)
    for night in nights:
        if night.applied is not None:
            show_stop(night.account.name, night.applied)
    code = show_trouble(report, wiring.settings) or max(
        (n.applied.exit_code for n in nights if n.applied is not None), default=0
    )
    new = any(
        n.hold_news.began
        or n.agreement_is_void
        or any(p.consent.value == "review" for _, p in n.news)
        or any(r.stands == "regressed" for r in n.reviews)
        for n in nights
    )
    return SOMETHING_TO_REVIEW if code == 0 and exit_code and new else code


def _explained(night: NightReport) -> frozenset[str]:
    """What its table of news says of grades of evidence: the accounts below need not say it again."""
    from adsync.render.grades import explained

    return explained(planned.change for _, planned in night.news)


def _print(night: NightReport, told: Collection[str] = ()) -> None:
    """What was done and what is new; nothing at all when the night was quiet. told: what others have said of grades."""
    from adsync.model.verb_words import doing
    from adsync.render.holds import hold_lines
    from adsync.render.plan_words import withdrawn_line
    from adsync.render.terminal import applied_table, outcome_words, plan_table, text
    from adsync.render.unsettled import unsettled_lines

    out = console()
    done = [
        (r.name, r.change, r.outcome, r.note) for r in (night.applied.results if night.applied else ()) if r.allowed
    ]
    unsettled = unsettled_lines(night.applied.unsettled) if night.applied else ()
    gone = [withdrawn_line(name, p, night.words.get(p.change.hash)) for name, p in night.left_the_config]
    news = (night.news, night.hold_news, night.log_news, night.reviews, night.agreement_is_void, gone)
    if not (done or night.settled or unsettled or any(news)):
        return
    out.print(text(f"{night.account.name}, {night.pulled.as_of}: {_stands(night)}"))
    if night.log_news:
        out.print(text(night.log_news))
    if night.agreement_is_void:
        out.print(text(night.cross_account))
    for line in hold_lines(night.hold_news):
        out.print(text(line))
    for line in gone:
        out.print(text(line))
    for review in night.reviews:
        out.print(text(review.named))
    for entry, outcome in night.settled:
        out.print(text(f"Entry {entry.id} ({doing(entry.change)}) is settled: {outcome_words(outcome)}."))
    if done:
        out.print(applied_table(done))
    for line in unsettled:
        out.print(text(line))
    if done or night.settled:
        out.print(text(f"Head of the change log: {night.change_log_head}"))
    if night.news:
        out.print(plan_table(night.news, title="New, and not applied by itself", told=told))
    if any(p.consent.value == "review" for _, p in night.news):
        out.print(f"Say yes or no:  adsync review --account {night.account.name}")
    out.print()


def _stands(night: NightReport) -> str:
    """Where it stands; what began to hold is not said twice."""
    demand = night.decisions.demand
    told = {known.hold.name for known in night.hold_news.began}
    return "Held." if demand.holds and all(hold.name in told for hold in demand.holds) else demand.stands


def _print_json(report: FleetReport[NightReport], nights: list[NightReport]) -> None:
    from adsync.render.document import as_json
    from adsync.render.grades import evidence_document
    from adsync.render.unsettled import unsettled_document

    rows = [
        {
            "account": n.account.name,
            "as_of": n.pulled.as_of,
            "stands": n.decisions.demand.stands,
            "verdict": n.decisions.demand.verdict,
            "plan": n.plan,
            "news": [name for name, _ in n.news],
            "left_the_config": [name for name, _ in n.left_the_config],
            "holds": n.hold_news.began,
            "holds_ended": n.hold_news.ended,
            "results": n.applied.results if n.applied else [],
            "unsettled": unsettled_document(n.applied.unsettled) if n.applied else [],
            "event_log": n.log_fault or None,
            "cross_account": n.cross_account or None,
            "outcome_reviews": n.reviews,
            "evidence": [evidence_document(d.evidence) for d in n.decisions.each if d.evidence is not None],
            "change_log_head": n.change_log_head,
        }
        for n in nights
    ]
    operations = {"planned": report.operations_planned, "used": report.operations, "left": report.operations_left}
    click.echo(as_json({"accounts": rows, "operations": operations}))
