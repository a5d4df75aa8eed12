"""Events that are the main conversion by another name: at the same moments, or a step that hardly anybody does alone."""

from __future__ import annotations

from adsync.model.exposure import Following, Frequent, Plain

SAME_MOMENTS = 0.8
"""Share of visitors for whom two events fall together, from which on they are one event by two names."""

NESTED = 0.95
"""Share of its visitors who go on to the macro, and of buyers who have done it, from which on it is a part of the macro: what may
be left between them is a page that closes too early. Of a checkout's first step far more than one in twenty goes no further."""

ENOUGH = 30
"""Visitors who must have had the time, for one in twenty to be seen."""

MOST_VISITORS = 0.5
"""Share of visitors who do the macro, from which on it is hardly anybody's goal: on the best of sites one in five converts. All
that visitors do would be a part of it."""


def is_at_once(following: Following) -> bool:
    """Whether it happens within seconds of the macro."""
    return bool(following.did) and following.around / following.did > SAME_MOMENTS


def nested(following: Following, among: Plain | Frequent) -> tuple[float, float] | None:
    """Which shares of its visitors go on to the macro, and of buyers have done it, if hardly anybody does one of both alone.

    Those who do it within seconds of the macro count on either side.
    """
    exposed = following.exposed["long"]
    visitors = exposed.visitors + following.around
    if visitors < ENOUGH or not 0 < among.buyers <= among.visitors * MOST_VISITORS:
        return None
    onwards, passed = (
        (exposed.bought + following.around) / visitors,
        (following.passed + following.around) / among.buyers,
    )
    return (onwards, passed) if min(onwards, passed) >= NESTED else None


def twins_of_the_macro(frequent: Frequent) -> frozenset[str]:
    """Of the log's most frequent events. Who does one of them is buying: what follows says nothing of those who are not."""
    return frozenset(name for name, f in frequent.following.items() if is_at_once(f) or nested(f, frequent))
