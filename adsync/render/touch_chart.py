"""The main conversions of each channel as a chart: by first and by last touch."""

from __future__ import annotations

from adsync.model.channel import ChannelReport
from adsync.model.figures import capital, plural
from adsync.render.charts import BLUE, GREY, WIDTH, altair_or_error, folded, labels, svg, ticks
from adsync.render.marks import FONT_SIZE, INK
from adsync.render.text import clean


def touch_chart(report: ChannelReport, width: int = WIDTH) -> str:
    """Two bars for each channel or campaign, each with its number."""
    alt = altair_or_error()
    first, last = "first touch", "last touch"
    shown = [row for row in report.rows if row.macro.is_any] or report.rows
    data = [
        {"name": folded(clean(row.name), width), "touch": touch, "n": n}
        for row in shown
        for touch, n in ((first, row.macro.first), (last, row.macro.last))
    ]
    what = capital(plural(clean(report.macro)))
    colour = alt.Color(
        "touch:N",
        scale=alt.Scale(domain=[first, last], range=[GREY, BLUE]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("name:N", sort=[folded(clean(row.name), width) for row in shown], title=None, axis=labels(alt, width)),
        x=alt.X("n:Q", title=what, axis=alt.Axis(tickCount=ticks(width), tickMinStep=1, format="d")),
        yOffset=alt.YOffset("touch:N", sort=[first, last]),
    )
    numbers = base.mark_text(align="left", dx=4, color=INK, fontSize=FONT_SIZE).encode(
        text=alt.Text("n:Q", format=",d")
    )
    chart = base.mark_bar().encode(color=colour) + numbers
    return svg(chart.properties(width=width, height=36 * max(len(shown), 1)), f"{what} by first and last touch")
