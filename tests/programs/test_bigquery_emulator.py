"""The whole way in BigQuery, on an emulator of others: each command says the same of an export there and of its files."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

import adsync.events.answers
import adsync.events.log
from adsync.model.condition import conditions
from adsync.model.dataset import Dataset
from adsync.model.policy import Policy
from adsync.sandbox.export import export_events
from adsync.sandbox.stored import Recipe
from adsync.scoring import Asked, score_log
from adsync.wiring import Billed, event_log
from tests.sandboxes import local_sandbox, run_adsync

EMULATOR = Path(__file__).parents[2] / ".venv-bigquery" / "bin" / "bqemulator"
WHOLE = Dataset(project="demo", name="analytics_1")
WITH_GAPS = Dataset(project="demo", name="analytics_2")
DAYS = 14
GONE = ("20260220", "20260221")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not EMULATOR.exists(), reason="it has an environment of its own: make verify sets it up"),
]


def record(name: str, *fields: SchemaField, mode: str = "NULLABLE") -> SchemaField:
    return SchemaField(name, "RECORD", mode=mode, fields=fields)


def texts(*names: str) -> tuple[SchemaField, ...]:
    return tuple(SchemaField(name, "STRING") for name in names)


VALUE = (
    *texts("string_value"),
    SchemaField("int_value", "INTEGER"),
    SchemaField("float_value", "FLOAT"),
    SchemaField("double_value", "FLOAT"),
)
SCHEMA = [
    *texts("event_date", "event_name", "user_id", "user_pseudo_id"),
    SchemaField("event_timestamp", "INTEGER"),
    SchemaField("batch_ordering_id", "INTEGER"),
    SchemaField("batch_event_index", "INTEGER"),
    record("event_params", *texts("key"), record("value", *VALUE), mode="REPEATED"),
    record("device", *texts("category", "language")),
    record("ecommerce", *texts("transaction_id"), SchemaField("purchase_revenue", "FLOAT")),
    record("collected_traffic_source", *texts("manual_campaign_id", "gclid")),
    record(
        "session_traffic_source_last_click",
        record("manual_campaign", *texts("source", "medium")),
        record("google_ads_campaign", *texts("campaign_id", "campaign_name")),
        record("cross_channel_campaign", *texts("default_channel_group")),
    ),
]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The days of a shop, one file each."""
    folder = tmp_path_factory.mktemp("export") / "days"
    with local_sandbox(tmp_path_factory.mktemp("site"), "starved-shop") as site:
        (customer, *_) = site.running.estate.accounts
        recipe = Recipe(scenario="starved-shop", seed=7)
        export_events(recipe, site.running.estate, customer, folder, days=DAYS, duplicates=0.02, file_format="ndjson")
    return folder


@pytest.fixture(scope="module")
def emulator(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator that holds the export twice: whole, and without two days but with an unfinished one."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as rest,
        closing(socket.create_server(("127.0.0.1", 0))) as grpc,
    ):
        ports = [str(one.getsockname()[1]) for one in (rest, grpc)]
    log = tmp_path_factory.mktemp("emulator") / "log"
    # Its spatial functions are looked up on the network, unless they were put beside it.
    prepare = "from duckdb_extensions import import_extension; import_extension('spatial')"
    subprocess.run([EMULATOR.with_name("python"), "-c", prepare], check=True, timeout=120)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [EMULATOR, "start", "--rest-port", ports[0], "--grpc-port", ports[1], "--log-level", "warning"],
            stdout=out,
            stderr=out,
        )
    address = f"http://127.0.0.1:{ports[0]}"
    try:
        _wait_for(address, process, log)
        client = bigquery.Client(
            project="demo",
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=address),
        )
        files = sorted(export.glob("events_*.ndjson"))
        _fill(client, WHOLE, {path.stem: path for path in files})
        _fill(
            client,
            WITH_GAPS,
            {path.stem: path for path in files if not path.stem.endswith(GONE)}
            | {"events_intraday_20260302": files[-1]},
        )
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            requests.get(f"{address}/bigquery/v2/projects/demo/datasets", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text())


