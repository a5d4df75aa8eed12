"""What the sandbox's HTTP side passes around: requests, routes, and errors in Google's form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Problem(Exception):
    """An HTTP error in Google's form."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code, self.status, self.message = code, status, message


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its body still unread JSON (or a form, for tokens)."""

    method: str
    path: str
    body: bytes
    authorization: str


Answer = dict[str, Any]


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


def json_of(request: Request) -> dict[str, Any]:
    try:
        document = json.loads(request.body or b"{}")
    except ValueError:
        raise Problem(400, "INVALID_ARGUMENT", "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise Problem(400, "INVALID_ARGUMENT", "The body is not a JSON object.")
    return document
