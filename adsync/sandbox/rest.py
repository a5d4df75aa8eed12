"""The sandbox over HTTP: finds what a request asks for, admits it, and answers."""

from __future__ import annotations

import json
import re
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from adsync.sandbox.controls import Controls
from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.api import Ga4
from adsync.sandbox.http_messages import Answer, Problem, Request, Route
from adsync.sandbox.oauth import TokenIssuer, TokenRefused


class Rest:
    """Finds the route of a request and answers it."""

    def __init__(self, estate: Estate, tokens: TokenIssuer) -> None:
        self._faults, self._calls, self._tokens = estate.faults, estate.calls, tokens
        token = Route("POST", "/token", "token", frozenset(), self._token)
        routes = (token, *Ga4(estate).routes(), *Controls(estate).routes())
        self._routes = [(re.compile(route.pattern), route) for route in routes]

    def _token(self, request: Request) -> Answer:
        return self._tokens.exchange(dict(parse_qsl(request.body.decode())))

    def answer(self, request: Request) -> tuple[int, bytes, int]:
        """Status code, body, and the length that is promised for it: more than that of the body when it is to be cut."""
        try:
            route, parts = self._find(request)
            fault = self._admit(route.call)
            if route.scopes:
                self._authenticate(request, route.scopes)
            document = route.answer(request, **parts)
        except Problem as problem:
            return _trouble(problem.code, problem.status, problem.message)
        except TokenRefused as refused:
            return _whole(400, {"error": refused.code, "error_description": refused.description})
        except Exception as error:  # noqa: BLE001  (an answer, whatever a request holds; the connection would break)
            return _trouble(500, "INTERNAL", f"The sandbox stumbled over this: {type(error).__name__}: {error}")
        if fault == "lost":
            return _trouble(503, "UNAVAILABLE", "Sandbox fault: the answer was lost.")
        code, body, length = _whole(200, document)
        if fault in ("cut", "garbled"):
            body = body[: length // 2]
        return code, body, length if fault == "cut" else len(body)

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and route.method == request.method:
                return route, match.groupdict()
        raise Problem(404, "NOT_FOUND", f"The sandbox does not serve {request.method} {request.path}.")

    def _admit(self, name: str) -> str:
        """Counts a call and lets it suffer what was asked for; returns what else is wrong with it."""
        if not name:
            return ""
        self._calls[f"ga4 {name}" if name != "token" else "oauth token"] += 1
        fault = self._faults.next(name)
        if fault == "hang":
            self._faults.released.wait(120)
        if fault in _FAULTS:
            raise Problem(*_FAULTS[fault])
        return fault

    def _authenticate(self, request: Request, scopes: frozenset[str]) -> None:
        problem = self._tokens.allows(request.authorization, scopes)
        if problem == "invalid":
            raise Problem(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential.",
            )
        if problem:
            raise Problem(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.")


_FAULTS = {
    "unavailable": (503, "UNAVAILABLE", "Sandbox fault: unavailable."),
    "internal": (500, "INTERNAL", "Sandbox fault: internal error."),
    "quota": (
        429,
        "RESOURCE_EXHAUSTED",
        "Exhausted property tokens per day. These quota tokens will return in under 24 hours.",
    ),
    "forbidden": (403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property."),
}


def _trouble(code: int, status: str, message: str) -> tuple[int, bytes, int]:
    return _whole(code, {"error": {"code": code, "message": message, "status": status}})


def _whole(code: int, document: Answer) -> tuple[int, bytes, int]:
    body = json.dumps(document).encode()
    return code, body, len(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def start_rest_server(rest: Rest, port: int, latency: float) -> tuple[ThreadingHTTPServer, int]:
    """Binds on loopback; the caller runs `serve_forever`. Raises OSError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: otherwise Nagle and delayed acknowledgement cost 40 ms an answer.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            request = Request(self.command, urlsplit(self.path).path, body, self.headers.get("Authorization", ""))
            if latency and not request.path.startswith("/sandbox/"):
                time.sleep(latency)
            code, content, length = rest.answer(request)
            self.send_response(code)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(length))
            self.close_connection = self.close_connection or length > len(content)
            self.send_header("x-request-id", secrets.token_urlsafe(12))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Silence; `sandbox status` counts the calls."""

    server = _Server(("127.0.0.1", port), Handler)
    return server, server.server_address[1]
