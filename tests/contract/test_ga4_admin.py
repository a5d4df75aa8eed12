"""The Admin API and the Data API's metadata, through the official clients."""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64encode
from typing import Any

import pytest
import requests
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta.types import GoogleAdsLink, KeyEvent, ListKeyEventsRequest
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core
from google.auth.transport.requests import Request
from google.protobuf.field_mask_pb2 import FieldMask

from adsync.sandbox.ga4.dimensions import DIMENSIONS
from adsync.sandbox.ga4.metrics import METRICS
from tests.contract.clients import CUSTOMER, EDIT_SCOPE, PROPERTY, READ_SCOPE, ga4_client, service_account_credentials
from tests.contract.ga4 import SHOP, Shop, named, report
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

ONCE, EACH = KeyEvent.CountingMethod.ONCE_PER_SESSION, KeyEvent.CountingMethod.ONCE_PER_EVENT


def editor(sandbox: LocalSandbox) -> Any:
    return ga4_client(sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)


def reader(sandbox: LocalSandbox) -> Any:
    return ga4_client(sandbox, AnalyticsAdminServiceClient, READ_SCOPE)


def data(sandbox: LocalSandbox) -> Any:
    return ga4_client(sandbox, BetaAnalyticsDataClient)


# Key events ----------------------------------------------------------------------------------------------------------


def test_a_key_event_can_be_read_by_its_name(sandbox: LocalSandbox) -> None:
    admin = editor(sandbox)
    worth = KeyEvent.DefaultValue(numeric_value=2.5, currency_code="EUR")
    made = admin.create_key_event(
        parent=SHOP,
        key_event=KeyEvent(event_name="sign_up", counting_method=ONCE, default_value=worth),
        timeout=20,
    )
    found = admin.get_key_event(name=made.name, timeout=20)
    assert found == made and (found.default_value, found.custom) == (worth, True)
    assert found.create_time.timestamp() == sandbox.running.estate.now
    purchase = admin.get_key_event(name=f"{SHOP}/keyEvents/1", timeout=20)
    assert (purchase.event_name, purchase.deletable, purchase.custom) == ("purchase", False, False)
    with pytest.raises(core.NotFound, match="Requested entity was not found"):
        admin.get_key_event(name=f"{SHOP}/keyEvents/77", timeout=20)


def test_counting_and_value_of_a_key_event_can_be_changed_and_nothing_else(sandbox: LocalSandbox) -> None:
    admin = editor(sandbox)
    name = f"{SHOP}/keyEvents/1"

    def update(*paths: str, **values: Any) -> Any:
        wanted = KeyEvent(name=name, **values)
        return admin.update_key_event(key_event=wanted, update_mask=FieldMask(paths=list(paths)), timeout=20)

    worth = KeyEvent.DefaultValue(numeric_value=9, currency_code="EUR")
    changed = update("counting_method", counting_method=ONCE, default_value=worth)
    assert (changed.counting_method, bool(changed.default_value)) == (ONCE, False), "only what the mask names"
    assert update("default_value", default_value=worth).default_value == worth
    assert update("*", counting_method=EACH).counting_method == EACH
    assert not admin.get_key_event(name=name, timeout=20).default_value
    for paths, values, words in (
        (("event_name",), {"event_name": "scroll"}, "event_name of a key event cannot be updated"),
        ((), {"counting_method": ONCE}, "field mask is required"),
        (("default_value",), {"default_value": KeyEvent.DefaultValue(numeric_value=1)}, "needs both"),
        (("counting_method",), {"counting_method": 7}, "counting method is not valid"),
    ):
        with pytest.raises(core.BadRequest, match=words):
            update(*paths, **values)
    with pytest.raises(core.Forbidden, match="insufficient authentication scopes"):
        reader(sandbox).update_key_event(
            key_event=KeyEvent(name=name), update_mask=FieldMask(paths=["counting_method"]), timeout=20
        )


