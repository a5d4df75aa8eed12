"""Reads a request about a property, and what is refused in it once it is read."""

from __future__ import annotations

from typing import Any, TypeVar

from adsync.sandbox import transcoding

Message = TypeVar("Message", bound=Any)


class BadRequest(Exception):
    """Answers 400 INVALID_ARGUMENT with this message."""


def parsed(body: bytes, message: Message, shop: str = "") -> Message:
    """The message, filled. shop: the property of the path, where the message holds it as well.

    Raises Problem for what is not the JSON of such a message.
    """
    return transcoding.parsed(body, message, {"property": f"properties/{shop}"} if shop else None)
