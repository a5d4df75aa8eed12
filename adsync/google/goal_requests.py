"""The request that says whether campaigns bid on a goal by default."""

from __future__ import annotations

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from adsync.model.change import Change
from adsync.model.goal import switches_on


def goal_request(change: Change, *, validate_only: bool) -> tuple[str, str, Any]:
    """The service, its method, and what it is asked; the mask written by hand, or "off" would be sent as nothing."""
    from google.ads.googleads.v26.services.types.customer_conversion_goal_service import (
        CustomerConversionGoalOperation,
        MutateCustomerConversionGoalsRequest,
    )

    raw = CustomerConversionGoalOperation.pb()()
    raw.update.resource_name = f"customers/{change.customer_id}/customerConversionGoals/{change.object_id}"
    raw.update.biddable = switches_on(change)
    raw.update_mask.CopyFrom(FieldMask(paths=change.update_mask()))
    request = MutateCustomerConversionGoalsRequest(
        customer_id=change.customer_id,
        operations=[CustomerConversionGoalOperation.wrap(raw)],
        validate_only=validate_only,
    )
    return "CustomerConversionGoalService", "mutate_customer_conversion_goals", request
