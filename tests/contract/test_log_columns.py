"""Columns as other programs write them: of other types, or of none. Each is read, or refused with its name and its file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adsync.errors import UsageError
from adsync.events.log import LoadedLog
from adsync.model.condition import conditions
from adsync.model.exposure import LogSummary
from adsync.wiring import event_log

START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
PARAMS = "[{'key': 'ga_session_id', 'value': {'string_value': 'x', 'int_value': 1, 'float_value': 1.0, 'double_value': 1.0}}]"
FLAT = {"user_pseudo_id": "'u' || i", "event_timestamp": f"{START} + i * 1000000", "event_name": "'purchase'"}
EXPORT = {**FLAT, "event_params": PARAMS, "device": "{'category': 'phone'}"}
ROWS = 4


def write(path: Path, columns: Mapping[str, str]) -> Path:
    row = ", ".join(f"{made} as {name}" for name, made in columns.items())
    duckdb.sql(f"copy (select {row} from range({ROWS}) r(i)) to '{path}' (format parquet)")
    return path


def read(*paths: Path, macro: str = "purchase", asked: str = "") -> LogSummary:
    with event_log(paths, macro, conditions(asked) if asked else ()) as log:
        return log.summary


@pytest.mark.parametrize(
    ("column", "made", "says"),
    [
        ("event_params", "'[]'", "event_params is no list of records."),
        ("event_params", "map {'a': 1}", "event_params is no list of records."),
        ("event_params", "[{'key': 'x'}]", "event_params is no list of records with a key and a value."),
        ("event_params", "[{'key': 'x', 'value': 'y'}]", "event_params.value is no record."),
        ("device", "'phone'", "device is no record."),
        ("ecommerce", "'T1'", "ecommerce is no record."),
        (
            "session_traffic_source_last_click",
            "{'manual_campaign': 'x'}",
            "session_traffic_source_last_click.manual_campaign is no record.",
        ),
        ("event_name", "['purchase']", "event_name is no plain value."),
        ("user_id", "{'id': 'x'}", "user_id is no plain value."),
    ],
)
def test_a_column_of_another_shape_is_named_with_its_file(column: str, made: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path / "events.parquet", EXPORT | {column: made})
    with pytest.raises(UsageError) as told:
        read(path)
    assert f"{path}: its column {says}" in str(told.value) and "in which GA4 exports it" in str(told.value)


def test_of_a_flat_log_columns_are_plain_values_and_others_may_be_anything(tmp_path: Path) -> None:
    good = write(tmp_path / "a.parquet", FLAT | {"cart": "[{'price': 7}]"})
    assert read(good).visitors == ROWS
    bad = write(tmp_path / "b.parquet", FLAT | {"channel": "['Email']"})
    with pytest.raises(UsageError, match=r"b\.parquet: its column channel is no plain value\. Write plain values"):
        read(good, bad)


@pytest.mark.parametrize(
    ("form", "made", "name"),
    [
        (FLAT, "'purchase'::blob", "purchase"),
        (EXPORT, "'purchase'::blob", "purchase"),
        (FLAT, "7", "7"),
        (EXPORT, "true", "true"),
    ],
    ids=["binary in a flat log", "binary in an export", "a number", "a truth"],
)
def test_names_of_any_type_are_names(form: dict[str, str], made: str, name: str, tmp_path: Path) -> None:
    shown: dict[str, int] = {}
    path = write(tmp_path / "events.parquet", form | {"event_name": made})
    with event_log([path], name, look=shown.update) as log:
        assert log.summary.names == shown == {name: ROWS}


def nothing(path: Path, form: Mapping[str, str], **empty: pa.DataType) -> Path:
    """The usual rows with columns that are empty in each row, of a type that Arrow and pandas give them."""
    table = pq.read_table(write(path, form))
    for name, kind in empty.items():
        table = table.drop_columns([name]) if name in table.column_names else table
        table = table.append_column(name, pa.nulls(ROWS, kind))
    pq.write_table(table, path)
    return path


NULL = pa.null()
VALUES = pa.struct({"string_value": NULL, "int_value": NULL, "float_value": NULL, "double_value": NULL})
CLICK = pa.struct({"google_ads_campaign": pa.struct({"campaign_id": NULL}), "manual_campaign": NULL})
EMPTY: dict[str, tuple[dict[str, str], dict[str, pa.DataType]]] = {
    "flat log": (FLAT, dict.fromkeys(("session_id", "device", "channel", "campaign_id", "value", "user_id"), NULL)),
    "export": (EXPORT, dict.fromkeys(("event_params", "device", "ecommerce", "user_id", "batch_ordering_id"), NULL)),
    "fields of an export": (
        EXPORT,
        {
            "event_params": pa.list_(pa.struct({"key": pa.string(), "value": VALUES})),
            "ecommerce": pa.struct({"transaction_id": NULL, "purchase_revenue": NULL}),
            "session_traffic_source_last_click": CLICK,
        },
    ),
}


@pytest.mark.parametrize("form", EMPTY)
def test_what_is_empty_in_every_row_is_as_good_as_not_there(form: str, tmp_path: Path) -> None:
    columns, empty = EMPTY[form]
    bare = nothing(tmp_path / "bare.parquet", columns, **empty)
    log = read(bare)
    assert (log.visitors, log.names, sum(log.excluded.values())) == (ROWS, {"purchase": ROWS}, 0)
    whole = write(tmp_path / "whole.parquet", columns | {"user_pseudo_id": "'v' || i"})
    both = read(bare, whole)
    assert both.visitors == 2 * ROWS


def test_parameters_are_read_where_values_have_not_all_four_fields(tmp_path: Path) -> None:
    values = "[{'key': 'x', 'value': {'string_value': null::varchar, 'int_value': i}}]"
    path = write(tmp_path / "events.parquet", EXPORT | {"event_params": values})
    for asked, hit in (("purchase[x>=2]", 2), ("purchase[x=3]", 1)):
        with event_log([path], "other", conditions(asked)) as log:
            assert isinstance(log, LoadedLog)
            assert log._engine.totals(log.events.agg(n=log.events.hits.sum())) == {"n": hit}


def test_a_place_in_a_request_may_be_any_number(tmp_path: Path) -> None:
    any_number = f"[{2**62}, {2**63 - 1}, {-(2**63)}, {10**30}]::hugeint[]"
    places = {"batch_ordering_id": f"({any_number})[i + 1]", "batch_event_index": f"({any_number})[4 - i]"}
    log = read(write(tmp_path / "events.parquet", EXPORT | places))
    assert (log.visitors, log.first.replace(microsecond=0).timestamp()) == (ROWS, START / 1_000_000)


def test_a_time_at_the_end_of_all_numbers_is_of_the_future(tmp_path: Path) -> None:
    late = {"event_timestamp": f"if(i = 0, {2**63 - 1}, {START} + i)", "batch_event_index": "9"}
    log = read(write(tmp_path / "events.parquet", EXPORT | late))
    assert (log.visitors, log.excluded["future"]) == (ROWS - 1, 1)
