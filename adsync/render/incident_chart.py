"""An incident as a chart: who did the step each day, who went on, and the run of days shaded."""

from __future__ import annotations

from datetime import timedelta

from adsync.model.incident import Incident
from adsync.render.charts import BLUE, GREY, HEIGHT, WIDTH, altair_or_error, in_lines, svg, ticks
from adsync.render.text import clean

SAND = "#f2dcae"

TITLE_SIZE = 11
"""So that names of steps take two lines on narrow pages."""


def incident_chart(found: Incident, where: str, width: int = WIDTH) -> str:
    """Bars of days: grey who did the step before, blue who went on. where: the segment and the steps, in words."""
    alt = altair_or_error()
    lost, went_on = "lost", "went on"
    data = []
    for day in found.days:
        until = (day.day + timedelta(days=1)).isoformat()
        for state, low, high in ((went_on, 0, day.went_on), (lost, day.went_on, day.entered)):
            data.append({"from": day.day.isoformat(), "to": until, "state": state, "low": low, "high": high})
    run = [{"from": found.first.isoformat(), "to": (found.last + timedelta(days=1)).isoformat()}]
    x = alt.X("from:T", title=None, axis=alt.Axis(format="%d %b %y", labelAngle=0, tickCount=ticks(width)))
    shade = alt.Chart(alt.Data(values=run)).mark_rect(color=SAND).encode(x=x, x2="to:T")
    bars = (
        alt.Chart(alt.Data(values=data))
        .mark_rect()
        .encode(
            x=x,
            x2="to:T",
            y=alt.Y("low:Q", title="Visitors a day"),
            y2="high:Q",
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=[went_on, lost], range=[BLUE, GREY]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
        )
    )
    title = alt.TitleParams(text=in_lines(clean(where), width), fontSize=TITLE_SIZE)
    chart = alt.layer(shade, bars).properties(width=width, height=HEIGHT, title=title)
    return svg(chart, f"Visitors a day who went on. {where}")
