"""A replayed history as a chart: the weeks with the changes in them, and which nights had helpers under each rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from adsync.model.backtest import Backtest
from adsync.model.figures import plural
from adsync.render.backtest import timeline
from adsync.render.charts import BLUE, GREEN, GREY, INK, RED, WIDTH, altair_or_error, line, svg
from adsync.render.text import clean

STAGGER = 4
"""Labels of changes stand on so many heights: close ones do not cover each other."""


def backtest_chart(found: Backtest) -> str:
    """Macros a week with the lines and the changes, and a strip for each rule."""
    alt = altair_or_error()
    days = found.weeks[0].first if found.weeks else found.days.first, found.days.last + timedelta(days=1)
    x = alt.Scale(domain=[day.isoformat() for day in days])
    charts = alt.vconcat(_weeks(alt, found, x), _strips(alt, found, x), spacing=8).resolve_scale(color="independent")
    return svg(charts, f"{plural(clean(found.macro))} a week, and the nights with helpers under each rule")


def _weeks(alt: Any, found: Backtest, x: Any) -> Any:
    known = [(week.first, week.macros) for week in found.weeks if week.macros is not None]
    tallest = max([found.demand * 7 / 30, *(macros for _, macros in known)])
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
                title=f"{plural(clean(found.macro)).capitalize()} a week",
                scale=alt.Scale(domain=[0, 1.5 * tallest]),
            ),
            y2=alt.datum(0),
        )
    )
    lines = [*line(alt, found.demand, "demand line", GREEN), *line(alt, found.return_line, "return line", RED)]
    return alt.layer(bars, *lines, *_marks(alt, found, x)).properties(width=WIDTH, height=240)


def _marks(alt: Any, found: Backtest, x: Any) -> list[Any]:
    """Changes by their names, written towards the middle of the chart."""
    middle = found.days.first + (found.days.last - found.days.first) / 2
    changes = [entry for entry in timeline(found) if not entry.is_hold]
    marks = [
        {"on": e.night.isoformat(), "what": clean(e.what), "at": 4 + 14 * (n % STAGGER), "late": e.night > middle}
        for n, e in enumerate(changes)
    ]
    layers = []
    for late, align, dx in ((False, "left", 4), (True, "right", -4)):
        some = alt.Chart(alt.Data(values=[mark for mark in marks if mark["late"] is late]))
        on = alt.X("on:T", scale=x)
        names = some.mark_text(align=align, baseline="top", dx=dx, color=INK, fontSize=11)
        layers += [
            some.mark_rule(color=INK, strokeDash=[4, 3]).encode(x=on),
            names.encode(x=on, y=alt.Y("at:Q", scale=None), text="what:N"),
        ]
    return layers


def _strips(alt: Any, found: Backtest, x: Any) -> Any:
    """For each rule a strip of nights: with helpers, and without."""
    with_helpers, without = "helpers bid on", "none"
    data = []
    for rule in found.rules:
        data.append(_stretch(rule.name, found.replayed.first, found.replayed.last, with_helpers))
        data += [_stretch(rule.name, span.first, span.last, without) for span in rule.without_helpers]
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=[with_helpers, without], range=[GREEN, GREY]),
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
