"""Files of events as programs and accidents leave them: read, or refused in words that name the file and the reason."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from adsync.errors import AdsyncError
from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.faults import fault_of
from adsync.events.files import find_files
from adsync.events.loading import load
from adsync.events.reading import read_files
from adsync.events.scratch import Scratch
from adsync.score.period import settled_in
from adsync.scoring import Asked
from adsync.wiring import event_log
from tests.contract.test_score_inputs import HEADER, START, csv, lines, parquet, read, refused, used

ROWS = lines()
ALL = len(ROWS)


# Headers ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{row}," for row in (HEADER, *ROWS)) + "\n",
        "\n".join(f"0,{row},x," for row in ROWS).join((f",{HEADER},,\n", "\n")),
        "\r".join((HEADER, *ROWS)) + "\r",
        "\n" * 3 + "\n".join((HEADER, *ROWS)),
        "\ufeff\r\n" + "\r\n".join((HEADER, *ROWS)),
        "\r\r" + "\r".join((HEADER, *ROWS)),
    ],
    ids=[
        "comma at the end",
        "columns without names",
        "\\r",
        "blank lines",
        "blank line after a mark",
        "blank lines, \\r",
    ],
)
def test_headers_as_programs_write_them_are_read(text: str, tmp_path: Path) -> None:
    is_packed = text.startswith("\r")
    path = tmp_path / ("a.csv.gz" if is_packed else "a.csv")
    path.write_bytes(gzip.compress(text.encode()) if is_packed else text.encode())
    log = read(path)
    assert (log.rows, used(log), log.visitors) == (ALL, ALL, 40)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ([f"{HEADER},percent,Percent"], "Columns are named percent and Percent"),
        ([f"{HEADER},percent", f"{HEADER},Percent"], "Columns are named percent and Percent"),
        ([f"{HEADER},channel,Channel"], "has two columns named channel"),
        ([f"{HEADER},channel,channel"], "has two columns named channel"),
        ([f"{HEADER},{'x' * 200_000}"], "Its first line holds no names of columns"),
    ],
)
def test_headers_that_do_not_tell_columns_apart_are_refused(headers: list[str], says: str, tmp_path: Path) -> None:
    for n, header in enumerate(headers):
        csv(tmp_path / f"{n}.csv", [row + ",x" * (header.count(",") - HEADER.count(",")) for row in ROWS], header)
    assert says in refused(tmp_path)


@pytest.mark.parametrize(("changed", "between"), [(str.title, ","), (str.upper, ";"), (str, ", "), (str.title, '", "')])
def test_capitals_and_blanks_in_a_header_are_of_no_matter(
    changed: Callable[[str], str], between: str, tmp_path: Path
) -> None:
    def written(row: str) -> str:
        return row.replace(",", between).join('""' if '"' in between else ("", ""))

    log = read(csv(tmp_path / "a.csv", map(written, ROWS), written(changed(HEADER))))
    plain = read(csv(tmp_path / "b.csv", ROWS))
    assert (used(log), log.names, log.first, log.last) == (ALL, plain.names, plain.first, plain.last)


def test_columns_that_only_capitals_tell_apart_are_one_in_two_files(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", [f"{row},5" for row in ROWS], f"{HEADER},Value")
    csv(tmp_path / "b.csv", [f"n{row},5" for row in ROWS], f"{HEADER},value")
    assert used(read(tmp_path)) == 2 * ALL


def test_columns_of_parquet_may_have_capitals(tmp_path: Path) -> None:
    names = (
        'user_pseudo_id as "User_Pseudo_Id", event_name as "EVENT_NAME", event_timestamp, session_id as " Session_ID"'
    )
    one = parquet(tmp_path / "a.parquet", names)
    assert read(one).names == read(parquet(tmp_path / "b.parquet")).names and used(read(one)) == ALL


def test_files_of_many_headers_are_one_log(tmp_path: Path) -> None:
    for n in range(40):
        extra = {3: "device", 7: "channel"}.get(n, f"p{n}")
        csv(tmp_path / f"{n:02}.csv", [f"{ROWS[n]},x"], f"{HEADER},{extra}")
    csv(tmp_path / "z.csv", [f"{ROWS[40]},1,50".replace(",", ";", 4)], f"{HEADER},value".replace(",", ";"))
    log = read(tmp_path)
    assert (log.rows, used(log), log.files, log.notes) == (41, 41, 41, ())
    assert [log.labels[name][2:] for name in ("device", "channel")] == [("x",), ("x",)]


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.csv", "It is compressed by gzip, and its name does not say so. Name it a.csv.gz"), ("a.csv.gz", "UTF-32")],
)
def test_what_the_bytes_of_a_file_are_is_said(name: str, says: str, tmp_path: Path) -> None:
    encoding = "utf-32" if says == "UTF-32" else "utf-8"
    (tmp_path / name).write_bytes(gzip.compress("\n".join((HEADER, *ROWS)).encode(encoding)))
    assert says in refused(tmp_path / name)


# Paths ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x" * 300 + ".csv", "cannot be read: File name too long."),
        ("x" * 300 + "/a.csv", "cannot be read: File name too long."),
        ("loop.csv", "cannot be read: Too many levels of symbolic links."),
        ("pipe.csv", "is no file. Pipes are read once"),
        ("a.csv/b.csv", "There is no file"),
    ],
)
def test_what_the_system_does_not_open_is_said_in_its_words(name: str, says: str, tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", ROWS)
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert says in refused(tmp_path / name)


def test_a_temporary_folder_of_too_long_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdsyncError, match=r"cannot be made in .*: File name too long\..*TMPDIR"):
        Scratch(tmp_path / ("x" * 300))


# What the engine tells of -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["parquet codec", "JSON offload", "a'b", 'a"[b]'])
def test_the_name_of_a_file_is_no_reason_and_is_told_whole(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    cut = csv(tmp_path / name / "a.csv", [*ROWS[:2], 'u1,1,"a,1'])
    assert f"{cut} cannot be read. In line 4: a quote begins there and does not end." in refused(cut)
    half = tmp_path / name / "a.parquet"
    half.write_bytes(parquet(tmp_path / "a.parquet").read_bytes()[:500])
    assert f"{half} cannot be read. It is no whole Parquet file." in refused(half)


def test_whatever_is_damaged_in_parquet_is_told_as_its_file(tmp_path: Path) -> None:
    """Some of what its reader throws is of no kind of the engine's own."""
    path, places = tmp_path / "a.parquet", [*range(4, 80, 12), *range(159, 200, 8)]
    rows = "'u' || (n % 700) as user_pseudo_id, ['page_view', 'purchase'][1 + n % 2] as event_name"
    at = f"{START} + n * 60_000_000 as event_timestamp"
    duckdb.sql(f"copy (select {rows}, {at} from range(3_000) as t (n)) to '{path}'")
    whole, kinds = path.read_bytes(), set[bool]()
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        assert f"{path} cannot be read." in refused(path)
        try:
            duckdb.execute(f"select count(distinct columns(*)) from '{path}'").fetchall()
        except duckdb.Error as error:
            kinds.add(type(error) is duckdb.Error)
    assert kinds == {True, False}


