"""The methods of Google Ads that are served: what each answers to an admitted call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc

from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.mutate import Commit, prepare
from adsync.sandbox.ads.protocol import Protocol
from adsync.sandbox.ads.search import Searcher
from adsync.sandbox.estate import MANAGER_ID, Estate

DENIED = (
    "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
    "customer id must be set in the 'login-customer-id' header."
)
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted call."""

    protocol: Protocol
    method: str
    request_id: str
    metadata: dict[str, str]


class Methods:
    """Answers the methods; each takes the request and the call and returns messages."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def list_accessible_customers(self, _: Any, call: Call) -> list[Any]:
        response = call.protocol.message("services.ListAccessibleCustomersResponse")()
        response.resource_names.append(f"customers/{MANAGER_ID}")
        return [response]

    def search_stream(self, request: Any, call: Call) -> list[Any]:
        query, rows = self._found(request, call)
        messages = []
        for start in range(0, max(len(rows), 1), _PAGE):
            response = call.protocol.message("services.SearchGoogleAdsStreamResponse")()
            response.request_id = call.request_id
            response.field_mask.paths.extend(query.select)
            response.results.extend(call.protocol.to_message(query, row) for row in rows[start : start + _PAGE])
            messages.append(response)
        return [half for message in messages for half in _halves(message)]

    def search(self, request: Any, call: Call) -> list[Any]:
        if request.page_size:
            raise refuse("request_error", "PAGE_SIZE_NOT_SUPPORTED", "Setting the page size is not supported.")
        query, rows = self._found(request, call)
        token = request.page_token or "0"
        if not token.isdigit():
            raise refuse("request_error", "INVALID_PAGE_TOKEN", "The page token is not one of this query's.")
        start = int(token)
        response = call.protocol.message("services.SearchGoogleAdsResponse")()
        response.field_mask.paths.extend(query.select)
        if not request.validate_only:
            response.results.extend(call.protocol.to_message(query, row) for row in rows[start : start + _PAGE])
            if start + _PAGE < len(rows):
                response.next_page_token = str(start + _PAGE)
        return [response]

    def _found(self, request: Any, call: Call) -> Any:
        with self._estate.lock:
            return self._searcher(request.customer_id, call).search(request.query)

    def mutate_conversion_actions(self, request: Any, call: Call) -> list[Any]:
        response = call.protocol.message("services.MutateConversionActionsResponse")()
        results = self._carry_out(request.customer_id, list(request.operations), request, call, response)
        for resource_name in results:
            response.results.add().resource_name = resource_name
        return [response]

    def mutate(self, request: Any, call: Call) -> list[Any]:
        operations = []
        for index, operation in enumerate(request.mutate_operations):
            if operation.WhichOneof("operation") != "conversion_action_operation":
                raise AdsRefusal(
                    Fault(
                        category="mutate_error",
                        name="MUTATE_NOT_ALLOWED",
                        message="The sandbox changes conversion actions only.",
                        operation=index,
                    )
                )
            operations.append(operation.conversion_action_operation)
        response = call.protocol.message("services.MutateGoogleAdsResponse")()
        for resource_name in self._carry_out(request.customer_id, operations, request, call, response):
            response.mutate_operation_responses.add().conversion_action_result.resource_name = resource_name
        return [response]

    def _carry_out(self, customer_id: str, operations: list[Any], request: Any, call: Call, response: Any) -> list[str]:
        """All operations or none; with partial_failure those that can be. Nothing with validate_only."""
        with self._estate.lock:
            account = self._searcher(customer_id, call).account
            if account is None:
                raise refuse("request_error", "CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT", "Name a client account.")
            prepared = prepare(account, operations, self._estate.now)
            faults = tuple(item for item in prepared if isinstance(item, Fault))
            if faults and not request.partial_failure:
                raise AdsRefusal(*faults)
            if faults:
                response.partial_failure_error.code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
                response.partial_failure_error.message = faults[0].message
                response.partial_failure_error.details.add().Pack(
                    failure_message(faults, call.request_id, call.protocol)
                )
            if request.validate_only:
                return []
            return [_resource_name(customer_id, item) for item in prepared]

    def _searcher(self, customer_id: str, call: Call) -> Searcher:
        """The account that the call may see.

        The service account is a user of the manager, so a client is reached only by naming the manager as login.
        """
        estate = self._estate
        if not (customer_id.isdigit() and len(customer_id) == 10):
            raise refuse("request_error", "INVALID_CUSTOMER_ID", f"The customer id '{customer_id}' is malformed.")
        login = call.metadata.get("login-customer-id", customer_id)
        if customer_id != MANAGER_ID and customer_id not in estate.accounts:
            raise refuse("authorization_error", "USER_PERMISSION_DENIED", DENIED)
        if login != MANAGER_ID:
            raise refuse("authorization_error", "USER_PERMISSION_DENIED", DENIED)
        return Searcher(
            account=estate.accounts.get(customer_id),
            statistics=estate.statistics.get(customer_id),
            protocol=call.protocol,
            customer_id=customer_id,
            manager_of=tuple(estate.accounts.values()),
            now=estate.now,
        )


def _resource_name(customer_id: str, item: Commit | Fault) -> str:
    return "" if isinstance(item, Fault) else f"customers/{customer_id}/conversionActions/{item()}"


def _halves(response: Any) -> list[Any]:
    """The same rows as two messages, so that a stream can break between them."""
    second = type(response)()
    second.CopyFrom(response)
    middle = (len(response.results) + 1) // 2
    del second.results[:middle]
    del response.results[middle:]
    return [response, second]
