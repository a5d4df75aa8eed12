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

NEAREST, LIKE = 3, 0.75
"""So many names are offered for a misspelt one, of which so much is the same: checkout for begin_checkout, and no less."""


def candidates_of(
    names: Mapping[str, int], macro: str, wanted: int = MOST
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The log's most frequent events, and those that are left out with the reason.

    names: each with its number of events, 0 where all of them are of machines or astray: nobody did that.
    """
    left_out = [(name, reason) for name, reason in BEGINNINGS.items() if name in names and name != macro]
    rest = sorted((n for n in names if names[n] and n != macro and n not in BEGINNINGS), key=lambda n: (-names[n], n))
    left_out += [(name, f"only the {wanted} most frequent are asked about") for name in rest[wanted:]]
    return tuple(rest[:wanted]), tuple(left_out)


def nearest(word: str, names: Sequence[str]) -> tuple[str, ...]:
    """Up to three names that are nearly a word; where some differ in capitals, spaces and signs alone, these."""
    from difflib import get_close_matches

    by_letters: dict[str, list[str]] = {}
    for name in names:
        by_letters.setdefault(_letters(name), []).append(name)
    if same := by_letters.get(_letters(word)):
        return tuple(same[:NEAREST])
    return tuple(by_letters[found][0] for found in get_close_matches(_letters(word), by_letters, NEAREST, LIKE))


def _letters(name: str) -> str:
    """Capitals, spaces and signs are what platforms write differently; a name of nothing else stays as it is."""
    return "".join(c for c in name.casefold() if c.isalnum()) or name
