"""What the sandbox's GA4 lets one project ask for, and what it says when that is used up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core

from adsync.sandbox.ga4 import data_api, reports
from adsync.sandbox.ga4.quota import CORE, FUNNEL, Limits, QuotaExhausted, Quotas, tokens
from tests.contract.clients import PROPERTY, ga4_client
from tests.contract.ga4 import SHOP, days, funnel, report, step
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


def quotas(sandbox: LocalSandbox) -> Quotas:
    return sandbox.running.estate.properties[PROPERTY].quotas


def snapshot(sandbox: LocalSandbox) -> Any:
    client = ga4_client(sandbox, AlphaAnalyticsDataClient)
    return client.get_property_quotas_snapshot(name=f"{SHOP}/propertyQuotasSnapshot", timeout=20)


# What a request costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "range_days", "cost"),
    [(2, 7, 1), (11, 7, 2), (19, 7, 4), (2, 365, 7)],
    ids=["1x1", "1x10", "9x10", "year"],
)
def test_requests_cost_what_people_have_seen_them_cost(fields: int, range_days: int, cost: int) -> None:
    assert tokens(fields=fields, days=range_days, rows=100, conditions=0) == cost


def test_rows_and_filters_cost_as_well() -> None:
    small = tokens(fields=3, days=1, rows=10, conditions=0)
    assert small < tokens(fields=3, days=1, rows=100_000, conditions=0) and small < tokens(
        fields=3, days=1, rows=10, conditions=20
    )


def test_an_answer_tells_what_is_left(sandbox: LocalSandbox) -> None:
    first, second = (report(sandbox, return_property_quota=True).property_quota for _ in range(2))
    assert (first.tokens_per_day.consumed, first.tokens_per_day.remaining) == (1, 199_999)
    assert (second.tokens_per_hour.consumed, second.tokens_per_hour.remaining) == (2, 39_998)
    assert second.tokens_per_project_per_hour.remaining == 13_998
    assert second.concurrent_requests.remaining == 10 and second.server_errors_per_project_per_hour.remaining == 10
    assert second.potentially_thresholded_requests_per_hour.remaining == 120
    assert not report(sandbox).property_quota


def test_reports_and_funnels_have_quotas_of_their_own(sandbox: LocalSandbox) -> None:
    report(sandbox)
    report(sandbox)
    answered = funnel(sandbox, step("session_start"), return_property_quota=True)
    assert answered.property_quota.tokens_per_day.consumed == 1
    seen = snapshot(sandbox)
    assert seen.name == f"{SHOP}/propertyQuotasSnapshot"
    consumed = [
        each.tokens_per_day.consumed
        for each in (seen.core_property_quota, seen.realtime_property_quota, seen.funnel_property_quota)
    ]
    assert consumed == [2, 0, 1]
    assert snapshot(sandbox) == seen, "looking costs nothing"


def test_every_report_of_a_batch_is_paid_for(sandbox: LocalSandbox) -> None:
    one = beta.RunReportRequest(
        dimensions=[{"name": "date"}], metrics=[{"name": "eventCount"}], date_ranges=days(), return_property_quota=True
    )
    client = ga4_client(sandbox, BetaAnalyticsDataClient)
    answer = client.batch_run_reports(beta.BatchRunReportsRequest(property=SHOP, requests=[one] * 3), timeout=20)
    assert [each.property_quota.tokens_per_day.consumed for each in answer.reports] == [3, 3, 3]


def test_what_is_refused_costs_nothing(sandbox: LocalSandbox) -> None:
    with pytest.raises(core.BadRequest):
        report(sandbox, dimensions=["moonPhase"])
    assert snapshot(sandbox).core_property_quota.tokens_per_day.consumed == 0


# Running out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            Limits(tokens_per_day=2),
            "Exhausted property tokens per day. These quota tokens will return in under 24 hours.",
        ),
        (
            Limits(tokens_per_hour=2),
            "Exhausted property tokens per hour. These quota tokens will return in under an hour.",
        ),
        (Limits(tokens_per_project_per_hour=2), "Exhausted property tokens for a project per hour."),
    ],
)
def test_tokens_that_are_used_up_refuse_until_the_clock_brings_them_back(
    sandbox: LocalSandbox, limits: Limits, words: str
) -> None:
    quotas(sandbox).limits = limits
    report(sandbox)
    report(sandbox)
    with pytest.raises(core.TooManyRequests, match=words) as refused:
        report(sandbox)
    assert "devguides/reporting/data/v1/quotas" in str(refused.value)
    assert funnel(sandbox, step("session_start")).funnel_table.rows, "another category"
    sandbox.control.advance(1)
    assert report(sandbox).rows


def test_the_daily_texts_are_those_of_public_threads(sandbox: LocalSandbox, shared_data: Any) -> None:
    text = (shared_data / "ga4_api_responses/errors_and_quota_from_public_threads.json").read_text()
    for limits in (Limits(tokens_per_day=0), Limits(tokens_per_project_per_hour=0), Limits(concurrent_requests=0)):
        quotas(sandbox).limits = limits
        with pytest.raises(core.TooManyRequests) as refused:
            report(sandbox)
        said = str(refused.value)
        assert any(known in said for known in _public_texts(text)), said


def _public_texts(text: str) -> tuple[str, ...]:
    known = (
        "Exhausted concurrent requests quota.",
        "Exhausted property tokens for a project per hour.",
        "Exhausted property tokens per day. These quota tokens will return in under 24 hours.",
    )
    assert all(each in text for each in known)
    return known


def test_ten_server_errors_in_an_hour_block_the_project(sandbox: LocalSandbox) -> None:
    sandbox.control.fault("runReport", "unavailable", times=10)
    for _ in range(10):
        with pytest.raises(core.ServiceUnavailable):
            report(sandbox)
    assert snapshot(sandbox).core_property_quota.server_errors_per_project_per_hour.remaining == 0
    with pytest.raises(core.TooManyRequests, match="Exhausted server errors quota"):
        report(sandbox)
    sandbox.control.advance(1)
    assert report(sandbox).rows


def test_errors_that_were_asked_for_are_forgotten_with_the_faults(sandbox: LocalSandbox) -> None:
    sandbox.control.fault("runReport", "internal", times=10)
    for _ in range(10):
        with pytest.raises(core.InternalServerError):
            report(sandbox)
    sandbox.control.fault("", "none")
    assert report(sandbox).rows


def test_ten_requests_run_at_a_time_and_not_one_more(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()
    real: Callable[..., Any] = reports.run_report

    def slow(*arguments: Any) -> Any:
        inside.release()
        assert go_on.wait(20)
        return real(*arguments)

    monkeypatch.setattr(data_api, "run_report", slow)
    with ThreadPoolExecutor(10) as pool:
        running = [pool.submit(report, sandbox) for _ in range(10)]
        try:
            for _ in range(10):
                assert inside.acquire(timeout=20)
            with pytest.raises(core.TooManyRequests, match="Exhausted concurrent requests quota"):
                report(sandbox)
        finally:
            go_on.set()
        assert all(each.result().rows for each in running)
    assert report(sandbox).rows


def test_reports_that_may_leave_small_groups_out_are_counted(sandbox: LocalSandbox) -> None:
    sandbox.running.estate.switches.set("ga4_thresholding", "10")
    quotas(sandbox).limits = Limits(potentially_thresholded_requests_per_hour=2)
    report(sandbox)
    report(sandbox)
    with pytest.raises(core.TooManyRequests, match="Exhausted potentially thresholded requests quota"):
        report(sandbox)


# The clock -----------------------------------------------------------------------------------------------------------


def test_days_end_at_midnight_in_california_and_hours_with_the_clock() -> None:
    def at(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    mine = Quotas(limits=Limits(tokens_per_day=5, tokens_per_hour=3))
    mine.enter(CORE, at("2026-03-02T07:10"))
    mine.leave(CORE, at("2026-03-02T07:10"), cost=3)
    with pytest.raises(QuotaExhausted, match="per hour"):
        mine.enter(CORE, at("2026-03-02T07:59"))
    mine.enter(FUNNEL, at("2026-03-02T07:59"))
    # Eight o'clock in the evening of the 1st was the hour's end, midnight in California comes at 8:00 UTC.
    assert mine.status(CORE, at("2026-03-02T07:59"))["tokensPerDay"] == {"consumed": 3, "remaining": 2}
    assert mine.status(CORE, at("2026-03-02T08:00"))["tokensPerDay"] == {"consumed": 0, "remaining": 5}
    mine.enter(CORE, at("2026-03-02T08:00"))
