"""What every call of GA4 and of the token endpoint passes, however it comes, and what it looks like over HTTP."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from adsync.sandbox.call_names import OAUTH_CALL, ga4_call
from adsync.sandbox.controls import Controls
from adsync.sandbox.estate import Estate
from adsync.sandbox.fault_kinds import Content, Trouble, When
from adsync.sandbox.ga4.api import Ga4
from adsync.sandbox.http_faults import failed
from adsync.sandbox.http_messages import Answer, Problem, Reply, Request, Route, Suffered
from adsync.sandbox.missing_credentials import missing_credentials
from adsync.sandbox.oauth import TokenIssuer, TokenRefused
from adsync.sandbox.saved import NotWritten
from adsync.sandbox.stumbling import stumbled
from adsync.sandbox.wrong_answers import wrong_document

_LONGEST_CALL_SECONDS = 120.0
_TOO_FEW_SCOPES = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "domain": "googleapis.com",
}


class Rest:
    """Finds the route of a request and answers it."""

    def __init__(self, directory: Path, estate: Estate, tokens: TokenIssuer, latency: float) -> None:
        """directory: the sandbox's folder. latency: seconds that every answer takes longer than it needs."""
        self._estate, self._tokens, self._latency = estate, tokens, latency
        self._faults, self._calls = estate.faults, estate.calls
        # Clients of different ages ask at different places; at Google all of them are served.
        token = Route("POST", "/token|/o/oauth2/token|/oauth2/v4/token", "token", frozenset(), self._token)
        self._ga4 = Ga4(estate)
        routes = (token, *self._ga4.routes(), *Controls(directory, estate, tokens).routes())
        self._routes = [(re.compile(route.pattern), route) for route in routes]

    def _token(self, request: Request) -> Answer:
        with self._estate.lock:
            answer = self._tokens.exchange(dict(parse_qsl(request.body.decode(errors="replace"))))
            self._estate.note("tokens")
        return answer

    def answer(self, request: Request) -> Reply:
        """What goes back over HTTP."""
        try:
            document, trouble = self.carry_out(request, lambda: _LONGEST_CALL_SECONDS)
        except Suffered as suffered:
            return failed(suffered.trouble, suffered.call)
        except Problem as problem:
            return Reply.of(problem.code, problem.document)
        except TokenRefused as refused:
            return Reply.of(refused.status, {"error": refused.code, "error_description": refused.description})
        return _delivered(document, trouble)

    def carry_out(self, request: Request, seconds_left: Callable[[], float]) -> tuple[Answer, Trouble]:
        """The answer, and what befalls it on its way. seconds_left: how long the caller still waits.

        Raises Problem, or Suffered where a fault ended the call; TokenRefused where a token was asked for.
        """
        try:
            return self._carried_out(request, seconds_left)
        except NotWritten as error:
            raise Problem(500, "INTERNAL", str(error)) from None
        except Suffered as suffered:
            # Where the sandbox itself fails, GA4 would not have: that does not count against whoever called.
            if suffered.code in (500, 503):
                self._count_server_error(request)
            raise

    def _carried_out(self, request: Request, seconds_left: Callable[[], float]) -> tuple[Answer, Trouble]:
        try:
            route, parts = self._find(request)
            trouble = self._admit(route.call, seconds_left)
            if route.scopes:
                self._authenticate(request, route.scopes)
            document = self._document(route, request, parts)
        except (Problem, TokenRefused, NotWritten):
            raise
        except RecursionError:
            raise Problem(400, "INVALID_ARGUMENT", "The request is nested too deeply.") from None
        except Exception as error:  # an answer, whatever a request holds; the connection would break
            raise Problem(500, "INTERNAL", stumbled(error)) from error
        if trouble.when is When.AFTER:
            raise Suffered(self._hung(trouble, seconds_left), route.call)
        return wrong_document(document, trouble.content), trouble

    def _document(self, route: Route, request: Request, parts: dict[str, str]) -> Answer:
        if not route.changes:
            return route.answer(request, **parts)
        with self._estate.lock:  # nobody sees what may yet be taken back
            document = route.answer(request, **parts)
            self._estate.changed()
            return document

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

    def _admit(self, name: str, seconds_left: Callable[[], float]) -> Trouble:
        """Counts a call and lets it suffer what comes before an answer; returns what it is still to suffer."""
        if not name:
            return Trouble()
        call = ga4_call(name) if name != "token" else OAUTH_CALL
        self._calls.note(call)
        trouble = self._faults.next(call) or Trouble()
        seconds = self._latency + trouble.seconds
        if seconds and not self._faults.delay(seconds, seconds_left()):
            # Nobody waits for it any more: as with Google, it is then not begun.
            raise Suffered(_unanswered(trouble), name)
        if trouble.forgets_tokens:
            self._tokens.expire_all()
            self._estate.note("tokens")
        if trouble.when is When.BEFORE and (trouble.hangs or trouble.status):
            raise Suffered(self._hung(trouble, seconds_left), name)
        return trouble

    def _hung(self, trouble: Trouble, seconds_left: Callable[[], float]) -> Trouble:
        """What is left to say to a caller, once it was kept hanging where it should."""
        if not trouble.hangs:
            return trouble
        self._faults.delay(math.inf, seconds_left())
        return _unanswered(trouble)

    def _authenticate(self, request: Request, scopes: frozenset[str]) -> None:
        problem = self._tokens.allows(request.authorization, scopes)
        if problem == "missing":
            raise missing_credentials()
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


def _unanswered(trouble: Trouble) -> Trouble:
    return replace(trouble, status="DEADLINE_EXCEEDED", http=504, said="Sandbox fault: no answer.")


def _delivered(document: Answer, trouble: Trouble) -> Reply:
    """What of an answer arrives. Its status line goes first: one that breaks half-way was a success until then."""
    reply = Reply.of(200, document)
    half = reply.body[: reply.promised // 2]
    if trouble.when is When.MIDDLE:
        return replace(reply, body=half)
    return replace(reply, body=half, promised=len(half)) if trouble.content is Content.GARBLED else reply
