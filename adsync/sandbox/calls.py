"""What the sandbox was asked, counted and in order."""

from __future__ import annotations

import threading
from collections import Counter, deque

MOST_REMEMBERED = 10_000
"""The order is for looking at one night; a benchmark's calls are only counted."""


class Calls(Counter[str]):
    """How often each call came in, such as "ads GoogleAdsService/SearchStream" or "ga4 runReport"."""

    def __init__(self) -> None:
        super().__init__()
        self._order: deque[tuple[str, str]] = deque(maxlen=MOST_REMEMBERED)
        self._lock = threading.Lock()

    def note(self, name: str, request_id: str = "") -> None:
        """One more call, whatever becomes of it."""
        with self._lock:
            self[name] += 1
            self._order.append((name, request_id))

    def in_order(self) -> tuple[str, ...]:
        """The newest calls, oldest first."""
        with self._lock:
            return tuple(name for name, _ in self._order)

    def request_ids(self) -> tuple[str, ...]:
        """The id under which each of them was answered; "" for those that were given none."""
        with self._lock:
            return tuple(request_id for _, request_id in self._order)

    def forget(self) -> None:
        with self._lock:
            self.clear()
            self._order.clear()