def test_a_default_value_stands_in_for_a_missing_one(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {
        "dimensions": ["eventName"],
        "metrics": ["eventValue", "eventCount"],
        "dimension_filter": named("scroll"),
        "keep_empty_rows": True,
    }
    worth = KeyEvent.DefaultValue(numeric_value=2, currency_code="EUR")
    editor(sandbox).create_key_event(
        parent=SHOP, key_event=KeyEvent(event_name="scroll", default_value=worth), timeout=20
    )
    sandbox.control.advance(10)
    before = report(sandbox, **asked)
    after = report(sandbox, date_ranges=[beta.DateRange(start_date="6daysAgo", end_date="4daysAgo")], **asked)
    assert before.rows[0].metric_values[0].value == "0"
    value, count = (int(v.value) for v in after.rows[0].metric_values)
    assert value == 2 * count > 0


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf, 1e308, 1e13])
def test_a_default_value_is_an_amount_of_money(sandbox: LocalSandbox, over_grpc: Shop, amount: float) -> None:
    worth = KeyEvent.DefaultValue(numeric_value=amount, currency_code="EUR")
    for admin in (editor(sandbox), over_grpc.admin):
        with pytest.raises(core.BadRequest, match="out of range"):
            admin.create_key_event(
                parent=SHOP, key_event=KeyEvent(event_name="scroll", default_value=worth), timeout=20
            )
        with pytest.raises(core.BadRequest, match="out of range"):
            admin.update_key_event(
                key_event=KeyEvent(name=f"{SHOP}/keyEvents/1", default_value=worth),
                update_mask=FieldMask(paths=["default_value"]),
                timeout=20,
            )
    (only,) = editor(sandbox).list_key_events(parent=SHOP, timeout=20)
    assert not only.default_value


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_what_is_no_number_in_json_is_refused(shared_sandbox: LocalSandbox, number: str) -> None:
    credentials = service_account_credentials(shared_sandbox, EDIT_SCOPE)
    credentials.refresh(Request())
    answer = requests.post(
        f"{shared_sandbox.running.running.url}/v1beta/{SHOP}/keyEvents",
        headers={"Authorization": f"Bearer {credentials.token}"},
        data=f'{{"eventName": "scroll", "defaultValue": {{"numericValue": {number}, "currencyCode": "EUR"}}}}',
        timeout=20,
    )
    assert answer.status_code == 400 and answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_key_events_come_in_pages(sandbox: LocalSandbox) -> None:
    admin = editor(sandbox)
    for number in range(6):
        admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name=f"event_{number}"), timeout=20)
    pager = admin.list_key_events(ListKeyEventsRequest(parent=SHOP, page_size=3), timeout=20)
    pages = [[k.event_name for k in page.key_events] for page in pager.pages]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({name for page in pages for name in page}) == 7
    for request in (
        ListKeyEventsRequest(parent=SHOP, page_token="made up"),
        ListKeyEventsRequest(parent=SHOP, page_token="a2V5RXZlbnRzOng="),
        ListKeyEventsRequest(parent=SHOP, page_token=urlsafe_b64encode(b"keyEvents:-3").decode()),
    ):
        with pytest.raises(core.BadRequest, match="page token is invalid"):
            list(admin.list_key_events(request, timeout=20))


@pytest.mark.parametrize(
    ("size", "status"), [(1 << 31, 400), ("9" * 20, 400), ("9" * 5_000, 400), ((1 << 31) - 1, 200)]
)
def test_a_page_size_is_a_number_of_32_bits(sandbox: LocalSandbox, size: object, status: int) -> None:
    credentials = service_account_credentials(sandbox, READ_SCOPE)
    credentials.refresh(Request())
    answer = requests.get(
        f"{sandbox.running.running.url}/v1beta/{SHOP}/keyEvents",
        params={"pageSize": str(size)},
        headers={"Authorization": f"Bearer {credentials.token}"},
        timeout=20,
    )
    assert answer.status_code == status
    assert status == 200 or "Invalid page size: " in answer.json()["error"]["message"]


def test_a_name_that_was_given_out_never_means_another_mark(sandbox: LocalSandbox) -> None:
    admin = editor(sandbox)
    first = admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="scroll"), timeout=20)
    admin.delete_key_event(name=first.name, timeout=20)
    again = admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="scroll"), timeout=20)
    assert again.name != first.name


def test_an_unknown_field_of_a_key_event_is_refused(shared_sandbox: LocalSandbox) -> None:
    credentials = service_account_credentials(shared_sandbox, EDIT_SCOPE)
    credentials.refresh(Request())
    answer = requests.post(
        f"{shared_sandbox.running.running.url}/v1beta/{SHOP}/keyEvents",
        headers={"Authorization": f"Bearer {credentials.token}"},
        json={"eventName": "scroll", "conversionName": "x"},
        timeout=20,
    )
    assert answer.status_code == 400 and 'Unknown name "conversionName"' in answer.json()["error"]["message"]


