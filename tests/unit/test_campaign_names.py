"""Campaigns of a log by the names that an account knows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from adsync.journeys import ways_of
from adsync.render.funnel import difference_lines
from adsync.wiring import event_log
from tests.journeys import a_time, event, write_log

MONDAY = date(2026, 6, 1)


def test_campaigns_bear_their_names_where_the_account_knows_them(tmp_path: Path) -> None:
    rows = []
    for n in range(400):
        day, campaign = MONDAY + timedelta(days=n % 5), ("20001", "20002")[n % 2]
        rows.append(event(f"v{n}", a_time(day, n), "add_to_cart", campaign=campaign))
        if n % 2 or not n % 10:
            rows.append(event(f"v{n}", a_time(day, n + 60), "purchase", campaign=campaign))
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        ways = ways_of(log, "purchase", None, {"20001": "Brand"})
    assert [found.segment.value for found in ways.funnel.segments] == ["Brand (20001)", "20002"]
    assert ways.channels is not None and ways.channels.by == "campaign"
    assert {row.name: row.macro.did for row in ways.channels.rows if row.visitors} == {
        "20002": 200,
        "Brand (20001)": 40,
    }
    assert difference_lines(ways.funnel)[0].startswith(
        'Campaign Brand (20001), from "Added to cart" to "Purchase": 20 %'
    )


def test_a_log_that_knows_more_than_campaigns_has_tables_of_that_and_campaigns_by_name_where_they_differ(
    tmp_path: Path,
) -> None:
    rows = []
    for n in range(400):
        known = (1, ("mobile", "desktop")[n // 2 % 2], "Paid Search", ("20001", "20002")[n % 2])
        rows.append(event(f"v{n}", a_time(MONDAY, n), "add_to_cart", *known))
        if n % 2 or not n % 10:
            rows.append(event(f"v{n}", a_time(MONDAY, n + 60), "purchase", *known))
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        ways = ways_of(log, "purchase", None, {"20001": "Brand"})
    assert ways.funnel.by == "device" and ways.channels is not None and ways.channels.by == "channel"
    assert difference_lines(ways.funnel)[0].startswith("Campaign Brand (20001), from")


def test_a_log_that_knows_neither_device_nor_channel_has_a_funnel_and_nothing_else(tmp_path: Path) -> None:
    rows = [event("v", a_time(MONDAY), "add_to_cart"), event("v", a_time(MONDAY, 60), "purchase")]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        ways = ways_of(log, "purchase", MONDAY, {})
    assert ways.channels is None and ways.funnel.by == "" and [s.visitors for s in ways.funnel.steps] == [1, 1, 1]
