"""Charts as SVG: drawn here, so that the page needs neither script nor network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from textwrap import wrap
from typing import Any

from adsync.errors import UsageError
from adsync.model.business_date import business_date
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.dropoff import DropOff, Step
from adsync.model.evidence import Evidence, Verdict
from adsync.model.figures import capital, percent, plural
from adsync.model.goal import switches_on
from adsync.model.log import ChangeLogEntry
from adsync.model.page import Page
from adsync.render.marks import INK, Mark, height_of, mark_layers, placed
from adsync.render.text import clean

BLUE, GREY, GREEN, RED, AMBER = "#2f6fb0", "#9aa5b1", "#2e7d4f", "#b3402a", "#b9791a"
WIDTH, NARROW, HEIGHT = 640, 250, 200
"""Of the area that is drawn in, on pages for desks and for phones."""

_SAID = {"promote": "used for bidding", "restore": "used again", "demote": "retired"}


def at_both_widths(draw: Callable[[int], str]) -> str:
    """A chart for wide pages and one for narrow ones, of which the style sheet shows the one that fits: letters scale along
    with a chart, and would become too small to read.
    """
    return f'<div class="chart wide">{draw(WIDTH)}</div><div class="chart narrow">{draw(NARROW)}</div>'


def volume_chart(page: Page, width: int = WIDTH) -> str:
    """Macros a week against the demand line and the return line, with the changes of who is bid on.

    Without lines where several scopes have their own: all of them together are held against none.
    """
    alt = altair_or_error()
    weeks, now, macro = page.weeks, page.standing, page.macro
    data = [{"week": w.first.isoformat(), "macros": w.macros} for w in weeks if w.macros is not None]
    days = weeks[0].first - timedelta(days=4), weeks[-1].first + timedelta(days=6)
    x = alt.Scale(domain=[day.isoformat() for day in days])
    marks = placed(_changes(page, weeks[0].first), *days, width)
    height = HEIGHT + height_of(marks)
    # Room above the tallest bar for the names of the changes.
    whole = len(page.overview.scopes) < 2
    tallest = max([now.demand * 7 / 30 if whole else 1.0, *(w.macros for w in weeks if w.macros is not None)])
    bars = (
        alt.Chart(alt.Data(values=data))
        .mark_bar(color=BLUE, size=11 * width / WIDTH)
        .encode(
            x=alt.X(
                "week:T",
                title="Week beginning",
                scale=x,
                axis=alt.Axis(format="%d %b %y", labelAngle=0, tickCount=ticks(width)),
            ),
            y=alt.Y(
                "macros:Q",
                title=f"{capital(plural(clean(macro)))} a week",
                scale=alt.Scale(domain=[0, tallest * height / HEIGHT]),
            ),
        )
    )
    layers = [bars]
    if whole:
        layers += line(alt, now.demand, "demand line", GREEN, width)
        layers += line(alt, now.return_line, "return line", RED, width)
    layers += mark_layers(alt, marks, x, width=width, height=height)
    return svg(alt.layer(*layers).properties(width=width, height=height), f"{macro} a week with its lines")


def _changes(page: Page, since: date) -> list[Mark]:
    """What was done about who is bid on, by the account's days."""
    dated = [(business_date(entry.opened_at, page.time_zone), entry) for entry in page.entries]
    return [
        Mark(on, _said(entry)) for on, entry in dated if entry.outcome.is_done and _what(entry.change) and on >= since
    ]


def _said(entry: ChangeLogEntry) -> str:
    what = "taken back" if entry.origin == "rollback" else _what(entry.change)
    return f"{clean(entry.change.event_name)} {what}"


def _what(change: Change) -> str:
    """What became of the helper; "" where it is as much bid on as before."""
    if change.verb is Verb.GOAL:
        return _SAID["restore" if switches_on(change) else "demote"]
    return _SAID.get(change.verb.value, "")


def funnel_chart(found: DropOff, counted: str, width: int = WIDTH) -> str:
    """People at each step, and how many that are for each of the step before. counted: who, over which days."""
    alt = altair_or_error()
    data = [
        {
            "step": folded(clean(step.title), width),
            "order": order,
            "users": step.users,
            "label": f"{step.users:,}" + (f"  ({_of_those_before(step, width)})" if order else ""),
        }
        for order, step in enumerate(found.steps)
    ]
    most = max((step.users for step in found.steps), default=1)
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("step:N", sort=alt.EncodingSortField("order"), title=None, axis=labels(alt, width)),
        x=alt.X(
            "users:Q",
            title=in_lines(counted, width),
            axis=alt.Axis(tickCount=ticks(width)),
            # Room for the labels.
            scale=alt.Scale(domain=[0, most * (1.35 if width == WIDTH else 1.5)]),
        ),
    )
    beside = base.mark_text(align="left", dx=5, color=INK).encode(text="label:N")
    chart = (base.mark_bar(color=BLUE) + beside).properties(width=width, height=30 * max(len(data), 1))
    return svg(chart, "People at each step of the funnel")


def _of_those_before(step: Step, width: int) -> str:
    """How many for each of the step before. GA4 counts each step by itself: these need not be the same people."""
    if step.kept > 1:
        return "more than at the step before" if width == WIDTH else "more"
    return f"{percent(step.kept)} as many as the step before" if width == WIDTH else percent(step.kept)


