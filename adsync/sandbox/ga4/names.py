"""Finds the fields that a request names, and says so in Google's words when there is no such field."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.dimensions import DIMENSIONS, dimension
from adsync.sandbox.ga4.metrics import METRICS, Metric, metric
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.ga4.view import View

_SCHEMA = "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"


def key_event_names(view: View) -> frozenset[str]:
    """Events that are key now: those deleted have no metrics of their own any more."""
    return frozenset(k.event_name for k in view.key_events if k.deleted_at is None)


# Google's commonest fields that the world cannot tell. Whoever asks for one has made no mistake.
_FIELDS_NOT_PLAYED = """
    region continent language browser operatingSystem screenResolution mobileDeviceModel
    pagePath pagePathPlusQueryString pageTitle pageLocation pageReferrer unifiedScreenName unifiedPagePathScreen landingPage
    landingPagePlusQueryString fullPageUrl linkUrl linkText fileName searchTerm percentScrolled videoTitle
    nthDay nthWeek nthMonth nthHour itemId itemName itemCategory itemBrand itemVariant itemListName
    itemsPurchased itemsViewed itemsAddedToCart itemsCheckedOut itemRevenue grossItemRevenue itemViewEvents audienceName
    audienceId userAgeBracket userGender brandingInterest sessionGoogleAdsKeyword sessionGoogleAdsQuery
    sessionGoogleAdsCreativeId googleAdsKeyword averagePurchaseRevenue averageSessionDuration userEngagementDuration
    screenPageViewsPerSession purchaserRate firstTimePurchasers transactionsPerPurchaser averageRevenuePerUser dauPerMau
    dauPerWau wauPerMau crashFreeUsersRate organicGoogleSearchClicks publisherAdClicks
"""
_NOT_PLAYED = frozenset(_FIELDS_NOT_PLAYED.split())


def find_dimension(name: str) -> Dimension:
    found = dimension(name)
    if found is None and name in _NOT_PLAYED:
        raise _not_played(name)
    if found is None:
        # Google writes a space after the address, and two before "For" in the text about metrics.
        raise BadRequest(
            f"{_suggestion(name, DIMENSIONS)}Field {name} is not a valid dimension. For a list of valid dimensions and "
            f"metrics, see {_SCHEMA} "
        )
    return found


def find_metric(view: View, name: str) -> Metric:
    found = metric(name, key_event_names(view))
    if found is None and name in _NOT_PLAYED:
        raise _not_played(name)
    if found is None:
        raise BadRequest(
            f"{_suggestion(name, METRICS)}Field {name} is not a valid metric.  For a list of valid dimensions and "
            f"metrics, see {_SCHEMA} "
        )
    return found


def _not_played(name: str) -> BadRequest:
    return BadRequest(f"The sandbox does not play {name}, although Google does. `getMetadata` lists what it plays.")


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"Did you mean {near[0]}? " if near else ""
