"""The one retry layer: Google's clients retry nothing by themselves, and nothing else here does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from adsync.errors import QuotaExhausted, TryAgainLater

Result = TypeVar("Result")
LONGEST_WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a read is tried, how long the first pause is (doubled each time, with jitter), and each call's limit.

    Only reads go through it: a change is never sent twice.
    """

    attempts: int = 4
    first_wait_seconds: float = 5.0
    timeout_seconds: float = 60.0

    def read(self, unit: Callable[[], Result]) -> Result:
        """The result of a whole unit of reading: a stream that breaks starts over from its beginning.

        Raises the last error when all attempts failed, and at once when trying again does not help.
        """
        retryer = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            retry=tenacity.retry_if_exception(_worth_waiting),
            wait=self._pause,
            reraise=True,
        )
        return retryer(unit)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        doubled: float = self.first_wait_seconds * 2 ** (state.attempt_number - 1)
        jittered = doubled * random.uniform(0.75, 1.25)  # noqa: S311  (spreads clients, hides nothing)
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds or 0.0 if isinstance(error, TryAgainLater) else 0.0
        return min(max(jittered, asked), LONGEST_WAIT_SECONDS)


def _worth_waiting(error: BaseException) -> bool:
    """A quota that comes back within two minutes is waited for; one that comes back tomorrow is reported."""
    if not isinstance(error, TryAgainLater):
        return False
    if error.retry_after_seconds is not None:
        return error.retry_after_seconds <= LONGEST_WAIT_SECONDS
    # Hourly and daily allowances of GA4 come without a delay; hammering them only burns more.
    return not isinstance(error, QuotaExhausted)
