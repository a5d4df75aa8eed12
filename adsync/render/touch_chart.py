"""What each channel or campaign brings as a chart: by first and by last touch."""

from __future__ import annotations

from adsync.model.channel import ChannelReport
from adsync.render.charts import BLUE, GREY, WIDTH, altair_or_error, folded, in_lines, labels, svg, ticks
from adsync.render.marks import FONT_SIZE, INK
from adsync.render.text import clean

MACRO = -1
"""The main conversion is the last of a row's credits."""


def touch_chart(report: ChannelReport, place: int = MACRO, width: int = WIDTH) -> str:
    """Two bars for each channel or campaign, each with its number. place: of the event among the credits of a row."""
    alt = altair_or_error()
    first, last = "first touch", "last touch"
    shown = [(row.name, row.credits[place]) for row in report.rows if row.credits[place].is_any]
    shown = shown or [(row.name, row.credits[place]) for row in report.rows]
    data = [
        {"name": folded(clean(name), width), "touch": touch, "n": n}
        for name, credit in shown
        for touch, n in ((first, credit.first), (last, credit.last))
    ]
    who = f'Visitors who did "{clean(report.total.credits[place].title)}"'
    colour = alt.Color(
        "touch:N",
        scale=alt.Scale(domain=[first, last], range=[GREY, BLUE]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("name:N", sort=[folded(clean(name), width) for name, _ in shown], title=None, axis=labels(alt, width)),
        x=alt.X("n:Q", title=in_lines(who, width), axis=alt.Axis(tickCount=ticks(width), tickMinStep=1, format="d")),
        yOffset=alt.YOffset("touch:N", sort=[first, last]),
    )
    numbers = base.mark_text(align="left", dx=4, color=INK, fontSize=FONT_SIZE).encode(
        text=alt.Text("n:Q", format=",d")
    )
    chart = base.mark_bar().encode(color=colour) + numbers
    return svg(chart.properties(width=width, height=36 * max(len(shown), 1)), f"{who} by first and last touch")
