"""Conversion actions that people have made and that look like a candidate's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adsync.model.ads import ConversionAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Somebody else's action that may count what a candidate counts.

    why: what is the same. is_sure: adsync makes no second one beside it; else a person should look.
    """

    action: ConversionAction
    event_name: str
    why: str
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """A twin that adsync could look after, and what a person wants to know of it.

    conversions: of the last 30 days; None where they are not known. campaigns: names of those that bid on it now.
    after, until: it was first seen switched on in the copy of `until`, and in that of `after` not yet; after is None where
    the first copy had it already.
    """

    twin: Twin
    conversions: float | None
    campaigns: tuple[str, ...]
    after: datetime | None
    until: datetime
