"""Which events of a log are asked about when nobody names any."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adsync.catalog import entry

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

STEM = 2 / 3
"""Of a word, the part that is all of another of the same root: order of orders, but not check of checkout or cart of cartoon."""


def candidates_of(
    names: Mapping[str, int], macro: str, wanted: int = MOST
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The log's events that the catalogue knows and its most frequent others, and those that are left out with the reason.

    names: each with its number of events, 0 where all of them are of machines or astray: nobody did that.
    """
    left_out = [(name, reason) for name, reason in BEGINNINGS.items() if name in names and name != macro]
    rest = sorted((n for n in names if names[n] and n != macro and n not in BEGINNINGS), key=lambda n: (-names[n], n))
    # A site's own clicks by the hundred leave no room for a checkout that fewer visitors reach.
    asked = {*sorted(rest, key=lambda name: entry(name) is None)[:wanted]}
    why = f"only {wanted} are asked about, those that the catalogue knows before the most frequent others"
    left_out += [(name, why) for name in rest if name not in asked]
    return tuple(name for name in rest if name in asked), tuple(left_out)


def nearest(word: str, names: Sequence[str]) -> tuple[str, ...]:
    """Up to three names that are nearly a word, or else have it in them: bestellung is one of "Bestellung abgeschlossen".

    Where some differ in capitals, spaces and signs alone, these.
    """
    from difflib import get_close_matches

    by_letters: dict[str, list[str]] = {}
    for name in names:
        by_letters.setdefault(letters(name), []).append(name)
    if same := by_letters.get(letters(word)):
        return tuple(same[:NEAREST])
    close = [by_letters[found][0] for found in get_close_matches(letters(word), by_letters, NEAREST, LIKE)]
    wanted = _words(word)
    holding = [name for name in names if _holds(_words(name), wanted) or _holds(wanted, _words(name))]
    return tuple(dict.fromkeys((*close, *holding)))[:NEAREST]


def _holds(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of the others is one of these words, or nearly so: one is the beginning of the other, as in a plural."""
    return bool(others) and all(any(_is_nearly(word, other) for word in words) for other in others)


def _is_nearly(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return word == other or (len(shorter) >= STEM * len(longer) and longer.startswith(shorter))


def _words(name: str) -> list[str]:
    """begin_checkout, "Begin Checkout" and BeginCheckout have the same two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", apart.casefold())


def letters(name: str) -> str:
    """Capitals, spaces and signs are what platforms write differently; a name of nothing else stays as it is."""
    return "".join(c for c in name.casefold() if c.isalnum()) or name
