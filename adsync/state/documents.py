"""Model values as JSON text and back, checked on the way in."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from adsync.errors import StateError

Item = TypeVar("Item")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Made once for each kind: building one takes longer than using it."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_text(value: Any) -> str:
    """JSON that `from_text` turns into an equal value."""
    return _adapter(type(value)).dump_json(value).decode()


def from_text(kind: type[Item], text: str) -> Item:
    """The value. Raises StateError when the text is not one of its kind."""
    try:
        value: Item = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise StateError(
            f"The state database holds a {kind.__name__} that cannot be read.", str(error).splitlines()[0]
        ) from None
    return value
