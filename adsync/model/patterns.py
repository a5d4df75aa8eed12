"""Combinations of candidates: who did which of them, and what that says of the macro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adsync.model.activity import DAY, Ints

LANDMARKS = (30 * 60, DAY, 7 * DAY)
"""Seconds after a visitor's first event at which is asked what he has done so far, and whether the macro follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkTable:
    """Visitors at landmarks, counted; row i of every column belongs together.

    landmark: place in LANDMARKS. newer: 1 in the later half of first visits. group: of visitors. pattern: bit j is set
    where names[j] had been done. visitors, bought: those in this row, and those of them whom the macro followed.
    """

    names: tuple[str, ...]
    landmark: Ints
    newer: Ints
    group: Ints
    pattern: Ints
    visitors: Ints
    bought: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Unions:
    """Visitors by what they did of these names in a month, each once for every month: bit j of a pattern is set for names[j].

    A month is a stretch of 30 days, as in `adsync.model.exposure.Plain`.
    """

    names: tuple[str, ...]
    pattern: Ints
    visitors: Ints

    def who_did_any(self, names: frozenset[str]) -> int:
        """Visitors who did at least one of these: nobody is counted twice."""
        wanted = sum(1 << place for place, name in enumerate(self.names) if name in names)
        return int(self.visitors[(self.pattern & wanted) != 0].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """First occurrences of a candidate in one campaign, and how many of them the macro followed."""

    label: str
    exposed: float
    bought: float


DEAREST = 1e12
"""No order has more, in any currency: infinity, and what is no number, sort above it and would be the mean of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroValue:
    """What a macro is worth, in the log's currency.

    mean: of the values above 0 and up to DEAREST, the dearest hundredth cut off at its lower end; None where there are none.
    too_low, too_high: how many values are not.
    """

    mean: float | None
    too_low: int = 0
    too_high: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What is counted of several candidates at once.

    segments: of each, by campaign. value: what the log says a macro is worth.
    """

    landmarks: LandmarkTable
    unions: Unions
    segments: Mapping[str, tuple[Segment, ...]]
    value: MacroValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much better the macro is foreseen once a candidate is known on top of those before it, in bits for 1,000 visitors.

    alone: knowing nothing else.
    """

    event: str
    added: float
    error: float
    alone: float
