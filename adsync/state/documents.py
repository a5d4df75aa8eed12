"""Model values as JSON text and back, checked on the way in."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Table

from adsync.state.cells import Unreadable

Item = TypeVar("Item")
Member = TypeVar("Member", bound=StrEnum)


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Made once for each kind: building one takes longer than using it."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_text(value: Any) -> str:
    """JSON that `from_text` turns into an equal value."""
    return _adapter(type(value)).dump_json(value).decode()


def from_text(kind: type[Item], text: str, table: Table, **row: object) -> Item:
    """The value. Raises Unreadable when the text is not one of its kind. row: the keys of the row in which it stands."""
    try:
        value: Item = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise Unreadable(_named(kind), _first_of(error), table.name, row) from None
    return value


def member(kind: type[Member], value: str, table: Table, **row: object) -> Member:
    """The member of an enumeration. Raises Unreadable for a word that is none."""
    try:
        return kind(value)
    except ValueError:
        raise Unreadable(_named(kind), f"{value!r:.60} is none.", table.name, row) from None


def _named(kind: type) -> str:
    return kind.__name__.lstrip("_")


def _first_of(error: ValidationError) -> str:
    """The first of what is wrong with a document, and where in it."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place + ': ' if place else ''}{first['msg']}."
