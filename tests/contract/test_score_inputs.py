"""What people hand to `adsync score --events`: every row is used or counted, every refusal says what to do."""

from __future__ import annotations

import fcntl
import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import duckdb
import numpy as np
import pytest
from rich.console import Console

from adsync.errors import AdsyncError, UsageError
from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.faults import fault_of
from adsync.events.log import LoadedLog
from adsync.events.scratch import PREFIX, Scratch
from adsync.journeys import Journey, funnel_of
from adsync.model.condition import condition, conditions
from adsync.model.exposure import LogSummary
from adsync.model.figures import LISTED_AT_MOST
from adsync.model.left_out import REASONS
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.render.score import score_lines
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.sandboxes import heeding_ctrl_c

HEADER = "user_pseudo_id,event_timestamp,event_name,session_id"
START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE = 60_000_000
DAY = 1_440 * MINUTE


def lines(unit: Callable[[int], object] = lambda at: at, visitors: int = 40) -> list[str]:
    """Visitors who look, and every third of whom buys."""
    return [
        f"u{n},{unit(START + n * DAY + step * 7_000_123)},{name},{n}"
        for n in range(visitors)
        for step, name in enumerate(("page_view", "view_item", "purchase")[: 2 + (n % 3 == 0)])
    ]


def csv(path: Path, rows: Iterable[str], header: str = HEADER, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def parquet(path: Path, columns: str = "*") -> Path:
    """The usual events with some columns replaced."""
    flat = csv(path.with_suffix(".rows"), lines())
    duckdb.sql(f"copy (select {columns} from read_csv('{flat}')) to '{path}' (format parquet)")
    flat.unlink()
    return path


def read(*paths: Path, macro: str | None = None) -> LogSummary:
    with event_log(paths, macro) as log:
        return log.summary


def score(*paths: Path, asked: Asked | None = None) -> ScoreReport:
    with event_log(paths) as log:
        return score_log(log, asked or Asked(macro="purchase"), Policy())


def refused(*paths: Path, asked: Asked | None = None) -> str:
    with pytest.raises(UsageError) as told:
        score(*paths, asked=asked)
    said = str(told.value)
    assert not any(word in said for word in ("SELECT", "LINE 1", "Error:", "null_padding", "read_csv")), said
    return said


def used(log: LogSummary) -> int:
    return sum(log.names.values())


# What cannot be read ----------------------------------------------------------------------------------------------------


def test_a_file_without_a_byte_a_row_or_the_columns_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert "has not one byte" in refused(tmp_path / "empty.csv")
    assert "not one row" in refused(csv(tmp_path / "header.csv", []))
    assert "its columns are day, n" in refused(csv(tmp_path / "other.csv", ["1,2"], header="day,n"))
    assert "does not say who" in refused(csv(tmp_path / "who.csv", ["1,a"], header="event_timestamp,event_name"))
    assert "two columns named event_name" in refused(csv(tmp_path / "two.csv", [], header=f"{HEADER},event_name"))


def test_what_is_wrong_with_a_log_is_said_once_and_shown(tmp_path: Path) -> None:
    assert refused(csv(tmp_path / "other.csv", ["1,2"], header="day,n")).count("user_pseudo_id (or user_id)") == 1
    german = [f"u{n},27.04.2026 10:0{n},purchase,{n}" for n in range(9)]
    assert 'One is written "27.04.2026 10:00".' in refused(csv(tmp_path / "german.csv", german[:1]))
    shifted = refused(csv(tmp_path / "ids.csv", ["u1,anna@example.com,purchase,1"]))
    assert "None of them looks like a time." in shifted and "anna" not in shifted


@pytest.mark.parametrize(
    "header",
    [
        "anna@example.com,2026-03-02T07:08:59Z,view_item,desktop",
        "4711.0815,1760000000000000,purchase,4711.0815",
        f"anna,{START},view_item,1",
        "anna,2026-03-02,/account/anna/of quite a long street in some town,1",
    ],
)
def test_of_a_file_without_a_header_nothing_is_shown(header: str, tmp_path: Path) -> None:
    said = refused(csv(tmp_path / "a.csv", lines(), header=header))
    assert "a.csv is no event log: it lacks event_name and event_timestamp, and its 4 columns have no names" in said
    assert not any(value in said.partition("a.csv")[2].partition("What can be read")[0] for value in header.split(","))


def test_folders_without_events_and_of_two_kinds_are_refused(tmp_path: Path) -> None:
    assert "holds no event files" in refused(tmp_path)
    csv(tmp_path / "a.csv", lines())
    (tmp_path / "readme.txt").write_text("no events")
    assert used(read(tmp_path)) == len(lines())
    parquet(tmp_path / "b.parquet")
    assert f"CSV ({tmp_path / 'a.csv'}) and Parquet ({tmp_path / 'b.parquet'})" in refused(tmp_path)
    nested = "select [{'key': 'a'}] event_params, 'u' user_pseudo_id, 'e' event_name, 1 event_timestamp"
    duckdb.sql(f"copy ({nested}) to '{tmp_path / 'c.parquet'}' (format parquet)")
    (tmp_path / "a.csv").unlink()
    told = f"{tmp_path / 'c.parquet'} is a GA4 export, and {tmp_path / 'b.parquet'} is a flat log"
    assert told in refused(tmp_path)
    assert "named twice" in refused(tmp_path / "b.parquet", tmp_path / "b.parquet")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_of_a_folder_that_are_no_events_or_hold_none_are_named(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "older").mkdir(parents=True)
    for number in range(8):
        (folder / f"notes{number}.txt").write_text("no events")
    (folder / ".hidden").touch()
    if kind == "csv":
        csv(folder / "empty.csv", [])
        csv(folder / "good.csv", lines())
    else:
        parquet(folder / "[1]good.parquet")
        duckdb.sql(f"copy (from '{parquet(folder / 'x.parquet')}' limit 0) to '{folder / 'empty.parquet'}'")
        (folder / "x.parquet").unlink()
    log = read(folder)
    names = ", ".join(f"notes{n}.txt" for n in range(LISTED_AT_MOST))
    assert log.notes == (
        f"8 other files in {folder} are no event logs: {names} and {8 - LISTED_AT_MOST} more.",
        f"1 folder in {folder} is not looked into: older.",
        f"1 file has columns and not one row: {folder / 'empty'}.{kind}.",
    )
    assert used(log) == len(lines()) and log.files == 2


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: Path) -> Iterable[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    assert f"The folder {tmp_path} cannot be read: Permission denied." in refused(tmp_path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("u1,1", "In line 12: it has 2 columns there, and 4 in its first line"),
        ("u1,1,a,1,5", "In line 12: it has 5 columns there, and 4 in its first line"),
        ('u1,1,"a,1', "In line 12: a quote begins there and does not end"),
    ],
)
def test_a_ragged_line_is_named_with_its_file_and_nothing_of_what_it_holds(
    line: str, says: str, tmp_path: Path
) -> None:
    csv(tmp_path / "a.csv", lines())
    rows = lines()
    said = refused(csv(tmp_path / "b.csv", [*rows[:10], line, *rows[10:]]).parent)
    assert f"{tmp_path / 'b.csv'} cannot be read. {says}" in said and "u1" not in said


