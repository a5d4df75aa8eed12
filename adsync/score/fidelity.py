"""Up to how many macros a candidate helps bidding: its chance of the macro must be alike where bidding tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from adsync.model.patterns import Segment

FEWEST_SEGMENTS = 3


def spread(segments: Sequence[Segment]) -> float | None:
    """The coefficient of variation of P(macro | candidate) between campaigns, beyond chance; None for fewer than three."""
    known = [(s.exposed, s.bought) for s in segments if s.exposed > 0]
    between = variance(known) if len(known) >= FEWEST_SEGMENTS else None
    if between is None:
        return None
    return sqrt(between) / (sum(x for _, x in known) / sum(n for n, _ in known))


def variance(segments: Sequence[tuple[float, float]]) -> float | None:
    """How much shares differ between segments beyond chance; segments: exposed and bought of each, none of them empty.

    Method of moments for binomial shares (DerSimonian and Laird's weights). None where they are too few to tell.
    """
    exposed, bought = sum(n for n, _ in segments), sum(x for _, x in segments)
    if len(segments) < 2 or bought <= 0:
        return None
    share = bought / exposed
    scatter = sum(n * (x / n - share) ** 2 for n, x in segments)
    effective = exposed - sum(n**2 for n, _ in segments) / exposed
    degrees = len(segments) - 1
    if effective <= degrees:
        return None
    return max(0.0, (scatter - degrees * share * (1 - share)) / (effective - degrees))


def helps_up_to(share: float, variation: float | None) -> float | None:
    """Macros of a segment below which learning from the candidate beats learning from the macro itself.

    (1 - p) / CV^2; None where the campaigns do not differ beyond chance, or too few are known: no limit was seen.
    """
    return None if not variation else (1 - share) / variation**2
