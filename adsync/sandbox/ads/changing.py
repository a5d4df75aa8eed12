"""Answers the methods that change something; what a change means is decided in `mutate.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc

from adsync.sandbox.ads.access import check_access
from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.mutate import prepare
from adsync.sandbox.estate import Estate

Changes = Callable[[Estate, Any, Call], list[Any]]


def mutates(plural: str) -> Changes:
    """What answers a service's own Mutate method, such as that of "ConversionActions"."""

    def answer(estate: Estate, request: Any, call: Call) -> list[Any]:
        response = call.protocol.message(f"services.Mutate{plural}Response")()
        for resource_name in carry_out(estate, list(request.operations), request, call, response):
            response.results.add().resource_name = resource_name
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
        for kind, resource_name in zip(
            kinds, carry_out(estate, operations, request, call, response, kinds=kinds), strict=False
        ):
            result = response.mutate_operation_responses.add()
            if resource_name:
                getattr(result, kind.replace("_operation", "_result")).resource_name = resource_name
        return [response]

    return answer


def carry_out(
    estate: Estate,
    operations: list[Any],
    request: Any,
    call: Call,
    response: Any,
    kinds: list[str] | None = None,
) -> list[str]:
    """All operations or none; with partial_failure those that can be. Nothing with validate_only.

    Returns the resource names in the order of the operations, "" where one failed. kinds: where each operation lies
    within a MutateOperation. Raises AdsRefusal.
    """
    with estate.lock:
        check_access(estate, request.customer_id, call, changes=True)
        account = estate.accounts.get(request.customer_id)
        if account is None:
            raise refuse("request_error", "CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT", "Name a client account.")
        prepared = prepare(account, operations, estate.now)
        faults = tuple(_located(item, kinds) for item in prepared if isinstance(item, Fault))
        # Some services know no partial_failure.
        if faults and not getattr(request, "partial_failure", False):
            raise AdsRefusal(*faults)
        if faults:
            status = response.partial_failure_error
            status.code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
            status.message = _partial_failure_message(faults)
            status.details.add().Pack(failure_message(faults, call.request_id, call.protocol))
        if request.validate_only:
            return []
        return ["" if isinstance(item, Fault) else item() for item in prepared]


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
