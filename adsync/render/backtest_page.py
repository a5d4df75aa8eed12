"""A replayed history as one HTML file that needs nothing else."""

from __future__ import annotations

from adsync.model.backtest import Backtest
from adsync.render.backtest import compared, day, facts, timeline
from adsync.render.backtest_chart import backtest_chart
from adsync.render.engine import engine_or_error


def backtest_html(found: Backtest) -> str:
    """The page. Every foreign word is escaped by the template engine.

    Raises UsageError where the extra `report` is not installed.
    """
    engine = engine_or_error()
    from markupsafe import Markup  # comes with the engine

    page: str = engine.get_template("backtest.html").render(
        found=found,
        facts=facts(found),
        timeline=timeline(found),
        compared=compared(found),
        day=day,
        # Drawn here from numbers and cleaned labels, escaped by the SVG writer: the only text taken as it is.
        chart=Markup(backtest_chart(found)),  # noqa: S704
    )
    return page
