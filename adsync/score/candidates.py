"""Which events of a log are asked about when nobody names any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

BEGINNINGS = {
    "session_start": "every visit begins with it",
    "first_visit": "every visitor begins with it",
    "first_open": "every user begins with it",
    "app_install": "every user begins with it",
    "app_remove": "it is an end",
    "refund": "it undoes a purchase",
}
"""Events that GA4 sends by itself or that cannot announce anything."""

MOST = 50
"""Candidates at once: each more makes it harder for all to be told from chance."""


def candidates_of(
    names: Mapping[str, int], macro: str, wanted: int = MOST
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The log's most frequent events, and those that are left out with the reason."""
    left_out = [(name, reason) for name, reason in BEGINNINGS.items() if name in names and name != macro]
    rest = sorted((n for n in names if n != macro and n not in BEGINNINGS), key=lambda n: (-names[n], n))
    left_out += [(name, f"only the {wanted} most frequent are asked about") for name in rest[wanted:]]
    return tuple(rest[:wanted]), tuple(left_out)


def nearest(word: str, names: Sequence[str]) -> tuple[str, ...]:
    """Up to three names that look like a word."""
    from difflib import get_close_matches

    return tuple(get_close_matches(word, names, n=3, cutoff=0.5))
