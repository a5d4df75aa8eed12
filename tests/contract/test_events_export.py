"""The export holds the same visitors as the reports: one seed, one world, seen through BigQuery's schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from adsync.errors import UsageError
from adsync.model.window import Window
from adsync.sandbox.export import customer_of, export_events
from adsync.sandbox.export_files import load_events
from adsync.sandbox.scenarios import SCENARIOS
from adsync.sandbox.stored import Recipe
from adsync.sandbox.world import Log
from tests.contract.ga4 import cells, days, report
from tests.sandboxes import LocalSandbox, local_sandbox

CUSTOMER, FIRST, LAST = "1000000001", date(2026, 2, 1), date(2026, 3, 1)
RECIPE = Recipe(scenario="starved-shop", seed=7)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    with local_sandbox(tmp_path_factory.mktemp("exported"), "starved-shop") as running:
        yield running


@pytest.fixture(scope="module")
def exported(sandbox: LocalSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks as Parquet."""
    folder = tmp_path_factory.mktemp("export")
    export_events(RECIPE, sandbox.running.estate, CUSTOMER, folder, first=FIRST, last=LAST)
    return folder


def ask(folder: Path, query: str, pattern: str = "events_*.parquet") -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        reader = connection.read_parquet if pattern.endswith("parquet") else connection.read_json
        reader(str(folder / pattern)).create_view("events")
        return connection.sql(query).fetchall()


def test_the_export_counts_what_ga4_reports_day_by_day_and_event_by_event(
    sandbox: LocalSandbox, exported: Path
) -> None:
    ports = sandbox.wiring().ports(sandbox.settings.accounts[0])
    names = sandbox.running.estate.properties["300000001"].log.names
    reported = {
        (f"{c.date:%Y%m%d}", c.event_name): (c.events, c.sessions, c.users)
        for c in ports.analytics.event_report(Window(FIRST, LAST), names).counts
    }
    counted = {
        (day, name): (events, sessions, users)
        for day, name, events, sessions, users in ask(
            exported,
            """
            select event_date, event_name, count(*), count(distinct (user_pseudo_id, id)), count(distinct user_pseudo_id)
            from (
                select *, list_filter(event_params, lambda p: p.key = 'ga_session_id')[1].value.int_value as id
                from events where user_pseudo_id is not null
            )
            group by event_date, event_name
            """,
        )
    }
    assert counted == reported
    assert len({day for day, _ in counted}) == 29


def test_visitors_are_in_the_export_where_reports_say_that_they_are(sandbox: LocalSandbox, exported: Path) -> None:
    answer = report(
        sandbox,
        dimensions=["city", "country", "countryId"],
        metrics=["eventCount", "totalUsers"],
        date_ranges=days(str(FIRST), str(LAST)),
    )
    reported = {(city, country): (int(events), int(users)) for city, country, _, events, users in cells(answer)}
    counted = {
        (city or "(not set)", country): (events, users)
        for city, country, events, users in ask(
            exported,
            """
            select geo.city, geo.country, count(*), count(distinct user_pseudo_id)
            from events where user_pseudo_id is not null group by all
            """,
        )
    }
    assert counted == reported
    assert ("Berlin", "Germany") in reported and ("Vienna", "Austria") in reported
    assert {(country, iso) for _, country, iso, *_ in cells(answer)} == {
        ("Germany", "DE"),
        ("Austria", "AT"),
        ("Switzerland", "CH"),
    }
    everybody = report(sandbox, dimensions=[], metrics=["totalUsers"], date_ranges=days(str(FIRST), str(LAST)))
    assert sum(users for _, users in reported.values()) == int(cells(everybody)[0][0]), "each visitor is in one town"


@pytest.mark.parametrize(
    ("dimension", "column"), [("date", "event_date"), ("deviceCategory", "device.category"), ("country", "geo.country")]
)
def test_engaged_sessions_and_active_users_are_those_of_the_reports(
    sandbox: LocalSandbox, exported: Path, dimension: str, column: str
) -> None:
    metrics = ["sessions", "engagedSessions", "totalUsers", "activeUsers"]
    span = days(str(FIRST), str(LAST))
    reported = {
        label: [int(n) for n in numbers]
        for label, *numbers in cells(report(sandbox, dimensions=[dimension], metrics=metrics, date_ranges=span))
    }
    recipe = """
        count(distinct (user_pseudo_id, id)), count(distinct (user_pseudo_id, id)) filter (engaged = '1'),
        count(distinct user_pseudo_id), count(distinct user_pseudo_id) filter (is_active_user)
        from (
            select *, list_filter(event_params, lambda p: p.key = 'ga_session_id')[1].value.int_value as id,
                list_filter(event_params, lambda p: p.key = 'session_engaged')[1].value.string_value as engaged
            from events where user_pseudo_id is not null
        )
    """
    counted = {label: numbers for label, *numbers in ask(exported, f"select {column}, {recipe} group by all")}
    assert counted == reported
    (whole,) = cells(report(sandbox, dimensions=[], metrics=metrics, date_ranges=span))
    assert ask(exported, f"select {recipe}") == [tuple(int(n) for n in whole)]
    sessions, engaged, users, active = (int(n) for n in whole)
    assert engaged < sessions * 0.95 and active < users


