"""The methods of Google Ads that are served, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.changing import mutates, mutates_all
from adsync.sandbox.ads.field_service import get_google_ads_field, search_google_ads_fields
from adsync.sandbox.ads.reading import list_accessible_customers, search, search_stream
from adsync.sandbox.estate import Estate


@dataclass(frozen=True, slots=True)
class Method:
    """One method. request: its message in the package `services`; answer: what returns the messages to send back.

    rest: its verb and path over HTTP behind the version, where it is served there; `{field}` and `{field=expression}`
    fill fields of the request.
    """

    request: str
    answer: Callable[[Estate, Any, Call], list[Any]]
    streams: bool = False
    rest: str = ""

    def operations(self, request: Any) -> int:
        """What a call costs of the project's daily quota: a query 1 whatever its pages, a change 1 for each item."""
        fields = request.DESCRIPTOR.fields_by_name
        if "page_token" in fields and request.page_token:
            return 0
        for name in ("operations", "mutate_operations"):
            if name in fields:
                return max(1, len(getattr(request, name)))
        return 1


MUTABLE = {
    "bidding_data_exclusion": "BiddingDataExclusions",
    "bidding_strategy": "BiddingStrategies",
    "campaign": "Campaigns",
    "campaign_budget": "CampaignBudgets",
    "campaign_conversion_goal": "CampaignConversionGoals",
    "conversion_action": "ConversionActions",
    "conversion_goal_campaign_config": "ConversionGoalCampaignConfigs",
    "custom_conversion_goal": "CustomConversionGoals",
    "customer_conversion_goal": "CustomerConversionGoals",
}
"""What can be changed, as MutateOperation spells it, and its plural in the names of its own service's messages."""


_OF_CUSTOMER = "POST customers/{customer_id}"


def _own_service(resource: str, plural: str) -> tuple[str, Method]:
    service = "".join(word.capitalize() for word in resource.split("_"))
    rest = f"{_OF_CUSTOMER}/{plural[0].lower()}{plural[1:]}:mutate"
    return f"{service}Service/Mutate{plural}", Method(f"Mutate{plural}Request", mutates(plural), rest=rest)


METHODS: dict[str, Method] = {
    "GoogleAdsFieldService/GetGoogleAdsField": Method(
        "GetGoogleAdsFieldRequest", get_google_ads_field, rest="GET {resource_name=googleAdsFields/[^/:]+}"
    ),
    "GoogleAdsFieldService/SearchGoogleAdsFields": Method(
        "SearchGoogleAdsFieldsRequest", search_google_ads_fields, rest="POST googleAdsFields:search"
    ),
    "CustomerService/ListAccessibleCustomers": Method(
        "ListAccessibleCustomersRequest", list_accessible_customers, rest="GET customers:listAccessibleCustomers"
    ),
    "GoogleAdsService/Search": Method("SearchGoogleAdsRequest", search, rest=f"{_OF_CUSTOMER}/googleAds:search"),
    "GoogleAdsService/SearchStream": Method(
        "SearchGoogleAdsStreamRequest", search_stream, streams=True, rest=f"{_OF_CUSTOMER}/googleAds:searchStream"
    ),
    "GoogleAdsService/Mutate": Method(
        "MutateGoogleAdsRequest", mutates_all(frozenset(MUTABLE)), rest=f"{_OF_CUSTOMER}/googleAds:mutate"
    ),
    **dict(_own_service(resource, plural) for resource, plural in MUTABLE.items()),
}
