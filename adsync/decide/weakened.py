"""Whether a helper still announces what it did: evidence of one grade against earlier evidence of the same grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.log import Promoted
from adsync.model.log_scores import PastShare

FALL = 0.30
"""Bidding changes whom ads bring, and sites change: a share that falls further than this is worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakened:
    """The evidence that says less than it did, and what it said. promoted: when it was promoted, or observed first."""

    now: Evidence
    then: Interval
    promoted: bool


def weakened(
    now: Evidence | None,
    promoted: Promoted | None,
    recording_since: date | None,
    past: Sequence[PastShare],
    *,
    is_bid_on: bool = True,
) -> Weakened | None:
    """What of a helper surely fell by more than 30 % since it was promoted, or else since it began to be observed.

    past: its shares in earlier readings of the event log, oldest first. GA4's funnels are compared with what they said at
    the promotion, of a helper that is bid on; single events with the reading of that time; never one with the other.
    """
    known = now
    while known is not None:
        then = _then(known, promoted, recording_since, past) if is_bid_on or known.grade == "A" else None
        if then is not None and has_weakened(known, then):
            return Weakened(now=known, then=then, promoted=promoted is not None)
        known = known.weaker
    return None


def has_weakened(now: Evidence, then: Interval) -> bool:
    """Whether the share that buys fell by more than 30 %, and surely fell.

    False when: the two 95 % intervals meet, as with few visitors, or the numbers are not whole.
    """
    share = now.share
    return now.verdict is not Verdict.UNKNOWN and share.point < (1 - FALL) * then.point and share.high < then.low


def _then(
    now: Evidence, promoted: Promoted | None, recording_since: date | None, past: Sequence[PastShare]
) -> Interval | None:
    """What the same grade said when the helper was promoted or, of single events alone, first observed."""
    if now.grade != "A":
        return promoted.share if promoted is not None and promoted.grade == now.grade else None
    since = promoted.on if promoted is not None else recording_since
    alike = [each for each in past if each.horizon_days == now.horizon_days]
    if since is None or not alike:
        return None
    # The reading by which it was chosen; where there was none yet, the first one after it.
    before = [each for each in alike if each.as_of <= since]
    return (before[-1] if before else alike[0]).share
