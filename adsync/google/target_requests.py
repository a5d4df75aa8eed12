"""The request that moves a fixed target: of a campaign, or of a portfolio strategy for all its campaigns."""

from __future__ import annotations

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from adsync.model.change import Change, is_cpa
from adsync.model.target import PORTFOLIO


def target_request(change: Change, *, validate_only: bool) -> tuple[str, str, Any]:
    """The service, its method, and what it is asked; the mask written by hand."""
    from google.ads.googleads.v26.services.types.bidding_strategy_service import (
        BiddingStrategyOperation,
        MutateBiddingStrategiesRequest,
    )
    from google.ads.googleads.v26.services.types.campaign_service import CampaignOperation, MutateCampaignsRequest

    if change.kind == PORTFOLIO:
        service, method, collection = "BiddingStrategyService", "mutate_bidding_strategies", "biddingStrategies"
        kind, request = BiddingStrategyOperation, MutateBiddingStrategiesRequest
    else:
        service, method, collection = "CampaignService", "mutate_campaigns", "campaigns"
        kind, request = CampaignOperation, MutateCampaignsRequest
    raw = kind.pb()()
    raw.update.resource_name = f"customers/{change.customer_id}/{collection}/{change.object_id}"
    wanted = dict(change.after or ())
    mask = change.update_mask()
    for path in mask:
        scheme, _, field = path.partition(".")
        value = float(wanted[path])
        setattr(getattr(raw.update, scheme), field, round(value) if is_cpa(path) else value)
    raw.update_mask.CopyFrom(FieldMask(paths=mask))
    operations = [kind.wrap(raw)]
    return (
        service,
        method,
        request(customer_id=change.customer_id, operations=operations, validate_only=validate_only),
    )
