"""What channels bring, from files to the report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.errors import UsageError
from adsync.journeys import Journey, channels_of, funnel_of
from adsync.model.channel import ChannelReport, ChannelRow
from adsync.render.channels import channels_document, macro_rows, micro_rows
from adsync.wiring import event_log
from tests.journeys import a_time, event, write_incidents, write_log

MONDAY = date(2026, 6, 1)


def told(path: Path, asked: Journey) -> ChannelReport:
    with event_log([path]) as log:
        return channels_of(log, asked)


def touches(row: ChannelRow) -> tuple[int, int, int, int]:
    return row.macro.first, row.macro.last, row.macro.only_first, row.macro.only_last


def a_fortnight(path: Path) -> Path:
    """Four visitors: one who starts with e-mail and ends with search, one of search, one of nothing known, one who never buys."""
    later = MONDAY + timedelta(days=3)
    return write_log(
        path,
        [
            event("both", a_time(MONDAY), "view_item", 1, channel="Email"),
            event("both", a_time(later), "page_view", 2, channel="Search"),
            event("both", a_time(later, 60), "add_to_cart", 2, channel="(not set)"),
            event("both", a_time(later, 90), "purchase", 2),
            event("both", a_time(later, 9_000), "purchase", 3, channel="Social"),
            event("search", a_time(MONDAY), "view_item", 1, channel="Search"),
            event("search", a_time(MONDAY, 30), "purchase", 1, channel="Search"),
            event("nobody", a_time(MONDAY), "view_item", 1, channel="(not set)"),
            event("nobody", a_time(MONDAY, 30), "purchase", 1),
            event("looks", a_time(MONDAY), "view_item", 1),
            event("looks", a_time(MONDAY + timedelta(days=13)), "view_item", 2, channel="Social"),
        ],
    )


def test_first_and_last_touch_are_those_up_to_the_first_time_and_what_is_not_known_is_a_row(tmp_path: Path) -> None:
    report = told(a_fortnight(tmp_path / "log.csv"), Journey(macro="purchase", by="channel"))
    assert {row.name: touches(row) for row in report.rows} == {
        "Email": (1, 0, 1, 0),
        "Search": (1, 2, 0, 1),
        "Social": (0, 0, 0, 0),
        "(not known)": (1, 1, 0, 0),
    }
    assert {row.name: row.visitors for row in report.rows} == {"Email": 1, "Search": 1, "Social": 1, "(not known)": 1}
    assert {row.name: row.macro.did for row in report.rows} == {"Email": 1, "Search": 1, "Social": 0, "(not known)": 1}
    assert touches(report.total) == (3, 3, 1, 1) and report.total.visitors == 4


def test_a_touch_counts_for_as_many_days_as_the_period_has(tmp_path: Path) -> None:
    rows = [
        event("v", a_time(MONDAY), "view_item", 1, channel="Email"),
        event("v", a_time(MONDAY + timedelta(days=4), 60), "purchase", 2, channel="Search"),
    ]
    path = write_log(tmp_path / "log.csv", rows)
    for days, first in ((4, "Search"), (5, "Email")):
        report = told(path, Journey(macro="purchase", by="channel", days=days))
        assert [row.name for row in report.rows if row.macro.first] == [first]


def test_without_sessions_half_an_hour_of_silence_ends_one(tmp_path: Path) -> None:
    def row(seconds: float, name: str, channel: str) -> str:
        return f"v,{a_time(MONDAY, seconds).isoformat()},{name},{channel}"

    rows = [row(0, "view_item", "Email"), row(600, "view_item", "Search"), row(6_000, "purchase", "Social")]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["user_pseudo_id,event_timestamp,event_name,channel", *rows]), encoding="utf-8")
    report = told(path, Journey(macro="purchase", by="channel"))
    # Search came within the session that e-mail began.
    assert {row.name: touches(row) for row in report.rows if row.macro.first or row.macro.last} == {
        "Email": (1, 0, 1, 0),
        "Social": (0, 1, 0, 1),
    }


@pytest.mark.parametrize("days", [7, 28, 400])
def test_totals_are_those_of_the_whole_log(days: int, shared_data: Path, tmp_path: Path) -> None:
    path = write_incidents(shared_data, tmp_path / "log.csv")
    report = told(path, Journey(macro="purchase", by="channel", days=days))
    assert report.total.visitors == sum(row.visitors for row in report.rows)
    for credit in report.total.credits:
        assert credit.did == credit.first == credit.last > 0
        assert credit.only_first == credit.only_last
        assert 0 <= credit.rate.low <= credit.rate.point <= credit.rate.high <= 1
    if days == 400:
        assert (report.total.visitors, report.total.macro.did) == (600, 328)


def test_a_channel_by_the_name_of_a_row_of_ours_is_counted_in_it(tmp_path: Path) -> None:
    """More channels than there are rows, and some that the log itself calls "(others)" or "(not known)"."""
    names = ("(others)", "(not known)", *(f"c{n}" for n in range(30)))
    rows = [
        event(f"u{n}-{name}", a_time(MONDAY, n), what, 1, channel=name)
        for n in range(4)
        for name in names
        for what in ("view_item", "purchase")
    ]
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="channel"))
    assert report.total.visitors == report.log.visitors == 4 * len(names)
    assert touches(report.total) == (4 * len(names), 4 * len(names), 0, 0)
    assert {row.name: row.visitors for row in report.rows}["(not known)"] == 4


def test_a_log_without_channels_says_by_what_it_can_be_split(tmp_path: Path) -> None:
    rows = [event("v", a_time(MONDAY), name, campaign="Brand") for name in ("view_item", "purchase")]
    path = write_log(tmp_path / "log.csv", rows)
    with pytest.raises(UsageError, match="channel") as refused:
        told(path, Journey(macro="purchase", by="channel"))
    assert "campaign" in str(refused.value)
    report = told(path, Journey(macro="purchase", by="campaign"))
    assert {row.name: touches(row) for row in report.rows} == {"Brand": (1, 1, 0, 0), "(not known)": (0, 0, 0, 0)}


def test_a_log_that_knows_devices_alone_is_told_what_channels_need(tmp_path: Path) -> None:
    rows = [event("v", a_time(MONDAY), name, device="mobile") for name in ("view_item", "purchase")]
    with pytest.raises(UsageError) as refused:
        told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="channel"))
    assert "needs a column channel or campaign_id" in str(refused.value)
    assert "device" not in str(refused.value) and "Leave --by out" not in str(refused.value)


def test_a_row_of_nobody_at_all_is_not_shown(tmp_path: Path) -> None:
    rows = [event("v", a_time(MONDAY), name, channel="Brand") for name in ("view_item", "purchase")]
    _, shown = macro_rows(told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="channel")))
    assert {row[0]: row[1:5] for row in shown} == {
        "Brand": ("1", "1", "100 %", "21 % to 100 %"),
        "Total": ("1", "1", "100 %", "21 % to 100 %"),
    }


def test_who_first_came_by_another_way_leaves_a_row_without_visitors_and_without_a_share(tmp_path: Path) -> None:
    rows = [
        event("v", a_time(MONDAY), "view_item", 1, channel="Brand"),
        event("v", a_time(MONDAY, 9_000), "purchase", 2, channel="Social"),
    ]
    _, shown = macro_rows(told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="channel")))
    assert {row[0]: row[1:5] for row in shown}["Social"] == ("0", "0", "", "")


def test_a_channel_named_total_is_not_taken_for_the_total(tmp_path: Path) -> None:
    rows = [
        event(f"{name}-{n}", a_time(MONDAY), "purchase", channel=name) for name in ("Total", "Email") for n in (1, 2)
    ]
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="channel"))
    _, shown = macro_rows(report)
    assert [row[:2] for row in shown] == [("Email", "2"), ('"Total"', "2"), ("Total", "4")]
    document = channels_document(report)
    assert [row["visitors"] for row in document["rows"] if row["name"] == "Total"] == [2]
    assert document["total"]["visitors"] == 4


def test_rows_of_nobody_are_left_out_of_tables_and_kept_for_programs(tmp_path: Path) -> None:
    report = told(a_fortnight(tmp_path / "log.csv"), Journey(macro="purchase", by="channel", steps=("add_to_cart",)))
    (_, micros), (_, macros) = micro_rows(report), macro_rows(report)
    assert {row[1]: row[2] for row in micros} == {"Email": "1", "Search": "0", "Total": "1"}, (
        "Search had the last touch"
    )
    assert "Social" in [row[0] for row in macros], "it had visitors, none of whom bought: that is a number"
    assert len(channels_document(report)["rows"]) == 4
    early = Journey(macro="purchase", by="channel", as_of=MONDAY, steps=("view_item",))
    assert "Social" not in [row[0] for row in macro_rows(told(tmp_path / "log.csv", early))[1]]


def exported(who: str, second: int, name: str, **params: str) -> str:
    """An event of a GA4 export that knows no last click."""
    said = [{"key": "ga_session_id", "value": {"int_value": "1"}}]
    said += [{"key": key, "value": {"string_value": value}} for key, value in params.items()]
    at = int(a_time(MONDAY, second).timestamp()) * 1_000_000
    return json.dumps({"user_pseudo_id": who, "event_timestamp": str(at), "event_name": name, "event_params": said})


def test_of_an_old_export_source_and_medium_are_those_of_the_sessions_first_event_that_names_them(
    tmp_path: Path,
) -> None:
    rows = [
        exported("post", 0, "session_start"),
        exported("post", 1, "page_view", source="letter", medium="email"),
        exported("post", 2, "page_view", source="google", medium="organic"),
        exported("post", 3, "purchase"),
        exported("ad", 0, "page_view", source="google", medium="organic", gclid="Cj0K"),
        exported("nobody", 0, "page_view", source="(not set)", medium="(not set)"),
    ]
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join(rows))
    with event_log([path]) as log:
        channels = channels_of(log, Journey(macro="purchase", by="channel"))
        funnel = funnel_of(log, Journey(macro="purchase", by="channel"))
    assert {row.name: (row.visitors, row.macro.first) for row in channels.rows} == {
        "letter / email": (1, 1),
        "google / cpc": (1, 0),
        "(not known)": (1, 0),
    }
    assert {s.segment.value for s in funnel.segments} == {"letter / email", "google / cpc", "(not known)"}


def test_who_has_an_export_without_any_channel_is_not_told_to_add_a_column(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(exported("v", 0, "purchase"))
    with event_log([path]) as log, pytest.raises(UsageError) as refused:
        channels_of(log, Journey(macro="purchase", by="channel"))
    assert "or add days that name one" in str(refused.value) and "column" not in str(refused.value)