# Properties, streams, links ------------------------------------------------------------------------------------------


def test_a_property_and_its_stream_can_be_read(shared_sandbox: LocalSandbox) -> None:
    admin = reader(shared_sandbox)
    shop = admin.get_property(name=SHOP, timeout=20)
    assert (shop.time_zone, shop.currency_code, shop.display_name) == ("America/Los_Angeles", "EUR", "Sandbox shop")
    (stream,) = admin.list_data_streams(parent=SHOP, timeout=20)
    assert admin.get_data_stream(name=stream.name, timeout=20) == stream
    assert stream.web_stream_data.default_uri.startswith("https://")
    answer = report(shared_sandbox, dimensions=["streamId", "streamName", "hostName", "platform"], metrics=["sessions"])
    values = [v.value for v in answer.rows[0].dimension_values]
    assert values == [
        stream.name.rsplit("/", 1)[1],
        stream.display_name,
        stream.web_stream_data.default_uri.removeprefix("https://"),
        "web",
    ]
    with pytest.raises(core.NotFound):
        admin.get_data_stream(name=f"{SHOP}/dataStreams/1", timeout=20)
    with pytest.raises(core.Forbidden, match="sufficient permissions"):
        admin.get_property(name="properties/1", timeout=20)


def test_links_are_made_and_taken_away(sandbox: LocalSandbox) -> None:
    admin = editor(sandbox)
    (link,) = admin.list_google_ads_links(parent=SHOP, timeout=20)
    assert link.customer_id == CUSTOMER and link.ads_personalization_enabled

    def make(customer_id: str) -> Any:
        return admin.create_google_ads_link(
            parent=SHOP, google_ads_link=GoogleAdsLink(customer_id=customer_id), timeout=20
        )

    with pytest.raises(core.Conflict, match="already exists"):
        make(CUSTOMER)
    admin.delete_google_ads_link(name=link.name, timeout=20)
    with pytest.raises(core.NotFound):
        admin.delete_google_ads_link(name=link.name, timeout=20)
    assert make(CUSTOMER).name == link.name
    with pytest.raises(core.BadRequest, match="without dashes"):
        make("100-000-0001")
    with pytest.raises(core.Forbidden, match="permission to link"):
        make("1234567890")
    with pytest.raises(core.Forbidden, match="insufficient authentication scopes"):
        reader(sandbox).delete_google_ads_link(name=link.name, timeout=20)


def test_account_summaries_say_who_may_edit(shared_sandbox: LocalSandbox) -> None:
    (account,) = reader(shared_sandbox).list_account_summaries(timeout=20)
    assert [(p.property, p.parent, p.can_edit) for p in account.property_summaries] == [(SHOP, "accounts/1", True)]


# Metadata and compatibility ------------------------------------------------------------------------------------------


def test_metadata_lists_every_field_and_those_of_the_key_events(sandbox: LocalSandbox) -> None:
    editor(sandbox).create_key_event(parent=SHOP, key_event=KeyEvent(event_name="scroll"), timeout=20)
    found = data(sandbox).get_metadata(name=f"{SHOP}/metadata", timeout=20)
    assert found.name == f"{SHOP}/metadata"
    assert {d.api_name for d in found.dimensions} == set(DIMENSIONS)
    custom = {m.api_name for m in found.metrics if m.custom_definition}
    rates = ("keyEvents", "sessionKeyEventRate", "userKeyEventRate")
    assert custom == {f"{name}:{event}" for name in rates for event in ("purchase", "scroll")}
    assert {m.api_name for m in found.metrics} - custom == set(METRICS)
    assert next(d for d in found.dimensions if d.api_name == "isKeyEvent").deprecated_api_names == ["isConversionEvent"]
    common = data(sandbox).get_metadata(name="properties/0/metadata", timeout=20)
    assert {m.api_name for m in common.metrics} == set(METRICS)
    for metric in custom:
        assert report(sandbox, dimensions=[], metrics=[metric]).metric_headers[0].name == metric


