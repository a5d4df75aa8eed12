"""A real GA4 export, loaded into the sandbox and pulled over the API, ends up in the state day by day as SQL counts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select

from adsync.errors import UsageError
from adsync.model.pulled import Report
from adsync.model.window import Window
from adsync.pull import Pulled, pull_account
from adsync.sandbox.serve import build_estate
from adsync.state import tables
from tests.sandboxes import LocalSandbox, local_sandbox

Counts = dict[tuple[date, str], tuple[int, int, int]]

# Written apart from the sandbox's own query: sessions are told apart by visitor and session number together.
_BY_SQL = """
with hit as (
    select
        strptime(cast(event_date as varchar), '%Y%m%d')::date as day,
        event_name,
        user_pseudo_id as visitor,
        (select any_value(p.value.int_value) from (select unnest(event_params) as p) where p.key = 'ga_session_id') as number
    from source
)
select day, event_name, count(*), count(distinct (visitor, number)), count(distinct visitor)
from hit group by day, event_name
"""


@pytest.fixture(scope="module")
def export(shared_data: Path) -> Path:
    return shared_data / "ga4_export_sample" / "ga4_events_sampled.snappy.parquet"


@pytest.fixture(scope="module")
def pulled(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalSandbox, Pulled]]:
    """A sandbox that plays the export's shop, after its first pull."""
    with local_sandbox(tmp_path_factory.mktemp("export"), events=export) as sandbox:
        account = sandbox.settings.accounts[0]
        yield sandbox, pull_account(account, sandbox.wiring().ports(account))


def by_sql(export: Path, query: str = _BY_SQL) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.read_parquet(str(export)).create_view("source")
        return connection.sql(query).fetchall()


def test_every_stored_daily_count_is_what_sql_counts_in_the_file(
    pulled: tuple[LocalSandbox, Pulled], export: Path
) -> None:
    sandbox, _ = pulled
    table = tables.event_count
    columns = (table.c.date, table.c.event_name, table.c.events, table.c.sessions, table.c.users)
    with sandbox.wiring().database.reading() as connection:
        stored: Counts = {(r[0], r[1]): (r[2], r[3], r[4]) for r in connection.execute(select(*columns))}
    counted: Counts = {(day, name): (n, sessions, users) for day, name, n, sessions, users in by_sql(export)}
    names = {name for _, name in counted}
    assert len(names) > 10 and sum(n for n, _, _ in counted.values()) == 24_219
    for name in sorted(names):
        mine = {key: count for key, count in stored.items() if key[1] == name}
        assert mine == {key: count for key, count in counted.items() if key[1] == name}, name
    assert stored.keys() == counted.keys()


def test_the_stored_days_of_the_whole_site_are_what_sql_counts(
    pulled: tuple[LocalSandbox, Pulled], export: Path
) -> None:
    sandbox, _ = pulled
    table = tables.site_day
    with sandbox.wiring().database.reading() as connection:
        stored = {r[0]: (r[1], r[2]) for r in connection.execute(select(table.c.date, table.c.sessions, table.c.users))}
    over_all = _BY_SQL.replace("select day, event_name, count(*),", "select day,").replace(", event_name\n", "\n")
    counted = {day: (sessions, users) for day, sessions, users in by_sql(export, over_all)}
    assert stored == counted
    assert len(stored) == 92


def test_the_series_of_a_quiet_event_has_zeros_on_its_days_and_nothing_outside(
    pulled: tuple[LocalSandbox, Pulled], export: Path
) -> None:
    sandbox, night = pulled
    account = sandbox.settings.accounts[0]
    window = Window(date(2020, 11, 1), night.as_of)
    series = sandbox.wiring().state.numbers.user_series(account.customer_id, ["purchase"], window, night.as_of)
    counted = {day: users for day, name, _, _, users in by_sql(export) if name == "purchase"}
    assert {day: series["purchase"].at(day) for day in Window(date(2020, 11, 1), date(2021, 1, 31))} == {
        day: float(counted.get(day, 0)) for day in Window(date(2020, 11, 1), date(2021, 1, 31))
    }
    assert 0.0 in series["purchase"].values
    assert series["purchase"].at(night.as_of) is None, "today is not copied"


def test_funnels_of_the_export_are_taken_for_every_event_that_occurs(
    pulled: tuple[LocalSandbox, Pulled], export: Path
) -> None:
    sandbox, night = pulled
    account = sandbox.settings.accounts[0]
    funnels = sandbox.wiring().state.numbers.funnels(account.customer_id, night.as_of)
    assert Report.FUNNELS in night.reports
    window = funnels[0].window
    entered = {
        name: users
        for name, users in by_sql(
            export,
            "select event_name, count(distinct user_pseudo_id) from source "
            f"where event_date between '{window.first:%Y%m%d}' and '{window.last:%Y%m%d}' group by event_name",
        )
        if name != "purchase"
    }
    assert {f.event_name: f.entered for f in funnels} == entered


def test_an_export_as_ndjson_is_the_same_log(export: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.parquet"
    lines = tmp_path / "some.ndjson"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select * from '{export}' limit 2000) to '{some}' (format parquet)")
        # BigQuery writes INT64 as strings.
        connection.execute(
            f"copy (select event_date, cast(event_timestamp as varchar) as event_timestamp, event_name, user_pseudo_id, "
            f"list_transform(event_params, lambda p: {{'key': p.key, 'value': {{'string_value': p.value.string_value, "
            f"'int_value': cast(p.value.int_value as varchar)}}}}) as event_params, device from '{some}') "
            f"to '{lines}' (format json)"
        )
    one, other = (build_estate("starved-shop", 7, events=path).properties["300000001"].log for path in (some, lines))
    assert one.names == other.names
    for column in ("time", "day", "name", "visitor", "session", "device"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist(), column


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.parquet", None, "There is no file"),
        ("text.parquet", b"not parquet", "cannot be read as a GA4 export"),
        ("text.json", b"not json", "cannot be read as a GA4 export"),
        ("other.json", b'{"colour": "red"}\n', "cannot be read as a GA4 export"),
        ("empty.json", b"", "cannot be read as a GA4 export"),
    ],
)
def test_a_file_that_is_no_export_is_refused_clearly(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        build_estate("starved-shop", 7, events=path)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_an_export_of_the_older_schema_is_refused_clearly(shared_data: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read as a GA4 export"):
        build_estate("starved-shop", 7, events=shared_data / "ga3_session_day" / "ga_sample.parquet")


def test_brackets_in_a_files_name_are_part_of_the_name(export: Path, tmp_path: Path) -> None:
    decoy = tmp_path / "export1.parquet"
    decoy.write_bytes(b"not parquet")
    bracketed = tmp_path / "export[1].parquet"
    bracketed.symlink_to(export)
    assert len(build_estate("starved-shop", 7, events=bracketed).properties["300000001"].log.time) == 24_219
