"""What a candidate is good for by the share of its visitors who go on to the macro."""

from __future__ import annotations

from adsync.model.figures import percent, percents_apart


def share_and_use(share: float, asked: float) -> tuple[str, str]:
    """The share in words; and that it serves bidding to values only, with a space before it, where it is below what is asked.

    As for promotion, the share itself is held against what is asked, and not an end of its interval.
    """
    if share >= asked:
        return percent(share), ""
    known, floor = percents_apart(share, asked)
    return known, f" For bidding to values only: {floor} are asked where bidding counts conversions."