def test_a_column_of_another_kind_blames_neither_file(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet")
    moment = "(timestamp '1970-01-01' + to_microseconds(event_timestamp))"
    parquet(tmp_path / "b.parquet", f"* replace ({moment} as event_timestamp)")
    said = refused(tmp_path)
    assert "The event files do not fit together. The column event_timestamp is of type BIGINT in" in said
    assert "of type TIMESTAMP in another one" in said and "cannot be read" not in said


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ('IO Error: Cannot open file "{}": Permission denied', "The system does not let it be read."),
        ('IO Error: Cannot open file "{}": Too many open files', "no more files be open at once. Raise that limit"),
        ('IO Error: Failed to read file "{}x": Snappy decompression failure', "{}x cannot be read. What is compressed"),
        ('IO Error: CSV Error on Line: 3 Original Line: u1,Parquet file: {}', "In line 3: it is not what its name says."),
    ],
)  # fmt: skip
def test_an_error_of_the_engine_is_told_of_the_file_and_the_reason(told: str, says: str, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.parquet", ROWS)
    longer = csv(tmp_path / "a.parquetx", ROWS)
    assert says.format(file) in str(fault_of(duckdb.IOException(told.format(file)), [file, longer]))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            "failed to offload data block of size 32.0 KiB (max_temp_directory_size)",
            "temporary folder has no room left",
        ),
        ("Failed to allocate block of 32002048 bytes (bad allocation)", "There is not enough memory"),
        ("Allocation failure", "There is not enough memory"),
    ],
)
def test_memory_and_disk_are_told_apart_wherever_they_end(told: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(AdsyncError, match=says), DuckDBEngine([], tmp_path):
        raise duckdb.OutOfMemoryException(f"Out of Memory Error: {told}")


@pytest.mark.parametrize("kilobytes", [400_000, 700_000, 1_200_000])
def test_a_limit_of_addresses_ends_in_words(kilobytes: int, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", ROWS)
    adsync = Path(sys.executable).parent / "adsync"
    command = f"ulimit -v {kilobytes}; exec {adsync} score --events {path} --macro purchase"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "memory" in ran.stderr and "ulimit -v" in ran.stderr


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_file_that_is_removed_while_it_is_read_is_named(name: str, tmp_path: Path) -> None:
    path = parquet(tmp_path / name) if name.endswith("parquet") else csv(tmp_path / name, ROWS)
    files = find_files([path])

    def read_what_is_gone() -> None:
        with DuckDBEngine(files.paths, tmp_path) as engine:
            source = read_files(engine, files)
            path.unlink()
            load(engine, source, datetime.now(UTC))

    with pytest.raises(AdsyncError, match=f"{name} cannot be read. It has been moved or removed meanwhile."):
        read_what_is_gone()


def test_session_ids_beyond_the_signed_numbers_are_read(tmp_path: Path) -> None:
    above = "* replace (9223372036854775808::ubigint + session_id::ubigint as session_id)"
    log = read(parquet(tmp_path / "a.parquet", above))
    assert (used(log), log.visitors) == (ALL, 40)


# NDJSON -----------------------------------------------------------------------------------------------------------------


def an_event(n: int, **more: object) -> str:
    params = [{"key": "ga_session_id", "value": {"int_value": str(n)}}]
    event = {"user_pseudo_id": f"u{n}", "event_timestamp": str(START + n), "event_name": "purchase"}
    return json.dumps({**event, "event_params": params, **more})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (an_event(1)[:-9], "it is no JSON there, or cut off"),
        ("[1]", "no JSON object stands there"),
        (an_event(1, event_timestamp="2026-03-01T12:00:00"), "the value of event_timestamp is of another kind there"),
        (an_event(1, event_timestamp=2**63), "the value of event_timestamp is of another kind there"),
        (an_event(1, event_params={"a": 1}), "the value of event_params is of another kind there"),
        (
            an_event(1, event_params=[{"key": "a", "value": {"int_value": "1.5"}}]),
            "the value of int_value is of another",
        ),
        (
            an_event(1, ecommerce={"purchase_revenue": "12,50"}),
            "the value of purchase_revenue is of another kind there",
        ),
        (an_event(1, device="mobile"), "the value of device is of another kind there than GA4 writes"),
        (an_event(1).replace('"event_name"', '"device": {}, "device"', 1), "device"),
        (an_event(1, device={}).replace("{}", '{"category": "a", "category": "b"}'), "category stands twice in device"),
    ],
)
@pytest.mark.parametrize("before", [1, 11])
def test_the_line_of_an_export_that_cannot_be_read_is_named(before: int, line: str, says: str, tmp_path: Path) -> None:
    rows = [*(an_event(n) for n in range(before)), "", line, *(an_event(n) for n in range(3))]
    (tmp_path / "JSON.ndjson").write_text("\n".join(rows) + "\n")
    assert f"JSON.ndjson cannot be read. In line {before + 2}: " in (said := refused(tmp_path)) and says in said
    assert "mobile" not in said


