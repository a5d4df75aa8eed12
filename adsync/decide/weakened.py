"""Whether a helper that is bid on still announces what it did when it was promoted."""

from __future__ import annotations

from adsync.model.evidence import Evidence, Verdict

FALL = 0.30
"""Bidding changes whom ads bring, and sites change: a share that falls further than this is worth a look."""


def has_weakened(now: Evidence, then: float) -> bool:
    """Whether the share that buys fell by more than 30 %, and surely fell.

    then: the share at the promotion. False when: its whole 95 % interval is not under that, as with few visitors, or GA4's
    numbers are not whole.
    """
    return now.verdict is not Verdict.UNKNOWN and now.share.point < (1 - FALL) * then and now.share.high < then
