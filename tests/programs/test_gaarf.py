"""gaarf, a report fetcher that people run on Google Ads, fetches from the sandbox with nothing of it changed."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adsync.sandbox.estate import MANAGER_ID
from tests.sandboxes import LocalSandbox, local_sandbox

GAARF = Path(__file__).parents[2] / ".venv-gaarf" / "bin" / "gaarf"
FIRST, LAST = "2026-01-01", "2026-01-31"
QUERIES = {
    "conversions": """
        SELECT
          customer.id AS customer_id,
          segments.date AS date,
          campaign.id AS campaign_id,
          segments.conversion_action~0 AS action_id,
          metrics.conversions AS conversions,
          metrics.all_conversions AS all_conversions,
          metrics.all_conversions_value AS value
        FROM campaign
        WHERE segments.date BETWEEN '{first}' AND '{last}'
    """,
    "traffic": """
        SELECT
          customer.id AS customer_id,
          segments.date AS date,
          campaign.id AS campaign_id,
          metrics.clicks AS clicks,
          metrics.cost_micros AS cost_micros
        FROM campaign
        WHERE segments.date BETWEEN '{first}' AND '{last}'
    """,
    "actions": """
        SELECT
          customer.id AS customer_id,
          conversion_action.id AS action_id,
          conversion_action.name AS name,
          conversion_action.status AS status,
          conversion_action.type AS type,
          conversion_action.primary_for_goal AS primary_for_goal
        FROM conversion_action
    """,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GAARF.exists(), reason="gaarf has an environment of its own: make verify sets it up"),
]

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A manager with three shops."""
    with local_sandbox(tmp_path_factory.mktemp("manager"), accounts=3) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def fetched(manager: LocalSandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """What gaarf wrote for the manager: it looks the clients up by itself."""
    folder = tmp_path_factory.mktemp("gaarf")
    for name, text in QUERIES.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    answer = subprocess.run(
        [
            str(GAARF),
            *(str(folder / f"{name}.sql") for name in QUERIES),
            f"--account={MANAGER_ID}",
            f"--ads-config={manager.directory / 'google-ads.yaml'}",
            "--output=csv",
            f"--csv.destination-folder={folder}",
            f"--macro.first={FIRST}",
            f"--macro.last={LAST}",
        ],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(manager.directory / "ca.pem"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return {name: list(csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8"))) for name in QUERIES}


def day_number(text: str) -> int:
    return int(text.replace("-", ""))


def test_its_conversions_are_the_sandboxs_own(manager: LocalSandbox, fetched: dict[str, Rows]) -> None:
    estate = manager.running.estate
    own: dict[tuple[int, int, int, int], tuple[float, float, float]] = {}
    for customer_id, account in estate.accounts.items():
        sums = estate.statistics[customer_id].conversion_sums(
            estate.now, day_number(FIRST), day_number(LAST), by_conversion_date=False
        )
        for (day, campaign, action, *_), (counted, every, _counted_value, value) in sums.items():
            key = (int(customer_id), day, account.campaigns[campaign].id, action)
            before = own.get(key, (0.0, 0.0, 0.0))
            own[key] = (before[0] + counted, before[1] + every, before[2] + value)
    theirs = {
        (int(row["customer_id"]), day_number(row["date"]), int(row["campaign_id"]), int(row["action_id"])): (
            float(row["conversions"]),
            float(row["all_conversions"]),
            float(row["value"]),
        )
        for row in fetched["conversions"]
    }
    assert len(own) > 20
    assert theirs.keys() == own.keys()
    for key, numbers in own.items():
        assert theirs[key] == pytest.approx(numbers)


def test_its_clicks_and_cost_are_the_sandboxs_own(manager: LocalSandbox, fetched: dict[str, Rows]) -> None:
    estate = manager.running.estate
    own = {
        (int(customer_id), day, account.campaigns[campaign].id): (clicks, cost)
        for customer_id, account in estate.accounts.items()
        for (day, campaign), (clicks, cost, _) in estate.statistics[customer_id]
        .traffic_sums(estate.now, day_number(FIRST), day_number(LAST))
        .items()
    }
    theirs = {
        (int(row["customer_id"]), day_number(row["date"]), int(row["campaign_id"])): (
            int(row["clicks"]),
            int(row["cost_micros"]),
        )
        for row in fetched["traffic"]
    }
    assert len(own) > 100
    assert theirs == own


def test_it_sees_every_action_of_every_client(manager: LocalSandbox, fetched: dict[str, Rows]) -> None:
    own = {
        (customer_id, str(action.id), action.name, action.now.status, action.type, str(action.now.primary))
        for customer_id, account in manager.running.estate.accounts.items()
        for action in account.actions.values()
    }
    assert {tuple(row.values()) for row in fetched["actions"]} == own
