"""What Google says of a campaign or ad group as a whole: is it shown, and what keeps it from being shown at its best?"""

from __future__ import annotations

from adsync.sandbox.ads.campaigns import AdGroup, Campaign

Told = tuple[str, list[str]]
"""A primary status and its reasons, by Google's names."""

_OF_BIDDING: dict[str, Told] = {
    "MISCONFIGURED": ("MISCONFIGURED", ["BIDDING_STRATEGY_MISCONFIGURED"]),
    "LEARNING": ("LEARNING", ["BIDDING_STRATEGY_LEARNING"]),
    "LIMITED": ("LIMITED", ["BIDDING_STRATEGY_LIMITED"]),
}
"""By what the system status of the bidding strategy begins with, or goes on with after MULTIPLE_."""


def of_campaign(campaign: Campaign, bidding: str) -> Told:
    """bidding: its `bidding_strategy_system_status`."""
    if campaign.status != "ENABLED":
        return campaign.status, [f"CAMPAIGN_{campaign.status}"]
    return _OF_BIDDING.get(bidding.removeprefix("MULTIPLE_").partition("_")[0], ("ELIGIBLE", []))


def of_ad_group(group: AdGroup, campaign: Campaign) -> Told:
    reasons = [f"AD_GROUP_{group.status}"] if group.status != "ENABLED" else []
    if campaign.status != "ENABLED":
        reasons.append(f"CAMPAIGN_{campaign.status}")
    if group.status != "ENABLED":
        return group.status, reasons
    return ("NOT_ELIGIBLE" if reasons else "ELIGIBLE"), reasons
