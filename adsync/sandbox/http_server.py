"""HTTP and HTTPS on loopback: reads requests, whatever they look like, and sends what they are answered."""

from __future__ import annotations

import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from adsync.sandbox.ads.rest import AdsRest
from adsync.sandbox.http_messages import Problem, Reply, Request
from adsync.sandbox.rest import Rest
from adsync.sandbox.tls import Identity, server_context

LARGEST_BODY = 64 << 20
"""Google's own limit for a message."""

_BODY_PATIENCE_SECONDS = 30.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def start_rest_server(
    rest: Rest, ads: AdsRest, port: int, latency: float, identity: Identity | None = None
) -> tuple[ThreadingHTTPServer, int]:
    """Binds on loopback; the caller runs `serve_forever`. With an identity it speaks HTTPS.

    Raises OSError when the port is taken.
    """
    server = _Server(("127.0.0.1", port), _handler(rest, ads, latency))
    if identity is not None:
        # Hands are shaken by the thread that reads: a client that does not shake holds up nobody else.
        server.socket = server_context(identity).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    return server, server.server_address[1]


def _handler(rest: Rest, ads: AdsRest, latency: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: otherwise Nagle and delayed acknowledgement cost 40 ms an answer.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            try:
                body, url = self._body(), urlsplit(self.path)
            except (Problem, ValueError) as error:
                self.close_connection = True  # what else was sent on it cannot be told from the next request
                problem = error if isinstance(error, Problem) else Problem(400, "INVALID_ARGUMENT", f"{error}.")
                self._send(Reply.of(problem.code, problem.document))
                return
            except TimeoutError:
                self.close_connection = True
                return
            if ads.serves(url.path):
                self._send(ads.answer(self.command, url.path, dict(self.headers.items()), body))
                return
            bearer = self.headers.get("Authorization", "")
            request = Request(self.command, url.path, body, bearer, dict(parse_qsl(url.query)))
            if latency and not request.path.startswith("/sandbox/"):
                time.sleep(latency)
            self._send(rest.answer(request))

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding"):
                raise Problem(411, "FAILED_PRECONDITION", "The sandbox wants a Content-Length.")
            told = self.headers.get("Content-Length") or "0"
            if not (told.isascii() and told.isdecimal()):
                raise Problem(400, "INVALID_ARGUMENT", f"Content-Length: {told[:40]} is no length.")
            if len(told) > 9 or int(told) > LARGEST_BODY:
                raise Problem(413, "OUT_OF_RANGE", f"The body is larger than {LARGEST_BODY:,} bytes.")
            # Only while a body is under way: a connection that waits for its next request may wait.
            self.connection.settimeout(_BODY_PATIENCE_SECONDS)
            body = self.rfile.read(int(told))
            self.connection.settimeout(None)
            return body

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(reply.promised))
            self.close_connection = self.close_connection or reply.promised > len(reply.body)
            name, request_id = (
                ("request-id", reply.request_id) if reply.request_id else ("x-request-id", secrets.token_urlsafe(12))
            )
            self.send_header(name, request_id)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Silence; `sandbox status` counts the calls."""

    return Handler
