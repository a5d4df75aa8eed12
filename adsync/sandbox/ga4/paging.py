"""Lists in pages, as the Admin API gives them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from adsync.sandbox.http_messages import Answer, Problem, Request

USUAL_PAGE, MOST_PAGE = 50, 200
LARGEST_SIZE = (1 << 31) - 1
"""More than the request's 32-bit number holds is none; more than MOST_PAGE is that many."""


def page(key: str, items: Sequence[Answer], request: Request) -> Answer:
    """The page that the request's `pageSize` and `pageToken` mean; without the key when there is nothing.

    Raises Problem for a size that is no number and for a token that this list did not hand out.
    """
    size = request.query.get("pageSize", "0")
    if not (size.isascii() and size.isdecimal() and len(size) <= 10 and int(size) <= LARGEST_SIZE):
        raise Problem(400, "INVALID_ARGUMENT", f"Invalid page size: {size[:40]}.")
    start = _start(request.query.get("pageToken", ""), key)
    stop = start + min(int(size) or USUAL_PAGE, MOST_PAGE)
    answer: Answer = {key: list(items[start:stop])} if items[start:stop] else {}
    if stop < len(items):
        answer["nextPageToken"] = base64.urlsafe_b64encode(f"{key}:{stop}".encode()).decode()
    return answer


def _start(token: str, key: str) -> int:
    if not token:
        return 0
    try:
        of, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if of == key and number.isascii() and number.isdigit():
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise Problem(400, "INVALID_ARGUMENT", "The page token is invalid.")