def test_who_is_active_is_so_all_day_and_who_did_not_agree_never_is(exported: Path) -> None:
    by_day = (
        "select user_pseudo_id, event_date, count(distinct is_active_user) from events where user_pseudo_id is not null"
    )
    assert {answers for *_, answers in ask(exported, f"{by_day} group by all")} == {1}
    assert ask(exported, "select count(*) from events where user_pseudo_id is null and is_active_user") == [(0,)]


def test_who_did_not_agree_is_there_without_ids(sandbox: LocalSandbox, exported: Path) -> None:
    rows = ask(
        exported,
        """
        select privacy_info.analytics_storage, user_pseudo_id is null, batch_page_id is null,
            len(list_filter(event_params, lambda p: p.key = 'ga_session_id')) = 0, count(*)
        from events group by all order by 1
        """,
    )
    assert [row[:4] for row in rows] == [("No", True, True, True), ("Yes", False, False, False)]
    denied, agreed = rows[0][4], rows[1][4]
    assert 0.02 < denied / (denied + agreed) < 0.2


def test_a_paid_session_names_its_campaign_and_opens_with_its_click(sandbox: LocalSandbox, exported: Path) -> None:
    account = sandbox.running.estate.accounts[CUSTOMER]
    names = {str(c.id): c.name for c in account.campaigns}
    found = ask(
        exported,
        """
        select session_traffic_source_last_click.google_ads_campaign as ad, event_name,
            collected_traffic_source.gclid as gclid, session_traffic_source_last_click.manual_campaign.medium
        from events where session_traffic_source_last_click.google_ads_campaign is not null
        """,
    )
    assert {(ad["customer_id"], ad["campaign_id"], ad["campaign_name"]) for ad, *_ in found} == {
        (CUSTOMER, campaign, name) for campaign, name in names.items()
    }
    assert {medium for *_, medium in found} == {"cpc"}
    assert all(gclid is not None for _, name, gclid, _ in found if name == "session_start")
    assert {name for _, name, gclid, _ in found if gclid} == {"session_start", "page_view"}


def test_the_page_on_which_a_paid_session_lands_has_the_sessions_click_and_no_later_page_has(exported: Path) -> None:
    pages = ask(
        exported,
        """
        select collected_traffic_source.gclid as gclid,
            lag(event_name) over session, first_value(collected_traffic_source.gclid) over session
        from events
        where user_pseudo_id is not null and session_traffic_source_last_click.google_ads_campaign is not null
        window session as (partition by user_pseudo_id, batch_page_id order by event_timestamp, batch_ordering_id)
        qualify event_name = 'page_view'
        """,
    )
    landing = [page for page in pages if page[1] == "session_start"]
    assert len(landing) > 50 and all(gclid == opened for gclid, _, opened in landing if gclid)
    # Two of a hundred hits never arrive: then the first page view there is is not the one that was landed on.
    assert np.mean([gclid is not None for gclid, *_ in landing]) > 0.9
    assert len(pages) > len(landing) and not any(gclid for gclid, before, _ in pages if before == "page_view")


def test_a_purchase_carries_its_order_and_nothing_else_does(sandbox: LocalSandbox, exported: Path) -> None:
    rows = ask(
        exported,
        """
        select event_name, ecommerce.transaction_id, ecommerce.purchase_revenue,
            list_filter(event_params, lambda p: p.key = 'value')[1].value.double_value
        from events
        """,
    )
    sold = [row for row in rows if row[0] == "purchase"]
    assert len(sold) >= 3 and len({row[1] for row in sold}) == len(sold)
    assert all(row[2] == row[3] > 0 for row in sold)
    assert all(row[1] is None and row[2] is None for row in rows if row[0] != "purchase")


def test_a_world_without_items_exports_none(exported: Path) -> None:
    there = "select count(*) from events where len(items) > 0 or ecommerce.total_item_quantity is not null"
    assert ask(exported, there) == [(0,)]
    assert ask(exported, "select count(items.quantity) from (select unnest(items) as items from events)") == [(0,)]


