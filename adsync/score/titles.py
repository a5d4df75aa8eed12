"""What events are called where people read of them."""

from __future__ import annotations

from adsync.catalog import entry
from adsync.model.figures import capital


def title_of(event: str) -> str:
    """What the catalogue calls an event; its own name where it knows none, with spaces for underscores."""
    known = entry(event)
    return known.title if known else capital(event.replace("_", " "))
