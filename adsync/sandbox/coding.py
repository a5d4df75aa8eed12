"""Dataclasses as JSON and back, whatever fields they have: the sandbox's state is made of nothing else."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections import deque
from collections.abc import Collection, Hashable
from functools import cache
from typing import Any


def encoded(value: Any, without: Collection[str] = ()) -> Any:
    """The value in JSON's terms; dictionaries as lists of pairs, since their keys need not be text.

    without: names of the outermost dataclass's fields that are left out.
    """
    if dataclasses.is_dataclass(value):
        names = (f.name for f in dataclasses.fields(value) if f.init and f.name not in without)
        return {name: encoded(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        # Copied in one go: tokens and quota are counted by threads that do not hold the estate's lock.
        return [[encoded(key), encoded(item)] for key, item in list(value.items())]
    if isinstance(value, (list, tuple, deque)):
        return [encoded(item) for item in list(value)]
    if isinstance(value, (set, frozenset)):
        return sorted(encoded(item) for item in value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"The state of the sandbox cannot hold a {type(value).__name__}.")


def decoded(hint: Any, data: Any) -> Any:
    """What ``encoded`` was given, from its type and what it returned. Fields that are missing get their default."""
    if dataclasses.is_dataclass(hint):
        hints = hints_of(typing.cast(Hashable, hint))
        return hint(**{name: decoded(hints[name], item) for name, item in data.items() if name in hints})  # type: ignore[operator]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        return decoded(next(a for a in arguments if a is not type(None)), data)
    if origin is dict:
        return {decoded(arguments[0], key): decoded(arguments[1], item) for key, item in data}
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(decoded(arguments[0], item) for item in data)
        return tuple(decoded(kind, item) for kind, item in zip(arguments, data, strict=True))
    if origin in (list, set, frozenset, deque):
        return origin(decoded(arguments[0], item) for item in data)
    return data


def restore(target: Any, data: dict[str, Any]) -> None:
    """Gives a dataclass's object the fields that were saved; the others keep what they hold."""
    hints = hints_of(typing.cast(Hashable, type(target)))
    for name, item in data.items():
        if name in hints:
            setattr(target, name, decoded(hints[name], item))


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, found once."""
    found = typing.get_type_hints(kind)
    return {f.name: found[f.name] for f in dataclasses.fields(kind) if f.init}
