"""Columns that are worked out when they are asked for, and kept while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

KEPT_BYTES = 160 << 20
"""How much memory the worked-out columns of all worlds may take together."""


class _Kept:
    """Worked-out columns, the least used of which are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._columns: OrderedDict[tuple[object, str], NDArray[Any]] = OrderedDict()
        self._bytes = 0

    def get(self, owner: object, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        key = (owner, name)
        with self._lock:
            if key in self._columns:
                self._columns.move_to_end(key)
                return self._columns[key]
        made = make()
        made.flags.writeable = False
        with self._lock:
            if key not in self._columns:
                self._columns[key] = made
                self._bytes += made.nbytes
            while self._bytes > KEPT_BYTES and len(self._columns) > 1:
                self._bytes -= self._columns.popitem(last=False)[1].nbytes
        return made


_KEPT = _Kept()


def kept_column(owner: object, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """One of an owner's columns, read-only; made when it is not there, or not any more."""
    return _KEPT.get(owner, name, make)