@pytest.mark.parametrize("file_format", ["parquet", "ndjson"])
def test_an_export_that_is_loaded_again_is_the_same_log(
    sandbox: LocalSandbox, tmp_path: Path, file_format: str
) -> None:
    estate = sandbox.running.estate
    export_events(RECIPE, estate, CUSTOMER, tmp_path, file_format=file_format, first=FIRST, last=LAST)
    if file_format == "ndjson":
        line = json.loads((tmp_path / "events_20260222.ndjson").read_text().splitlines()[0])
        assert isinstance(line["event_timestamp"], str), "BigQuery writes INT64 as text"
    log, loaded = estate.properties["300000001"].log, load_events(tmp_path)
    low, high = int(f"{FIRST:%Y%m%d}"), int(f"{LAST:%Y%m%d}")
    taken = (log.day >= low) & (log.day <= high) & log.heard & (log.arrival <= estate.now)

    def known(one: Log, index: np.ndarray) -> Counter[tuple[Any, ...]]:
        rows = zip(one.time[index], one.day[index], one.name[index], one.device[index], one.value[index], strict=True)
        return Counter((int(t), int(d), one.names[n], int(k), float(v)) for t, d, n, k, v in rows)

    assert known(loaded, np.arange(len(loaded))) == known(log, np.flatnonzero(taken))
    measured = np.flatnonzero(taken & log.agreed)
    # Whoever did not agree is somebody new in every row.
    assert len(np.unique(loaded.session)) - np.sum(taken & ~log.agreed) == len(np.unique(log.session[measured]))
    assert len(np.unique(loaded.visitor)) - np.sum(taken & ~log.agreed) == len(np.unique(log.visitor[measured]))


def test_the_order_within_a_session_is_that_of_its_batch(exported: Path) -> None:
    assert ask(exported, "select event_name from events where batch_ordering_id is null") == []
    firsts = ask(
        exported,
        """
        select distinct on (user_pseudo_id, batch_page_id) event_name
        from events where user_pseudo_id is not null and event_date <= '20260225'
        order by user_pseudo_id, batch_page_id, event_timestamp, batch_ordering_id
        """,
    )
    # A session that began before the first exported day has its start elsewhere.
    assert np.mean([name == "session_start" for (name,) in firsts]) > 0.98


def test_some_rows_stand_twice_when_that_is_asked_for(sandbox: LocalSandbox, exported: Path, tmp_path: Path) -> None:
    estate = sandbox.running.estate
    done = export_events(RECIPE, estate, CUSTOMER, tmp_path, first=FIRST, last=LAST, duplicates=0.05)
    unique = ask(exported, "select count(*) from events")[0][0]
    assert unique * 1.03 < done.rows < unique * 1.07
    columns = "event_timestamp, event_name, user_pseudo_id, cast(event_params as varchar)"
    twice = ask(tmp_path, f"select count(*) from (select {columns} from events group by all having count(*) > 1)")[0][0]
    assert twice >= (done.rows - unique) * 0.95


def test_truth_lies_beside_the_files_and_knows_every_event(exported: Path) -> None:
    truth = json.loads((exported / "truth.json").read_text())
    events = truth["events"]
    assert truth["macro"] == "purchase" and set(events) == {
        "view_item",
        "add_to_cart",
        "begin_checkout",
        "add_payment_info",
        "sign_up",
        "scroll",
    }
    verdicts = {name: event["verdict"] for name, event in events.items()}
    assert {name for name, verdict in verdicts.items() if verdict == "announces"} == {
        "view_item",
        "add_to_cart",
        "begin_checkout",
        "add_payment_info",
    }
    assert verdicts["sign_up"] == verdicts["scroll"] == "only_busy"


def test_an_export_asks_which_property_where_there_are_several(tmp_path: Path) -> None:
    with local_sandbox(tmp_path, "starved-shop", accounts=2) as running:
        estate = running.running.estate
        assert customer_of(estate, property_id="300000002") == "1000000002"
        assert customer_of(estate, customer_id="1000000001") == "1000000001"
        with pytest.raises(UsageError, match="1000000001"):
            customer_of(estate)
        with pytest.raises(UsageError, match="no such property"):
            customer_of(estate, customer_id="42")


def test_nothing_is_exported_that_has_not_arrived(sandbox: LocalSandbox, tmp_path: Path) -> None:
    estate = sandbox.running.estate
    done = export_events(RECIPE, estate, CUSTOMER, tmp_path, first=date(2026, 3, 1))
    log = estate.properties["300000001"].log
    assert done.rows == int(np.sum((log.day >= 20260301) & log.heard & (log.arrival <= estate.now)))
    assert done.files <= 2 and not (tmp_path / "events_20260303.parquet").exists()


@pytest.mark.parametrize("name", ["saas-trial", "lead-gen", "black-friday"])
def test_the_candidates_of_a_config_are_events_of_the_truth(name: str) -> None:
    scenario = SCENARIOS[name]
    assert set(scenario.candidates) <= set(scenario.events) - {scenario.macro}
