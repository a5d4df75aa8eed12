"""What events are called where people read of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from adsync.catalog import entry
from adsync.model.figures import capital, short
from adsync.model.funnel import VISITORS


def titles_of(events: Sequence[str]) -> dict[str, str]:
    """Of each event, and of all visitors; where two would be called the same, each by its own name."""
    titles = {event: title_of(event) for event in events}
    often = Counter(title.casefold() for title in titles.values())
    own = {event: short(event) for event, title in titles.items() if often[title.casefold()] > 1}
    return {VISITORS: "Visitors"} | titles | own


def title_of(event: str) -> str:
    """What the catalogue calls an event; its own name where it knows none, with spaces for underscores."""
    known = entry(event)
    return known.title if known else capital(short(event).replace("_", " "))
