"""Dimensions of where a session, a visitor or a key event came from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from adsync.sandbox.ga4.columns import (
    NOT_SET,
    Column,
    Traffic,
    click_traffic,
    credited_traffic,
    first_user_traffic,
    session_traffic,
)
from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.view import AdsCampaign, View
from adsync.sandbox.world import SOURCES, Ints

_CAMPAIGNS = {"Organic Search": "(organic)", "Direct": "(direct)", "Referral": "(referral)"}


def _of_ad(attribute: str) -> Callable[[str, AdsCampaign | None], str]:
    return lambda _, campaign: getattr(campaign, attribute) if campaign else NOT_SET


_TRAFFIC: dict[str, tuple[str, Callable[[str, AdsCampaign | None], str]]] = {
    "DefaultChannelGroup": ("default channel group", lambda channel, _: channel),
    "PrimaryChannelGroup": ("primary channel group", lambda channel, _: channel),
    "Source": ("source", lambda channel, _: SOURCES[channel][0]),
    "Medium": ("medium", lambda channel, _: SOURCES[channel][1]),
    "SourceMedium": ("source / medium", lambda channel, _: " / ".join(SOURCES[channel])),
    "CampaignId": ("campaign ID", lambda _, c: c.id if c else NOT_SET),
    "CampaignName": ("campaign", lambda channel, c: c.name if c else _CAMPAIGNS.get(channel, NOT_SET)),
    "GoogleAdsCustomerId": ("Google Ads customer ID", _of_ad("customer_id")),
    "GoogleAdsAccountName": ("Google Ads account name", _of_ad("account_name")),
    "GoogleAdsCampaignId": ("Google Ads campaign ID", _of_ad("id")),
    "GoogleAdsCampaignName": ("Google Ads campaign", _of_ad("name")),
    "GoogleAdsCampaignType": ("Google Ads campaign type", _of_ad("type")),
    "GoogleAdsAdGroupId": ("Google Ads ad group ID", _of_ad("ad_group_id")),
    "GoogleAdsAdGroupName": ("Google Ads ad group name", _of_ad("ad_group_name")),
    "GoogleAdsAdNetworkType": ("Google Ads ad network type", lambda _, c: "Google search" if c else NOT_SET),
}
_SCOPES: dict[str, tuple[str, Callable[[View, Ints], Traffic]]] = {
    "session": ("session", session_traffic),
    "firstUser": ("first user", first_user_traffic),
    "": ("attribution", credited_traffic),
}


def traffic_dimensions() -> list[Dimension]:
    """Each of them for the session, the visitor's first session, and the key event."""
    found = []
    for prefix, (scope, points) in _SCOPES.items():
        for suffix, (title, label) in _TRAFFIC.items():
            name = prefix + suffix if prefix else suffix[0].lower() + suffix[1:]
            by_point = partial(_by_point, points, label, key_events_only=not prefix)
            found.append(
                Dimension(
                    name=name,
                    title=f"{prefix.removesuffix('User').capitalize()} {title}".strip().capitalize(),
                    about=f"{title.capitalize()} of the {'key event' if not prefix else scope}.",
                    category="Traffic Source" if prefix else "Attribution",
                    scope=scope,
                    of_events=by_point,
                    of_clicks=None if prefix == "firstUser" else partial(_by_click, label),
                    old_names=("sessionDefaultChannelGrouping",) if name == "sessionDefaultChannelGroup" else (),
                )
            )
    return found


def _by_point(
    points: Callable[[View, Ints], Traffic],
    label: Callable[[str, AdsCampaign | None], str],
    view: View,
    index: Ints,
    *,
    key_events_only: bool,
) -> Column:
    column = points(view, index).column(view, label)
    # Only key events are credited to anything; all others of the same visit stay without.
    return column.replaced(~view.is_key[index], NOT_SET) if key_events_only else column


def _by_click(label: Callable[[str, AdsCampaign | None], str], view: View, index: Ints) -> Column:
    return click_traffic(view, index).column(view, label)
