"""GoogleAdsFieldService, through the official client: it tells what GoogleAdsService of this sandbox allows."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.services.types.google_ads_field_service import SearchGoogleAdsFieldsRequest

from adsync.sandbox.ads.errors import AdsRefusal
from adsync.sandbox.ads.legality import legal
from adsync.sandbox.ads.protocol import protocol
from adsync.sandbox.ads.selectable import ATTRIBUTED
from tests.contract.clients import ads_service, error_codes
from tests.contract.test_ads_rest import token
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

EVERYTHING = (
    "SELECT name, category, data_type, selectable, filterable, sortable, selectable_with, metrics, segments, is_repeated, "
    "enum_values, attribute_resources, type_url WHERE "
)


def fields(sandbox: LocalSandbox, query: str, page_size: int = 0) -> list[Any]:
    service = ads_service(sandbox, "GoogleAdsFieldService")
    request = SearchGoogleAdsFieldsRequest(query=query, page_size=page_size)
    return list(service.search_google_ads_fields(request=request, timeout=20))


def names(sandbox: LocalSandbox, query: str) -> list[str]:
    return [field.name for field in fields(sandbox, query)]


def test_a_segment_tells_what_it_goes_with(shared_sandbox: LocalSandbox) -> None:
    (found,) = fields(shared_sandbox, EVERYTHING + "name = 'segments.conversion_action'")
    assert (found.category.name, found.data_type.name, found.selectable) == ("SEGMENT", "RESOURCE_NAME", True)
    together = set(found.selectable_with)
    assert {
        "campaign",
        "customer",
        "segments.date",
        "metrics.all_conversions",
        "metrics.conversions_by_conversion_date",
    } <= together
    assert not {"metrics.clicks", "metrics.cost_micros", "metrics.cost_per_conversion", "conversion_action"} & together


def test_an_enum_lists_its_values(shared_sandbox: LocalSandbox) -> None:
    (found,) = fields(shared_sandbox, EVERYTHING + "name = 'campaign.status'")
    assert found.data_type.name == "ENUM" and {"ENABLED", "PAUSED", "REMOVED"} < set(found.enum_values)
    assert found.type_url == "google.ads.googleads.v26.enums.CampaignStatusEnum.CampaignStatus"
    assert (found.filterable, found.sortable, found.is_repeated) == (True, True, False)


def test_a_resource_tells_what_may_be_selected_from_it(shared_sandbox: LocalSandbox) -> None:
    (found,) = fields(shared_sandbox, EVERYTHING + "name = 'conversion_action'")
    assert found.category.name == "RESOURCE" and not found.selectable
    assert list(found.attribute_resources) == ["customer"]
    assert sorted(found.segments) == ["segments.date", "segments.month", "segments.quarter", "segments.week"]
    assert "metrics.all_conversions" in found.metrics and "metrics.conversions" not in found.metrics


def test_what_goes_with_a_metric_may_be_selected_with_it(shared_sandbox: LocalSandbox) -> None:
    for name in ("metrics.clicks", "metrics.conversions", "metrics.all_conversions_by_conversion_date"):
        (found,) = fields(shared_sandbox, EVERYTHING + f"name = '{name}'")
        resources = [other for other in found.selectable_with if "." not in other]
        for other in set(found.selectable_with) - set(resources):
            assert any(_legal(f"SELECT {name}, {other} FROM {resource}") for resource in resources), (name, other)


def _legal(query: str) -> bool:
    dates = " WHERE segments.date = '2026-01-01'"
    try:
        legal(query + dates, protocol(), is_manager=False)
    except AdsRefusal:
        return False
    return True


def test_fields_are_found_by_pattern_list_and_property(shared_sandbox: LocalSandbox) -> None:
    found = names(shared_sandbox, "SELECT name WHERE name LIKE 'campaign_budget.%' ORDER BY name DESC LIMIT 3")
    assert found == sorted(found, reverse=True) and len(found) == 3
    assert names(shared_sandbox, "SELECT name WHERE name IN ('segments.date', 'campaign')") == [
        "campaign",
        "segments.date",
    ]
    assert set(names(shared_sandbox, "SELECT name WHERE category = RESOURCE")) == set(ATTRIBUTED)
    repeated = fields(shared_sandbox, "SELECT name, is_repeated WHERE name LIKE 'campaign.%' AND is_repeated = true")
    assert "campaign.labels" in {field.name for field in repeated} and all(field.is_repeated for field in repeated)
    assert "metrics.clicks" in names(
        shared_sandbox,
        "SELECT name WHERE category = 'METRIC' AND selectable_with CONTAINS ALL ('segments.date', 'campaign')",
    )


def test_only_what_is_selected_comes_with_the_name_of_the_field(shared_sandbox: LocalSandbox) -> None:
    (found,) = fields(shared_sandbox, "SELECT selectable WHERE name = 'metrics.ctr'")
    assert (found.resource_name, found.name, found.selectable) == ("googleAdsFields/metrics.ctr", "", True)


def test_pages_are_as_long_as_asked_for(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "GoogleAdsFieldService")
    request = SearchGoogleAdsFieldsRequest(query="SELECT name WHERE name LIKE 'customer.%'", page_size=10)
    pages = list(service.search_google_ads_fields(request=request, timeout=20).pages)
    found = names(shared_sandbox, "SELECT name WHERE name LIKE 'customer.%'")
    assert 30 < len(found) <= 40 and [len(page.results) for page in pages] == [10, 10, 10, len(found) - 30]
    assert {page.total_results_count for page in pages} == {len(found)}
    assert [field.name for page in pages for field in page.results] == found


def test_one_field_may_be_fetched_by_its_name(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "GoogleAdsFieldService")
    found = service.get_google_ads_field(resource_name="googleAdsFields/campaign.id", timeout=20)
    assert (found.name, found.data_type.name) == ("campaign.id", "INT64")
    for name, code in (("googleAdsFields/campaign.x", "RESOURCE_NOT_FOUND"), ("campaign", "RESOURCE_NAME_MALFORMED")):
        with pytest.raises(GoogleAdsException) as caught:
            service.get_google_ads_field(resource_name=name, timeout=20)
        assert error_codes(caught.value.failure) == [f"request_error.{code}"]


def test_fields_are_told_over_http_as_well(shared_sandbox: LocalSandbox) -> None:
    where = shared_sandbox.running.running
    options: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {token(shared_sandbox)}"},
        "verify": str(shared_sandbox.directory / "ca.pem"),
        "timeout": 20,
    }
    one = requests.get(f"{where.secure_url}/v26/googleAdsFields/campaign.id", **options).json()
    assert (one["resourceName"], one["dataType"]) == ("googleAdsFields/campaign.id", "INT64")
    found = requests.post(
        f"{where.secure_url}/v26/googleAdsFields:search",
        json={"query": "SELECT name, selectable WHERE name = 'metrics.clicks'", "pageSize": 5},
        **options,
    ).json()
    assert found["results"] == [
        {"resourceName": "googleAdsFields/metrics.clicks", "name": "metrics.clicks", "selectable": True}
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT name FROM google_ads_field", "UNEXPECTED_FROM_CLAUSE"),
        ("SELECT google_ads_field.name WHERE name = 'a'", "UNRECOGNIZED_FIELD"),
        ("SELECT name WHERE colour = 'a'", "UNRECOGNIZED_FIELD"),
        ("SELECT name WHERE category = 'THING'", "BAD_ENUM_CONSTANT"),
        ("SELECT name WHERE name > 'a'", "OPERATOR_FIELD_MISMATCH"),
        ("SELECT name ORDER BY selectable_with", "PROHIBITED_FIELD_IN_ORDER_BY_CLAUSE"),
    ],
)
def test_mistakes_have_googles_errors(shared_sandbox: LocalSandbox, query: str, code: str) -> None:
    with pytest.raises(GoogleAdsException) as caught:
        fields(shared_sandbox, query)
    assert error_codes(caught.value.failure) == [f"query_error.{code}"]


def test_a_page_may_not_be_too_long(shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(GoogleAdsException) as caught:
        fields(shared_sandbox, "SELECT name", page_size=10_001)
    assert error_codes(caught.value.failure) == ["request_error.INVALID_PAGE_SIZE"]
