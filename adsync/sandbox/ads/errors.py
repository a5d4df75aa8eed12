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
_SAID = {
    grpc.StatusCode.INVALID_ARGUMENT: "Request contains an invalid argument.",
    grpc.StatusCode.UNAUTHENTICATED: "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    grpc.StatusCode.PERMISSION_DENIED: "The caller does not have permission",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "Resource has been exhausted (e.g. check quota).",
    grpc.StatusCode.INTERNAL: "Internal error encountered.",
}


TOKEN_EXPIRED = ("authentication_error", "OAUTH_TOKEN_EXPIRED", "The OAuth token in the header has expired.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error of a failure.

    category, name: such as "query_error", "UNRECOGNIZED_FIELD". operation: index of the mutate operation it is about.
    container: the request's field that holds the operations. field: path inside that operation.
    retry_after_seconds, rate_name: for quota errors. limit, existing: of a resource of which there may be only so many.
    """

    category: str
    name: str
    message: str
    operation: int | None = None
    container: str = "operations"
    field: str = ""
    trigger: str = ""
    retry_after_seconds: int = 0
    rate_name: str = ""
    limit: int = 0
    existing: int = 0


class AdsRefusal(Exception):
    """Answers a call with a GoogleAdsFailure."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{f.name}: {f.message}" for f in faults))

    @property
    def status(self) -> grpc.StatusCode:
        return _STATUS.get(self.faults[0].category, grpc.StatusCode.INVALID_ARGUMENT)

    @property
    def said(self) -> str:
        """What stands beside the status: Google says what is wrong in the failure only."""
        return _SAID[self.status]


def refuse(category: str, name: str, message: str, **more: object) -> AdsRefusal:
    """The exception for a single error."""
    return AdsRefusal(Fault(category=category, name=name, message=message, **more))  # type: ignore[arg-type]


class NotServed(AdsRefusal):
    """Google answers this; the sandbox does not, and says so by name instead of answering something else.

    It carries no failure: what is missing is missing in the sandbox, and has no code of Google's.
    """

    def __init__(self, what: str) -> None:
        super().__init__(Fault(category="request_error", name="UNKNOWN", message=f"The sandbox does not serve {what}."))

    @property
    def status(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNIMPLEMENTED

    @property
    def said(self) -> str:
        return self.faults[0].message


def failure_message(faults: tuple[Fault, ...], request_id: str, protocol: Protocol) -> Any:
    """The serialisable GoogleAdsFailure."""
    failure = protocol.message("errors.GoogleAdsFailure")()
    failure.request_id = request_id
    for fault in faults:
        error = failure.errors.add()
        error.message = fault.message
        _set_code(error.error_code, fault)
        if fault.trigger:
            error.trigger.string_value = fault.trigger
        if fault.operation is not None:
            element = error.location.field_path_elements.add()
            element.field_name, element.index = fault.container, fault.operation
        for part in fault.field.split(".") if fault.field else ():
            error.location.field_path_elements.add().field_name = part
        if fault.limit:
            details = error.details.resource_count_details
            details.limit, details.existing_count = fault.limit, fault.existing
            details.limit_type = (
                details.DESCRIPTOR.fields_by_name["limit_type"]
                .enum_type.values_by_name["CONVERSION_ACTIONS_PER_CUSTOMER"]
                .number
            )
        if fault.retry_after_seconds:
            quota = error.details.quota_error_details
            quota.rate_scope = (
                quota.DESCRIPTOR.fields_by_name["rate_scope"].enum_type.values_by_name["DEVELOPER"].number
            )
            quota.rate_name = fault.rate_name
            quota.retry_delay.seconds = fault.retry_after_seconds
    return failure


def _set_code(code: Any, fault: Fault) -> None:
    """The error's code, or UNKNOWN in a version that was made before the code was."""
    fields = code.DESCRIPTOR.fields_by_name
    category = fault.category if fault.category in fields else "request_error"
    values = fields[category].enum_type.values_by_name
    known = category == fault.category and fault.name in values
    setattr(code, category, values[fault.name if known else "UNKNOWN"].number)


def trailers(refusal: AdsRefusal, request_id: str, protocol: Protocol) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata that end a refused call: the request id, and the failure in both of Google's forms."""
    if isinstance(refusal, NotServed):
        return (("request-id", request_id),)
    failure = failure_message(refusal.faults, request_id, protocol)
    status = protocol.status()(code=refusal.status.value[0], message=refusal.said)
    status.details.add().Pack(failure)
    return (
        ("request-id", request_id),
        (protocol.failure_key, failure.SerializeToString()),
        ("grpc-status-details-bin", status.SerializeToString()),
    )
