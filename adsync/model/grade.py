"""Grades of evidence: what each is, what it cannot know, and what data would say more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """told: what such evidence is, in a few words. raised_by: what would tell more than it does."""

    name: str
    told: str
    cannot_know: str
    raised_by: str


A = Grade(
    name="A",
    told="prediction beyond activity, not cause",
    cannot_know=(
        "From single events, beside equally active visitors at equally likely moments: prediction, not cause. Visitors without "
        "consent are missing, and who is one person on two devices; shares measured on all channels need not hold for visitors "
        "from ads."
    ),
    raised_by="An experiment tells more: whether making more visitors do it brings more sales.",
)
B = Grade(
    name="B",
    told="an association, part of which may be mere activity",
    cannot_know=(
        "From GA4's funnels: an association in all traffic. Visitors who do more of everything do more of this and convert more, "
        "so part of the lift is mere activity; visitors who converted first count among the others; shares measured on "
        "all channels need not hold for visitors from ads; GA4 does not say whether small groups were left out."
    ),
    raised_by=(
        "A log of single events raises it to grade A: GA4's BigQuery export, or a CSV or Parquet of your own, and "
        "adsync score --events."
    ),
)
C = Grade(
    name="C",
    told="a correlation of days within campaigns, which promotes nothing",
    cannot_know=(
        "From daily numbers of campaigns: that two rates move together, not who does what, in which order, or how many of those "
        "who do it go on: no share, no value, no lift. Whatever moves both looks the same: a sale, better traffic within a "
        "campaign."
    ),
    raised_by=(
        "GA4's funnels raise it to grade B once 100 visitors did it, 10 converted after it and GA4 answers unsampled and whole; "
        "a log of single events to grade A."
    ),
)

DECIDING = frozenset({A.name, B.name})
"""What helpers are made, used and worth by. Grade C may rank what is left, and decides nothing."""
