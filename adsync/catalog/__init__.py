"""The micro-conversions of each business model, as data: a menu to choose from.

What is `taken` of it, every account takes whose config names no candidates; those are GA4's own recommended or
automatically measured events, which most sites send already. Categories are Google Ads' (`ConversionActionCategory`).
"""

from __future__ import annotations

from adsync.catalog.entries import BUSINESSES, Entry, Origin, PlatformName, PlatformNames
from adsync.catalog.offered import MAIN_GOALS, OFFERED
from adsync.catalog.usual import USUAL
from adsync.model.account import Candidate

__all__ = [
    "BUSINESSES",
    "CATALOGUE",
    "MAIN_GOALS",
    "Entry",
    "Origin",
    "PlatformName",
    "PlatformNames",
    "candidates_for",
    "entry",
    "menu",
]

CATALOGUE: tuple[Entry, ...] = (*USUAL, *OFFERED)
_BY_NAME = {e.event_name: e for e in CATALOGUE}


def menu(business: str, *, macro_event: str = "") -> tuple[Entry, ...]:
    """Everything that a business model may choose from, shallow to deep, without the macro itself."""
    fitting = [e for e in CATALOGUE if business in e.businesses and e.event_name != macro_event]
    return tuple(sorted(fitting, key=lambda e: (e.depth, e.event_name)))


def candidates_for(business: str, *, macro_event: str) -> tuple[Candidate, ...]:
    """What an account takes that names no candidates, shallow to deep, without the macro itself."""
    return tuple(e.candidate for e in menu(business, macro_event=macro_event) if e.taken)


def entry(event_name: str) -> Entry | None:
    """What the catalogue knows of an event, or None."""
    return _BY_NAME.get(event_name)
