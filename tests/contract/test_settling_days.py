"""The last days of a GA4 export, which Google goes on rewriting: funnels and channels leave them out or say so."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adsync.journeys import Journey, channels_of, funnel_of
from adsync.model.channel import ChannelReport
from adsync.model.funnel import FunnelReport
from adsync.render.channels import channel_facts
from adsync.render.funnel import facts, funnel_document
from adsync.wiring import event_log
from tests.journeys import a_time, write_log
from tests.journeys import event as flat_row

MONDAY = date(2026, 6, 1)
SOON = a_time(MONDAY + timedelta(days=10))
CLICK = {"cross_channel_campaign": {"default_channel_group": "Email"}}


def row(who: str, at: datetime, name: str) -> str:
    """One event of a GA4 export."""
    stamp = int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    params = [{"key": "ga_session_id", "value": {"int_value": "1"}}]
    known = {"user_pseudo_id": who, "event_timestamp": str(stamp), "event_name": name}
    return json.dumps({**known, "event_params": params, "session_traffic_source_last_click": CLICK})


def an_export(folder: Path, days: int) -> Path:
    """One visitor a day, who looks and buys."""
    path = folder / "events.ndjson"
    at = [a_time(MONDAY + timedelta(days=n), 7) for n in range(days)]
    path.write_text("\n".join(row(f"v{n}", at[n], name) for n in range(days) for name in ("view_item", "purchase")))
    return path


def both(path: Path, asked: Journey, now: datetime = SOON) -> tuple[FunnelReport, ChannelReport]:
    """now: when the log is read."""
    with event_log([path], now=now) as log:
        return funnel_of(log, asked), channels_of(log, Journey(macro=asked.macro, by="channel", as_of=asked.as_of))


def test_periods_of_an_export_end_three_days_before_it_and_say_so(tmp_path: Path) -> None:
    funnel, channels = both(an_export(tmp_path, 10), Journey(macro="purchase"))
    settled = MONDAY + timedelta(days=6)
    for report, said in ((funnel, facts(funnel)), (channels, channel_facts(channels))):
        assert report.period[1] == report.as_of.date() == settled
        assert any(
            f"counted is until {settled}. With --as-of {MONDAY + timedelta(days=9)} all" in fact for fact in said
        )
    assert funnel.steps[0].visitors == channels.total.visitors == 7
    assert funnel_document(funnel)["log"]["notes"] == funnel.log.notes


@pytest.mark.parametrize(("day", "noted"), [(6, False), (7, True), (9, True)])
def test_a_day_that_somebody_names_is_the_last_one_and_may_still_grow(day: int, noted: bool, tmp_path: Path) -> None:
    named = MONDAY + timedelta(days=day)
    for report in both(an_export(tmp_path, 10), Journey(macro="purchase", as_of=named)):
        assert report.period[1] == named
        assert [note for note in report.log.notes if "may still grow" in note] == [*report.log.notes] * noted
        assert len(report.log.notes) == noted


@pytest.mark.parametrize(("later", "over"), [(timedelta(days=4), True), (timedelta(days=3, hours=23), False)])
def test_an_export_that_ended_four_days_ago_is_rewritten_no_more(later: timedelta, over: bool, tmp_path: Path) -> None:
    last = a_time(MONDAY + timedelta(days=9), 7)
    path = an_export(tmp_path, 10)
    for report in both(path, Journey(macro="purchase"), last + later):
        assert report.period[1] == MONDAY + timedelta(days=9 if over else 6)
        assert bool(report.log.notes) is not over
        assert report.log.settling_days == (0 if over else 3), "which is what a score lets pass"


def test_an_export_of_two_days_is_counted_with_a_note_and_a_flat_log_without(tmp_path: Path) -> None:
    for report in both(an_export(tmp_path, 2), Journey(macro="purchase"), a_time(MONDAY + timedelta(days=2))):
        assert report.period[1] == MONDAY + timedelta(days=1)
        assert [note for note in report.log.notes if "may still grow" in note]
    at = [a_time(MONDAY + timedelta(days=n), 7) for n in range(10)]
    rows = [flat_row("v", at[n], "purchase", session=n, channel="Email") for n in range(10)]
    for report in both(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase")):
        assert report.period[1] == MONDAY + timedelta(days=9) and report.log.notes == ()
