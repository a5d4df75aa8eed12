"""How a call's trouble looks over HTTP: Google's error document, OAuth's, or somebody's page."""

from __future__ import annotations

from adsync.sandbox.fault_kinds import Content, Trouble
from adsync.sandbox.http_messages import Problem, Reply
from adsync.sandbox.wrong_answers import PAGE

_OAUTH_SAYS = {
    "PERMISSION_DENIED": ("access_denied", "Account restricted"),
    "UNAUTHENTICATED": ("invalid_client", "The OAuth client was not found."),
    "RESOURCE_EXHAUSTED": ("rate_limit_exceeded", "Rate limit exceeded."),
    "UNAVAILABLE": ("temporarily_unavailable", "Sandbox fault: unavailable."),
}


def failed(trouble: Trouble, call: str) -> Reply:
    """What a call ends with. call: its name; the token endpoint's errors have a form of their own (RFC 6749, 5.2)."""
    if trouble.content is Content.PAGE:
        return Reply(trouble.http, PAGE, len(PAGE), "text/html; charset=UTF-8")
    if not trouble.status:
        return trouble_reply(504, "DEADLINE_EXCEEDED", "Sandbox fault: no answer.")
    if call == "token":
        other = ("invalid_request" if trouble.http < 500 else "internal_failure", trouble.said)
        code, description = _OAUTH_SAYS.get(trouble.status, other)
        return Reply.of(trouble.http, {"error": code, "error_description": description})
    return trouble_reply(trouble.http, trouble.status, trouble.said)


def trouble_reply(code: int, status: str, message: str) -> Reply:
    return Reply.of(code, Problem(code, status, message).document)
