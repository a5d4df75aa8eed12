"""Google Ads over gRPC with TLS: finds what answers a call, in every version of the installed client."""

from __future__ import annotations

from concurrent import futures
from typing import Any

import grpc

from adsync.sandbox.ads.desk import Desk, Found
from adsync.sandbox.ads.errors import AdsRefusal, trailers
from adsync.sandbox.tls import Identity


def start_ads_server(desk: Desk, identity: Identity, port: int) -> tuple[grpc.Server, int]:
    """Starts serving on loopback; returns the server and the port it listens on.

    Raises OSError when the port is taken.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=64),
        handlers=(_Handlers(desk),),
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

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._handlers: dict[Found, grpc.RpcMethodHandler] = {}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        try:
            found = self._desk.find(details.method)
        except AdsRefusal as refusal:
            return self._refused(details.method, refusal)
        if found not in self._handlers:
            self._handlers[found] = self._handler(found)
        return self._handlers[found]

    def _handler(self, found: Found) -> grpc.RpcMethodHandler:
        admitted = self._desk.admitted(found)
        serialise = {"request_deserializer": found.request_class.FromString, "response_serializer": _serialised}
        if found.method.streams:
            return grpc.unary_stream_rpc_method_handler(admitted, **serialise)
        return grpc.unary_unary_rpc_method_handler(lambda asked, context: next(admitted(asked, context)), **serialise)

    def _refused(self, path: str, refusal: AdsRefusal) -> grpc.RpcMethodHandler:
        request_id, told = self._desk.refused(path)

        def answer(_: bytes, context: grpc.ServicerContext) -> None:
            context.send_initial_metadata((("request-id", request_id),))
            context.set_trailing_metadata(trailers(refusal, request_id, told))
            context.abort(refusal.status, refusal.said)

        return grpc.unary_unary_rpc_method_handler(answer)


def _serialised(message: Any) -> bytes:
    content: bytes = message if isinstance(message, bytes) else message.SerializeToString()
    return content
