"""The sandbox over HTTP: finds what a request asks for, admits it, and answers."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from adsync.sandbox.controls import Controls
from adsync.sandbox.estate import Estate
from adsync.sandbox.fault_kinds import Content, Trouble, When
from adsync.sandbox.ga4.api import Ga4
from adsync.sandbox.http_faults import failed, trouble_reply
from adsync.sandbox.http_messages import Answer, Problem, Reply, Request, Route
from adsync.sandbox.oauth import TokenIssuer, TokenRefused
from adsync.sandbox.saved import NotWritten
from adsync.sandbox.wrong_answers import wrong_document

_LONGEST_HANG_SECONDS = 120
_TOO_FEW_SCOPES = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "domain": "googleapis.com",
}


class Rest:
    """Finds the route of a request and answers it."""

    def __init__(self, estate: Estate, tokens: TokenIssuer) -> None:
        self._estate, self._tokens = estate, tokens
        self._faults, self._calls = estate.faults, estate.calls
        # Clients of different ages ask at different places; at Google all of them are served.
        token = Route("POST", "/token|/o/oauth2/token|/oauth2/v4/token", "token", frozenset(), self._token)
        self._ga4 = Ga4(estate)
        routes = (token, *self._ga4.routes(), *Controls(estate, tokens).routes())
        self._routes = [(re.compile(route.pattern), route) for route in routes]

    def _token(self, request: Request) -> Answer:
        with self._estate.lock:
            answer = self._tokens.exchange(dict(parse_qsl(request.body.decode(errors="replace"))))
            self._estate.note("tokens")
        return answer

    def answer(self, request: Request) -> Reply:
        try:
            reply = self._answer(request)
        except NotWritten as error:
            # Not of Google's errors, which GA4 counts.
            return trouble_reply(500, "INTERNAL", str(error))
        if reply.status in (500, 503):
            self._count_server_error(request)
        return reply

    def _answer(self, request: Request) -> Reply:
        try:
            route, parts = self._find(request)
            trouble = self._admit(route.call)
            if trouble.when is When.BEFORE and trouble.status:
                return failed(trouble, route.call)
            if route.scopes:
                self._authenticate(request, route.scopes)
            document = self._carried_out(route, request, parts)
        except NotWritten:
            raise
        except Problem as problem:
            return Reply.of(problem.code, problem.document)
        except TokenRefused as refused:
            return Reply.of(refused.status, {"error": refused.code, "error_description": refused.description})
        except RecursionError:
            return trouble_reply(400, "INVALID_ARGUMENT", "The request is nested too deeply.")
        except Exception as error:  # noqa: BLE001  (an answer, whatever a request holds; the connection would break)
            return trouble_reply(500, "INTERNAL", f"The sandbox stumbled over this: {type(error).__name__}: {error}")
        return self._delivered(document, trouble, route.call)

    def _carried_out(self, route: Route, request: Request, parts: dict[str, str]) -> Answer:
        if not route.changes:
            return route.answer(request, **parts)
        with self._estate.lock:  # nobody sees what may yet be taken back
            document = route.answer(request, **parts)
            self._estate.changed()
            return document

    def _delivered(self, document: Answer, trouble: Trouble, call: str) -> Reply:
        """What of an answer arrives. Its status line goes first: one that breaks half-way was a success until then."""
        if trouble.when is When.AFTER:
            self._hang(trouble)
            return failed(trouble, call)
        reply = Reply.of(200, wrong_document(document, trouble.content))
        half = reply.body[: reply.promised // 2]
        if trouble.when is When.MIDDLE:
            return replace(reply, body=half)
        return replace(reply, body=half, promised=len(half)) if trouble.content is Content.GARBLED else reply

    def _count_server_error(self, request: Request) -> None:
        """GA4 blocks whom it has answered ten such errors in an hour, whatever they came from."""
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and route.method == request.method and "shop" in match.groupdict():
                self._ga4.server_error(route.call, match["shop"])

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and route.method == request.method:
                return route, match.groupdict()
        what = f"The sandbox does not serve {request.method} {request.path}."
        if request.path.startswith(("/v1beta/", "/v1alpha/")):
            raise Problem(501, "UNIMPLEMENTED", what)
        raise Problem(404, "NOT_FOUND", what)

    def _admit(self, name: str) -> Trouble:
        """Counts a call and lets it suffer what comes before an answer; returns what it is to suffer."""
        if not name:
            return Trouble()
        self._calls.note(f"ga4 {name}" if name != "token" else "oauth token")
        trouble = self._faults.next(name) or Trouble()
        if trouble.seconds:
            self._faults.released.wait(trouble.seconds)
        if trouble.forgets_tokens:
            self._tokens.expire_all()
            self._estate.note("tokens")
        if trouble.hangs and trouble.when is When.BEFORE:
            self._hang(trouble)
            return replace(trouble, status="DEADLINE_EXCEEDED", http=504, said="Sandbox fault: no answer.")
        return trouble

    def _hang(self, trouble: Trouble) -> None:
        if trouble.hangs:
            self._faults.released.wait(_LONGEST_HANG_SECONDS)

    def _authenticate(self, request: Request, scopes: frozenset[str]) -> None:
        problem = self._tokens.allows(request.authorization, scopes)
        if problem and problem != "scope":
            raise Problem(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential.",
            )
        if problem:
            raise Problem(
                403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", details=(_TOO_FEW_SCOPES,)
            )
