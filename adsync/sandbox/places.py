"""Where visitors are: most of them in the site's own country, in towns of it that Google tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsync.sandbox.world import Ints


@dataclass(frozen=True, slots=True)
class Place:
    """A town. share: its part of a site's visitors. city: "(not set)" where Google does not know better."""

    city: str
    country: str
    country_id: str
    share: float


_ELSEWHERE = "(not set)"
_GERMAN = (
    ("Berlin", 0.22),
    ("Hamburg", 0.13),
    ("Munich", 0.12),
    ("Cologne", 0.09),
    ("Leipzig", 0.06),
    (_ELSEWHERE, 0.28),
)
_NEW_ZEALAND = (("Auckland", 0.38), ("Wellington", 0.15), ("Christchurch", 0.13), ("Tauranga", 0.06), (_ELSEWHERE, 0.2))
_CALIFORNIAN = (("Los Angeles", 0.3), ("San Diego", 0.12), ("San Jose", 0.1), ("Sacramento", 0.06), (_ELSEWHERE, 0.36))
_HOMES = {
    "EUR": ("Germany", "DE", _GERMAN, (("Vienna", "Austria", "AT"), ("Zurich", "Switzerland", "CH"))),
    "NZD": ("New Zealand", "NZ", _NEW_ZEALAND, (("Sydney", "Australia", "AU"),)),
    "USD": ("United States", "US", _CALIFORNIAN, (("Vancouver", "Canada", "CA"),)),
}


def places(currency: str) -> tuple[Place, ...]:
    """The places of a site that sells in this currency; their shares add up to 1. Unknown ones are taken for euros."""
    country, country_id, towns, abroad = _HOMES.get(currency, _HOMES["EUR"])
    at_home = tuple(Place(city, country, country_id, share) for city, share in towns)
    rest = (1 - sum(place.share for place in at_home)) / len(abroad)
    return (*at_home, *(Place(city, name, iso, rest) for city, name, iso in abroad))


def place_of(visitor: Ints, currency: str) -> Ints:
    """For each of these visitors the number of the place in `places`; always the same one for a visitor."""
    # Numbers follow each other as visitors do; multiplied and cut, neighbours are strangers.
    drawn = (np.asarray(visitor, np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    ends = np.cumsum([place.share for place in places(currency)])
    ends[-1] = 1.0
    return np.searchsorted(ends, drawn.astype(np.float64) / (1 << 24), side="right").astype(np.int64)
