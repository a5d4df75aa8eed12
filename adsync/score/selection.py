"""Which candidates to bid on: the deepest one that is frequent enough, else two or three; never the same shoppers twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from adsync.model.figures import listed, percent, short
from adsync.model.patterns import Unions
from adsync.model.score import Score
from adsync.model.selection import Selection

HEADROOM = 1.3
"""Of the demand line: volumes go up and down."""

MOST_TOGETHER = 3
PER_ACTION, PER_OVERLAP = 0.05, 0.20
"""What each further action costs a combination, and each pair of which one hardly happens without the other."""

SAME_SHOPPERS = 0.8


def select(
    scores: Sequence[Score], unions: Unions, macro: str, macro_30d: float, demand: float, span_days: float
) -> Selection:
    """The helpers to bid on for a demand line, in macros or helpers in 30 days.

    scores: of good candidates only. unions: of visitors over so many days of the log, those of the macro included: it is bid
    on as well, and who does both is one.
    """
    need = demand * HEADROOM
    if macro_30d >= need:
        return Selection(
            events=(),
            need=need,
            volume=macro_30d,
            reached=True,
            because=f"The main conversion is frequent enough alone if {need:,.0f} of them are from ads.",
        )
    if not scores:
        return Selection(events=(), need=need, volume=macro_30d, reached=False, because="No candidate is good enough.")
    volume = {names: 30.0 * unions.who_did_any(names | {macro}) / span_days for names in _sets(scores)}
    by_name = {s.event: s for s in scores}
    singles = [s for s in scores if volume[frozenset((s.event,))] >= need]
    if singles:
        deepest = max(singles, key=lambda s: (s.p.point, s.announces, s.event))
        reached = volume[frozenset((deepest.event,))]
        return Selection(
            events=(deepest.event,),
            need=need,
            volume=reached,
            reached=True,
            because=f"{short(deepest.event)} is the surest ({percent(deepest.p.point)}) of those that are frequent enough alone.",
        )
    enough = [names for names, found in volume.items() if found >= need]
    if enough:
        best = max(enough, key=lambda names: (_merit(names, by_name, unions), sorted(names)))
        events = tuple(sorted(best, key=lambda name: (-by_name[name].p.point, name)))
        because = (
            f"None is frequent enough alone; {listed([*map(short, events)])} are together, with the surest visitors."
        )
        return Selection(events=events, need=need, volume=volume[best], reached=True, because=because)
    best = max(volume, key=lambda names: (volume[names], -len(names), sorted(names)))
    events = tuple(sorted(best, key=lambda name: (-by_name[name].p.point, name)))
    is_or_are = "is" if len(events) == 1 else "are"
    because = f"Even {listed([*map(short, events)])} {is_or_are} too rare; what there is helps a little."
    return Selection(events=events, need=need, volume=volume[best], reached=False, because=because)


def _sets(scores: Sequence[Score]) -> list[frozenset[str]]:
    names = [s.event for s in scores]
    return [frozenset(some) for size in range(1, MOST_TOGETHER + 1) for some in combinations(names, size)]


def _merit(names: frozenset[str], scores: Mapping[str, Score], unions: Unions) -> float:
    """The share of macros that a combination announces with, less what it costs to run several that overlap."""
    total = sum(scores[name].volume_30d for name in names)
    surest = sum(scores[name].volume_30d * scores[name].p.point for name in names) / total if total else 0.0
    overlapping = sum(_overlap(a, b, unions) > SAME_SHOPPERS for a, b in combinations(sorted(names), 2))
    return surest * (1 - PER_ACTION * (len(names) - 1)) * (1 - PER_OVERLAP * overlapping)


def _overlap(a: str, b: str, unions: Unions) -> float:
    """The share of the rarer one's visitors who did the other as well."""
    one, other = unions.who_did_any(frozenset((a,))), unions.who_did_any(frozenset((b,)))
    both = one + other - unions.who_did_any(frozenset((a, b)))
    return both / min(one, other) if min(one, other) else 0.0