def test_every_field_that_adsync_asks_for_is_in_the_metadata(shared_sandbox: LocalSandbox) -> None:
    found = data(shared_sandbox).get_metadata(name=f"{SHOP}/metadata", timeout=20)
    assert {"date", "eventName"} <= {d.api_name for d in found.dimensions}
    assert {"eventCount", "sessions", "totalUsers"} <= {m.api_name for m in found.metrics}
    assert all(d.ui_name and d.description and d.category for d in found.dimensions)
    assert all(m.ui_name and m.type_ and m.category for m in found.metrics)


def test_compatibility_can_be_asked_before_the_report(shared_sandbox: LocalSandbox) -> None:
    def check(dimensions: list[str], metrics: list[str], **more: Any) -> Any:
        request = beta.CheckCompatibilityRequest(
            property=SHOP,
            dimensions=[{"name": d} for d in dimensions],
            metrics=[{"name": m} for m in metrics],
            **more,
        )
        return data(shared_sandbox).check_compatibility(request, timeout=20)

    answer = check(["eventName"], ["sessions"])
    dimensions = {d.dimension_metadata.api_name: d.compatibility.name for d in answer.dimension_compatibilities}
    metrics = {m.metric_metadata.api_name: m.compatibility.name for m in answer.metric_compatibilities}
    assert set(dimensions) == set(DIMENSIONS) and set(METRICS) < set(metrics)
    assert (dimensions["date"], dimensions["campaignId"]) == ("COMPATIBLE", "INCOMPATIBLE")
    assert (metrics["eventCount"], metrics["advertiserAdCost"]) == ("COMPATIBLE", "INCOMPATIBLE")
    only = check(["eventName"], ["sessions"], compatibility_filter=beta.Compatibility.INCOMPATIBLE)
    assert {d.dimension_metadata.api_name for d in only.dimension_compatibilities} == {
        name for name, fits in dimensions.items() if fits == "INCOMPATIBLE"
    }
    with pytest.raises(core.BadRequest, match="Please remove sessions to make the request compatible"):
        check(["campaignId"], ["sessions"])
    with pytest.raises(core.BadRequest, match="moon is not a valid dimension"):
        check(["moon"], [])


def test_what_is_said_to_fit_is_answered_and_the_rest_refused(shared_sandbox: LocalSandbox) -> None:
    request = beta.CheckCompatibilityRequest(property=SHOP, metrics=[{"name": "sessions"}, {"name": "eventCount"}])
    answer = data(shared_sandbox).check_compatibility(request, timeout=20)
    for each in answer.dimension_compatibilities:
        asked = {"dimensions": [each.dimension_metadata.api_name], "metrics": ["sessions", "eventCount"]}
        if each.compatibility == beta.Compatibility.COMPATIBLE:
            report(shared_sandbox, **asked)
        else:
            with pytest.raises(core.BadRequest, match="Please remove"):
                report(shared_sandbox, **asked)


# Real answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["runreport__analyticsResponse", "sitekit__report"])
def test_an_answer_has_the_shape_of_a_real_one(shared_sandbox: LocalSandbox, shared_data: Any, name: str) -> None:
    real = json.loads((shared_data / "ga4_api_responses" / f"{name}.json").read_text())
    credentials = service_account_credentials(shared_sandbox, READ_SCOPE)
    credentials.refresh(Request())
    ours = requests.post(
        f"{shared_sandbox.running.running.url}/v1beta/properties/{PROPERTY}:runReport",
        headers={"Authorization": f"Bearer {credentials.token}"},
        json={
            "dimensions": [{"name": "date"}],
            "metrics": [{"name": "activeUsers"}],
            "dateRanges": [{"startDate": "2026-02-02", "endDate": "2026-02-15"}],
            "metricAggregations": ["TOTAL", "MINIMUM", "MAXIMUM"] if "totals" in real else [],
        },
        timeout=20,
    ).json()
    assert set(ours) == set(real)
    for key in ("totals", "minimums", "maximums"):
        if key in real:
            assert ours[key][0]["dimensionValues"] == real[key][0]["dimensionValues"]
    assert _shape(ours["rows"][0]) == _shape(real["rows"][0])
    # Written by a program that fills what is missing with null.
    assert set(ours["metadata"]) == {key for key, value in real["metadata"].items() if value is not None}


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else type(value)
