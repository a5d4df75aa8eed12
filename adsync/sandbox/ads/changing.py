"""Answers the methods that change something; what a change means is decided in `mutate.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc

from adsync.sandbox.ads.access import check_access
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.mutate import Outcome, Wishes, mutate
from adsync.sandbox.ads.rows import set_path
from adsync.sandbox.estate import Estate

Changes = Callable[[Estate, Any, Call], list[Any]]


MOST_OPERATIONS = 10_000
_MUTABLE_RESOURCE = 2


def mutates(plural: str) -> Changes:
    """What answers a service's own Mutate method, such as that of "ConversionActions"."""

    def answer(estate: Estate, request: Any, call: Call) -> list[Any]:
        response = call.protocol.message(f"services.Mutate{plural}Response")()
        outcome = carry_out(estate, list(request.operations), request, call, response)
        for position, _ in enumerate(() if request.validate_only else outcome.results):
            _tell(outcome, position, response.results.add(), request)
        return [response]

    return answer


def mutates_all(resources: frozenset[str]) -> Changes:
    """What answers GoogleAdsService.Mutate: operations on any of these resources, in one go."""

    def answer(estate: Estate, request: Any, call: Call) -> list[Any]:
        kinds = [operation.WhichOneof("operation") or "" for operation in request.mutate_operations]
        for index, kind in enumerate(kinds):
            if kind.removesuffix("_operation") not in resources:
                raise AdsRefusal(_not_served(index, kind))
        operations = [getattr(o, kind) for o, kind in zip(request.mutate_operations, kinds, strict=True)]
        response = call.protocol.message("services.MutateGoogleAdsResponse")()
        outcome = carry_out(estate, operations, request, call, response, kinds=kinds)
        for position, kind in enumerate(() if request.validate_only else kinds):
            result = response.mutate_operation_responses.add()
            if not isinstance(outcome.results[position], Fault):
                _tell(outcome, position, getattr(result, kind.replace("_operation", "_result")), request)
        return [response]

    return answer


def carry_out(
    estate: Estate,
    operations: list[Any],
    request: Any,
    call: Call,
    response: Any,
    kinds: list[str] | None = None,
) -> Outcome:
    """All operations or none; with partial_failure those that can be. Nothing with validate_only.

    The failures of a partial failure go into the response. kinds: where each operation lies within a MutateOperation.
    Raises AdsRefusal.
    """
    _check_count(len(operations), "operations" if kinds is None else "mutate_operations")
    with estate.lock:
        check_access(estate, request.customer_id, call, changes=True)
        # Some services know no partial_failure.
        partial = getattr(request, "partial_failure", False)
        accounts = _sharing(estate, request.customer_id)
        outcome = mutate(
            accounts,
            request.customer_id,
            operations,
            Wishes(validate_only=request.validate_only, partial_failure=partial, user=call.user),
            switches=estate.switches,
            now=estate.now,
        )
        if not request.validate_only:
            # Written down before it is answered: what a program was told of survives the sandbox's end.
            estate.changed(*(account.customer_id for account in accounts))
    faults = tuple(_located(item, kinds) for item in outcome.results if isinstance(item, Fault))
    if faults and not partial:
        raise AdsRefusal(*faults)
    if faults:
        status = response.partial_failure_error
        status.code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
        status.message = _partial_failure_message(faults)
        status.details.add().Pack(failure_message(faults, call.request_id, call.protocol))
    return outcome


def _check_count(operations: int, container: str) -> None:
    if not operations:
        raise refuse("field_error", "REQUIRED", "The required field was not present.", field=container)
    if operations > MOST_OPERATIONS:
        raise refuse(
            "request_error",
            "TOO_MANY_MUTATE_OPERATIONS",
            f"Too many operations: {operations}, and at most {MOST_OPERATIONS}.",
        )


def _sharing(estate: Estate, customer_id: str) -> list[AdsAccount]:
    """All accounts whose conversion actions are those of this customer, a client or a manager that owns some."""
    account = estate.accounts.get(customer_id)
    owner = customer_id if account is None else account.owner_id
    found = [other for other in estate.accounts.values() if other.owner_id == owner]
    if not found:
        raise refuse("request_error", "CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT", "Name a client account.")
    return found


def _tell(outcome: Outcome, position: int, result: Any, request: Any) -> None:
    """Fills one result: the resource's name and, if asked for, its mutable fields."""
    name = outcome.results[position]
    if isinstance(name, Fault):
        return
    result.resource_name = name
    if getattr(request, "response_content_type", 0) == _MUTABLE_RESOURCE:
        resource = getattr(result, outcome.kinds[position].singular, None)
        if resource is None:
            return  # goals have no such answer
        resource.resource_name = name
        for path, value in outcome.mutable_fields(position).items():
            set_path(resource, path, value)


def _partial_failure_message(faults: tuple[Fault, ...]) -> str:
    """Google's wording: the first error, and where it lies."""
    first = faults[0]
    place = f"{first.container}[{first.operation}]" + (f".{first.field}" if first.field else "")
    said = f"{first.message}, at {place}"
    return said if len(faults) == 1 else f"Multiple errors in \u2018details\u2019. First error: {said}"


def _located(fault: Fault, kinds: list[str] | None) -> Fault:
    """The fault with its place in a MutateGoogleAdsRequest."""
    if kinds is None or fault.operation is None:
        return fault
    kind = kinds[fault.operation]
    return replace(fault, container="mutate_operations", field=f"{kind}.{fault.field}" if fault.field else kind)


def _not_served(index: int, kind: str) -> Fault:
    return Fault(
        category="mutate_error",
        name="MUTATE_NOT_ALLOWED",
        message=f"The sandbox does not serve {kind}." if kind else "An operation is required.",
        operation=index,
        container="mutate_operations",
    )