def test_the_first_line_of_an_export_may_be_long_and_has_no_mark_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(an_event(1, more="x" * 2_000_000) + "\n" + an_event(2))
    assert read(path).rows == 2
    path.write_text("\ufeff" + an_event(1))
    assert "It begins with a byte order mark" in refused(path)


# Times and columns in another form --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("20260601", "The times of these events look like days: the latest is 20260601."),
        ("20260601T120000Z", 'One is written "20260601T120000Z".'),
        ("2026061", "All events are from before 2005."),
    ],
)
def test_times_in_a_form_that_is_not_read_are_told_as_what_they_are(at: str, says: str, tmp_path: Path) -> None:
    assert says in refused(csv(tmp_path / "a.csv", [f"u1,{at},purchase,1"]))


def exported(path: Path, columns: str) -> Path:
    """An export's rows, with these columns more or in the place of its own."""
    value = "{'string_value': null::varchar, 'int_value': session_id}"
    rows = f"*, [{{'key': 'ga_session_id', 'value': {value}}}] as event_params"
    whole = parquet(path.with_suffix(".whole"), rows)
    duckdb.sql(f"copy (select {columns} from read_parquet('{whole}')) to '{path}' (format parquet)")
    whole.unlink()
    return path


def test_what_an_export_lacks_is_named_as_ga4_names_it(tmp_path: Path) -> None:
    moments = "* replace (to_timestamp(event_timestamp / 1e6)::varchar as event_timestamp)"
    said = refused(exported(tmp_path / "a.parquet", moments))
    assert "whole microseconds since 1970; here its type is string." in said and "user_id" not in said
    record = "session_traffic_source_last_click, in older ones in "
    places = {
        "channel": f"{record}source",
        "campaign": f"{record}collected_traffic_source",
        "device": "device.category",
    }
    for by, place in places.items():
        said = refused(exported(tmp_path / "b.parquet", "*"), asked=Asked(macro="purchase", by=by))
        assert f"In a GA4 export it stands in {place}" in said
    said = refused(exported(tmp_path / "c.parquet", "* replace ('' as event_name)"))
    assert "none can be used" in said and "Add days whose events have user_pseudo_id" in said and "flat log" not in said


def test_of_an_export_of_a_day_no_day_before_it_is_named(tmp_path: Path) -> None:
    path = exported(tmp_path / "a.parquet", f"* replace ({START} + session_id as event_timestamp)")
    with event_log([path], now=datetime.fromtimestamp(START / 1e6, UTC) + timedelta(days=1)) as read_at_once:
        log = read_at_once.summary
    (note,) = settled_in(log, None)[1]
    assert note.endswith("all days of this one may still grow.") and log.first.date() == log.last.date()


def test_a_link_is_a_file_of_its_own_name(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", lines()).rename(tmp_path / "stored")
    (tmp_path / "log.csv").symlink_to("stored")
    assert read(tmp_path / "log.csv").rows == len(lines())


def test_lines_that_end_with_a_carriage_return_alone_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\r".join([HEADER, *lines()]).encode())
    assert not any("not one row" in note for note in read(path).notes)
    path.write_bytes(f"\n{HEADER}\n".encode())
    with pytest.raises(AdsyncError, match="no events"):
        read(path)
