"""Google Ads' way of saying no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from adsync.sandbox.ads.protocol import Protocol

# (error category, error name) -> gRPC status, where it is not INVALID_ARGUMENT.
_STATUS = {
    "authentication_error": grpc.StatusCode.UNAUTHENTICATED,
    "authorization_error": grpc.StatusCode.PERMISSION_DENIED,
    "quota_error": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "internal_error": grpc.StatusCode.INTERNAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error of a failure.

    category, name: such as "query_error", "UNRECOGNIZED_FIELD". operation: index of the mutate operation it is about.
    field: path inside that operation. retry_after_seconds: for quota errors.
    """

    category: str
    name: str
    message: str
    operation: int | None = None
    field: str = ""
    trigger: str = ""
    retry_after_seconds: int = 0


class AdsRefusal(Exception):
    """Answers a call with a GoogleAdsFailure."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{f.name}: {f.message}" for f in faults))

    @property
    def status(self) -> grpc.StatusCode:
        return _STATUS.get(self.faults[0].category, grpc.StatusCode.INVALID_ARGUMENT)


def refuse(category: str, name: str, message: str, **more: object) -> AdsRefusal:
    """The exception for a single error."""
    return AdsRefusal(Fault(category=category, name=name, message=message, **more))  # type: ignore[arg-type]


def failure_message(faults: tuple[Fault, ...], request_id: str, protocol: Protocol) -> Any:
    """The serialisable GoogleAdsFailure."""
    failure = protocol.message("errors.GoogleAdsFailure")()
    failure.request_id = request_id
    for fault in faults:
        error = failure.errors.add()
        error.message = fault.message
        field = error.error_code.DESCRIPTOR.fields_by_name[fault.category]
        setattr(error.error_code, fault.category, field.enum_type.values_by_name[fault.name].number)
        if fault.trigger:
            error.trigger.string_value = fault.trigger
        if fault.operation is not None:
            element = error.location.field_path_elements.add()
            element.field_name, element.index = "operations", fault.operation
        for part in fault.field.split(".") if fault.field else ():
            error.location.field_path_elements.add().field_name = part
        if fault.retry_after_seconds:
            error.details.quota_error_details.rate_name = "Number of operations for explorer access"
            error.details.quota_error_details.retry_delay.seconds = fault.retry_after_seconds
    return failure
