"""What a helper is worth: its chance of the macro times what a macro is worth, never more the earlier it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from adsync.catalog import entry
from adsync.model.score import Score
from adsync.model.selection import Worth

PSEUDO_VISITORS = 20.0
FIGURES = 2


def worths(scores: Sequence[Score], macro_value: float, weight: float = 1.0) -> tuple[Worth, ...]:
    """Values for helpers, the surest first.

    macro_value: mean of a macro, in the log's currency; 0 where it is unknown. weight: share of its worth that is given,
    0-1 (less than 1 where several helpers lead to the same macro).
    """
    exposed, bought = sum(s.exposed for s in scores), sum(s.converted for s in scores)
    pooled = bought / exposed if exposed else 0.0
    drawn = {s.event: (s.converted + PSEUDO_VISITORS * pooled) / (s.exposed + PSEUDO_VISITORS) for s in scores}
    # Only of events with a usual place in the funnel is it known which must not be worth less than which.
    along = sorted((s for s in scores if depth_of(s.event)), key=lambda s: (depth_of(s.event), drawn[s.event], s.event))
    rising = isotonic([drawn[s.event] for s in along], [s.exposed + PSEUDO_VISITORS for s in along])
    drawn |= {s.event: share for s, share in zip(along, rising, strict=True)}
    found = [
        Worth(event=event, share=share, value=rounded(weight * share * macro_value)) for event, share in drawn.items()
    ]
    return tuple(sorted(found, key=lambda w: (-w.share, w.event)))


def depth_of(event: str) -> int:
    """The usual place in the funnel, 1 early to 9 just before the macro; 0 of an event that the catalogue does not know."""
    known = entry(event)
    return known.depth if known is not None else 0


def isotonic(shares: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The nearest shares that never fall from one to the next: neighbours that do are pooled, by weight."""
    blocks: list[tuple[float, float, int]] = []
    for share, weight in zip(shares, weights, strict=True):
        blocks.append((share, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, wa, na), (b, wb, nb) = blocks[-2:]
            blocks[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    return [share for share, _, size in blocks for _ in range(size)]


def inflation(coverages: Sequence[float], weight: float) -> float:
    """How many times the macro's true value all conversions together report: 1 + weight x the shares of macros that each
    helper led to. A target return has to be multiplied by it."""
    return 1.0 + weight * sum(coverages)


def fair_weight(coverages: Sequence[float]) -> float:
    """The largest weight at which helpers are at most half of the value that is reported, at most 1."""
    total = sum(coverages)
    return min(1.0, 1.0 / total) if total > 0 else 1.0


def rounded(value: float) -> float:
    """To two figures: what is known of a helper bears no more."""
    if value <= 0:
        return 0.0
    return round(value, FIGURES - 1 - floor(log10(value)))
