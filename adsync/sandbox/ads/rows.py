"""Writes rows of values into Google's messages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from adsync.sandbox.ads.message_fields import field_of

_UNKNOWN = 1
"""What every enum calls a constant that came after its version."""


class Write:
    """Sets one field of a message by its GAQL path, found once for all rows: `write(message, value)`."""

    __slots__ = ("_field", "_name", "_numbers", "_way", "path")

    def __init__(self, descriptor: Any, path: str) -> None:
        *way, last = path.split(".")
        names = []
        for part in way:
            step = field_of(descriptor, part)
            names.append(step.name)
            descriptor = step.message_type
        field = field_of(descriptor, last)
        plain = not field.is_repeated and field.message_type is None
        self.path, self._way, self._name = path, tuple(names), field.name
        # What is neither repeated nor a message is set at once: that is nearly everything, and most of the time goes here.
        self._field = None if plain else field
        self._numbers = {value.name: value.number for value in field.enum_type.values} if field.enum_type else None

    def __call__(self, message: Any, value: Any) -> None:
        for part in self._way:
            message = getattr(message, part)
        if self._field is not None:
            _set(message, self._field, value)
        elif self._numbers is None:
            setattr(message, self._name, value)
        else:
            setattr(message, self._name, self._numbers.get(value, _UNKNOWN))


def set_path(message: Any, path: str, value: Any) -> None:
    """Sets one field by its GAQL path below the message.

    Enums are given by name, empty messages as {}, messages as mappings of paths, field masks as lists of paths, repeated
    fields as lists. A constant that this version's enum lacks becomes UNKNOWN, as Google answers older versions.
    """
    *way, last = path.split(".")
    for part in way:
        message = getattr(message, field_of(message.DESCRIPTOR, part).name)
    _set(message, field_of(message.DESCRIPTOR, last), value)


def _set(message: Any, field: Any, value: Any) -> None:
    if field.is_repeated:
        held = getattr(message, field.name)
        if field.message_type is None:
            held.extend(_plain(field, item) for item in value)
        else:
            for item in value:
                _fill(held.add(), item)
    elif field.message_type is not None:
        _fill(getattr(message, field.name), value)
    else:
        setattr(message, field.name, _plain(field, value))


def _fill(message: Any, value: Any) -> None:
    message.SetInParent()
    if isinstance(value, Mapping):
        for path, content in value.items():
            set_path(message, path, content)
    else:
        message.paths.extend(value)


def _plain(field: Any, value: Any) -> Any:
    if field.enum_type is None:
        return value
    names = field.enum_type.values_by_name
    return names[value if value in names else "UNKNOWN"].number


@lru_cache(maxsize=256)
def paths_of(resource: str, select: tuple[str, ...], *, implicit_names: bool) -> tuple[str, ...]:
    """What a row of a query carries: what is selected, and the resource names that come along unasked."""
    if not implicit_names:
        return select
    owners = {name.split(".", 1)[0] for name in select} - {"metrics", "segments"}
    return tuple(dict.fromkeys((*(f"{owner}.resource_name" for owner in sorted({resource, *owners})), *select)))