def _fill(client: bigquery.Client, where: Dataset, tables: dict[str, Path]) -> None:
    client.create_dataset(where.name)
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=SCHEMA, ignore_unknown_values=True)
    for name, path in tables.items():
        file = BytesIO(path.read_bytes())
        client.load_table_from_file(file, f"demo.{where.name}.{name}", job_config=config).result()


def said(folder: Path, emulator: str, source: str, command: list[str]) -> tuple[Any, str]:
    """What a command says of a source, and what it told on the way."""
    answer = run_adsync(
        *command,
        *("--events", source, "--json"),
        cwd=folder,
        variables={"BIGQUERY_EMULATOR_HOST": emulator},
        timeout=900,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout), answer.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["score", "--macro", "purchase", "--horizon-days", "3"],
        [
            *("score", "--macro", "purchase", "--horizon-days", "3", "--candidates"),
            "add_to_cart,page_view*2,60s,view_item*2/7d,page_view[/view_item],scroll[percent_scrolled>=75]",
        ],
        ["funnel", "--macro", "purchase", "--days", "6", "--by", "device"],
        ["channels", "--macro", "purchase", "--days", "6"],
    ],
    ids=" ".join,
)
def test_a_dataset_says_what_its_files_say(emulator: str, export: Path, tmp_path: Path, command: list[str]) -> None:
    files, _ = said(tmp_path, emulator, str(export), command)
    there, told = said(tmp_path, emulator, f"bigquery://{WHOLE.project}/{WHOLE.name}", command)
    assert there == files
    assert f"BigQuery: {DAYS} daily tables of demo.analytics_1, 2026-02-16 to 2026-03-01" in told


def test_what_buyers_did_before_they_bought_is_counted_alike(
    emulator: str, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulator)
    with event_log([export]) as log:
        files = log.lead_up("purchase", log.summary.last)
        first_in_files = log.came_first(log.summary.names, log.summary.last)
    with event_log([WHOLE]) as log:
        there = log.lead_up("purchase", log.summary.last)
        assert first_in_files and log.came_first(log.summary.names, log.summary.last) == first_in_files
    assert files.buyers and there == files


def test_a_log_that_is_thinned_out_is_thinned_out_alike(
    emulator: str, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adsync.events.log, "ENOUGH_EVENTS", 400)
    monkeypatch.setattr(adsync.events.log, "RARE", 40)
    monkeypatch.setattr(adsync.events.answers, "ENOUGH_MOMENTS", 300)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulator)
    asked = Asked(macro="purchase", candidates=conditions("add_to_cart,view_item,scroll"), horizon_days=3)
    with event_log([export], "purchase", asked.candidates) as log:
        files = score_log(log, asked, Policy())
    with event_log([WHOLE], "purchase", asked.candidates) as log:
        there = score_log(log, asked, Policy())
    assert there.scores == files.scores


def test_days_without_a_table_are_named_and_an_unfinished_one_is_not_read(
    emulator: str, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulator)
    paths = [path for path in export.glob("events_*.ndjson") if not path.stem.endswith(GONE)]
    with event_log(paths) as log:
        files = log.summary
    with event_log([WITH_GAPS]) as log:
        there = log.summary
    (note,) = there.notes
    assert note.startswith("2 days have no table in the dataset: 2026-02-20, 2026-02-21.")
    assert (there.names, there.rows, there.visitors) == (files.names, files.rows, files.visitors)


def test_of_the_day_before_only_sessions_that_reach_into_the_period_count(
    emulator: str, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulator)
    before, *period = [
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(export.glob("events_*.ndjson"))[-4:]
    ]
    inside = [event for day in period for event in day]
    reaching = {session_of(event) for event in inside} - {None}
    around = [event for event in before if session_of(event) in reaching]
    with event_log([WHOLE], billed=Billed(days=3)) as log:
        assert log.summary.files == 4
        assert log.summary.rows == len(inside) + len(around)


def session_of(event: dict[str, Any]) -> tuple[str, str] | None:
    number = [one["value"]["int_value"] for one in event["event_params"] if one["key"] == "ga_session_id"]
    return (event["user_pseudo_id"], number[0]) if event["user_pseudo_id"] and number else None
