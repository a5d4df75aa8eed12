"""Data exclusions as rows."""

from __future__ import annotations

from collections.abc import Iterator

from adsync.sandbox.ads.inventory import Inventory
from adsync.sandbox.ads.protocol import Row


def exclusions(inventory: Inventory) -> Iterator[Row]:
    """Those of a client as Google describes them, the removed ones among them."""
    account = inventory.account
    assert account is not None
    for found in account.exclusions:
        yield {
            "bidding_data_exclusion.resource_name": f"{inventory.me}/biddingDataExclusions/{found.id}",
            "bidding_data_exclusion.data_exclusion_id": found.id,
            "bidding_data_exclusion.name": found.name,
            "bidding_data_exclusion.description": found.description,
            "bidding_data_exclusion.scope": found.scope,
            "bidding_data_exclusion.status": found.status,
            "bidding_data_exclusion.start_date_time": found.start,
            "bidding_data_exclusion.end_date_time": found.end,
            "bidding_data_exclusion.campaigns": [f"{inventory.me}/campaigns/{each}" for each in found.campaigns],
            "bidding_data_exclusion.devices": [],
            "bidding_data_exclusion.advertising_channel_types": [],
        }