def test_other_encodings_are_refused_by_name(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-16-le"):
        assert "UTF-16. Save it as UTF-8" in refused(csv(tmp_path / "a.csv", lines(), encoding=encoding))
    latin = csv(tmp_path / "a.csv", [*lines(), f"u1,{START},café,1"], encoding="latin-1")
    assert f"In line {len(lines()) + 2}: it is not UTF-8 there" in refused(latin)


def test_half_a_file_among_good_ones_is_named(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2])
    assert f"{tmp_path / 'b.parquet'} cannot be read. It is no whole Parquet file." in refused(tmp_path)
    broken = bytearray(whole)
    broken[200:260] = b"\xff" * 60
    (tmp_path / "b.parquet").write_bytes(bytes(broken))
    assert f"{tmp_path / 'b.parquet'} cannot be read." in refused(tmp_path)
    packed = gzip.compress("\n".join([HEADER, *lines(visitors=900)]).encode())
    for cut in (packed[: len(packed) // 2], b"no gzip"):
        (tmp_path / "c.csv.gz").write_bytes(cut)
        assert "c.csv.gz cannot be read. What is compressed in it is broken" in refused(tmp_path / "c.csv.gz")


# What can --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_whatever_separates_the_columns_the_rows_are_the_same(delimiter: str, encoding: str, tmp_path: Path) -> None:
    rows = [row.replace(",", delimiter) for row in lines()]
    log = read(csv(tmp_path / "a.csv", rows, header=HEADER.replace(",", delimiter), encoding=encoding))
    assert (used(log), log.visitors) == (len(rows), 40)


def test_files_with_other_columns_and_delimiters_are_one_log(tmp_path: Path) -> None:
    rows = lines()
    csv(tmp_path / "a.csv", rows[:50])
    csv(tmp_path / "b.csv", [f"mobile;{r.replace(',', ';')}" for r in rows[50:]], f"device;{HEADER.replace(',', ';')}")
    assert read(tmp_path).names == read(csv(tmp_path / "whole.csv.rows.csv", rows)).names


def test_paths_are_literal(tmp_path: Path) -> None:
    odd = parquet(tmp_path / "a1.parquet").rename(tmp_path / "a[1]*?'{x}.parquet")
    parquet(tmp_path / "a1.parquet")
    assert read(odd).files == 1
    (tmp_path / "link.parquet").symlink_to(odd)
    assert read(tmp_path / "link.parquet").rows == len(lines())
    assert "named twice" in refused(tmp_path)


def test_links_that_lead_nowhere_are_counted_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for name in ("b.csv", "c.csv", "notes.txt", ".hidden.csv"):
        (folder / name).symlink_to(tmp_path / "gone")
    said = refused(folder)
    assert "holds no event files" in said and "2 links lead nowhere" in said and "b.csv and" in said
    csv(folder / "a.csv", lines())
    (note,) = [note for note in read(folder).notes if "nowhere" in note]
    assert note.startswith("2 links lead nowhere") and "c.csv" in note and "hidden" not in note
    (folder / "c.csv").unlink()
    assert read(folder).notes == (f"1 link leads nowhere, and its events are missing here: {folder / 'b.csv'}.",)


def test_quoted_newlines_stay_in_the_name(tmp_path: Path) -> None:
    log = read(csv(tmp_path / "a.csv", [f'u1,{START},"a\nb ""c""",1', *lines()]))
    assert 'a\nb "c"' in log.names and log.rows == 1 + len(lines())


@pytest.mark.parametrize(
    "unit",
    [
        lambda at: f"{at}.0",
        lambda at: f"{at:.16e}",
        lambda at: datetime.fromtimestamp(at / 1e6, timezone(timedelta(hours=5, minutes=30))).isoformat(),
        lambda at: f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        lambda at: f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M:%S.%f UTC}",
    ],
)
def test_every_way_to_write_a_time_is_the_same_time(unit: Callable[[int], str], tmp_path: Path) -> None:
    log, plain = read(csv(tmp_path / "a.csv", lines(unit))), read(csv(tmp_path / "b.csv", lines()))
    assert (log.names, log.excluded) == (plain.names, plain.excluded)
    assert abs(log.last - plain.last) < timedelta(seconds=1) and abs(log.first - plain.first) < timedelta(seconds=1)


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz", "timestamp_ns", "timestamp_s"])
def test_times_of_parquet_are_utc(kind: str, tmp_path: Path) -> None:
    moment = f"(timestamp '1970-01-01' + to_microseconds(event_timestamp))::{kind}"
    log = read(parquet(tmp_path / "a.parquet", f"* replace ({moment} as event_timestamp)"))
    assert log.first.replace(microsecond=0) == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["double", "hugeint", "ubigint", "decimal(20, 2)", "varchar"])
