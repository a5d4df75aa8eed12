"""Google's BigQuery client against answers of our own: the limit, the session, and what is said of refusals."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleUnavailable,
    QuotaExhausted,
    Refused,
    SettingsError,
    UsageError,
)
from adsync.google.bigquery import BigQuery
from adsync.model.dataset import Dataset
from adsync.wiring import Billed, event_log
from tests.contract.bigquery_server import Answers, answering

SHOP = Dataset(project="shop", name="analytics_1")
TABLES = ("events_20260601", "events_20260602", "events_20260604", "events_intraday_20260605")
GB = 10**9


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with answering(Answers(TABLES)) as answers:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", answers.address)
        yield answers


def read(billed: Billed | None = None) -> list[str]:
    """What was told before the log turned out to be empty."""
    told: list[str] = []
    limits = billed or Billed()
    with event_log([SHOP], billed=Billed(days=limits.days, max_gb=limits.max_gb, tell=told.append)):
        raise AssertionError("the log is empty")
    return told


def test_bytes_and_price_are_told_before_anything_runs(google: Answers) -> None:
    google.read = 2**40
    told: list[str] = []

    def tell(line: str) -> None:
        assert google.run == []
        told.append(line)

    with pytest.raises(UsageError, match="hold no events"), event_log([SHOP], billed=Billed(max_gb=2_000, tell=tell)):
        pass
    (line,) = told
    assert "3 daily tables of shop.analytics_1, 2026-06-01 to 2026-06-04" in line
    assert (
        "1,099.51 GB" in line
        and "USD 6.25 on demand (USD 6.25 per TiB)" in line
        and "2,000 GB are billed to the project shop" in line
    )


def test_an_estimate_above_the_limit_is_refused_with_nothing_run(google: Answers) -> None:
    google.read = 51 * GB
    with pytest.raises(Refused, match=r"51\.0 GB.*at most 50 GB.*nothing is billed.*--read-days.*--max-gb 102") as told:
        read()
    assert told.value.exit_code == 4 and told.value.numbers["bytes"] == 51 * GB
    assert [query.get("dryRun") for query in google.queries] == [True]


def test_every_query_has_what_is_left_of_the_limit_and_runs_in_one_session_where_the_dataset_lies(
    google: Answers,
) -> None:
    google.read, google.billed = 3 * GB, GB
    with pytest.raises(UsageError, match="hold no events"):
        read(Billed(max_gb=10))
    *steps, last = [query["query"] for query in google.run]
    assert [int(step["maximumBytesBilled"]) for step in steps] == [(10 - n) * GB for n in range(len(steps))]
    assert len(steps) == 3
    assert steps[0]["createSession"] is True
    for step in steps[1:]:
        assert step["connectionProperties"] == [{"key": "session_id", "value": "session-1"}]
    assert all(step["useQueryCache"] is False and "destinationTable" not in step for step in steps)
    assert last["query"] == "CALL BQ.ABORT_SESSION()" and last["connectionProperties"]


def test_only_the_first_query_reads_the_dataset(google: Answers) -> None:
    with pytest.raises(UsageError, match="hold no events"):
        read()
    reading = [query["query"]["query"] for query in google.run if "analytics_1" in query["query"]["query"]]
    assert len(reading) == 1
    assert re.findall(r"`shop`\.`analytics_1`\.`(\w+)`", reading[0]) == list(TABLES[:3])


def test_steps_after_the_first_stop_at_the_limit(google: Answers) -> None:
    google.billed = 2 * GB
    with pytest.raises(Refused, match=r"limit of 4 GB is used up.*--max-gb"):
        read(Billed(max_gb=4))
    assert len([q for q in google.run if "ABORT" not in q["query"]["query"]]) == 2


REFUSALS = [
    ("/datasets/analytics_1", 404, "notFound", "Not found: Dataset shop:analytics_1", UsageError, "no such project"),
    (
        "/datasets/analytics_1",
        403,
        "accessDenied",
        "Access Denied: Dataset shop:analytics_1: Permission bigquery.datasets.get denied",
        AccessDenied,
        "roles/bigquery.dataViewer",
    ),
    (
        "POST",
        403,
        "accessDenied",
        "Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop.",
        AccessDenied,
        r"queries may not be run in the project shop.*roles/bigquery.jobUser.*GOOGLE_CLOUD_QUOTA_PROJECT",
    ),
    (
        "POST",
        403,
        "accessNotConfigured",
        "BigQuery API has not been used in project shop before or it is disabled.",
        AccessDenied,
        "switched off.*apis/library",
    ),
    ("POST", 403, "billingNotEnabled", "Billing has not been enabled", AccessDenied, "no billing account"),
    (
        "POST",
        403,
        "quotaExceeded",
        "Quota exceeded: Your project exceeded quota for bytes scanned.",
        QuotaExhausted,
        "quota of the project shop.*--read-days",
    ),
    (
        "POST",
        400,
        "bytesBilledLimitExceeded",
        "Query exceeded limit for bytes billed: 1. 2 or higher required.",
        Refused,
        "limit of 50 GB is used up",
    ),
    (
        "POST",
        400,
        "resourcesExceeded",
        "Resources exceeded during query execution",
        AdsyncError,
        "too much for BigQuery.*--read-days",
    ),
]


@pytest.mark.parametrize(("where", "status", "reason", "message", "kind", "said"), REFUSALS)
def test_a_refusal_says_what_mends_it(
    google: Answers, where: str, status: int, reason: str, message: str, kind: type[AdsyncError], said: str
) -> None:
    google.refusals[where] = (status, reason, message)
    with pytest.raises(kind, match=f"(?s){said}") as told:
        read()
    assert type(told.value) is kind
    assert message.rstrip(".") in str(told.value)


def test_a_network_that_goes_in_the_middle_is_said_as_well(google: Answers) -> None:
    google.refusals["GET /bigquery/v2/projects/shop/queries/job_4"] = (404, "", "<html>a proxy's page</html>")
    with pytest.raises(GoogleUnavailable, match=r"web page instead of an answer \(HTTP 404\).*proxy"):
        read()
    assert not any("ABORT" in query["query"]["query"] for query in google.run), "nobody is there to be asked again"


def test_a_network_that_is_gone_is_said_and_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(GoogleUnavailable, match=r"cannot be reached.*network"):
        BigQuery(SHOP, 1, print, f"localhost:{port}", patience_seconds=0.2)


@pytest.mark.parametrize("address", ["https://bigquery.example.com", "10.0.0.7:9050", "http://localhost.example.com"])
def test_another_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", address)
    with pytest.raises(SettingsError, match=r"BIGQUERY_EMULATOR_HOST.*only be on this machine"):
        read()


def test_without_credentials_it_is_said_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", "/nonexistent")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(AccessDenied, match=r"gcloud auth application-default login.*GOOGLE_APPLICATION_CREDENTIALS"):
        read()


def test_a_dataset_is_read_alone() -> None:
    with pytest.raises(UsageError, match="read alone"), event_log([SHOP, SHOP]):
        pass
