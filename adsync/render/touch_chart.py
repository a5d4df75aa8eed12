"""The main conversions of each channel as a chart: by first and by last touch."""

from __future__ import annotations

from adsync.model.channel import ChannelReport
from adsync.model.figures import plural
from adsync.render.charts import BLUE, GREY, WIDTH, altair_or_error, svg
from adsync.render.text import clean


def touch_chart(report: ChannelReport) -> str:
    """Two bars for each channel or campaign."""
    alt = altair_or_error()
    first, last = "first touch", "last touch"
    shown = [row for row in report.rows if row.macro.is_any] or report.rows
    data = [
        {"name": clean(row.name), "touch": touch, "n": n, "order": order}
        for order, row in enumerate(shown)
        for touch, n in ((first, row.macro.first), (last, row.macro.last))
    ]
    what = plural(clean(report.macro)).capitalize()
    colour = alt.Color(
        "touch:N",
        scale=alt.Scale(domain=[first, last], range=[GREY, BLUE]),
        legend=alt.Legend(title=None, orient="top"),
    )
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            y=alt.Y("name:N", sort=alt.EncodingSortField("order"), title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("n:Q", title=what, axis=alt.Axis(tickCount=8, tickMinStep=1, format="d")),
            yOffset=alt.YOffset("touch:N", sort=[first, last]),
            color=colour,
        )
        .properties(width=WIDTH, height=36 * max(len(shown), 1))
    )
    return svg(chart, f"{what} by first and last touch")
