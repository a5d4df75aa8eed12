"""Google Ads over gRPC: finds what answers a call, in every version of the installed client."""

from __future__ import annotations

import grpc

from adsync.sandbox.ads.desk import Desk, Found
from adsync.sandbox.ads.errors import AdsRefusal, trailers
from adsync.sandbox.grpc_server import serialised


class AdsHandlers(grpc.GenericRpcHandler):  # type: ignore[misc]
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
        serialise = {"request_deserializer": found.request_class.FromString, "response_serializer": serialised}
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
