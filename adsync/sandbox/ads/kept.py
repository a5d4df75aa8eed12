"""Derived numbers that are kept for a while: the latest that were asked for, up to a size in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Protocol, TypeVar

MEGABYTE = 1 << 20


class Sized(Protocol):
    """Something that knows how much memory it takes."""

    @property
    def nbytes(self) -> int: ...


T = TypeVar("T", bound=Sized)


class Kept:
    """Values by key, each made under a state; one whose state has changed is made anew."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size

    def get(self, key: Hashable, state: Hashable, make: Callable[[], T]) -> T:
        """The value of this key under this state, made if it is not held."""
        with self._lock:
            found = self._values.get(key)
            if found is not None and found[0] == state:
                self._values.move_to_end(key)
                value: T = found[1]
                return value
        value = make()
        with self._lock:
            old = self._values.pop(key, None)
            self._values[key] = (state, value)
            self._size += value.nbytes - (old[1].nbytes if old else 0)
            while self._size > self._limit and len(self._values) > 1:
                self._size -= self._values.popitem(last=False)[1][1].nbytes
        return value


KEPT = Kept(96 * MEGABYTE)
"""One for all accounts of the process: a hundred accounts with ten actions each would not fit at once."""
