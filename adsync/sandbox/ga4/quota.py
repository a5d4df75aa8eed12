"""What the Data API lets one project ask of one property: tokens, requests at a time, server errors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

CORE, REALTIME, FUNNEL = "core", "realtime", "funnel"
_PACIFIC = ZoneInfo("America/Los_Angeles")
_HOUR = 3_600
_MORE = "To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"


class QuotaExhausted(Exception):
    """Answers 429 RESOURCE_EXHAUSTED with this message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A standard property's limits, for each category of requests."""

    tokens_per_day: int = 200_000
    tokens_per_hour: int = 40_000
    tokens_per_project_per_hour: int = 14_000
    concurrent_requests: int = 10
    server_errors_per_project_per_hour: int = 10
    potentially_thresholded_requests_per_hour: int = 120


def tokens(*, fields: int, days: int, rows: int, conditions: int) -> int:
    """What a request costs; most cost less than ten.

    fields: dimensions and metrics, or a funnel's steps and segments. days: of all date ranges together. rows: answered.
    conditions: single filters. Gives what public observations of the real service show: 1 for a short narrow report, 2
    for 1 x 10 fields, 4 for 9 x 10, 7 for one year; how rows and filters weigh is not known.
    """
    return 1 + fields // 6 + days // 60 + rows // 10_000 + conditions // 10


@dataclass(slots=True)
class Quotas:
    """What has been used of a property's quotas, by category; there is one project, the sandbox's.

    Hourly quotas return with the clock's next hour, the daily ones at midnight in California.
    """

    limits: Limits = field(default_factory=Limits)
    _used: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _running: Counter[str] = field(default_factory=Counter)

    def enter(self, category: str, now: int) -> None:
        """Lets a request in, until `leave`.

        Raises QuotaExhausted.
        """
        left = {name: remaining for name, (_, remaining) in self._statuses(category, now).items()}
        for name, message in _MESSAGES.items():
            if left[name] <= 0:
                raise QuotaExhausted(f"{message} {_MORE}")
        self._running[category] += 1

    def leave(self, category: str, now: int, *, cost: int, thresholded: bool = False) -> None:
        """A request that was let in is over. cost: tokens; thresholded: its answer could leave out small groups."""
        self._running[category] -= 1
        for name in ("tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour"):
            self._used[category, name, _window(name, now)] += cost
        self._used[category, _THRESHOLDED, _window(_THRESHOLDED, now)] += thresholded

    def server_error(self, category: str, now: int) -> None:
        """A request was answered 500 or 503; after ten in an hour the property refuses the project."""
        self._used[category, _ERRORS, _window(_ERRORS, now)] += 1

    def forgive_server_errors(self) -> None:
        """Those that were asked for are over, and what they led to with them."""
        self._used = Counter({key: count for key, count in self._used.items() if key[1] != _ERRORS})

    def status(self, category: str, now: int) -> dict[str, Any]:
        """A PropertyQuota as JSON; Google writes both numbers even when they are zero."""
        return {
            name: {"consumed": consumed, "remaining": remaining}
            for name, (consumed, remaining) in self._statuses(category, now).items()
        }

    def _statuses(self, category: str, now: int) -> dict[str, tuple[int, int]]:
        limits = self.limits
        allowed = {
            "tokensPerDay": limits.tokens_per_day,
            "tokensPerHour": limits.tokens_per_hour,
            "concurrentRequests": limits.concurrent_requests,
            _ERRORS: limits.server_errors_per_project_per_hour,
            _THRESHOLDED: limits.potentially_thresholded_requests_per_hour,
            "tokensPerProjectPerHour": limits.tokens_per_project_per_hour,
        }
        used = {name: self._used[category, name, _window(name, now)] for name in allowed}
        used["concurrentRequests"] = self._running[category]
        return {name: (used[name], max(0, limit - used[name])) for name, limit in allowed.items()}


_ERRORS, _THRESHOLDED = "serverErrorsPerProjectPerHour", "potentiallyThresholdedRequestsPerHour"
# Public reports of live answers give all texts but the one on server errors, which nobody seems to have kept.
_MESSAGES = {
    "concurrentRequests": "Exhausted concurrent requests quota. Please send fewer requests concurrently.",
    "tokensPerDay": "Exhausted property tokens per day. These quota tokens will return in under 24 hours.",
    "tokensPerHour": "Exhausted property tokens per hour. These quota tokens will return in under an hour.",
    "tokensPerProjectPerHour": (
        "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour."
    ),
    _ERRORS: "Exhausted server errors quota for a project per hour. This quota will refresh in under an hour.",
    _THRESHOLDED: "Exhausted potentially thresholded requests quota. This quota will refresh in under an hour.",
}


def _window(name: str, now: int) -> str:
    """The stretch of time in which this much may be used."""
    if name == "tokensPerDay":
        return datetime.fromtimestamp(now, _PACIFIC).date().isoformat()
    return str(now // _HOUR)
