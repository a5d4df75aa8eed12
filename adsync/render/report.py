"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from adsync.model.decision import Decision, Standing
from adsync.model.dropoff import DropOff
from adsync.model.evidence import Evidence
from adsync.model.group import bundled
from adsync.model.page import Page
from adsync.model.plan import Approval, PlannedChange
from adsync.render import charts
from adsync.render.engine import drawn, engine_or_error
from adsync.render.grades import change_lines, explained_beside, grade_lines
from adsync.render.journeys_page import Part, channels_part, funnel_part
from adsync.render.plan_page import PlanRow
from adsync.render.plan_words import at_lines, bundle_row, verb
from adsync.render.score import shown_lift
from adsync.render.terminal import outcome_words, scope_cells, scope_columns


def report_html(pages: Sequence[Page]) -> str:
    """The page of one or more accounts. Every foreign word is escaped by the template engine.

    Raises UsageError where the extra `report` is not installed.
    """
    engine = engine_or_error()
    engine.globals.update(
        columns=scope_columns,
        cells=scope_cells,
        verb=verb,
        rows=_pending_rows,
        change_lines=change_lines,
        at_lines=at_lines,
        explained_beside=explained_beside,
        grade_lines=grade_lines,
        outcome_words=outcome_words,
        lines_of=lines_of,
        shown_lift=shown_lift,
    )
    each = [
        {
            "page": page,
            "decisions": in_order(page),
            "evidence": evidence_of(page),
            # Of a grade all candidates are seen over the same days.
            "spans": sorted({e.grade: e for e in evidence_of(page)}.items()),
            "volume": drawn(partial(charts.volume_chart, page)),
            "funnel": drawn(partial(charts.funnel_chart, page.drop_off, _counted(page.drop_off)))
            if page.drop_off.steps
            else "",
            "shares": drawn(partial(charts.share_chart, evidence_of(page), page.minimum_share))
            if evidence_of(page)
            else "",
            "parts": _parts(page),
        }
        for page in pages
    ]
    page: str = engine.get_template("report.html").render(drawn=each)
    return page


def _parts(page: Page) -> list[Part]:
    """What the account's log of single events says, as the pages of `funnel` and `channels` show it."""
    if page.ways is None:
        return []
    funnel = funnel_part(page.ways.funnel)
    if page.ways.channels is None:
        return [funnel]
    channels = channels_part(page.ways.channels)
    # What was read of the log stands above the funnel already.
    return [funnel, replace(channels, facts=[fact for fact in channels.facts if fact not in funnel.facts])]


def lines_of(page: Page) -> str:
    """At which volume helpers are retired and come back; of several scopes where each has its own lines."""
    rule = "Helpers are retired above the demand line and come back under the return line."
    scopes = page.overview.scopes
    if len(scopes) < 2:
        return rule
    lines = {scope.name: _by_month_and_week(scope.standing) for scope in scopes}
    if len(set(lines.values())) == 1:
        own = f"a {next(iter(lines.values()))}"
    else:
        own = "; ".join(f"{name} a {line}" for name, line in lines.items())
    return f"{rule} The chart shows all campaigns together and no lines, for each row below has its own: {own}."


def _by_month_and_week(now: Standing) -> str:
    """The chart counts weeks."""

    def line(a_month: float) -> str:
        return f"line of {a_month:.0f} a month ({a_month * 7 / 30:.1f} a week)"

    return f"demand {line(now.demand)} and a return {line(now.return_line)}"


def _pending_rows(pending: Iterable[tuple[str, PlannedChange]], words: Mapping[str, Approval]) -> list[PlanRow]:
    """As the terminal shows them: a group once, with its calendar."""
    return [bundle_row(bundle, words) for bundle in bundled(pending)]


def _counted(found: DropOff) -> str:
    """Who, over which days: the log's own funnel further down is of others."""
    days = f" from {found.window.first} to {found.window.last}" if found.window is not None else ""
    return f"Visitors{days}, as GA4's funnels count them"


def in_order(page: Page) -> tuple[Decision, ...]:
    """The decisions in the order of the chart above them, and last those about what nobody did."""
    known = {evidence.event_name: place for place, evidence in enumerate(evidence_of(page))}
    return tuple(sorted(page.decisions, key=lambda d: known.get(d.event_name, len(known))))


def evidence_of(page: Page) -> tuple[Evidence, ...]:
    """The evidence behind the decisions, strongest share first."""
    known = [d.evidence for d in page.decisions if d.evidence is not None]
    return tuple(sorted(known, key=lambda e: -e.share.point))
