"""The official Google Ads client, with the request id of every call noted and the sandbox's authority pinned to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import grpc
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.interceptors import ExceptionInterceptor, LoggingInterceptor, MetadataInterceptor
from google.ads.googleads.util import convert_upper_case_to_snake_case
from google.auth.transport.requests import Request

from adsync.errors import AccessDenied
from adsync.settings import Endpoints

Result = TypeVar("Result")

VERSION = "v26"
"""The API version that adsync speaks. Pinned: the library's default moves with its releases."""

_STALE_TOKEN = ("AuthenticationError.OAUTH_TOKEN_EXPIRED", "AuthenticationError.OAUTH_TOKEN_INVALID")
_CHANNEL_OPTIONS = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_metadata_size", 16 << 20)]
_logger = logging.getLogger("google.ads.googleads.client")


class RequestIds(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]
    """Notes Google's request id of this thread's latest call: a log entry without it cannot be looked up."""

    def __init__(self) -> None:
        self._local = threading.local()

    @property
    def latest(self) -> str:
        return getattr(self._local, "latest", "")

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        self._local.latest = ""
        call = continuation(details, request)
        self._local.latest = next((str(v) for k, v in call.initial_metadata() or () if k == "request-id"), "")
        return call

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        # A stream's messages carry their request id themselves.
        return continuation(details, request)


class _SandboxClient(GoogleAdsClient):  # type: ignore[misc]
    """Trusts one certificate authority and no other, for this client only: a real client may live beside it."""

    def __init__(self, *, ca_pem: bytes, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._ca_pem = ca_pem

    def get_service(
        self, name: str, version: str = VERSION, interceptors: list[Any] | None = None, is_async: bool = False
    ) -> Any:
        if is_async:
            raise TypeError("Calls to a sandbox are synchronous.")
        module = import_module(
            f"google.ads.googleads.{version}.services.services.{convert_upper_case_to_snake_case(name)}"
        )
        service_class = getattr(module, f"{name}Client")
        transport_class = service_class.get_transport_class("grpc")
        channel = transport_class.create_channel(
            host=self.endpoint,
            credentials=self.credentials,
            ssl_credentials=grpc.ssl_channel_credentials(self._ca_pem),
            options=_CHANNEL_OPTIONS,
        )
        chain = [
            *(interceptors or []),
            MetadataInterceptor(self.developer_token, self.login_customer_id, self.linked_customer_id),
            LoggingInterceptor(_logger, version, self.endpoint),
            ExceptionInterceptor(version, use_proto_plus=self.use_proto_plus),
        ]
        return service_class(transport=transport_class(channel=grpc.intercept_channel(channel, *chain)))


class AdsServices:
    """The services that adsync calls, made once for one credential and login and shared by threads."""

    def __init__(
        self, found_credentials: Any, where: Endpoints, login_customer_id: str, *, timeout_seconds: float = 60.0
    ) -> None:
        arguments: dict[str, Any] = {
            "credentials": found_credentials,
            "login_customer_id": login_customer_id or None,
            "version": VERSION,
            # Raw messages decode ten times as fast.
            "use_proto_plus": False,
        }
        if where.is_sandbox:
            self._client = _SandboxClient(ca_pem=where.ads_ca_pem, endpoint=where.ads, **arguments)
        else:
            self._client = GoogleAdsClient(**arguments)
        self._credentials = found_credentials
        self.request_ids = RequestIds()
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()
        # The library would wait two minutes for a token, and not be asked how long it may.
        self._request = partial(Request(), timeout=timeout_seconds)

    def service(self, name: str) -> Any:
        """A service client. It keeps its channel, which a stream needs for as long as it is read."""
        with self._lock:
            if not self._credentials.valid:
                # Before threads need it all at once: each of them would ask for a token of its own.
                self._credentials.refresh(self._request)
            if name not in self._made:
                self._made[name] = self._client.get_service(name, version=VERSION, interceptors=[self.request_ids])
            return self._made[name]

    def with_fresh_token(self, read: Callable[[], Result]) -> Result:
        """The result of reading; read once more with a new access token when Google does not accept this one.

        A token can end before its time: the account's password was changed, or Google lost it.
        """
        token = self._credentials.token
        try:
            return read()
        except AccessDenied as error:
            if error.code not in _STALE_TOKEN:
                raise
        with self._lock:
            # Unless another thread has seen to it meanwhile; `service` gets the new one.
            if token is None or self._credentials.token == token:
                self._credentials.token = None
        return read()
