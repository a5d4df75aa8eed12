"""gRPC with TLS on loopback, for Google Ads and GA4 alike."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import json_format

from adsync.sandbox.http_messages import Problem
from adsync.sandbox.tls import Identity

STATUS_KEY = "grpc-status-details-bin"


def start_grpc_server(
    handlers: Sequence[grpc.GenericRpcHandler], identity: Identity, port: int
) -> tuple[grpc.Server, int]:
    """Starts serving; returns the server and the port it listens on. The first handler that knows a method answers it.

    Raises OSError when the port is taken.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=64),
        handlers=tuple(handlers),
        options=(("grpc.max_metadata_size", 16 << 20), ("grpc.so_reuseport", 0)),
    )
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.certificate_pem)])
    try:
        bound = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    except RuntimeError as error:
        raise OSError(f"Port {port} on 127.0.0.1 cannot be used: {error}") from None
    server.start()
    return server, bound


def serialised(message: Any) -> bytes:
    """What is sent of a message; what is bytes already means nothing and is sent as it is."""
    content: bytes = message if isinstance(message, bytes) else message.SerializeToString()
    return content


def status_trailer(problem: Problem) -> tuple[str, bytes]:
    """The trailer in which Google tells an error's details."""
    from google.rpc import error_details_pb2  # noqa: F401  (its messages are looked up by name)
    from google.rpc.status_pb2 import Status

    status = Status(code=grpc.StatusCode[problem.status].value[0], message=problem.message)
    for detail in problem.details:
        json_format.ParseDict(detail, status.details.add())
    return STATUS_KEY, status.SerializeToString()


def seconds_left(context: grpc.ServicerContext) -> float:
    """How long the caller still waits; a minute where it would wait for ever."""
    left = context.time_remaining()
    return max(left, 0.0) if left is not None else 60.0
