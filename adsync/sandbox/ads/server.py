"""Google Ads over gRPC with TLS: the methods that are served, and how each call is admitted, counted and answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc

from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.messages import to_message
from adsync.sandbox.ads.mutate import Commit, prepare
from adsync.sandbox.ads.search import Searcher
from adsync.sandbox.estate import MANAGER_ID, Estate
from adsync.sandbox.oauth import ADS_SCOPE, TokenIssuer
from adsync.sandbox.tls import Identity

VERSION = "v26"
"""The API version that is served."""

_PREFIX = f"/google.ads.googleads.{VERSION}.services."
_FAILURE_KEY = f"google.ads.googleads.{VERSION}.errors.googleadsfailure-bin"
_PAGE = 10_000

_DENIED = (
    "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
    "customer id must be set in the 'login-customer-id' header."
)
_FAULTS = {
    "internal": Fault(category="internal_error", name="TRANSIENT_ERROR", message="Sandbox fault: internal error."),
    "quota": Fault(
        category="quota_error",
        name="RESOURCE_EXHAUSTED",
        message="Too many requests. Retry in 40591 seconds.",
        retry_after_seconds=40_591,
    ),
    "forbidden": Fault(category="authorization_error", name="USER_PERMISSION_DENIED", message=_DENIED),
}
_GARBAGE = b"\xff"  # begins a field and ends before it
# Half of the messages arrive, rounded down: of a stream the first part, of a single answer nothing.
_BREAKS = {"cut": "the connection broke half-way", "lost": "the answer was lost"}


def start_ads_server(
    estate: Estate, tokens: TokenIssuer, identity: Identity, port: int, latency: float
) -> tuple[grpc.Server, int]:
    """Starts serving on loopback; returns the server and the port it listens on.

    latency: seconds that every answer takes longer than it needs. Raises OSError when the port is taken.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=64),
        handlers=(_Handlers(_Ads(estate, tokens, latency)),),
        options=(("grpc.max_metadata_size", 16 << 20), ("grpc.so_reuseport", 0)),
    )
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.certificate_pem)])
    try:
        bound = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    except RuntimeError as error:
        raise OSError(f"Port {port} on 127.0.0.1 cannot be used: {error}") from None
    server.start()
    return server, bound


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Finds the handler of a method; what is missing answers UNIMPLEMENTED by name."""

    def __init__(self, ads: _Ads) -> None:
        from google.ads.googleads.v26.services.types import conversion_action_service as actions
        from google.ads.googleads.v26.services.types import customer_service as customers
        from google.ads.googleads.v26.services.types import google_ads_service as ads_service

        self._methods: dict[str, tuple[bool, Any, Callable[..., Any]]] = {
            "GoogleAdsService/Search": (False, ads_service.SearchGoogleAdsRequest.pb(), ads.search),
            "GoogleAdsService/SearchStream": (True, ads_service.SearchGoogleAdsStreamRequest.pb(), ads.search_stream),
            "GoogleAdsService/Mutate": (False, ads_service.MutateGoogleAdsRequest.pb(), ads.mutate),
            "ConversionActionService/MutateConversionActions": (
                False,
                actions.MutateConversionActionsRequest.pb(),
                ads.mutate_conversion_actions,
            ),
            "CustomerService/ListAccessibleCustomers": (
                False,
                customers.ListAccessibleCustomersRequest.pb(),
                ads.list_accessible_customers,
            ),
        }
        self._ads = ads

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.removeprefix(_PREFIX)
        if not details.method.startswith(_PREFIX) or method not in self._methods:
            return _unimplemented(details.method)
        streams, request_class, answer = self._methods[method]
        admitted = self._ads.admitted(method, answer)
        serialise = {
            "request_deserializer": request_class.FromString,
            "response_serializer": lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
        }
        if streams:
            return grpc.unary_stream_rpc_method_handler(self._ads.streamed(admitted), **serialise)
        return grpc.unary_unary_rpc_method_handler(self._ads.single(admitted), **serialise)


def _unimplemented(method: str) -> grpc.RpcMethodHandler:
    def answer(_: bytes, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The sandbox does not serve {method}.")

    return grpc.unary_unary_rpc_method_handler(answer)


@dataclass(frozen=True, slots=True)
class _Call:
    """One admitted call."""

    method: str
    request_id: str
    metadata: dict[str, str]


class _Ads:
    """Answers the methods; each takes the request and the call and returns messages."""

    def __init__(self, estate: Estate, tokens: TokenIssuer, latency: float) -> None:
        self._estate = estate
        self._tokens = tokens
        self._latency = latency

    # Admission -------------------------------------------------------------------------------------------------------

    def admitted(self, method: str, answer: Callable[[Any, _Call], list[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
        """`answer` behind authentication, counting, latency, faults and Google's way of reporting errors."""

        def run(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            call = _Call(method, secrets.token_urlsafe(16), metadata)
            context.send_initial_metadata((("request-id", call.request_id),))
            self._estate.calls[f"ads {method}"] += 1
            fault = self._estate.faults.next(method)
            if fault == "unavailable":
                context.abort(grpc.StatusCode.UNAVAILABLE, "Sandbox fault: unavailable.")
            try:
                self._delay(fault, context)
                self._authenticate(call)
                if fault in _FAULTS:
                    raise AdsRefusal(_FAULTS[fault])
                messages = answer(request, call)
                if fault == "garbled":
                    messages = [_GARBAGE]
            except AdsRefusal as refusal:
                _abort(context, refusal, call)
            yield from messages[: len(messages) // 2] if fault in _BREAKS else messages
            if fault in _BREAKS:
                context.abort(grpc.StatusCode.UNAVAILABLE, f"Sandbox fault: {_BREAKS[fault]}.")

        return run

    @staticmethod
    def streamed(run: Callable[[Any, Any], Iterator[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
        return run

    @staticmethod
    def single(run: Callable[[Any, Any], Iterator[Any]]) -> Callable[[Any, Any], Any]:
        return lambda request, context: next(run(request, context))

    def _delay(self, fault: str, context: grpc.ServicerContext) -> None:
        released = self._estate.faults.released
        if fault == "hang":
            released.wait(max(context.time_remaining() or 0, 0) + 1)
        elif self._latency:
            released.wait(self._latency)

    def _authenticate(self, call: _Call) -> None:
        problem = self._tokens.allows(call.metadata.get("authorization", ""), frozenset({ADS_SCOPE}))
        if problem == "invalid":
            raise refuse("authentication_error", "OAUTH_TOKEN_INVALID", "The OAuth token in the header is not valid.")
        if problem:
            raise refuse("authorization_error", "ACTION_NOT_PERMITTED", "The token lacks the scope for Google Ads.")

    def _searcher(self, customer_id: str, call: _Call) -> Searcher:
        """The account that the call may see.

        The service account is a user of the manager, so a client is reached only by naming the manager as login.
        """
        estate = self._estate
        if not (customer_id.isdigit() and len(customer_id) == 10):
            raise refuse("request_error", "INVALID_CUSTOMER_ID", f"The customer id '{customer_id}' is malformed.")
        login = call.metadata.get("login-customer-id", customer_id)
        if customer_id != MANAGER_ID and customer_id not in estate.accounts:
            raise refuse("authorization_error", "USER_PERMISSION_DENIED", _DENIED)
        if login != MANAGER_ID:
            raise refuse("authorization_error", "USER_PERMISSION_DENIED", _DENIED)
        return Searcher(
            account=estate.accounts.get(customer_id),
            statistics=estate.statistics.get(customer_id),
            customer_id=customer_id,
            manager_of=tuple(estate.accounts.values()),
            now=estate.now,
        )

    # Methods ---------------------------------------------------------------------------------------------------------

    def list_accessible_customers(self, _: Any, __: _Call) -> list[Any]:
        from google.ads.googleads.v26.services.types.customer_service import ListAccessibleCustomersResponse

        response = ListAccessibleCustomersResponse.pb()()
        response.resource_names.append(f"customers/{MANAGER_ID}")
        return [response]

    def search_stream(self, request: Any, call: _Call) -> list[Any]:
        from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsStreamResponse

        query, rows = self._found(request, call)
        messages = []
        for start in range(0, max(len(rows), 1), _PAGE):
            response = SearchGoogleAdsStreamResponse.pb()()
            response.request_id = call.request_id
            response.field_mask.paths.extend(query.select)
            response.results.extend(to_message(query, row) for row in rows[start : start + _PAGE])
            messages.append(response)
        return [half for message in messages for half in _halves(message)]

    def search(self, request: Any, call: _Call) -> list[Any]:
        from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsResponse

        if request.page_size:
            raise refuse("request_error", "PAGE_SIZE_NOT_SUPPORTED", "Setting the page size is not supported.")
        query, rows = self._found(request, call)
        token = request.page_token or "0"
        if not token.isdigit():
            raise refuse("request_error", "INVALID_PAGE_TOKEN", "The page token is not one of this query's.")
        start = int(token)
        response = SearchGoogleAdsResponse.pb()()
        response.field_mask.paths.extend(query.select)
        if not request.validate_only:
            response.results.extend(to_message(query, row) for row in rows[start : start + _PAGE])
            if start + _PAGE < len(rows):
                response.next_page_token = str(start + _PAGE)
        return [response]

    def _found(self, request: Any, call: _Call) -> Any:
        with self._estate.lock:
            return self._searcher(request.customer_id, call).search(request.query)

    def mutate_conversion_actions(self, request: Any, call: _Call) -> list[Any]:
        from google.ads.googleads.v26.services.types.conversion_action_service import MutateConversionActionsResponse

        response = MutateConversionActionsResponse.pb()()
        results = self._carry_out(request.customer_id, list(request.operations), request, call, response)
        for resource_name in results:
            response.results.add().resource_name = resource_name
        return [response]

    def mutate(self, request: Any, call: _Call) -> list[Any]:
        from google.ads.googleads.v26.services.types.google_ads_service import MutateGoogleAdsResponse

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
        response = MutateGoogleAdsResponse.pb()()
        for resource_name in self._carry_out(request.customer_id, operations, request, call, response):
            response.mutate_operation_responses.add().conversion_action_result.resource_name = resource_name
        return [response]

    def _carry_out(
        self, customer_id: str, operations: list[Any], request: Any, call: _Call, response: Any
    ) -> list[str]:
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
                response.partial_failure_error.details.add().Pack(failure_message(faults, call.request_id))
            if request.validate_only:
                return []
            return [_resource_name(customer_id, item) for item in prepared]


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


def _abort(context: grpc.ServicerContext, refusal: AdsRefusal, call: _Call) -> NoReturn:
    failure = failure_message(refusal.faults, call.request_id).SerializeToString()
    context.set_trailing_metadata((("request-id", call.request_id), (_FAILURE_KEY, failure)))
    context.abort(refusal.status, refusal.faults[0].message)
    raise AssertionError("abort always raises")
