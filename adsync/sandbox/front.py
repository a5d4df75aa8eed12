"""One address for programs whose hosts are fixed: a proxy through which Google's names lead to the sandbox.

Some clients cannot be told another endpoint, but most of them honour HTTPS_PROXY. The front answers CONNECT for Google's
hosts and looks at the TLS greeting: who offers nothing but HTTP/2 is a gRPC client, everybody else speaks REST. Some clients send
whole URLs to a proxy instead; those are answered without TLS. It leads nowhere but to the sandbox's own ports.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from adsync.sandbox.tls import GOOGLE_HOSTS

_LONGEST_HEAD = 16_384
_PATIENCE_SECONDS = 10.0
_HANDSHAKE, _ALPN_EXTENSION = 0x16, 16


class Cut(Exception):
    """A greeting ended before it said what was needed."""


def speaks_grpc(record: bytes) -> bool:
    """Whether a TLS ClientHello (RFC 8446, section 4.1.2), record header included, is that of a gRPC client.

    Those offer HTTP/2 and nothing else (RFC 7301); who can do with HTTP/1.1 speaks REST. Raises Cut for what is no whole
    ClientHello.
    """
    offered = set(_protocols(_Reader(record)))
    return b"h2" in offered and b"http/1.1" not in offered


def _protocols(body: _Reader) -> Iterator[bytes]:
    if body.number(1) != _HANDSHAKE:
        raise Cut("The connection does not begin with a TLS handshake.")
    body.skip(2)
    body = _Reader(body.block(2))
    body.skip(1 + 3 + 2 + 32)  # type, length, version, random
    body.block(1)  # session id
    body.block(2)  # cipher suites
    body.block(1)  # compression methods
    extensions = _Reader(b"" if body.is_empty else body.block(2))
    while not extensions.is_empty:
        kind, content = extensions.number(2), extensions.block(2)
        if kind == _ALPN_EXTENSION:
            protocols = _Reader(_Reader(content).block(2))
            while not protocols.is_empty:
                yield protocols.block(1)


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0

    @property
    def is_empty(self) -> bool:
        return self.at >= len(self.data)

    def skip(self, count: int) -> None:
        self.take(count)

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise Cut("The TLS greeting is cut off.")
        self.at += count
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def block(self, size: int) -> bytes:
        """A part whose length stands before it in `size` bytes."""
        return self.take(self.number(size))


@dataclass(slots=True, kw_only=True)
class Front:
    """Listens on loopback until `stop`. port: 0 for any free one."""

    grpc_port: int
    https_port: int
    http_port: int
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    def start(self) -> int:
        """The port it listens on. Raises OSError when the port is taken."""
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(server,), daemon=True)
        self._thread.start()
        return self.port

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self, server: asyncio.Server) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._end(server))
        self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                port, begin = await self._way(reader, writer)
                behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
            behind_writer.write(begin)
            await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))
        except _Refused as refused:
            body = f"{refused}\n".encode()
            head = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
        except (Cut, ValueError, TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a peer that went away or spoke something else; its connection is closed below
        finally:
            writer.close()

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, bytes]:
        """The port that a connection is for, and what it is to be told first. Raises Cut and _Refused."""
        line, _, headers = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        words = line.decode("latin-1").split()
        if len(words) != 3:
            raise Cut("The connection begins with no HTTP request.")
        method, target, version = words
        if method == "CONNECT":
            _check(urlsplit(f"//{target}").hostname)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            greeting = await _first_record(reader)
            return (self.grpc_port if speaks_grpc(greeting) else self.https_port), greeting
        url = urlsplit(target)
        _check(url.hostname)
        path = urlunsplit(("", "", url.path or "/", url.query, ""))
        # One request a connection: the next one would come with a whole URL again.
        kept = [h for h in headers.split(b"\r\n") if not h.lower().startswith((b"connection:", b"proxy-connection:"))]
        begin = f"{method} {path} {version}\r\nConnection: close\r\n".encode("latin-1")
        return self.http_port, begin + b"\r\n".join(kept)


class _Refused(Exception):
    pass


def _check(host: str | None) -> None:
    if host not in GOOGLE_HOSTS:
        raise _Refused(f"The sandbox does not stand for {host}.")


async def _first_record(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(5)
    return header + await reader.readexactly(min(int.from_bytes(header[3:5], "big"), _LONGEST_HEAD))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    finally:
        sink.close()
