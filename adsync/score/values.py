"""What a helper is worth: its chance of the macro times what a macro is worth, never more the earlier it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adsync.catalog import entry
from adsync.model.evidence import Evidence, Verdict
from adsync.model.score import Score
from adsync.model.selection import Worth
from adsync.model.value import DrawnShare, rounded
from adsync.score.intervals import wilson

PSEUDO_VISITORS = 20.0
SURE = 0.90
"""Level of the interval that a value which is given already may lie in: then it is left alone."""


class Followed(NamedTuple):
    """Visitors who did an event, and those of them who did the macro after it."""

    event: str
    visitors: float
    bought: float


def worths(scores: Sequence[Score], macro_value: float | None, weight: float = 1.0) -> tuple[Worth, ...]:
    """Values for helpers, the surest first.

    macro_value: mean of a macro, in the log's currency; None where it is unknown. weight: share of its worth that is given,
    0-1 (less than 1 where several helpers lead to the same macro).
    """
    shares = rising([Followed(s.event, s.exposed, s.converted) for s in scores])
    found = [
        Worth(
            event=event,
            share=share,
            value=None if macro_value is None else rounded(weight * share * macro_value, most=macro_value),
        )
        for event, share in shares.items()
    ]
    return tuple(sorted(found, key=lambda w: (-w.share, w.event)))


def drawn_shares(evidence: Sequence[Evidence]) -> dict[str, DrawnShare]:
    """Of the good candidates, each with its interval. Grades are not mixed: what one says of a step is no bound for another's."""
    good = [e for e in evidence if e.verdict is Verdict.GOOD]
    found: dict[str, DrawnShare] = {}
    for grade in sorted({e.grade for e in good}):
        found |= _of_one_grade([Followed(e.event_name, e.entered, e.completed) for e in good if e.grade == grade])
    return found


def _of_one_grade(good: Sequence[Followed]) -> dict[str, DrawnShare]:
    pooled = _pooled(good)
    shares = rising(good)
    found = {}
    for f in good:
        share = shares[f.event]
        seen = wilson(f.bought + PSEUDO_VISITORS * pooled, f.visitors + PSEUDO_VISITORS, SURE)
        # Neighbours along the funnel may have moved it out of its own interval.
        found[f.event] = DrawnShare(point=share, low=min(seen.low, share), high=max(seen.high, share))
    return found


def rising(followed: Sequence[Followed]) -> dict[str, float]:
    """P(macro | event) of each, drawn towards that of all of them, and never falling along the funnel."""
    pooled = _pooled(followed)
    drawn = {f.event: (f.bought + PSEUDO_VISITORS * pooled) / (f.visitors + PSEUDO_VISITORS) for f in followed}
    # Only of events with a usual place in the funnel is it known which must not be worth less than which.
    along = sorted(
        (f for f in followed if depth_of(f.event)), key=lambda f: (depth_of(f.event), drawn[f.event], f.event)
    )
    in_order = isotonic([drawn[f.event] for f in along], [f.visitors + PSEUDO_VISITORS for f in along])
    return drawn | {f.event: share for f, share in zip(along, in_order, strict=True)}


def _pooled(followed: Sequence[Followed]) -> float:
    visitors = sum(f.visitors for f in followed)
    return sum(f.bought for f in followed) / visitors if visitors else 0.0


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
