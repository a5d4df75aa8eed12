"""Fields of Google's messages by the paths that masks use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def field_of(descriptor: Any, name: str) -> Any:
    """A message's field by the name that masks use: Google's messages avoid Python's keywords with an underscore."""
    fields = descriptor.fields_by_name if descriptor else {}
    return fields.get(name) or fields.get(f"{name}_")


def set_paths(message: Any, prefix: str = "") -> Iterator[str]:
    """The paths of all fields that a message sets, as a mask would name them."""
    for descriptor, value in message.ListFields():
        path = prefix + descriptor.name.removesuffix("_")
        if descriptor.message_type and not descriptor.is_repeated and descriptor.message_type.fields:
            yield path
            yield from set_paths(value, f"{path}.")
        else:
            yield path
