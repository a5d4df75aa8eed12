"""Which tables of an export are read, and what of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adsync.errors import UsageError
from adsync.events.bigquery_days import period_of, read_days
from adsync.events.bigquery_engine import BigQueryEngine
from adsync.events.loading import load
from adsync.model.dataset import Dataset

SHOP = Dataset(project="shop", name="analytics_1")
JUNE = [f"events_202606{day:02}" for day in range(1, 31)]
VALUE = "struct<string_value: string, int_value: int64, float_value: float64, double_value: float64>"
PARAMS = f"array<struct<key: string, value: {VALUE}>>"
OLD = {
    "event_date": "string",
    "event_timestamp": "int64",
    "event_name": "string",
    "event_params": PARAMS,
    "user_pseudo_id": "string",
    "device": "struct<category: string, language: string>",
    "geo": "struct<city: string>",
}
NEW = OLD | {"collected_traffic_source": "struct<manual_campaign_id: string, gclid: string, manual_term: string>"}


def day(text: str) -> date:
    return date.fromisoformat(text)


class Counted(Exception):
    """The first figures are asked for: all rows have been read by then."""


class Tables:
    """A warehouse that is only looked at."""

    def __init__(self, columns: dict[str, dict[str, str]]) -> None:
        self.known = columns
        self.checked: list[str] = []
        self.kept: dict[str, str] = {}

    def day_tables(self) -> tuple[str, ...]:
        return tuple(self.known)

    def columns(self, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
        return {name: self.known[name] for name in names}

    def check(self, sql: str, what: str) -> None:
        self.checked.append(sql)

    def keep(self, name: str, sql: str) -> None:
        self.kept[name] = sql

    def rows(self, sql: str) -> Any:
        raise Counted


def extraction(columns: dict[str, dict[str, str]], count: int = 120) -> str:
    """The one query that reads the dataset."""
    tables = Tables(columns)
    source = read_days(BigQueryEngine(tables), tables, SHOP, None, count)
    with pytest.raises(Counted):
        load(BigQueryEngine(tables), source, datetime(2026, 7, 1, tzinfo=UTC))
    # What was estimated is what runs, and it runs after.
    assert tables.checked[-1] == tables.kept["facts"]
    assert not any("analytics_1" in sql for name, sql in tables.kept.items() if name != "facts")
    return tables.kept["facts"]


def test_the_last_days_up_to_the_newest_table_are_read_and_the_day_before_for_its_sessions() -> None:
    found = period_of(JUNE, SHOP, None, 7)
    assert (found.first, found.last) == (day("2026-06-24"), day("2026-06-30"))
    assert len(found.days) == 7 and found.edges == (day("2026-06-23"),) and found.missing == ()


def test_a_date_ends_the_period_and_the_day_after_it_is_read_for_its_sessions() -> None:
    found = period_of(JUNE, SHOP, day("2026-06-10"), 3)
    assert found.days == (day("2026-06-08"), day("2026-06-09"), day("2026-06-10"))
    assert found.edges == (day("2026-06-07"), day("2026-06-11"))


def test_days_that_were_not_exported_are_missing_and_those_before_the_export_began_are_not() -> None:
    found = period_of([name for name in JUNE if name[-2:] not in ("12", "13")], SHOP, None, 120)
    assert found.missing == (day("2026-06-12"), day("2026-06-13"))
    assert found.first == day("2026-06-01") and len(found.days) == 28


def test_a_table_of_an_unfinished_day_is_never_read() -> None:
    tables = [*JUNE[:3], "events_intraday_20260604", "events_fresh_20260604", "events_20260699", "users_20260601"]
    assert period_of(tables, SHOP, None, 30).last == day("2026-06-03")


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([], "It has no tables"),
        (["orders", "customers"], "no table of it is named events_YYYYMMDD.*customers, orders"),
        (["events_intraday_20260601"], "Switch on the daily export"),
    ],
)
def test_a_dataset_without_days_says_what_it_is(tables: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        period_of(tables, SHOP, None, 30)


def test_a_period_before_the_export_names_the_days_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"2026-06-01 to 2026-06-30.*--read-days"):
        period_of(JUNE, SHOP, day("2026-05-01"), 30)


def test_only_tables_of_the_chosen_days_stand_in_the_query_each_once_and_no_pattern() -> None:
    sql = extraction(dict.fromkeys(JUNE, OLD), count=5)
    assert re.findall(r"`shop`\.`analytics_1`\.`(\w+)`", sql) == JUNE[-6:]
    assert not any("*" in name for name in re.findall(r"`([^`]*)`", sql)) and "_TABLE_SUFFIX" not in sql


def test_only_needed_columns_are_read_and_of_records_only_needed_fields() -> None:
    sql = extraction({"events_20260601": NEW})
    for needed in ("`device`.`category`", "`collected_traffic_source`.`manual_campaign_id`", "`event_params`"):
        assert needed in sql
    for not_needed in ("geo", "language", "manual_term", "event_date"):
        assert not_needed not in sql


def test_a_field_that_older_tables_lack_is_empty_there() -> None:
    sql = extraction({"events_20260601": OLD, "events_20260602": NEW})
    assert sql.count("`collected_traffic_source`.`manual_campaign_id`") == 1 + 1  # in one table, and behind all of them
    assert "CAST(NULL AS STRING) AS `manual_campaign_id`" in sql


def test_no_id_of_a_visitor_is_kept_as_it_is_written() -> None:
    sql = extraction({"events_20260601": OLD | {"user_id": "string"}})
    # The ids as they are written have names of their own inside; what leaves BigQuery is the outermost SELECT.
    outermost = re.sub(r" AS `\w+`", "", sql[: sql.index(" FROM (SELECT")])
    for name in ("user_pseudo_id", "user_id", "transaction_id"):
        assert f"`{name}`" not in outermost
    for name in ("who", "account", "order_id"):
        assert outermost.count(f"`{name}`") == len(re.findall(rf"MD5\([^)]*`{name}`", outermost)) == 1, outermost


def test_a_table_that_is_no_export_is_named() -> None:
    tables = Tables({"events_20260601": {"event_name": "string", "ts": "int64"}})
    with pytest.raises(
        UsageError, match=r"shop\.analytics_1\.events_20260601 is no table of GA4's export.*event_name, ts"
    ):
        read_days(BigQueryEngine(tables), tables, SHOP, None, 30)


def test_missing_days_are_named_in_the_notes() -> None:
    tables = Tables({name: OLD for name in JUNE if name[-2:] not in ("12", "14")})
    source = read_days(BigQueryEngine(tables), tables, SHOP, None, 30)
    assert source.notes == (
        "2 days have no table in the dataset: 2026-06-12, 2026-06-14. What happened then is not in the log.",
    )
    assert source.files == 28 and source.unit == "day table"


def test_many_missing_days_are_counted() -> None:
    days = [day("2026-01-01") + timedelta(days=n) for n in range(0, 60, 2)]
    tables = Tables({f"events_{one:%Y%m%d}": OLD for one in days})
    (note,) = read_days(BigQueryEngine(tables), tables, SHOP, None, 90).notes
    assert note.startswith("29 days have no table") and note.count("2026-") == 10 and "and 19 more" in note
