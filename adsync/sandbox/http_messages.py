"""What the sandbox's HTTP side passes around: requests, routes, and errors in Google's form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adsync.sandbox.fault_kinds import Trouble

Answer = dict[str, Any]


class Problem(Exception):
    """An HTTP error in Google's form. details: messages of Google's, as JSON, that say more."""

    def __init__(self, code: int, status: str, message: str, *, details: tuple[Answer, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.status, self.message, self.details = code, status, message, details

    @property
    def document(self) -> Answer:
        """The error as Google writes it."""
        error: Answer = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": {**error, "details": list(self.details)} if self.details else error}


class Suffered(Problem):
    """A fault ended the call, as something on the way to GA4 would; `trouble` is that fault. call: the call's name."""

    def __init__(self, trouble: Trouble, call: str = "") -> None:
        super().__init__(trouble.http, trouble.status, trouble.said)
        self.trouble, self.call = trouble, call


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its body still unread JSON (or a form, for tokens). query: what follows the path's "?"."""

    method: str
    path: str
    body: bytes
    authorization: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire. promised: the length that is announced, more than there is when it is to be cut.

    request_id: the one of Google Ads; GA4's are made as the answer is sent.
    """

    status: int
    body: bytes
    promised: int
    content_type: str = "application/json; charset=UTF-8"
    request_id: str = ""

    @classmethod
    def of(cls, status: int, document: Answer | list[Answer]) -> Reply:
        body = json.dumps(document).encode()
        return cls(status, body, len(body))


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path. call: the name under which it is counted and may be made to fail; "" for the controls.

    scopes: any one of them opens it; none needed when empty. Groups of the pattern become arguments.
    """

    method: str
    pattern: str
    call: str
    scopes: frozenset[str]
    answer: Callable[..., Answer]

    @property
    def changes(self) -> bool:
        """Whether it may change something: an edit of GA4's, or one of the sandbox's own controls."""
        edits = any(scope.endswith(".edit") for scope in self.scopes) and len(self.scopes) == 1
        return self.method != "GET" and (edits or self.pattern.startswith("/sandbox/"))


def json_of(request: Request) -> dict[str, Any]:
    try:
        document = json.loads(request.body or b"{}")
    except ValueError:
        raise Problem(400, "INVALID_ARGUMENT", "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise Problem(400, "INVALID_ARGUMENT", "The body is not a JSON object.")
    return document
