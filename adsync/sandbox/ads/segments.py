"""The segments that the sandbox plays: what divides a report's numbers."""

from __future__ import annotations

from collections.abc import Callable

from adsync.sandbox.ads.dates import dated
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.selectable import CONVERSION_SEGMENTS
from adsync.sandbox.ads.spans import OF_A_DAY
from adsync.sandbox.ads.statistics import LAG_BUCKETS
from adsync.sandbox.ads.tracking import Action

OF_DAYS: dict[str, Callable[[int], object]] = {
    **{name: (lambda number, of=of: of(dated(number))) for name, of in OF_A_DAY.items()},  # type: ignore[misc]
    "segments.day_of_week": lambda number: dated(number).strftime("%A").upper(),
    "segments.month_of_year": lambda number: dated(number).strftime("%B").upper(),
}
"""What a segment is on the day YYYYMMDD."""

OF_CONVERSIONS: dict[str, Callable[[str, Action, int], object]] = {
    "segments.conversion_action": lambda owner, action, _: f"{owner}/conversionActions/{action.id}",
    "segments.conversion_action_name": lambda _, action, __: action.name,
    "segments.conversion_action_category": lambda _, action, __: action.category,
    "segments.external_conversion_source": lambda _, action, __: "ANALYTICS" if action.is_mirror else "WEBPAGE",
    "segments.conversion_lag_bucket": lambda _, __, lag: LAG_BUCKETS[lag],
    "segments.conversion_or_adjustment_lag_bucket": lambda _, __, lag: f"CONVERSION_{LAG_BUCKETS[lag]}",
    "segments.conversion_adjustment": lambda _, __, ___: False,
    "segments.conversion_attribution_event_type": lambda _, __, ___: "INTERACTION",
}
"""What a segment is of a conversion: from the owner's resource name, the action, and the lag bucket's number."""

CONSTANT: dict[str, object] = {"segments.ad_network_type": "SEARCH", "segments.click_type": "URL_CLICKS"}
"""Every ad of the sandbox is a text ad beside Google's own search results."""


DEVICE = "segments.device"
"""The device of the click."""


def check_played(query: Query) -> None:
    """Raises AdsRefusal for a segment that Google would answer and the sandbox cannot."""
    played = OF_DAYS.keys() | OF_CONVERSIONS.keys() | CONSTANT.keys() | {DEVICE}
    for name in query.referenced:
        if name.startswith("segments.") and name not in played:
            raise refuse(
                "query_error",
                "QUERY_ERROR",
                f"The sandbox does not play '{name}', although Google does. It plays {', '.join(sorted(played))}.",
                trigger=name,
            )


def divides_conversions(query: Query) -> bool:
    """Does the query select a segment that only conversions have?"""
    return any(name in CONVERSION_SEGMENTS for name in query.select)
