"""Answers of the real APIs, as others have published them, and the odd shapes that Google is known for."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.ads.googleads.v26.services.types.google_ads_service import GoogleAdsRow, SearchGoogleAdsStreamResponse
from google.analytics.admin_v1beta.types import ListKeyEventsResponse
from google.analytics.data_v1alpha.types import RunFunnelReportResponse
from google.analytics.data_v1beta.types import RunReportResponse
from google.api_core import exceptions as core
from google.protobuf import json_format

from adsync.errors import GoogleRefused, QuotaExhausted, UnexpectedAnswer
from adsync.google.faults import speaking
from adsync.google.wire import ads as ads_wire
from adsync.google.wire import ga4 as ga4_wire
from adsync.model.window import Window

WINDOW = Window(date(2026, 1, 1), date(2026, 1, 31))


def parsed(message_class: Any, document: Any) -> Any:
    """What the REST clients make of an answer: unknown fields are ignored."""
    message = message_class()
    json_format.ParseDict(document, message._pb, ignore_unknown_fields=True)
    return message


@pytest.fixture
def ga4(shared_data: Path) -> Any:
    return lambda name: json.loads((shared_data / "ga4_api_responses" / name).read_text(encoding="utf-8"))


# GA4, published ------------------------------------------------------------------------------------------------------


def test_a_published_report_is_read_row_by_row(ga4: Any) -> None:
    rows = list(ga4_wire.rows(parsed(RunReportResponse, ga4("runreport__analyticsResponse.json"))))
    assert [(ga4_wire.ga4_date(r["date"]), ga4_wire.count(r["activeUsers"])) for r in rows] == [
        (date(2024, 6, 14), 2),
        (date(2024, 6, 13), 101),
        (date(2024, 6, 12), 1011),
        (date(2024, 6, 11), 10),
    ]


def test_a_row_count_that_does_not_match_changes_nothing_about_the_rows(ga4: Any) -> None:
    response = parsed(RunReportResponse, ga4("runreport__analyticsResponseForWeek.json"))
    assert response.row_count == 5
    assert len(list(ga4_wire.rows(response))) == 15


def test_a_report_without_the_rows_key_has_no_rows(ga4: Any) -> None:
    document = ga4("runreport__analyticsResponseWithoutRows.json")
    response = parsed(RunReportResponse, document)
    assert "rows" not in document
    assert list(ga4_wire.rows(response)) == []
    assert ga4_wire.quality(response.metadata).time_zone == "Europe/Warsaw"


@pytest.mark.parametrize("name", ["sitekit__report.json", "rwb0104_blog_request_response.json"])
def test_totals_are_not_among_the_rows(ga4: Any, name: str) -> None:
    document = ga4(name)
    document = document.get("response_abridged_by_author", document)
    response = parsed(RunReportResponse, document)
    assert response.totals[0].dimension_values[0].value == "RESERVED_TOTAL"
    found = list(ga4_wire.rows(response))
    assert len(found) == len(document["rows"])
    assert not any("RESERVED_TOTAL" in row.values() for row in found)


def test_nulls_in_the_metadata_are_what_is_left_out(ga4: Any) -> None:
    document = ga4("sitekit__report.json")
    assert document["metadata"]["subjectToThresholding"] is None
    quality = ga4_wire.quality(parsed(RunReportResponse, document).metadata)
    assert quality.is_whole and not quality.fault and quality.empty_reason == ""
    assert (quality.currency, quality.time_zone) == ("USD", "America/Los_Angeles")


def test_a_key_event_with_nulls_is_read(ga4: Any) -> None:
    response = parsed(ListKeyEventsResponse, {"keyEvents": ga4("sitekit__key-events.json")})
    (found,) = map(ga4_wire.key_event, response.key_events)
    assert (found.event_name, found.resource_name) == ("purchase", "properties/1000/keyEvents/567829123")
    assert not found.deletable
    assert found.counting_method == "COUNTING_METHOD_UNSPECIFIED"


def test_published_quota_messages_end_as_an_exhausted_quota(ga4: Any) -> None:
    threads = {entry["id"]: entry for entry in ga4("errors_and_quota_from_public_threads.json")}
    message = threads["quota-message-daily (public test quoting the live text)"]["message"]
    with pytest.raises(QuotaExhausted, match="will return in under 24 hours"), speaking("Counting", ga4_property="1"):
        raise core.TooManyRequests(f"POST https://example.com/v1beta: {message}")


def test_a_published_incompatibility_ends_as_a_refusal_in_googles_words(ga4: Any) -> None:
    threads = {entry["id"]: entry for entry in ga4("errors_and_quota_from_public_threads.json")}
    error = threads["composio-2169"]["body"]["error"]
    with pytest.raises(GoogleRefused, match="Please add sessionCampaignName") as caught, speaking("Counting"):
        raise core.from_http_status(error["code"], f"POST https://example.com/v1beta: {error['message']}")
    assert "POST" not in str(caught.value)


# GA4, odd shapes -----------------------------------------------------------------------------------------------------

# As in live answers: four metrics are named twice, given once, and rates are called integers.
_METRICS = ("activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments", "funnelStepAbandonmentRate")


def a_funnel_answer(*rows: tuple[str, ...], dimensions: tuple[str, ...] = ("funnelStepName",)) -> dict[str, Any]:
    return {
        "funnelTable": {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in _METRICS * 2],
            "rows": [
                {
                    "dimensionValues": [{"value": value} for value in row[: len(dimensions)]],
                    "metricValues": [{"value": value} for value in row[len(dimensions) :]],
                }
                for row in rows
            ],
            "metadata": {"samplingMetadatas": [{"samplesReadCount": "250", "samplingSpaceSize": "1000"}]},
        },
        "kind": "analyticsData#runFunnelReport",
    }


def funnel_of(document: dict[str, Any]) -> Any:
    return ga4_wire.funnel(parsed(RunFunnelReportResponse, document), "add_to_cart", WINDOW, 14)


def test_doubled_funnel_headers_are_read_by_their_first_mention() -> None:
    found = funnel_of(
        a_funnel_answer(
            ("1. add_to_cart", "1397", "0.27780178359495106", "1009", "0.72219821640504894"),
            ("2. purchase", "388", "1.0", "0", "0"),
        )
    )
    assert (found.entered, found.completed) == (1397, 388)
    assert found.sampled_share == 0.25


def test_a_funnel_whose_second_step_nobody_reached_may_lack_its_row() -> None:
    assert funnel_of(a_funnel_answer(("1. add_to_cart", "12", "0", "12", "1"))).completed == 0
    empty = funnel_of(a_funnel_answer())
    assert (empty.entered, empty.completed) == (0, 0)


def test_an_answer_without_its_columns_is_no_empty_funnel() -> None:
    with pytest.raises(UnexpectedAnswer, match="answered with no columns instead of funnelStepName, activeUsers"):
        funnel_of({"funnelTable": {}})


def test_a_total_row_is_not_a_step() -> None:
    document = a_funnel_answer(
        ("1. add_to_cart", "mobile", "40", "0.5", "20", "0.5"),
        ("1. add_to_cart", "RESERVED_TOTAL", "90", "0.5", "45", "0.5"),
        dimensions=("funnelStepName", "deviceCategory"),
    )
    assert funnel_of(document).entered == 40


def test_a_funnel_is_read_apart_by_the_values_of_its_breakdown() -> None:
    document = a_funnel_answer(
        ("1. add_to_cart", "RESERVED_TOTAL", "90", "0.5", "45", "0.5"),
        ("1. add_to_cart", "mobile", "60", "0.5", "30", "0.5"),
        ("1. add_to_cart", "tablet", "30", "0", "30", "1"),
        ("2. purchase", "RESERVED_TOTAL", "45", "1", "0", "0"),
        ("2. purchase", "mobile", "30", "1", "0", "0"),
        dimensions=("funnelStepName", "deviceCategory"),
    )
    answer = parsed(RunFunnelReportResponse, document)
    found = ga4_wire.funnel_parts(answer, "add_to_cart", "device", "deviceCategory")
    assert {(p.segment, p.entered, p.completed) for p in found} == {("mobile", 60, 30), ("tablet", 30, 0)}
    with pytest.raises(UnexpectedAnswer, match="instead of funnelStepName, sessionDefaultChannelGroup"):
        ga4_wire.funnel_parts(answer, "add_to_cart", "channel", "sessionDefaultChannelGroup")


def test_a_report_whose_rows_do_not_fit_its_headers_is_unexpected() -> None:
    document = {"dimensionHeaders": [{"name": "date"}], "metricHeaders": [], "rows": [{"metricValues": [{}]}]}
    with pytest.raises(UnexpectedAnswer, match="do not fit"):
        list(ga4_wire.rows(parsed(RunReportResponse, document)))


@pytest.mark.parametrize("text", ["(other)", "2026-01-01", "20261301", ""])
def test_what_is_no_date_is_unexpected(text: str) -> None:
    with pytest.raises(UnexpectedAnswer, match="for a date"):
        ga4_wire.ga4_date(text)


def test_a_count_may_be_written_as_a_fraction_but_not_as_a_word() -> None:
    assert ga4_wire.count("12.0") == 12
    with pytest.raises(UnexpectedAnswer, match="for a number"):
        ga4_wire.count("(not set)")


@pytest.mark.parametrize(
    ("metadata", "fault"),
    [
        ({"subjectToThresholding": True}, "thresholded"),
        ({"dataLossFromOtherRow": True}, "folded"),
        ({"samplingMetadatas": [{"samplesReadCount": "1", "samplingSpaceSize": "4"}]}, "sampled"),
    ],
)
def test_an_answer_that_is_not_whole_says_so(metadata: dict[str, Any], fault: str) -> None:
    quality = ga4_wire.quality(parsed(RunReportResponse, {"metadata": metadata}).metadata)
    assert not quality.is_whole and quality.fault.startswith(fault)


# Google Ads ----------------------------------------------------------------------------------------------------------


def test_a_published_stream_has_its_long_numbers_as_strings(shared_data: Path) -> None:
    (path,) = (shared_data / "ads_api_responses").glob("searchstream__*.json")
    (document,) = json.loads(path.read_text(encoding="utf-8"))
    response = parsed(SearchGoogleAdsStreamResponse, document)
    first = document["results"][0]["metrics"]
    assert first["costMicros"] == "1061083620" and isinstance(first["clicks"], str)
    days = [ads_wire.campaign_day(row) for row in response._pb.results]
    assert (days[0].date, days[0].clicks, days[0].cost_micros) == (date(2024, 6, 1), 204, 1_061_083_620)
    assert [day.date.day for day in days] == list(range(1, len(days) + 1))


def a_row(**fields: Any) -> Any:
    """A raw GoogleAdsRow, as the adapters get it."""
    return json_format.ParseDict(fields, GoogleAdsRow.pb()())


def test_an_action_is_read_with_its_ga4_side_and_its_snippet() -> None:
    found = ads_wire.conversion_action(
        a_row(
            conversion_action={
                "id": "7",
                "name": "Shop (web) add_to_cart",
                "status": "HIDDEN",
                "type": "GOOGLE_ANALYTICS_4_CUSTOM",
                "origin": "WEBSITE",
                "category": "ADD_TO_CART",
                "primaryForGoal": False,
                "countingType": "ONE_PER_CLICK",
                "ownerCustomer": "customers/1234567890",
                "clickThroughLookbackWindowDays": "30",
                "googleAnalytics4Settings": {"propertyId": "371001", "eventName": "add_to_cart"},
                "tagSnippets": [{"type": "WEBPAGE", "eventSnippet": "<script>x</script>"}],
            }
        )
    )
    assert (found.id, found.status, found.type) == ("7", "HIDDEN", "GOOGLE_ANALYTICS_4_CUSTOM")
    assert (found.ga4_property_id, found.ga4_event_name) == ("371001", "add_to_cart")
    assert (found.owner_customer_id, found.click_window_days) == ("1234567890", 30)
    assert found.tag_snippet == "<script>x</script>" and found.is_ga4_mirror


def test_values_that_this_client_has_not_heard_of_read_unknown() -> None:
    row = a_row(conversion_action={"id": "7"}, campaign={"id": "1"})
    row.conversion_action.type_ = 9_999
    row.conversion_action.status = 9_999
    row.conversion_action.category = 9_999
    row.campaign.bidding_strategy_system_status = 9_999
    action, campaign = ads_wire.conversion_action(row), ads_wire.campaign(row, "CUSTOMER", "")
    assert (action.type, action.status, action.category) == ("UNKNOWN", "UNKNOWN", "UNKNOWN")
    assert campaign.system_status == "UNKNOWN" and not campaign.is_learning
    event = parsed(ListKeyEventsResponse, {"keyEvents": [{"eventName": "x", "countingMethod": 77}]}).key_events[0]
    assert ga4_wire.key_event(event).counting_method == "UNKNOWN"


def test_a_goal_that_says_nothing_of_bidding_is_not_bid_on() -> None:
    silent = ads_wire.goal(a_row(customer_conversion_goal={"category": "PURCHASE", "origin": "WEBSITE"}))
    assert not silent.biddable
    assert (silent.category, silent.origin) == ("PURCHASE", "WEBSITE")


def test_a_portfolios_target_counts_as_the_campaigns() -> None:
    row = a_row(
        campaign={"id": "1", "biddingStrategy": "customers/1/biddingStrategies/9"},
        bidding_strategy={"targetCpa": {"targetCpaMicros": "12000000"}},
    )
    found = ads_wire.campaign(row, "CAMPAIGN", "55")
    assert (found.portfolio_id, found.target_cpa_micros) == ("9", 12_000_000)
    assert (found.goal_level, found.custom_goal_id, found.has_fixed_target) == ("CAMPAIGN", "55", True)


def test_an_account_without_an_owner_of_its_conversions_is_its_own() -> None:
    own = ads_wire.customer(a_row(customer={"id": "1234567890"}))
    shared = {"googleAdsConversionCustomer": "customers/9990000001"}
    other = ads_wire.customer(a_row(customer={"id": "1234567890", "conversionTrackingSetting": shared}))
    assert (own.conversion_customer_id, other.conversion_customer_id) == ("1234567890", "9990000001")