_FITS = {
    "fits": GREEN,
    "fits where bidding is for value only": AMBER,
    "does not fit, or not known yet": GREY,
}


def _fits(evidence: Evidence, minimum_share: float) -> str:
    fits, for_value_only, does_not = _FITS
    if evidence.verdict is not Verdict.GOOD:
        return does_not
    # Whoever promotes holds the share itself against the minimum; the interval's end is what a verdict goes by.
    return fits if evidence.share.point >= minimum_share else for_value_only


def share_chart(evidence: Sequence[Evidence], minimum_share: float, width: int = WIDTH) -> str:
    """The share of each candidate's people who go on to convert, with its 95 % interval.

    minimum_share: asked where bidding counts conversions.
    """
    alt = altair_or_error()
    data = [
        {
            "event": folded(clean(e.event_name), width),
            "share": e.share.point,
            "low": e.share.low,
            "high": e.share.high,
            "verdict": _fits(e, minimum_share),
        }
        for e in evidence
    ]
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(_FITS), range=list(_FITS.values())),
        legend=alt.Legend(title=None, orient="top", labelLimit=0, columns=0 if width == WIDTH else 1, columnPadding=36),
    )
    order = alt.EncodingSortField("share", order="descending")
    y = alt.Y("event:N", sort=order, title=None, axis=labels(alt, width))
    base = alt.Chart(alt.Data(values=data))
    axis = alt.Axis(labelExpr="round(datum.value * 100) + ' %'", tickCount=ticks(width))
    spans = base.mark_rule(strokeWidth=3).encode(
        y=y, x=alt.X("low:Q", title="Go on to convert (95 % interval)", axis=axis), x2="high:Q", color=colour
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, x="share:Q", color=colour)
    name = f"{percent(minimum_share)} asked, where bidding counts conversions"
    asked = (
        alt.Chart(alt.Data(values=[{"asked": minimum_share, "line": name}]))
        .mark_rule(color=RED)
        .encode(
            x="asked:Q",
            strokeDash=alt.StrokeDash(
                "line:N",
                scale=alt.Scale(domain=[name], range=[[4, 3]]),
                legend=alt.Legend(
                    title=None, orient="bottom", labelLimit=0, symbolType="stroke", symbolStrokeColor=RED
                ),
            ),
        )
    )
    chart = (spans + points + asked).properties(width=width, height=28 * max(len(data), 1))
    return svg(chart, "Share that goes on to convert, by candidate")


def ticks(width: int) -> int:
    """About how many numbers or days of an axis have room side by side."""
    return 8 if width == WIDTH else 3


def labels(alt: Any, width: int) -> Any:
    """An axis of names that are folded, of each the first two lines: no more than has room on a narrow page."""
    lines = r"split(datum.label, '\n')"
    first_two = f"length({lines}) > 2 ? [{lines}[0], {lines}[1] + '…'] : {lines}"
    return alt.Axis(labelLimit=1.2 * _label_room(width), labelExpr=first_two, labelOverlap=False)


def _label_room(width: int) -> int:
    return 220 if width == WIDTH else 110


def folded(name: str, width: int) -> str:
    """A name in lines that have room beside a chart, broken behind spaces and underscores. A letter takes some six pixels."""
    lines = wrap(name.replace("_", "_ "), _label_room(width) // 6)
    return "\n".join(line.replace("_ ", "_") for line in lines)


def in_lines(title: str, width: int) -> list[str]:
    """A title in lines that are no wider than the chart. A letter takes some six pixels."""
    return wrap(title, max(width // 6, 1))


def line(alt: Any, per_30_days: float, name: str, colour: str, width: int = WIDTH) -> list[Any]:
    """A level that is given by the month, in a chart of weeks, with its name beside the chart."""
    weekly = per_30_days * 7 / 30
    said = f"{name} ({per_30_days:.0f} a month)" if width == WIDTH else f"{name.split()[0]} {per_30_days:.0f}"
    data = alt.Data(values=[{"level": weekly, "name": said}])
    rule = alt.Chart(data).mark_rule(color=colour, strokeWidth=1.5).encode(y="level:Q")
    label = (
        alt.Chart(data)
        .mark_text(align="left", baseline="middle", dx=6, color=colour, fontSize=11)
        .encode(y="level:Q", x=alt.value(width), text="name:N")
    )
    return [rule, label]


def svg(chart: Any, description: str) -> str:
    """The chart as an SVG element with a description for those who do not see it."""
    import vl_convert

    # Measured with another font than the reader's: labels need room on the left that is not computed for them.
    chart = chart.properties(padding={"left": 28, "right": 44, "top": 4, "bottom": 4})
    specification = chart.configure_view(stroke=None).configure_axis(
        grid=False, labelColor=INK, titleColor=INK, labelFlush=False, labelOverlap="greedy", labelSeparation=8
    )
    drawn: str = vl_convert.vegalite_to_svg(specification.to_dict())
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{_attribute(description)}" ', 1)


def _attribute(text: str) -> str:
    from html import escape

    return escape(clean(text), quote=True)


def altair_or_error() -> Any:
    """The charting library. Raises UsageError where the extra `report` is not installed."""
    try:
        import altair
        import vl_convert  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError(
            "The report's charts need Altair.", next_step="Install them: pip install 'adsync[report]'"
        ) from None
    return altair
