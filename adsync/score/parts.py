"""A candidate apart by device and channel: whether its chance of the macro is alike, and up to where it helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy.special import chdtrc

from adsync.model.analytics import SEGMENTED_BY, FunnelPart
from adsync.model.grade import B
from adsync.model.patterns import Segment
from adsync.model.tier import Parts, PartShare, TierScore
from adsync.score.fidelity import helps_up_to, spread
from adsync.score.intervals import benjamini_hochberg

PSEUDO_VISITORS = 20
"""So many at the candidate's own share are added to every part: a part of five visitors says little."""

FEWEST_EXPECTED = 5.0
"""So many are expected to convert in a part, and not to, for the test to hold; smaller ones are taken together."""

OTHERS = "(others)"


def with_parts(
    scores: Sequence[TierScore], parts: Sequence[FunnelPart], false_discovery_rate: float
) -> tuple[TierScore, ...]:
    """The scores of grade B with their parts. Corrected over all candidates, devices and channels together."""
    tables = {
        (score.event, by): pooled([p for p in parts if (p.event_name, p.by) == (score.event, by)])
        for score in scores
        if score.grade == B.name
        for by in SEGMENTED_BY
    }
    asked = {key: table for key, table in tables.items() if len(table) > 1}
    q_values = dict(zip(asked, benjamini_hochberg([p_alike(t) for t in asked.values()]), strict=True))
    found: dict[str, list[Parts]] = {}
    for (event, by), table in asked.items():
        q = q_values[event, by]
        found.setdefault(event, []).append(Parts(by=by, q=q, differ=q < false_discovery_rate, shares=_shares(table)))
    return tuple(
        replace(score, parts=tuple(found[score.event]), helps_up_to=_helps(score, found[score.event], asked))
        if score.grade == B.name and score.event in found
        else score
        for score in scores
    )


def pooled(parts: Sequence[FunnelPart]) -> tuple[Segment, ...]:
    """The largest first; those that are too small for the test are one, at the end."""
    entered, completed = sum(p.entered for p in parts), sum(p.completed for p in parts)
    if not completed or completed == entered:
        return ()
    large = [p for p in parts if _expected(p.entered, completed / entered) >= FEWEST_EXPECTED]
    rest = Segment(
        label=OTHERS,
        exposed=entered - sum(p.entered for p in large),
        bought=completed - sum(p.completed for p in large),
    )
    large.sort(key=lambda p: (-p.entered, p.segment))
    kept = [Segment(label=p.segment, exposed=p.entered, bought=p.completed) for p in large]
    return (*kept, rest) if rest.exposed else tuple(kept)


def p_alike(segments: Sequence[Segment]) -> float:
    """How likely shares that differ so much are by chance alone, where all are the same; 1 where nothing can be compared.

    Pearson's chi-squared test of the segments that are large enough for it.
    """
    large = [s for s in segments if _expected(s.exposed, _share(segments)) >= FEWEST_EXPECTED]
    share = _share(large)
    if len(large) < 2 or share in (0.0, 1.0):
        return 1.0
    scatter = sum((s.bought - s.exposed * share) ** 2 / s.exposed for s in large) / (share * (1 - share))
    return float(chdtrc(len(large) - 1, scatter))


def _share(segments: Sequence[Segment]) -> float:
    exposed = sum(s.exposed for s in segments)
    return sum(s.bought for s in segments) / exposed if exposed else 0.0


def _expected(exposed: float, share: float) -> float:
    """Of those who convert and those who do not, the fewer."""
    return exposed * min(share, 1 - share)


def _shares(segments: Sequence[Segment]) -> tuple[PartShare, ...]:
    share = _share(segments)
    return tuple(
        PartShare(
            segment=s.label,
            exposed=int(s.exposed),
            converted=int(s.bought),
            p=(s.bought + PSEUDO_VISITORS * share) / (s.exposed + PSEUDO_VISITORS),
        )
        for s in segments
    )


def _helps(
    score: TierScore, found: Sequence[Parts], tables: Mapping[tuple[str, str], Sequence[Segment]]
) -> float | None:
    """By what differs most; None where nothing differs beyond chance."""
    if score.p is None:
        return None
    limits = [helps_up_to(score.p.point, spread(tables[score.event, parts.by])) for parts in found if parts.differ]
    return min((limit for limit in limits if limit is not None), default=None)
