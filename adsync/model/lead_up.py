"""What buyers did in the hours before they bought, beside how usual it is on any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAD_UP_HOURS = 24
"""Before the first macro of a visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How often one event was done. days: of single visitors, on which they did it.

    buyers: who did it in the hours before their first macro. lead_seconds: from the first time then until the macro, an hour
    at most, on average.
    """

    days: int
    buyers: int
    lead_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """Visitors who did the macro (count), those of them who did anything else (others), and in how many whole months each of
    them did it, added up (months)."""

    count: int
    others: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadUp:
    """Of each event but the macro. days: of single visitors, with any event. buyers: who did the macro."""

    days: int
    buyers: int
    by_name: Mapping[str, Done]
