"""adsync plan: what would be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adsync.cli.options import account_option, console, json_option, progress, wiring_of

if TYPE_CHECKING:
    from adsync.nightly import NightReport
    from adsync.render.plan_page import PlanPage, PlanRow
    from adsync.review.choose import Named
    from adsync.wiring import Wiring

SOMETHING_TO_REVIEW = 3


@click.command(name="plan")
@account_option
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown, for pull requests and chat.")
@click.option("--exit-code", is_flag=True, help="Exit with 3 when something waits for review.")
@click.pass_context
def command(
    context: click.Context, accounts: tuple[str, ...], as_json: bool, as_markdown: bool, exit_code: bool
) -> int:
    """Show what would be changed, and why: the change log to come. Reads from Google, writes nothing to it.

    \b
    Examples:
      adsync plan --account shop
      adsync plan --markdown
    """
    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown are two ways to print the same: give one of them.")
    from adsync.cli.fleet_output import show_trouble
    from adsync.fleet import run_fleet
    from adsync.nightly import run_night

    wiring = wiring_of(context)
    chosen = wiring.settings.chosen(accounts)
    with progress(context, len(chosen), "Planning") as step:
        report = run_fleet(
            chosen,
            wiring,
            "plan",
            lambda account, ports: run_night(
                account,
                ports,
                apply=False,
                progress=lambda what: step(f"{account.name}: {what}", 0),
            ),
            finished=lambda account: step(account.name, 1),
        )
    nights = [o.result for o in report.outcomes if o.result is not None]
    pages = [_page(night, _asked(night, wiring)) for night in nights]
    if as_json:
        _print_json(nights, pages)
    elif as_markdown:
        from adsync.render.markdown import plan_markdown

        click.echo(plan_markdown(pages), nl=False)
    else:
        for page in pages:
            _print(page)
    code = show_trouble(report, wiring.settings)
    waits = any(page.review for page in pages)
    return SOMETHING_TO_REVIEW if code == 0 and exit_code and waits else code


def _asked(night: NightReport, wiring: Wiring) -> tuple[Named, ...]:
    """What people have asked for, rollbacks among it, and is still to be done: it is applied before the night's own plan."""
    from adsync.changelog import pending_changes

    pending = pending_changes(night.account, wiring.state)
    return tuple(named for named in pending if named[0].rpartition("/")[0] != night.plan.id)


def _page(night: NightReport, asked: tuple[Named, ...] = ()) -> PlanPage:
    from adsync.model.group import bundled
    from adsync.render.grades import change_lines, grade_lines
    from adsync.render.plan_page import PlanPage
    from adsync.render.plan_words import bundle_row, withdrawn_line
    from adsync.review import waiting

    shown, changes = (*asked, *night.plan.numbered()), night.plan.changes
    rows = tuple(_once(bundle_row(bundle, night.words), night.cross_account) for bundle in bundled(shown))
    gone = [withdrawn_line(name, p, night.words.get(p.change.hash)) for name, p in night.left_the_config]
    grades = change_lines(p.change for p in changes) if changes else grade_lines(night.decisions.each)
    return PlanPage(
        account=night.account.name,
        above=tuple(filter(None, (night.decisions.demand.stands, night.cross_account, night.log_fault))),
        rows=rows,
        kept=() if changes else tuple((d.event_name, d.because) for d in night.decisions.each),
        below=tuple(filter(None, (*gone, night.beyond_limits, *grades))),
        review=f"adsync review --account {night.account.name}" if waiting(shown, night.words) else "",
    )


def _once(row: PlanRow, said: str) -> PlanRow:
    """What is said of the whole account already is not said again of every change."""
    from dataclasses import replace

    from adsync.render.plan_page import SEE_ABOVE

    return replace(row, consent_because=SEE_ABOVE) if said and row.consent_because == said else row


def _print(page: PlanPage) -> None:
    from adsync.render.plan_page import NOTHING
    from adsync.render.terminal import kept_table, rows_table, text

    out = console()
    first, *more = page.above
    out.print(text(f"{page.account}: {first}"))
    for line in more:
        out.print(text(line))
    if page.rows:
        out.print()
        out.print(rows_table(page.rows))
    else:
        out.print(NOTHING)
    if page.kept:
        out.print()
        out.print(kept_table(page.kept))
    for line in page.below:
        out.print(text(line))
    if page.review:
        out.print(f"\nSay yes or no:  {page.review}\n")


def _print_json(nights: list[NightReport], pages: list[PlanPage]) -> None:
    from adsync.render.document import as_json
    from adsync.render.grades import evidence_document

    rows = [
        {
            "account": night.account.name,
            "stands": night.decisions.demand.stands,
            "plan": night.plan,
            "in_words": page.rows,
            "words": list(night.words.values()),
            "left_the_config": [name for name, _ in night.left_the_config],
            "beyond_limits": night.beyond_limits or None,
            "event_log": night.log_fault or None,
            "cross_account": night.cross_account or None,
            "decisions": [
                {
                    "event": d.event_name,
                    "verb": d.verb,
                    "because": d.because,
                    "evidence": evidence_document(d.evidence),
                }
                for d in night.decisions.each
            ],
        }
        for night, page in zip(nights, pages, strict=True)
    ]
    click.echo(as_json(rows))
