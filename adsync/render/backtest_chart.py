"""A replayed history as a chart: the weeks with the changes and held stretches, and which nights had helpers under each rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from adsync.model.backtest import Backtest
from adsync.model.figures import capital, plural
from adsync.render.backtest import timeline
from adsync.render.charts import BLUE, GREEN, GREY, HEIGHT, RED, WIDTH, altair_or_error, line, svg
from adsync.render.marks import Mark, height_of, mark_layers, placed
from adsync.render.text import clean

HELD, SAND = "held: nothing is retired", "#f2dcae"
"""What stretches of nights on which a guard or a season held are called, and their shade: light, behind the bars."""


def backtest_chart(found: Backtest) -> str:
    """Macros a week with the lines, the changes and held stretches, and a strip for each rule."""
    alt = altair_or_error()
    days = found.weeks[0].first if found.weeks else found.days.first, found.days.last + timedelta(days=1)
    x = alt.Scale(domain=[day.isoformat() for day in days])
    charts = alt.vconcat(_weeks(alt, found, days, x), _strips(alt, found, x), spacing=8).resolve_scale(
        color="independent"
    )
    return svg(charts, f"{plural(clean(found.macro))} a week, and the nights with helpers under each rule")


def _weeks(alt: Any, found: Backtest, days: tuple[date, date], x: Any) -> Any:
    known = [(week.first, week.macros) for week in found.weeks if week.macros is not None]
    tallest = max([found.demand * 7 / 30, *(macros for _, macros in known)])
    changes = (Mark(entry.night, entry.what) for entry in timeline(found) if not entry.is_hold)
    marks = placed(changes, *days, WIDTH)
    height = HEIGHT + height_of(marks)
    data = [{"from": first.isoformat(), "to": _after(first, 6), "macros": macros} for first, macros in known]
    bars = (
        alt.Chart(alt.Data(values=data))
        .mark_rect(color=BLUE, opacity=0.75)
        .encode(
            x=alt.X("from:T", title=None, scale=x, axis=alt.Axis(format="%b %y", labelAngle=0, tickCount=8)),
            x2="to:T",
            # Room above the tallest bar for the names of the changes.
            y=alt.Y(
                "macros:Q",
                title=f"{capital(plural(clean(found.macro)))} a week",
                scale=alt.Scale(domain=[0, tallest * height / HEIGHT]),
            ),
            y2=alt.datum(0),
        )
    )
    lines = [*line(alt, found.demand, "demand line", GREEN), *line(alt, found.return_line, "return line", RED)]
    return alt.layer(
        *_held(alt, found, x), bars, *lines, *mark_layers(alt, marks, x, width=WIDTH, height=height)
    ).properties(width=WIDTH, height=height)


def _held(alt: Any, found: Backtest, x: Any) -> list[Any]:
    """The stretches of held nights, over the whole height."""
    if not found.held:
        return []
    data = [{"from": held.first.isoformat(), "to": _after(held.last, 1)} for held in found.held]
    # One night of several years would be thinner than a line of the screen.
    shade = alt.Chart(alt.Data(values=data)).mark_rect(color=SAND, stroke=SAND, strokeWidth=1)
    return [shade.encode(x=alt.X("from:T", scale=x), x2="to:T")]


def _strips(alt: Any, found: Backtest, x: Any) -> Any:
    """For each rule a strip of nights: with helpers, and without."""
    with_helpers, without = "helpers bid on", "none"
    data = []
    for rule in found.rules:
        data.append(_stretch(rule.name, found.replayed.first, found.replayed.last, with_helpers))
        data += [_stretch(rule.name, span.first, span.last, without) for span in rule.without_helpers]
    named = {with_helpers: GREEN, without: GREY} | ({HELD: SAND} if found.held else {})
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(named), range=list(named.values())),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    return (
        alt.Chart(alt.Data(values=data))
        .mark_bar(height=14)
        .encode(
            x=alt.X("from:T", title=None, scale=x, axis=None),
            x2="to:T",
            y=alt.Y("rule:N", title=None, sort=[rule.name for rule in found.rules], axis=alt.Axis(labelLimit=220)),
            color=colour,
        )
        .properties(width=WIDTH, height=24 * len(found.rules))
    )


def _stretch(rule: str, first: date, last: date, state: str) -> dict[str, str]:
    return {"rule": rule, "from": first.isoformat(), "to": _after(last, 1), "state": state}


def _after(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()
