"""A candidate by campaign, channel or device; docs/statistics.md, "Scores over time and by segment"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import betaincinv, chdtrc

from adsync.model.activity import RARER, UNKNOWN, Floats
from adsync.model.evidence import Interval
from adsync.model.stability import SegmentCount, Segments, SegmentScore
from adsync.score.fidelity import variance
from adsync.score.intervals import benjamini_hochberg

FEWEST_EXPECTED = 5.0
"""A segment stands for itself where at least so many would go on at the candidate's own p, and as many would not."""

FALSE_DISCOVERIES = 0.05
LEVEL = 0.95


def by_segment(
    dimension: str, counts: Mapping[str, Sequence[SegmentCount]], ratios: Mapping[str, Floats]
) -> dict[str, Segments]:
    """By candidate. q-values are of all candidates that have two segments to compare (Benjamini-Hochberg)."""
    merged = {name: _merged(own) for name, own in counts.items()}
    p_values = {name: p for name, own in merged.items() if (p := chance(_named(own))) is not None}
    q_values = dict(zip(p_values, benjamini_hochberg(list(p_values.values())), strict=True))
    return {
        name: Segments(
            dimension=dimension,
            segments=_shrunk(own, ratios[name]),
            q=q_values.get(name),
            differ=q_values[name] <= FALSE_DISCOVERIES if name in q_values else None,
        )
        for name, own in merged.items()
    }


def chance(segments: Sequence[SegmentCount]) -> float | None:
    """p-value that p is the same in all of them: Pearson's chi-squared; None for fewer than two."""
    if len(segments) < 2:
        return None
    share = sum(s.bought for s in segments) / sum(s.exposed for s in segments)
    scatter = sum((s.bought - s.exposed * share) ** 2 / (s.exposed * share * (1 - share)) for s in segments)
    return float(chdtrc(len(segments) - 1, scatter))


def _merged(segments: Sequence[SegmentCount]) -> list[SegmentCount]:
    """Those that are large enough and those of which the log says nothing by themselves; the others together."""
    exposed, bought = sum(s.exposed for s in segments), sum(s.bought for s in segments)
    share = bought / exposed if exposed else 0.0
    own: list[SegmentCount] = []
    small: list[SegmentCount] = []
    for segment in segments:
        is_large = segment.exposed * min(share, 1 - share) >= FEWEST_EXPECTED and segment.label != RARER
        (own if is_large or segment.label == UNKNOWN else small).append(segment)
    own.sort(key=lambda s: (-s.exposed, s.label))
    if sum(s.exposed for s in small):
        own.append(
            SegmentCount(
                label=RARER,
                exposed=sum(s.exposed for s in small),
                bought=sum(s.bought for s in small),
                expected=np.sum([s.expected for s in small], axis=0),
            )
        )
    return [segment for segment in own if segment.exposed]


def _named(segments: Sequence[SegmentCount]) -> list[SegmentCount]:
    return [segment for segment in segments if segment.label not in (UNKNOWN, RARER)]


def _shrunk(segments: Sequence[SegmentCount], ratios: Floats) -> tuple[SegmentScore, ...]:
    """Beta-binomial: each segment as if so many more visitors had been seen in it who went on as often as all of them."""
    exposed, bought = sum(s.exposed for s in segments), sum(s.bought for s in segments)
    if not exposed:
        return ()
    share, expected = bought / exposed, [float((s.expected * ratios).sum()) for s in segments]
    more = _pseudo_visitors(segments, share, exposed)
    # They bring as many expected buyers as the candidate's own lift says.
    more_expected = more * sum(expected) / exposed
    return tuple(
        SegmentScore(
            label=segment.label,
            exposed=segment.exposed,
            converted=segment.bought,
            p=_posterior(segment.bought + more * share, segment.exposed - segment.bought + more * (1 - share)),
            lift=(segment.bought + more * share) / (m + more_expected) if m + more_expected > 0 else None,
        )
        for segment, m in zip(segments, expected, strict=True)
    )


def _pseudo_visitors(segments: Sequence[SegmentCount], share: float, exposed: int) -> float:
    """P (1 - P) / variance - 1, the variance between segments beyond chance; at most as many as were really seen."""
    between = variance([(s.exposed, s.bought) for s in _named(segments)])
    if not between:
        return float(exposed)
    return min(max(share * (1 - share) / between - 1, 0.0), float(exposed))


def _posterior(went_on: float, did_not: float) -> Interval:
    """Mean and 95 % of a beta distribution; its ends where nobody, or everybody, went on."""
    low = float(betaincinv(went_on, did_not, 0.5 - LEVEL / 2)) if went_on > 0 and did_not > 0 else 0.0
    high = float(betaincinv(went_on, did_not, 0.5 + LEVEL / 2)) if went_on > 0 and did_not > 0 else 1.0
    return Interval(went_on / (went_on + did_not), low, high)