def test_numbers_of_any_type_are_microseconds(kind: str, tmp_path: Path) -> None:
    log = read(parquet(tmp_path / "a.parquet", f"* replace (event_timestamp::{kind} as event_timestamp)"))
    assert (used(log), log.first) == (len(lines()), datetime(2026, 3, 1, 12, tzinfo=UTC))


def test_names_that_are_numbers_are_names_in_conditions_as_well(tmp_path: Path) -> None:
    numbers = (
        "user_pseudo_id, event_timestamp, session_id, case event_name when 'purchase' then 3 else 2 end as event_name"
    )
    asked = Asked(macro="3", candidates=conditions("2*2"))
    with event_log([parquet(tmp_path / "a.parquet", numbers)], "3", asked.candidates) as log:
        (score,) = score_log(log, asked, Policy()).scores
    assert score.event == "2*2" and score.volume_30d > 0


@pytest.mark.parametrize(
    ("written", "counts"), [("7", True), ("inf", True), ("NaN", False), ("-1", False), ("", False)]
)
def test_what_is_no_number_is_not_at_least_one(written: str, counts: bool, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", [f"{row},{written}" for row in lines()], header=f"{HEADER},percent")
    asked = Asked(macro="purchase", candidates=conditions("view_item[percent>=5]"))
    with event_log([path], "purchase", asked.candidates) as log:
        (score,) = score_log(log, asked, Policy()).scores
    assert (score.volume_30d > 0) == counts


def test_dates_without_hours_are_read_and_said(tmp_path: Path) -> None:
    day = "(timestamp '1970-01-01' + to_microseconds(event_timestamp))::date"
    log = read(parquet(tmp_path / "a.parquet", f"* replace ({day} as event_timestamp)"))
    assert used(log) == len(lines()) and "All times are midnights" in log.notes[0]


@pytest.mark.parametrize(
    ("hour", "notes", "told"),
    [
        ("", "All times are midnights: what came before what on one day", "has days and no time of day"),
        (
            "T07:00:00+02:00",
            "All times are whole hours: what came before what within one hour",
            "has hours and no minutes",
        ),
    ],
)
def test_of_one_day_or_hour_a_score_takes_nothing_as_before_the_macro_and_a_funnel_all_in_order(
    hour: str, notes: str, told: str, tmp_path: Path
) -> None:
    rows = [
        f"u{n},2026-03-{1 + n % 9:02}{hour},{name},1" for n in range(40) for name in ("page_view", "purchase", "a_step")
    ]
    with event_log([csv(tmp_path / "a.csv", rows)], "purchase") as log:
        scores = score_log(log, Asked(macro="purchase", horizon_days=3), Policy()).scores
        funnel = funnel_of(log, Journey(macro="purchase", steps=("page_view", "a_step")))
    assert [(score.exposed, score.converted) for score in scores] == [(0, 0), (0, 0)]
    assert all(f"The log {told}: of 40 visitors who did it and did purchase all" in score.because for score in scores)
    (note,) = log.summary.notes
    assert note.startswith(notes)
    assert [step.visitors for step in funnel.steps] == [40] * 4


def days_of_visitors(days_to_buy: int) -> list[str]:
    """Each looks at something on some days; a third asks for a demo, and half of these buy so many days later."""
    rows, dice = [], random.Random(1)
    for n in range(900):
        days = sorted(dice.sample(range(20), dice.randrange(1, 6)))
        seen = [(day, dice.choice(["page_view", "pricing", "docs"])) for day in days]
        if n % 3 == 0:
            seen.append((days[-1], "demo"))
        if n % 6 == 0 or n % 50 == 1:
            seen.append((days[-1] + days_to_buy, "contract"))
        rows += [f"u{n},{date(2026, 1, 1) + timedelta(days=n % 120 + day)},{name},1" for day, name in seen]
    return rows


def test_of_a_log_of_days_no_patience_helps_what_is_done_on_the_day_of_the_macro(tmp_path: Path) -> None:
    for days_to_buy, verdict in ((0, "not_enough"), (9, "good")):
        path = csv(tmp_path / "a.csv", days_of_visitors(days_to_buy))
        with event_log([path], "contract") as log:
            asked = Asked(macro="contract", candidates=conditions("demo"), horizon_days=14)
            report = score_log(log, asked, Policy())
        (demo,) = report.scores
        assert (demo.verdict.value, demo.lift is None) == (verdict, days_to_buy == 0)
        told = "of 156 visitors who did it and did contract all did both on one day, and nobody knows which came first."
        assert (told in demo.because) == (days_to_buy == 0) and "more week" not in demo.because
        said = "No ranking: nobody knows what came before what. They stand in the order of how many do them."
        assert (said in report.notes) == (days_to_buy == 0)


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        (lambda at: at // 1_000_000, "look like seconds"),
        (lambda at: at / 1e6, "look like seconds"),
        (lambda at: at // 1_000, "look like milliseconds"),
        (lambda at: at * 1_000, "look like nanoseconds"),
        (lambda _: "yesterday", "No event has a time that can be read"),
        (lambda _: 5, "from before 2005"),
        (lambda at: at + 100 * 365 * DAY, "events from the future"),
    ],
)
def test_times_in_other_units_are_refused_with_the_factor(
    unit: Callable[[int], object], says: str, tmp_path: Path
) -> None:
    assert says in refused(csv(tmp_path / "a.csv", lines(unit)))


# What is left out -------------------------------------------------------------------------------------------------------


def test_each_row_that_is_left_out_is_counted_with_its_reason(tmp_path: Path) -> None:
    good = lines()
    bad = {
        "no_visitor": [f",{START},page_view,1"],
        "no_time": ["u1,yesterday,page_view,1", "u1,,page_view,1", "u1,99999999999999999999,page_view,1"],
        "past": [f"u1,{START // 1_000},page_view,1", "u1,-5,page_view,1"],
        "no_name": [f"u1,{START},,1"],
        "future": [f"u1,{START * 2},page_view,1"],
        "duplicate": good[:7],
    }
    log = read(csv(tmp_path / "a.csv", [*good, *(row for rows in bad.values() for row in rows)]))
    assert {reason: n for reason, n in log.excluded.items() if n} == {reason: len(rows) for reason, rows in bad.items()}
    assert used(log) == len(good) and set(log.excluded) <= set(REASONS)
    assert used(log) + sum(log.excluded.values()) == log.rows


def test_where_whole_visitors_lack_session_ids_their_visits_are_told_apart_by_pauses(tmp_path: Path) -> None:
    """An old and a new export of one firm, of which one has the column."""
    old, new = [row.rpartition(",")[0] for row in lines()], lines(visitors=9)
    paths = csv(tmp_path / "a.csv", old, HEADER.rpartition(",")[0]), csv(tmp_path / "b.csv", [f"n{r}" for r in new])
    log, rows = read(*paths), len(old) + len(new)
    assert (used(log), log.visitors) == (rows, 49)
    (note,) = log.notes
    assert note.startswith(f"{len(old)} of {rows} events have no session id: each belongs to the session of what the")
    alone = score(csv(tmp_path / "c.csv", [*old, *(f"n{row.rpartition(',')[0]}" for row in new)], HEADER[:-11]))
    assert score(*paths).scores == alone.scores and alone.log.notes == ()


@pytest.mark.parametrize("lacks", [1, 14])
def test_a_main_conversion_that_a_server_sends_without_session_id_counts_as_if_it_had_one(
    lacks: int, tmp_path: Path
) -> None:
    """Of 94 rows 14 are purchases, so that no share of all rows decides."""
    rows: list[str] = []
    whole = lines()
    for row in whole:
        is_one = ",purchase," in row and lacks > sum(r.endswith(",") for r in rows)
        rows.append(row.rpartition(",")[0] + "," if is_one else row)
    asked = Asked(macro="purchase", candidates=conditions("view_item,page_view"), horizon_days=7)
    found, known = (
        score(csv(tmp_path / f"{name}.csv", some), asked=asked) for name, some in (("a", rows), ("b", whole))
    )
    assert (found.scores, found.log.names, used(found.log)) == (known.scores, known.log.names, len(whole))
    (note,) = found.log.notes
    assert note.startswith(f"{lacks} of {len(whole)} events {'has' if lacks == 1 else 'have'} no session id: ")


def test_a_visitor_with_a_million_events_is_a_machine(tmp_path: Path) -> None:
    machine = f"select 'robot' user_pseudo_id, {START} + i event_timestamp, 'page_view' event_name, 1 session_id"
    duckdb.sql(f"copy ({machine} from range(1000000) r(i)) to '{tmp_path / 'machine.parquet'}'")
    assert "1,000,000 events of visitors with more than 10,000 events: machines" in refused(
        tmp_path / "machine.parquet"
    )
    parquet(tmp_path / "people.parquet")
    log = read(tmp_path)
    assert (log.excluded["machine"], used(log), log.visitors) == (1_000_000, len(lines()), 40)


def test_an_order_that_a_visitor_sends_again_is_no_second_one(tmp_path: Path) -> None:
    header = f"{HEADER},transaction_id"
    rows = [f"{row},{'T1' if 'purchase' in row else ''}" for row in lines()]
    again = [
        f"u0,{START + 2 * DAY},purchase,0,T1",
        f"u0,{START + 3 * DAY},purchase,0,T2",
        f"u0,{START},add,0,T2",
    ]
    path = csv(tmp_path / "a.csv", [*rows, *again], header=header)
    log, without = read(path, macro="purchase"), read(path)
    assert log.excluded["duplicate_order"] == 1 and log.names["purchase"] == 15
    assert used(log) + 1 == log.rows == used(without)
    # By the site and by its server, which knows no session: at one moment they are one order, too.
    bought = [row.split(",") for row in rows if row.endswith("T1")]
    server = [",".join([*row[:3], "", row[4]]) for row in bought]
    twice = read(csv(tmp_path / "b.csv", [*server, *rows, *again], header=header), macro="purchase")
    left_out = twice.excluded["duplicate"] + twice.excluded["duplicate_order"]
    assert (left_out, twice.names) == (1 + len(bought), log.names)


def test_in_a_log_of_whole_minutes_rows_that_are_alike_are_events_and_orders_are_not(tmp_path: Path) -> None:
    minute, header = 60_000_000, f"{HEADER},transaction_id"
    rows = [f"u{n},{START + n * minute},view_item,{n}," for n in range(9)] * 3
    rows += [f"u1,{START + 9 * minute},purchase,1,A1"] * 2
    log = read(csv(tmp_path / "a.csv", rows, header=header), macro="purchase")
    assert (log.names, log.excluded["duplicate"]) == ({"purchase": 1, "view_item": 27}, 1)
    assert [note.startswith("All times are whole minutes: ") for note in log.notes] == [True]
    # One time with seconds: what is alike may well be sent twice.
    log = read(csv(tmp_path / "b.csv", [*rows, f"u1,{START + 1},view_item,1,"], header=header), macro="purchase")
    assert (log.names, log.excluded["duplicate"], log.notes) == ({"purchase": 1, "view_item": 10}, 19, ())


def test_a_macro_with_days_or_hours_beside_exact_times_is_remarked(tmp_path: Path) -> None:
    def told(cut: int, to: int = DAY, zone: int = 0) -> list[str]:
        """With so many of the macro's times cut."""
        rows = [row.split(",") for row in lines(lambda at: int(at) + 61_000_000)]
        for row in [row for row in rows if row[2] == "purchase"][:cut]:
            row[1] = str(int(row[1]) // to * to + zone)
        return [*read(csv(tmp_path / "a.csv", [*map(",".join, rows)]), macro="purchase").notes]

    says = (
        "times of purchase are midnights, full hours or quarters of one, and others are not: what is done before it on"
    )
    hour = 60 * MINUTE
    for cut in (told(14), told(14, hour), told(14, zone=hour * 11 // 2), told(14, zone=hour * 12)):
        assert [note.startswith(f"The {says}") for note in cut] == [True]
    (note,) = told(10)
    assert note.startswith(f"10 of 14 {says}"), "some come from the books"
    assert told(9) == [], "a few at midnight are none of a book's"
    five = [row.split(",") for row in lines()]
    five = [[who, str(int(at) // (5 * MINUTE) * (5 * MINUTE)), *rest] for who, at, *rest in five]
    notes = read(csv(tmp_path / "five.csv", [*map(",".join, five)]), macro="purchase").notes
    assert not [note for note in notes if "quarters" in note], "one in three of them is one by chance"


def test_currencies_that_differ_are_said(tmp_path: Path) -> None:
    rows = [f"{row},7,{'EUR' if n % 2 else 'SEK'}" for n, row in enumerate(lines())]
    path = csv(tmp_path / "a.csv", rows, header=f"{HEADER},value,currency")
    assert read(path).notes == ("Values are in 2 currencies (EUR, SEK); none of them is used.",)


def test_a_currency_of_what_is_worth_nothing_or_is_no_main_conversion_voids_no_values(tmp_path: Path) -> None:
    rows = [f"{row},{'7,EUR' if 'purchase' in row else (',USD', '3,SEK')[n % 2]}" for n, row in enumerate(lines())]
    rows += [f"u{n},{START + n},purchase,1,,SEK" for n in range(3)]
    log = read(csv(tmp_path / "b.csv", rows, header=f"{HEADER},value,currency"), macro="purchase")
    assert (log.currency, log.notes) == ("EUR", ())


def test_a_currency_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    written = ("EUR", "eur", " Eur ", "", "undefined", "(not set)")
    rows = [f"{row},2,{written[n % len(written)]}" for n, row in enumerate(lines())]
    log = read(csv(tmp_path / "a.csv", rows, header=f"{HEADER},value,currency"))
    assert (log.currency, log.notes) == ("EUR", ())


def sum_of_values(*paths: Path) -> tuple[float, tuple[str, ...]]:
    with event_log(paths) as log:
        assert isinstance(log, LoadedLog)
        (total,) = log._engine.numbers(log.events.agg(total=log.events.value.sum()))["total"]
        return 0 if np.isnan(total) else total, log.summary.notes


def test_a_decimal_comma_is_read_where_semicolons_separate_columns(tmp_path: Path) -> None:
    values = ("87,54", " 1.234,50", "-0,04", "12.5", "7", "")
    rows = [f"{row.replace(',', ';')};{value}" for row, value in zip(lines(), values, strict=False)]
    written = csv(tmp_path / "a.csv", rows, header=f"{HEADER.replace(',', ';')};value")
    total, notes = sum_of_values(written)
    assert total == pytest.approx(87.54 + 1234.5 - 0.04 + 12.5 + 7)
    assert notes == ()


def test_values_that_are_no_numbers_are_counted_and_told(tmp_path: Path) -> None:
    values = ('"87,54"', "12 EUR", "7", "", "(not set)", "NaN")
    rows = [f"{row},{value}" for row, value in zip(lines(), values, strict=False)]
    total, (note,) = sum_of_values(csv(tmp_path / "a.csv", rows, header=f"{HEADER},value"))
    assert total == 7
    assert note.startswith("3 values are no numbers that can be read and are not used. A decimal point is wanted; ")
    (tmp_path / "a.csv").unlink()
    semicolons = [row.replace(",", ";") + ";12,5,1" for row in lines()[1:2]]
    total, (note,) = sum_of_values(csv(tmp_path / "b.csv", semicolons, header=f"{HEADER.replace(',', ';')};value"))
    assert total == 0 and note.startswith("1 value is no number that can be read and is not used.")


def test_values_in_different_currencies_are_not_used(tmp_path: Path) -> None:
    rows = [f"{row},80,{'EUR' if n % 2 else 'SEK'}" for n, row in enumerate(lines())]
    with event_log([csv(tmp_path / "a.csv", rows, header=f"{HEADER},value,currency")]) as log:
        assert isinstance(log, LoadedLog)
        assert log._engine.totals(log.events.agg(n=log.events.value.count())) == {"n": 0}
        assert log.summary.notes == ("Values are in 2 currencies (EUR, SEK); none of them is used.",)


@pytest.mark.parametrize(
    "asked", [Asked(macro="purchase"), Asked(macro="view_item", candidates=conditions("purchase"))]
)
def test_an_event_of_which_all_rows_are_left_out_is_not_called_missing(asked: Asked, tmp_path: Path) -> None:
    rows = [f",{row.partition(',')[2]}" if ",purchase," in row else row for row in lines()]
    path = csv(tmp_path / "a.csv", [*rows, f"u1,{START * 2},purchase,1"])
    said = refused(path, asked=asked)
    option = "--candidates" if asked.candidates else "--macro"
    assert said.startswith(f"Of the event purchase no row can be used ({option}). Left out were ")
    assert "1 event from the future" in said and "14 events without a visitor id (no consent, or not logged)" in said
    with event_log([path]) as log, pytest.raises(UsageError, match="Of the event purchase no row can be used"):
        funnel_of(log, Journey(macro="purchase"))


def test_who_has_no_id_at_all_cannot_be_scored(tmp_path: Path) -> None:
    rows = ["," + row.partition(",")[2] for row in lines()]
    assert "events without a visitor id" in refused(csv(tmp_path / "a.csv", rows))


def test_without_sessions_half_an_hour_without_an_event_ends_one(tmp_path: Path) -> None:
    with_ids = csv(tmp_path / "a.csv", lines())
    rows = [row.rpartition(",")[0] for row in lines()]
    without = csv(tmp_path / "b.csv", rows, header=HEADER.rpartition(",")[0])
    assert score(without).scores == score(with_ids).scores


@pytest.mark.parametrize(
    ("unit", "named", "advice"),
    [
        (lambda at: at // 1_000_000, "seconds", "Multiply its event_timestamp by 1,000,000."),
        (lambda at: at // 1_000, "milliseconds", "Multiply its event_timestamp by 1,000."),
        (lambda at: at * 1_000, "nanoseconds", "Divide its event_timestamp by 1,000."),
    ],
)
def test_a_file_in_another_unit_among_good_ones_is_named_with_the_likely_cause(
    unit: Callable[[int], object], named: str, advice: str, tmp_path: Path
) -> None:
    good = csv(tmp_path / "good.csv", lines())
    bad = csv(tmp_path / "bad.csv", lines(unit))
    log = read(good, bad)
    (note,) = [note for note in log.notes if "bad.csv" in note]
    assert note.startswith(f"{bad}: none of its events is used: their times look like {named}, ") and advice in note
    assert log.excluded["past"] + log.excluded["future"] == len(lines())
    assert not [note for note in log.notes if "good.csv" in note]


def test_single_early_times_do_not_speak_against_their_file(tmp_path: Path) -> None:
    log = read(
        csv(tmp_path / "good.csv", lines()), csv(tmp_path / "mixed.csv", [*lines(visitors=3), "u1,12,page_view,1"])
    )
    assert log.excluded["past"] == 1 and log.notes == ()


def test_a_macro_that_most_visitors_do_is_remarked(tmp_path: Path) -> None:
    path = csv(tmp_path / "log.csv", lines())
    (note,) = [n for n in score(path, asked=Asked(macro="view_item")).notes if "view_item" in n]
    assert note.startswith("100 % of all visitors do view_item") and "the main goal itself" in note
    assert not [n for n in score(path).notes if "of all visitors" in n], "a third of them buy"


# What is asked ----------------------------------------------------------------------------------------------------------


def test_a_condition_on_a_column_that_a_log_lacks_is_told_the_columns_that_somebody_wrote(tmp_path: Path) -> None:
    log, scrolled = csv(tmp_path / "log.csv", lines()), condition("page_view[percent_scrolled>=75]")
    missing = "has no column percent_scrolled, which page_view"
    with pytest.raises(UsageError, match=missing) as told, event_log([log], conditions=[scrolled]):
        raise AssertionError("asked without it")
    assert "Its columns are user_pseudo_id, event_timestamp, event_name, session_id." in str(told.value)


def test_a_macro_of_renewals_and_one_that_was_renamed_are_remarked(tmp_path: Path) -> None:
    paid = [f"u{n},{START + (n + 30 * month) * DAY},paid," for n in range(20) for month in range(4)]
    views = [f"v{n},{START + n * DAY},page_view," for n in range(110)]
    renamed = [f"w{n},{START + n * DAY},{'Paid' if n < 60 else 'Paid_'}," for n in range(110)]
    log = csv(tmp_path / "log.csv", [*paid, *views, *renamed])
    (note,) = (n for n in score(log, asked=Asked(macro="paid")).notes if "renewals" in n)
    assert note.startswith("60 of 80 paid events are of visitors who had done it before")
    assert "Paid_ begins then" in score(log, asked=Asked(macro="Paid")).notes[0]
    until = Asked(macro="paid", as_of=(datetime.fromtimestamp(START / 1e6, UTC) + timedelta(days=95)).date())
    alike, alone, repeated, *_ = score(log, asked=until).notes
    assert alone.startswith("None of the 20 visitors who did paid did any of the other events")
    # As known on that day.
    assert alike.startswith("Beside paid (66 events) the log has Paid (60 events) and Paid_ (36 events), the same but")
    assert repeated.startswith("46 of 66 paid events")


def test_a_macro_that_comes_later_than_the_horizon_is_remarked(tmp_path: Path) -> None:
    """One in three who begin a trial signs, 40 days later."""
    trials = [f"u{n},{START + n * DAY // 2},trial," for n in range(240)]
    signed = [f"u{n},{START + n * DAY // 2 + 40 * DAY},signed," for n in range(0, 240, 3)]
    log = csv(tmp_path / "log.csv", [*trials, *signed])
    assert score(log, asked=Asked(macro="signed")).notes[0] == (
        "Of 80 visitors who did signed after trial all did so more than 30 days later: p, lift and worth leave them out. "
        "--horizon-days 52 counts more of them."
    )
    assert "later" not in " ".join(score(log, asked=Asked(macro="signed", horizon_days=52)).notes)


def test_names_that_the_log_does_not_have_are_met_with_those_it_has(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", lines())
    assert "no event purchse (--macro). Did you mean purchase?" in refused(path, asked=Asked(macro="purchse"))
    asked = Asked(macro="purchase", candidates=conditions("view_itme"))
    assert "no event view_itme (--candidates). Did you mean view_item?" in refused(path, asked=asked)
    assert "cannot announce itself" in refused(path, asked=Asked(macro="purchase", candidates=conditions("purchase")))
    only = csv(tmp_path / "b.csv", [row for row in lines() if "purchase" in row])
    assert "no events but purchase" in refused(only)
    before = Asked(macro="purchase", as_of=date(2020, 1, 1))
    assert "--as-of 2020-01-01 lies before the log's first event" in refused(path, asked=before)


@pytest.mark.parametrize(
    "rows",
    [
        lines(visitors=3),
        [f"u{n},{START + n * DAY + k},{name},1" for n in range(40) for k, name in enumerate(("a", "b", "purchase"))],
        [*lines(visitors=1), f"late,{START + 40 * DAY},purchase,1"],
        lines(lambda at: START + at % DAY),
    ],
    ids=["three visitors", "everybody buys", "nobody buys in time", "one day"],
)
def test_what_is_too_little_is_not_enough_and_nothing_worse(rows: list[str], tmp_path: Path) -> None:
    report = score(csv(tmp_path / "a.csv", rows))
    assert report.scores and {s.verdict.value for s in report.scores} <= {"not_enough", "duplicate", "after_macro"}


def test_a_log_that_is_shorter_than_the_horizon_says_what_is_missing(tmp_path: Path) -> None:
    report = score(csv(tmp_path / "a.csv", lines()), asked=Asked(macro="purchase", horizon_days=60))
    assert "nobody has had 60 days" in report.notes[0] and "--horizon-days 13" in report.notes[0]


def test_a_log_of_one_visit_is_told_of_in_the_singular_and_no_horizon_is_advised(tmp_path: Path) -> None:
    rows = [f"u1,{START},page_view,1", f"u1,{START + DAY},purchase,2"]
    report = score(csv(tmp_path / "a.csv", rows))
    said = "\n".join(map(str, score_lines(report)))
    assert (
        "1 file: 2 events of 1 visitor, " in said
        and "The log covers 1 day: nobody has had 30 days to do purchase in." in said
    )
    assert "--horizon-days" not in said and "a longer log" in said


def test_a_date_after_the_log_is_the_logs_last_moment(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", lines())
    later = score(path, asked=Asked(macro="purchase", as_of=date(2026, 10, 1)))
    ends = f"{datetime.fromtimestamp((START + 39 * DAY) / 1e6, UTC).date()}"
    note, *others = later.notes
    assert note == f"The log ends on {ends}: --as-of 2026-10-01 is answered as of that day."
    assert replace(later, notes=tuple(others)) == score(path)
    assert score(path, asked=Asked(macro="purchase", as_of=date.fromisoformat(ends))) == score(path)


def test_more_candidates_than_can_be_told_apart_are_refused(tmp_path: Path) -> None:
    names = tuple(f"e{n}" for n in range(64))
    path = csv(tmp_path / "a.csv", [*lines(), *(f"u1,{START},{name},1" for name in names)])
    assert "64 candidates are too many at once" in refused(
        path, asked=Asked(macro="purchase", candidates=conditions(",".join(names)))
    )


def test_a_condition_that_is_written_like_an_event_of_the_log_is_told_apart_from_it(tmp_path: Path) -> None:
    rows = [f"u{n % 40},{START + n},page_view*3,1" for n in range(80)] + [f"u1,{START},60s,1"]
    path = csv(tmp_path / "a.csv", [*lines(), *rows])
    for written in ("page_view*3", "60s"):
        said = refused(path, asked=Asked(macro="purchase", candidates=conditions(written)))
        assert f"The log has an event named {written}" in said and f"""'"{written}"'""" in said
    (score_of_event,) = score(path, asked=Asked(macro="purchase", candidates=conditions('"page_view*3"'))).scores
    assert score_of_event.event == "page_view*3"


def test_forty_thousand_names_are_read_and_told_in_a_page(tmp_path: Path) -> None:
    many = [f"u{n % 40},{START + n},event {n},1" for n in range(40_000)]
    path = csv(tmp_path / "a.csv", [*lines(), *many])
    assert len(read(path).names) == 40_003
    assert len(score(path).compared_with) <= 200
    few = csv(tmp_path / "b.csv", [*lines(), *many[:300], f"u1,{START},{'long' * 500},1", f"u1,{START},\x1b[31m,1"])
    told = "\n".join(printed(score(few)))
    assert told.count("event ") < 150 and "more: no candidate, only 50 are asked about" in told
    assert "\x1b" not in told and "long" * 16 not in told


def printed(report: ScoreReport) -> list[str]:
    out = Console(record=True, width=140, file=StringIO())
    for line in score_lines(report):
        out.print(line)
    return out.export_text().splitlines()


# Disk and processes -----------------------------------------------------------------------------------------------------


def test_the_temporary_folder_is_the_owners_alone_and_gone_afterwards(tmp_path: Path) -> None:
    with DuckDBEngine([], tmp_path):
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared_away_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}killed"
    left.mkdir()
    (left / "lock").touch()
    (left / "events.duckdb").write_text("people's events")
    living = Scratch(tmp_path)
    assert not left.exists()
    other = Scratch(tmp_path)
    assert living.path.exists()
    other.remove()
    living.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdsyncError, match=r"cannot be made in .*nowhere.*TMPDIR"):
        Scratch(tmp_path / "nowhere")


@pytest.mark.parametrize("named", ["missing", "a file"])
def test_a_temporary_folder_that_is_named_and_cannot_be_used_is_not_silently_another(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TMPDIR", str(tmp_path / named))
    with pytest.raises(AdsyncError, match=rf"cannot be made in .*{named}.*TMPDIR"):
        Scratch()


def test_a_full_disk_is_said_with_what_helps(tmp_path: Path) -> None:
    told = fault_of(
        duckdb.IOException("IO Error: Could not write file: No space left on device"), scratch=tmp_path / "x"
    )
    assert told is not None and str(tmp_path) in str(told) and "TMPDIR" in str(told) and told.exit_code == 1
    assert fault_of(duckdb.BinderException("Binder Error: a mistake of this program")) is None


def stopped(folder: Path, sent: signal.Signals, after: float) -> tuple[int, str, int]:
    """A reading that gets a signal so many seconds after its folder is there: its status, its words, the folders left."""
    events, work = folder / "a.parquet", folder / "work"
    work.mkdir(exist_ok=True)
    if not events.exists():
        row = "select 'u' || i % 90000 user_pseudo_id, i + 1760000000000000 event_timestamp, 'e' || i % 9 event_name"
        duckdb.sql(f"copy ({row} from range(6000000) r(i)) to '{events}'")
    running = subprocess.Popen(
        heeding_ctrl_c(sys.executable, "-m", "adsync", "score", "--events", str(events), "--macro", "e1"),
        env={**os.environ, "TMPDIR": str(work)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(work.glob(f"{PREFIX}*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(after)
    running.send_signal(sent)
    _, said = running.communicate(timeout=60)
    return running.returncode, said, len(list(work.iterdir()))


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    assert stopped(tmp_path, signal.SIGINT, 0.3) == (130, "Stopped.\n", 0)


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_at_any_moment(tmp_path: Path) -> None:
    """The engine must not see the exception: some of its parts end the process with an abort instead."""
    for moment in range(60):
        assert stopped(tmp_path, signal.SIGINT, moment * 0.035) == (130, "Stopped.\n", 0), moment


def test_what_kill_leaves_the_next_run_removes(tmp_path: Path) -> None:
    assert stopped(tmp_path, signal.SIGKILL, 0.3) == (-signal.SIGKILL, "", 1)
    Scratch(tmp_path / "work").remove()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_locked_folder_is_known_by_its_lock(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with (scratch.path / "lock").open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    scratch.remove()
