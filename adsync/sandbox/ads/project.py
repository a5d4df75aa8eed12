"""The Google Cloud project through which every call comes: its access level, and what it has used of its quota."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from adsync.sandbox.ads.errors import refuse

LEVELS: dict[str, int | None] = {"test": 15_000, "explorer": 2_880, "basic": 15_000, "standard": None}
"""Access levels, and the operations that each may use in 24 hours; None for any number."""
_DAY = 86_400


@dataclass(slots=True)
class Project:
    """One project. level: of LEVELS. retired: the API versions that it finds closed."""

    level: str = "standard"
    retired: set[str] = field(default_factory=set)
    _spent: deque[list[int]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rate_name(self) -> str:
        """What Google calls the quota of this level."""
        return f"Number of operations for {self.level} access"

    def used(self, now: int) -> int:
        """Operations of the last 24 hours."""
        with self._lock:
            return self._used(now)

    def charge(self, operations: int, now: int) -> None:
        """Counts operations. Raises AdsRefusal, counting nothing, when they go beyond the access level's quota."""
        with self._lock:
            quota = LEVELS[self.level]
            if quota is not None and self._used(now) + operations > quota:
                raise self._exhausted(operations, quota, now)
            if self._spent and self._spent[-1][0] == now:
                self._spent[-1][1] += operations
            else:
                self._spent.append([now, operations])

    def _used(self, now: int) -> int:
        while self._spent and self._spent[0][0] <= now - _DAY:
            self._spent.popleft()
        return sum(operations for _, operations in self._spent)

    def _exhausted(self, operations: int, quota: int, now: int) -> Exception:
        """The refusal, with the time after which enough of what was spent is a day old."""
        wait, missing = _DAY, self._used(now) + operations - quota
        for moment, spent in self._spent:
            missing -= spent
            if missing <= 0:
                wait = moment + _DAY - now
                break
        return refuse(
            "quota_error",
            "RESOURCE_EXHAUSTED",
            f"Too many requests. Retry in {wait} seconds.",
            retry_after_seconds=wait,
            rate_name=self.rate_name,
        )
