"""runReport in depth: every dimension and metric against a plain count, and what a request can ask for besides."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core
from google.auth.transport.requests import Request

from adsync.sandbox.ga4.dimensions import DIMENSIONS
from adsync.sandbox.ga4.metrics import METRICS
from tests.contract import ga4_oracle as oracle
from tests.contract.clients import (
    CUSTOMER,
    EDIT_SCOPE,
    PROPERTY,
    READ_SCOPE,
    ga4_client,
    search,
    service_account_credentials,
)
from tests.contract.ga4 import FIRST, LAST, SHOP, by, cells, days, named, report
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


def as_table(answer: Any) -> dict[tuple[str, ...], tuple[float, ...]]:
    return {
        tuple(v.value for v in row.dimension_values): tuple(float(v.value) for v in row.metric_values)
        for row in answer.rows
    }


def plain(sandbox: LocalSandbox, body: dict[str, Any], method: str = "runReport") -> dict[str, Any]:
    """The answer as it is on the wire."""
    credentials = service_account_credentials(sandbox, READ_SCOPE)
    credentials.refresh(Request())
    answer = requests.post(
        f"{sandbox.running.running.url}/v1beta/{SHOP}:{method}",
        headers={"Authorization": f"Bearer {credentials.token}"},
        json=body,
        timeout=20,
    )
    found: dict[str, Any] = answer.json()
    return found


# Fields --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", sorted(oracle.DIMENSIONS))
def test_each_dimension_tells_events_apart_as_a_plain_count_does(shared_sandbox: LocalSandbox, dimension: str) -> None:
    metrics = ["eventCount", "totalUsers"]
    answer = report(shared_sandbox, dimensions=[dimension], metrics=metrics)
    assert as_table(answer) == oracle.table(oracle.seen(shared_sandbox), [dimension], metrics)


@pytest.mark.parametrize("dimensions", [(), ("date",), ("eventName",), ("deviceCategory", "sessionCampaignName")])
def test_each_metric_is_what_a_plain_count_finds(shared_sandbox: LocalSandbox, dimensions: tuple[str, ...]) -> None:
    everything = list(oracle.METRICS)
    for metrics in (everything[:10], everything[10:20], everything[20:]):
        found = as_table(report(shared_sandbox, dimensions=dimensions, metrics=metrics))
        by_hand = oracle.table(oracle.seen(shared_sandbox), dimensions, metrics)
        assert found.keys() == by_hand.keys()
        for key, numbers in found.items():
            assert numbers == pytest.approx(by_hand[key], abs=1e-6), (key, metrics)


def test_every_field_can_be_asked_for(shared_sandbox: LocalSandbox) -> None:
    for name in DIMENSIONS:
        assert report(shared_sandbox, dimensions=[name], metrics=["eventCount"]).rows, name
    for name, metric_found in METRICS.items():
        assert report(shared_sandbox, dimensions=["date"], metrics=[name]).metric_headers[0].name == name
        assert metric_found.type in beta.MetricType.__members__


def test_the_weeks_of_a_year_begin_on_sunday(shared_sandbox: LocalSandbox) -> None:
    answer = report(
        shared_sandbox,
        dimensions=["date", "week"],
        metrics=["eventCount"],
        date_ranges=days("2025-12-27", "2026-01-05"),
        order_bys=[by("date")],
    )
    weeks = {day: week for day, week, _ in cells(answer)}
    # 2026 begins on a Thursday: its first week is short.
    assert weeks["20251227"] == "52" and weeks["20251228"] == weeks["20251231"] == "53"
    assert weeks["20260101"] == weeks["20260103"] == "01" and weeks["20260104"] == "02"


def test_old_names_still_work_and_come_back_as_they_were_asked(shared_sandbox: LocalSandbox) -> None:
    old = report(shared_sandbox, dimensions=["isConversionEvent"], metrics=["conversions"])
    new = report(shared_sandbox, dimensions=["isKeyEvent"], metrics=["keyEvents"])
    assert old.dimension_headers[0].name == "isConversionEvent" and old.metric_headers[0].name == "conversions"
    assert old.metric_headers[0].type_ == beta.MetricType.TYPE_FLOAT
    assert cells(old) == cells(new)


def test_an_event_is_key_from_the_moment_it_is_marked_until_the_mark_is_taken_away(sandbox: LocalSandbox) -> None:
    from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
    from google.analytics.admin_v1beta.types import KeyEvent

    admin = ga4_client(sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    asked: dict[str, Any] = {
        "dimensions": ["date", "isKeyEvent"],
        "metrics": ["eventCount", "keyEvents"],
        "dimension_filter": named("scroll"),
        "date_ranges": days("2026-02-10", "2026-03-20"),
        "order_bys": [by("date")],
    }
    assert {key for _, key, *_ in cells(report(sandbox, **asked))} == {"false"}
    made = admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="scroll"), timeout=20)
    sandbox.control.advance(10)
    admin.delete_key_event(name=made.name, timeout=20)
    sandbox.control.advance(10)
    found = cells(report(sandbox, **asked))
    # Marked at 4:00 UTC on 2 March, which is still the 1st in Los Angeles.
    marked = [day for day, key, *_ in found if key == "true"]
    assert min(marked) in ("20260301", "20260302") and "20260311" <= max(marked) <= "20260312"
    assert all(counted == (count if key == "true" else "0") for _, key, count, counted in found)
    with pytest.raises(core.BadRequest, match="keyEvents:scroll is not a valid metric"):
        report(sandbox, metrics=["keyEvents:scroll"])


def test_a_key_event_once_per_session_counts_once_however_often_it_fires(sandbox: LocalSandbox) -> None:
    sandbox.running.estate.properties[PROPERTY].key_events[0].event_name = "page_view"
    shop = sandbox.running.estate.properties[PROPERTY]
    counts = {}
    for method in ("ONCE_PER_EVENT", "ONCE_PER_SESSION"):
        shop.key_events[0].counting_method = method
        answer = report(sandbox, dimensions=["deviceCategory"], metrics=["keyEvents"])
        counts[method] = {device: float(count) for device, count in cells(answer)}
    events = oracle.seen(sandbox, key="page_view")
    for device in ("mobile", "desktop", "tablet"):
        views = [e for e in events if e.name == "page_view" and e.device == device]
        assert counts["ONCE_PER_EVENT"][device] == len(views)
        # A session that crosses the first midnight has counted the day before.
        assert 0 <= len({e.session for e in views}) - counts["ONCE_PER_SESSION"][device] <= 3


def test_ad_costs_are_those_of_google_ads(shared_sandbox: LocalSandbox) -> None:
    answer = report(
        shared_sandbox,
        dimensions=["sessionGoogleAdsCampaignId"],
        metrics=["advertiserAdClicks", "advertiserAdCost", "advertiserAdImpressions", "sessions"],
        date_ranges=days("2026-01-01", "2026-01-31"),
    )
    found = {campaign: numbers for campaign, *numbers in cells(answer) if campaign != "(not set)"}
    rows = search(
        shared_sandbox,
        "SELECT campaign.id, metrics.clicks, metrics.cost_micros, metrics.impressions FROM campaign "
        "WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-31'",
        customer=CUSTOMER,
    )
    assert len(rows) == 2
    for row in rows:
        clicks, cost, impressions, sessions = found[str(row.campaign.id)]
        # The property's days begin nine hours later than the account's.
        assert int(clicks) == pytest.approx(row.metrics.clicks, rel=0.1)
        assert float(cost) == pytest.approx(row.metrics.cost_micros / 1e6, rel=0.1)
        assert int(impressions) == pytest.approx(row.metrics.impressions, rel=0.1)
        assert 0.5 * int(clicks) < int(sessions) < int(clicks)


def test_without_a_link_no_campaign_is_known(sandbox: LocalSandbox) -> None:
    sandbox.control.link(PROPERTY, CUSTOMER, linked=False)
    answer = report(sandbox, dimensions=["sessionGoogleAdsCampaignId"], metrics=["sessions", "advertiserAdCost"])
    assert [row[0] for row in cells(answer)] == ["(not set)"]
    assert cells(answer)[0][2] == "0"


# Rows ----------------------------------------------------------------------------------------------------------------


def test_users_and_sessions_of_rows_do_not_add_up(shared_sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"metrics": ["totalUsers", "sessions"], "metric_aggregations": ["TOTAL"]}
    answer = report(shared_sandbox, dimensions=["date"], **asked)
    whole = report(shared_sandbox, dimensions=[], metrics=["totalUsers", "sessions"])
    total = [value.value for value in answer.totals[0].metric_values]
    assert [value.value for value in whole.rows[0].metric_values] == total
    assert sum(int(users) for _, users, _ in cells(answer)) > int(total[0])


def test_aggregations_are_rows_of_their_own(shared_sandbox: LocalSandbox) -> None:
    kinds = ["TOTAL", "MINIMUM", "MAXIMUM"]
    answer = report(shared_sandbox, metrics=["eventCount"], metric_aggregations=kinds, limit=3)
    whole = [int(count) for *_, count in cells(report(shared_sandbox, metrics=["eventCount"]))]
    for rows, word, number in (
        (answer.totals, "RESERVED_TOTAL", sum(whole)),
        (answer.minimums, "RESERVED_MIN", min(whole)),
        (answer.maximums, "RESERVED_MAX", max(whole)),
    ):
        assert [v.value for v in rows[0].dimension_values] == [word, word]
        assert [int(v.value) for v in rows[0].metric_values] == [number]
    with pytest.raises(core.BadRequest, match="aggregation Count is not supported"):
        report(shared_sandbox, metric_aggregations=["COUNT"])


def test_several_date_ranges_come_in_a_column_of_their_own(shared_sandbox: LocalSandbox) -> None:
    ranges = [
        beta.DateRange(start_date="2026-02-02", end_date="2026-02-08", name="this week"),
        beta.DateRange(start_date="2026-01-26", end_date="2026-02-03"),
    ]
    answer = report(
        shared_sandbox,
        dimensions=["deviceCategory"],
        metrics=["eventCount", "totalUsers"],
        date_ranges=ranges,
        metric_aggregations=["TOTAL", "MAXIMUM"],
    )
    assert [h.name for h in answer.dimension_headers] == ["deviceCategory", "dateRange"]
    found = {row[:2]: row[2:] for row in cells(answer)}
    assert len(found) == 6
    for name, (first, last) in (
        ("this week", ("2026-02-02", "2026-02-08")),
        ("date_range_1", ("2026-01-26", "2026-02-03")),
    ):
        alone = report(
            shared_sandbox,
            dimensions=["deviceCategory"],
            metrics=["eventCount", "totalUsers"],
            date_ranges=days(first, last),
            metric_aggregations=["TOTAL"],
        )
        assert {row[0]: row[1:] for row in cells(alone)} == {d: v for (d, n), v in found.items() if n == name}
        total = next(t for t in answer.totals if t.dimension_values[1].value == name)
        assert [v.value for v in total.metric_values] == [v.value for v in alone.totals[0].metric_values]
    assert [v.value for v in answer.maximums[1].dimension_values] == ["RESERVED_MAX", "date_range_1"]


def test_order_is_by_the_first_metric_unless_asked_otherwise(shared_sandbox: LocalSandbox) -> None:
    counts = [
        int(count) for _, count in cells(report(shared_sandbox, dimensions=["eventName"], metrics=["eventCount"]))
    ]
    assert counts == sorted(counts, reverse=True)
    upward = beta.OrderBy(metric=beta.OrderBy.MetricOrderBy(metric_name="totalUsers"))
    users = [
        int(row[-1])
        for row in cells(
            report(shared_sandbox, dimensions=["eventName"], metrics=["eventCount", "totalUsers"], order_bys=[upward])
        )
    ]
    assert users == sorted(users)


def test_dimensions_are_ordered_as_text_or_as_numbers(shared_sandbox: LocalSandbox) -> None:
    def campaigns(kind: str, desc: bool = False) -> list[str]:
        order = beta.OrderBy(
            dimension=beta.OrderBy.DimensionOrderBy(dimension_name="sessionCampaignName", order_type=kind), desc=desc
        )
        asked = {"dimensions": ["sessionCampaignName"], "metrics": ["sessions"], "order_bys": [order]}
        return [name for name, _ in cells(report(shared_sandbox, **asked))]

    found = campaigns("ALPHANUMERIC")
    assert found == sorted(found) and campaigns("ALPHANUMERIC", desc=True) == found[::-1]
    assert campaigns("CASE_INSENSITIVE_ALPHANUMERIC") == sorted(found, key=str.casefold)
    ids = beta.OrderBy(
        dimension=beta.OrderBy.DimensionOrderBy(dimension_name="sessionGoogleAdsCampaignId", order_type="NUMERIC")
    )
    answer = report(shared_sandbox, dimensions=["sessionGoogleAdsCampaignId"], metrics=["sessions"], order_bys=[ids])
    assert [row[0] for row in cells(answer)] == ["(not set)", "20000001", "20000002"]


def test_rows_of_zeros_are_shown_on_request_only(shared_sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": ["eventName"], "metrics": ["keyEvents"]}
    assert [name for name, _ in cells(report(shared_sandbox, **asked))] == ["purchase"]
    every = cells(report(shared_sandbox, keep_empty_rows=True, **asked))
    assert len(every) == 10 and {count for name, count in every if name != "purchase"} == {"0"}


def test_amounts_come_in_the_currency_that_is_asked_for(shared_sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": [], "metrics": ["purchaseRevenue", "ecommercePurchases"]}
    euros, dollars = (report(shared_sandbox, currency_code=code, **asked) for code in ("", "USD"))
    assert (euros.metadata.currency_code, dollars.metadata.currency_code) == ("EUR", "USD")
    assert float(cells(dollars)[0][0]) == pytest.approx(1.1 * float(cells(euros)[0][0]))
    assert cells(dollars)[0][1] == cells(euros)[0][1]
    assert euros.metric_headers[0].type_ == beta.MetricType.TYPE_CURRENCY
    with pytest.raises(core.BadRequest, match="Invalid currency code: XXX"):
        report(shared_sandbox, currency_code="XXX", **asked)


def test_a_metric_can_be_invisible_and_yet_decide(shared_sandbox: LocalSandbox) -> None:
    metrics = [beta.Metric(name="eventCount"), beta.Metric(name="totalUsers", invisible=True)]
    request = beta.RunReportRequest(
        property=SHOP, dimensions=[{"name": "eventName"}], metrics=metrics, date_ranges=days()
    )
    request.order_bys = [beta.OrderBy(metric=beta.OrderBy.MetricOrderBy(metric_name="totalUsers"), desc=True)]
    answer = ga4_client(shared_sandbox, BetaAnalyticsDataClient).run_report(request, timeout=20)
    assert [h.name for h in answer.metric_headers] == ["eventCount"]
    users = report(shared_sandbox, dimensions=["eventName"], metrics=["totalUsers"])
    assert [name for name, _ in cells(answer)] == [name for name, _ in cells(users)]


def test_dimensions_alone_make_a_report(shared_sandbox: LocalSandbox) -> None:
    answer = plain(
        shared_sandbox,
        {
            "dimensions": [{"name": "deviceCategory"}],
            "dateRanges": [{"startDate": str(FIRST), "endDate": str(LAST)}],
        },
    )
    assert "metricHeaders" not in answer and answer["rowCount"] == 3
    assert answer["rows"][0] == {"dimensionValues": [{"value": "desktop"}]}


def test_a_larger_limit_than_google_serves_is_cut_silently(shared_sandbox: LocalSandbox) -> None:
    assert cells(report(shared_sandbox, limit=10_000_000)) == cells(report(shared_sandbox))


def test_numbers_are_written_as_google_writes_them(shared_sandbox: LocalSandbox) -> None:
    answer = report(shared_sandbox, dimensions=["date"], metrics=["engagementRate", "keyEvents", "purchaseRevenue"])
    rates = [row[1] for row in cells(answer)]
    assert all(float(rate) <= 1 for rate in rates)
    # Fifteen digits, or seventeen where fifteen would lose something, and never sixteen by choice.
    assert all(rate in (f"{float(rate):.15g}", f"{float(rate):.17g}") for rate in rates)
    assert not [row for row in cells(answer) if row[2].endswith(".0")]


# Batches -------------------------------------------------------------------------------------------------------------


def test_a_batch_answers_up_to_five_reports_at_once(shared_sandbox: LocalSandbox) -> None:
    def one(dimension: str) -> beta.RunReportRequest:
        return beta.RunReportRequest(
            dimensions=[{"name": dimension}], metrics=[{"name": "eventCount"}], date_ranges=days()
        )

    client = ga4_client(shared_sandbox, BetaAnalyticsDataClient)
    names = ["date", "eventName", "deviceCategory", "month", "hour"]
    answer = client.batch_run_reports(
        beta.BatchRunReportsRequest(property=SHOP, requests=[one(name) for name in names]), timeout=20
    )
    assert answer.kind == "analyticsData#batchRunReports"
    for name, each in zip(names, answer.reports, strict=True):
        assert each.kind == "analyticsData#runReport"
        assert cells(each) == cells(report(shared_sandbox, dimensions=[name], metrics=["eventCount"]))
    for requests_, words in (
        ([one("date")] * 6, "limited to 5 requests"),
        ([], "at least one runReportRequest"),
        ([one("moon")], "moon is not a valid dimension"),
    ):
        with pytest.raises(core.BadRequest, match=words):
            client.batch_run_reports(beta.BatchRunReportsRequest(property=SHOP, requests=requests_), timeout=20)
    foreign = one("date")
    foreign.property = "properties/1"
    with pytest.raises(core.BadRequest, match="must be for properties/300000001"):
        client.batch_run_reports(beta.BatchRunReportsRequest(property=SHOP, requests=[foreign]), timeout=20)


# What is wrong -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"foo": 1}, 'Invalid JSON payload received. Unknown name "foo": Cannot find field.'),
        (
            {"dateRanges": [{"start": "today"}]},
            "Invalid JSON payload received. Unknown name \"start\" at 'date_ranges[0]': Cannot find field.",
        ),
        (
            {"metricAggregations": ["SUM"]},
            "Invalid value at 'metric_aggregations[0]' "
            '(type.googleapis.com/google.analytics.data.v1beta.MetricAggregation), "SUM"',
        ),
        ([], 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
        ({}, "A dateRange is required."),
        (
            {"dimensions": [{"name": "eventname"}]},
            "Did you mean eventName? Field eventname is not a valid dimension. For a list of valid dimensions and "
            "metrics, see https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema ",
        ),
        (
            {"metrics": [{"name": "zzz"}]},
            "Field zzz is not a valid metric.  For a list of valid dimensions and metrics, see "
            "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema ",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_googles_words(
    shared_sandbox: LocalSandbox, body: Any, message: str
) -> None:
    error = plain(shared_sandbox, body)["error"]
    assert (error["code"], error["status"], error["message"]) == (400, "INVALID_ARGUMENT", message)


def test_a_body_that_is_no_json_is_refused(shared_sandbox: LocalSandbox) -> None:
    credentials = service_account_credentials(shared_sandbox, READ_SCOPE)
    credentials.refresh(Request())
    answer = requests.post(
        f"{shared_sandbox.running.running.url}/v1beta/{SHOP}:runReport",
        headers={"Authorization": f"Bearer {credentials.token}"},
        data="{",
        timeout=20,
    )
    assert answer.status_code == 400 and "Invalid JSON payload received." in answer.json()["error"]["message"]


def test_numbers_and_enums_may_come_in_either_form(shared_sandbox: LocalSandbox) -> None:
    def rows(limit: Any, aggregation: Any) -> str:
        body = {
            "dimensions": [{"name": "date"}],
            "metrics": [{"name": "eventCount"}],
            "dateRanges": [{"startDate": str(FIRST), "endDate": str(LAST)}],
            "limit": limit,
            "metricAggregations": [aggregation],
        }
        return json.dumps(plain(shared_sandbox, body))

    assert rows(3, 1) == rows("3", "TOTAL") == rows("3", 1)


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"metrics": ["eventCount"] * 11}, "10 metrics within a nested request"),
        ({"dimensions": ["date", "date"]}, "Found duplicate dimensions: date"),
        ({"metrics": ["sessions", "sessions"]}, "Found duplicate metrics: sessions"),
        ({"order_bys": [by("hour")]}, "Field hour exists in OrderBy but is not defined"),
        ({"order_bys": [beta.OrderBy(desc=True)]}, "ordered by a metric or a dimension"),
        ({"date_ranges": days("2015-08-13", "2020-01-01")}, "start_date must be after 2015-08-13"),
        ({"date_ranges": days("20260101", "2026-02-01")}, "Invalid startDate : 20260101"),
        ({"date_ranges": days("\u0663daysAgo", "today")}, "Invalid startDate : \u0663daysAgo"),
        ({"date_ranges": days("\u0662\u0660\u0662\u0666-01-01", "today")}, "Invalid startDate : "),
        ({"date_ranges": days() * 5}, "limited to 4 dateRanges"),
        ({"cohort_spec": beta.CohortSpec(cohorts=[beta.Cohort(name="x")])}, "does not serve cohort_spec"),
        ({"comparisons": [beta.Comparison(name="x")]}, "does not serve comparisons"),
        ({"metrics": ["keyEvents:scroll"]}, "keyEvents:scroll is not a valid metric"),
        ({"dimensions": ["googleAdsCampaignId"], "metrics": ["sessions", "eventCount"]}, "Please remove sessions"),
        (
            {"dimensions": ["googleAdsCampaignId", "date"], "metrics": ["engagedSessions", "sessions"]},
            "Please remove googleAdsCampaignId",
        ),
        ({"dimensions": ["eventName"], "metrics": ["advertiserAdCost"]}, "Please remove advertiserAdCost"),
    ],
)
def test_a_request_that_google_refuses_is_refused(
    shared_sandbox: LocalSandbox, different: dict[str, Any], words: str
) -> None:
    with pytest.raises(core.BadRequest, match=words):
        report(shared_sandbox, **different)


def test_the_text_on_fields_that_clash_is_the_one_that_google_gives(
    shared_sandbox: LocalSandbox, shared_data: Any
) -> None:
    threads = json.loads((shared_data / "ga4_api_responses/errors_and_quota_from_public_threads.json").read_text())
    real = next(t["body"]["message"] for t in threads if t["id"] == "ga-dev-tools-2187")
    with pytest.raises(core.BadRequest) as refused:
        report(shared_sandbox, dimensions=["campaignId"], metrics=["sessions"])
    assert real.replace("itemListClickEvents", "sessions") in str(refused.value)


@pytest.mark.parametrize(("shop", "kind"), [("UA-1234", core.BadRequest), ("1234", core.Forbidden)])
def test_a_property_has_to_be_a_number_and_ones_own(shared_sandbox: LocalSandbox, shop: str, kind: Any) -> None:
    with pytest.raises(kind, match="Property ID"):
        report(shared_sandbox, property=f"properties/{shop}")
