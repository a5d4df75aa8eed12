"""Counted funnels in, findings out: shares that go on, where the largest is lost, and what is different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from adsync.model.dropoff import Carts, DropOff
from adsync.model.funnel import VISITORS, Difference, FunnelCount, FunnelStep
from adsync.model.segment import EVERYBODY, Segment
from adsync.score.dropoff import drop_off_of
from adsync.score.intervals import benjamini_hochberg, p_greater, risk_difference, wilson

FALSE_DISCOVERIES = 0.05
"""Of the differences that are said, so many may be chance."""

NEARLY_ALL = 0.9
"""Two segments with such a share of a step's visitors are each other's others."""

TIMES_THE_WAY = 4
"""Of a period so many times as long as visitors take from the first step to the macro, three quarters have the time they need."""

PREVIOUS, OTHERS = "the period before", "the others"


def funnel_steps(
    titles: Sequence[tuple[str, str]], now: FunnelCount, before: FunnelCount | None
) -> tuple[FunnelStep, ...]:
    """Visitors and each step. titles: event and title of each, the visitors' first."""
    found = []
    for k, (event, title) in enumerate(titles):
        came, could = now.reached[k], now.reached[max(k - 1, 0)]
        was = None
        if before is not None and before.reached[max(k - 1, 0)]:
            was = before.reached[k] / before.reached[max(k - 1, 0)]
        found.append(
            FunnelStep(
                event=event,
                title=title,
                visitors=came,
                went_on=wilson(came, could),
                before=was,
                median_seconds=now.median_seconds[k],
            )
        )
    return tuple(found)


def way_seconds(count: FunnelCount) -> float | None:
    """How long visitors take from the first step to the macro, by the medians of the steps; None where nobody came through."""
    taken = [seconds for seconds in count.median_seconds[2:] or count.median_seconds[1:] if seconds is not None]
    return sum(taken) if count.reached[-1] else None


def drop_off_in(steps: Sequence[FunnelStep], carts: Carts | None = None, buyers: int = 0) -> DropOff:
    """Where the largest share is lost, and what becomes of carts, in the words that funnels of GA4 get."""
    return drop_off_of([(step.event, step.title, step.visitors) for step in steps], carts, buyers)


def differences(
    steps: Sequence[str], now: Sequence[FunnelCount], before: Sequence[FunnelCount]
) -> tuple[Difference, ...]:
    """Steps whose share is another one than in the period before, or than that of the other visitors.

    Said is what is left of all comparisons of all segments at a false discovery rate of 5 % (Benjamini-Hochberg), and only where
    the difference's interval (Newcombe) excludes 0; the largest first. What two segments differ in that have nearly all visitors
    between them is said once, of the one where fewer go on.
    """
    asked = [*_with_before(steps, now, before), *_with_others(steps, now)]
    q_values = benjamini_hochberg([_p(*counts) for _, _, _, counts in asked])
    found = []
    for (segment, against, pair, (x1, n1, x0, n0)), q in zip(asked, q_values, strict=True):
        difference = risk_difference(x1, n1, x0, n0)
        if q <= FALSE_DISCOVERIES and (difference.low > 0 or difference.high < 0):
            found.append(
                Difference(
                    segment=segment,
                    against=against,
                    before_step=pair[0],
                    step=pair[1],
                    share=x1 / n1,
                    usual=x0 / n0,
                    visitors=n1,
                    difference=difference,
                    q=q,
                )
            )
    everybody = next((count.reached for count in now if count.segment == EVERYBODY), ())
    came = dict(zip((VISITORS, *steps), everybody, strict=False))
    said = [d for d in found if not any(_mirrors(d, other, came[d.before_step]) for other in found)]
    return tuple(sorted(said, key=lambda d: (-abs(d.difference.point) * d.visitors, d.segment.name, d.step)))


def _mirrors(d: Difference, other: Difference, came: int) -> bool:
    """Whether the other one says the same of the segment where fewer go on. came: all visitors at the step before."""
    if (d.against, other.against) != (OTHERS, OTHERS) or d.segment.dimension != other.segment.dimension:
        return False
    is_same_step = (d.before_step, d.step) == (other.before_step, other.step)
    is_opposite = d.difference.point > 0 > other.difference.point
    return is_same_step and is_opposite and d.visitors + other.visitors >= NEARLY_ALL * came


Counts = tuple[int, int, int, int]
Asked = tuple[Segment, str, tuple[str, str], Counts]


def _with_before(steps: Sequence[str], now: Sequence[FunnelCount], before: Sequence[FunnelCount]) -> Iterator[Asked]:
    was: Mapping[Segment, FunnelCount] = {count.segment: count for count in before}
    for count in now:
        if count.segment in was:
            yield from _compared(steps, count.segment, PREVIOUS, count.reached, was[count.segment].reached)


def _with_others(steps: Sequence[str], now: Sequence[FunnelCount]) -> Iterator[Asked]:
    everybody = next((count.reached for count in now if count.segment == EVERYBODY), ())
    for count in now:
        if count.segment != EVERYBODY:
            others = [a - b for a, b in zip(everybody, count.reached, strict=True)]
            yield from _compared(steps, count.segment, OTHERS, count.reached, others)


def _compared(
    steps: Sequence[str], segment: Segment, against: str, one: Sequence[int], other: Sequence[int]
) -> Iterator[Asked]:
    for pair, (n1, x1), (n0, x0) in zip(pairwise((VISITORS, *steps)), pairwise(one), pairwise(other), strict=True):
        if n1 and n0:
            yield segment, against, pair, (x1, n1, x0, n0)


def _p(x1: int, n1: int, x0: int, n0: int) -> float:
    """Two-sided."""
    return min(1.0, 2 * min(p_greater(x1, n1, x0, n0), p_greater(x0, n0, x1, n1)))
