"""Up to how many macros a candidate helps bidding: its chance of the macro must be alike where bidding tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from adsync.model.patterns import Segment

FEWEST_SEGMENTS = 3


def spread(segments: Sequence[Segment]) -> float | None:
    """The coefficient of variation of P(macro | candidate) between campaigns, beyond chance; None for fewer than three.

    Method of moments for binomial shares (DerSimonian and Laird's weights).
    """
    known = [s for s in segments if s.exposed > 0]
    exposed, bought = sum(s.exposed for s in known), sum(s.bought for s in known)
    if len(known) < FEWEST_SEGMENTS or bought <= 0:
        return None
    share = bought / exposed
    scatter = sum(s.exposed * (s.bought / s.exposed - share) ** 2 for s in known)
    effective = exposed - sum(s.exposed**2 for s in known) / exposed
    degrees = len(known) - 1
    if effective <= degrees:
        return None
    variance = max(0.0, (scatter - degrees * share * (1 - share)) / (effective - degrees))
    return sqrt(variance) / share


def helps_up_to(share: float, variation: float | None) -> float | None:
    """Macros of a segment below which learning from the candidate beats learning from the macro itself.

    (1 - p) / CV^2; None where the campaigns do not differ beyond chance, or too few are known: no limit was seen.
    """
    return None if not variation else (1 - share) / variation**2
