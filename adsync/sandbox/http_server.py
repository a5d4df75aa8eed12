"""HTTP and HTTPS on loopback: reads requests, whatever they look like, and sends what they are answered."""

from __future__ import annotations

import secrets
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from adsync.sandbox.ads.rest import AdsRest
from adsync.sandbox.http_bodies import Bodies, length_of
from adsync.sandbox.http_messages import Problem, Reply, Request
from adsync.sandbox.json_text import camel_case
from adsync.sandbox.rest import Rest
from adsync.sandbox.tls import Identity, server_context

_METHODS = "GET, POST, PATCH, DELETE"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or whose handshake fails, is no error of the sandbox's."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def start_rest_server(
    rest: Rest, ads: AdsRest, port: int, identity: Identity | None = None
) -> tuple[ThreadingHTTPServer, int]:
    """Binds on loopback; the caller runs `serve_forever`. With an identity it speaks HTTPS.

    Raises OSError when the port is taken.
    """
    server = _Server(("127.0.0.1", port), _handler(rest, ads))
    if identity is not None:
        # Hands are shaken by the thread that reads: a client that does not shake holds up nobody else.
        server.socket = server_context(identity).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    return server, server.server_address[1]


def _handler(rest: Rest, ads: AdsRest) -> type[BaseHTTPRequestHandler]:
    bodies = Bodies()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: otherwise Nagle and delayed acknowledgement cost 40 ms an answer.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            try:
                body, url = bodies.read(self.rfile, self.connection, length_of(self.headers)), urlsplit(self.path)
            except (Problem, ValueError) as error:
                self.close_connection = True  # what else was sent on it cannot be told from the next request
                problem = error if isinstance(error, Problem) else Problem(400, "INVALID_ARGUMENT", f"{error}.")
                self._send(Reply.of(problem.code, problem.document))
                return
            if ads.serves(url.path):
                self._send(ads.answer(self.command, url.path, dict(self.headers.items()), body))
                return
            bearer = self.headers.get("Authorization", "")
            # As in a body, a field may be spelled either way.
            query = {camel_case(name): value for name, value in parse_qsl(url.query)}
            request = Request(self.command, url.path, body, bearer, query)
            self._send(rest.answer(request))

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """What the library refuses by itself: a request line that is none, and methods other than those above."""
            self.close_connection = True  # nothing tells where the next request would begin
            problem = Problem(code, "INVALID_ARGUMENT", f"{message or HTTPStatus(code).phrase}.")
            if code == HTTPStatus.NOT_IMPLEMENTED:
                said = f"The sandbox does not serve {self.command[:40]} {self.path[:200]}; the methods are {_METHODS}."
                problem = Problem(405, "UNIMPLEMENTED", said)
                with suppress(Problem):  # an unread body would break the connection before the answer is read
                    bodies.read(self.rfile, self.connection, length_of(self.headers))
            self._send(Reply.of(problem.code, problem.document))

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
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Silence; `sandbox status` counts the calls."""

    return Handler
