"""The Google Ads operations that a run may still use, shared by its threads."""

from __future__ import annotations

import threading

from adsync.errors import QuotaExhausted


class Budget:
    """Counts down. Retries are operations too: Google counts what it refuses."""

    def __init__(self, left: int | None = None) -> None:
        """left: None for no limit."""
        self._left = left
        self._lock = threading.Lock()

    def spend(self, operations: int = 1, *, keeping: int = 0) -> None:
        """Takes operations, of which there must be ``keeping`` more. Raises QuotaExhausted when there are not."""
        with self._lock:
            if self._left is None:
                return
            if self._left < operations + keeping:
                raise QuotaExhausted(
                    "adsync's own operations budget of the last 24 hours is used up.",
                    "Calls that are tried again count as well.",
                    next_step="Run it again tomorrow, or raise limits.operations_per_day in the config.",
                )
            self._left -= operations
