"""Reads the bodies of requests: whole ones however slowly they come, and not for ever those that do not come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from io import BufferedIOBase

from adsync.sandbox.http_messages import Problem

LARGEST_BODY = 64 << 20
"""Google's own limit for a message."""

PATIENCE_SECONDS, CROWDED_SECONDS = 30.0, 2.0
"""How long the next piece of a body may take, and how long where more than FEW are under way: each holds a thread."""
FEW = 32


def length_of(headers: Message) -> int:
    """How many bytes the body has. Raises Problem where that is not told, is no number, or is too much."""
    if headers.get("Transfer-Encoding"):
        raise Problem(411, "FAILED_PRECONDITION", "The sandbox wants a Content-Length.")
    told = headers.get("Content-Length") or "0"
    if not (told.isascii() and told.isdecimal()):
        raise Problem(400, "INVALID_ARGUMENT", f"Content-Length: {told[:40]} is no length.")
    if len(told) > 9 or int(told) > LARGEST_BODY:
        raise Problem(413, "OUT_OF_RANGE", f"The body is larger than {LARGEST_BODY:,} bytes.")
    return int(told)


class Bodies:
    """The bodies that are under way."""

    def __init__(self) -> None:
        self._under_way = 0
        self._lock = threading.Lock()

    def read(self, stream: BufferedIOBase, connection: socket.socket, length: int) -> bytes:
        """The whole body. Raises Problem where it ends early or its next piece is too long in coming."""
        if not length:
            return b""
        with self._one_more() as patience:
            # Only while a body is under way: a connection that waits for its next request may wait.
            connection.settimeout(patience)
            try:
                body = stream.read(length)
            except TimeoutError:
                raise Problem(
                    408, "DEADLINE_EXCEEDED", f"Nothing more of the request's body came for {patience:g} seconds."
                ) from None
            finally:
                connection.settimeout(None)
        if len(body) < length:
            raise Problem(400, "INVALID_ARGUMENT", f"The body ended after {len(body):,} of its {length:,} bytes.")
        return body

    @contextmanager
    def _one_more(self) -> Iterator[float]:
        with self._lock:
            self._under_way += 1
            patience = PATIENCE_SECONDS if self._under_way <= FEW else CROWDED_SECONDS
        try:
            yield patience
        finally:
            with self._lock:
                self._under_way -= 1
