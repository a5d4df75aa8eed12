"""What is known of one micro-conversion, and how the rows of the catalogue are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from adsync.model.account import Candidate
from adsync.model.condition import Condition, condition

BUSINESSES = ("shop", "saas", "leads", "content", "social")

ONE, EVERY = "ONE_PER_CLICK", "MANY_PER_CLICK"
"""Google Ads' counting types: a helper is counted once per click, or one visitor looks like several; sales are all counted."""

ON_PATH, ASIDE = True, False


class Origin(StrEnum):
    """Who sends the event: GA4 by itself, a site that follows Google's recommendations, or a tag of one's own."""

    AUTOMATIC = "automatic"
    RECOMMENDED = "recommended"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class PlatformName:
    """What a platform calls it; "custom" where it has no standard event. verified: found in the platform's own documents."""

    name: str
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformNames:
    """The same step in the words of other platforms: pixel events, LinkedIn's `type`, Microsoft's goal category."""

    meta: PlatformName
    linkedin: PlatformName
    tiktok: PlatformName
    microsoft: PlatformName
    pinterest: PlatformName

    def __iter__(self) -> Iterator[tuple[str, PlatformName]]:
        """Each platform with its name, in the order of the fields."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))


def names(meta: str, linkedin: str, tiktok: str, microsoft: str, pinterest: str) -> PlatformNames:
    """As a row writes them: a star behind a name says that it is not verified."""

    def read(written: str) -> PlatformName:
        return PlatformName(written.removesuffix("*"), verified=not written.endswith("*"))

    return PlatformNames(
        meta=read(meta),
        linkedin=read(linkedin),
        tiktok=read(tiktok),
        microsoft=read(microsoft),
        pinterest=read(pinterest),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One usual micro-conversion and the business models it belongs to.

    event_name: GA4's, or for an event of the site's own a usual one. condition: how it is found among the events that a
    site sends, where they are at hand one by one. Pages in it are usual ones too.
    category, counting_type: Google Ads'. depth: its usual place in the funnel, 1 early to 9 just before the macro.
    on_path: a step that leads to the macro, so that losing people there means something; a scroll does not.
    taken: what an account takes whose config names no candidates.
    """

    event_name: str
    title: str
    condition: Condition
    category: str
    counting_type: str
    depth: int
    on_path: bool
    origin: Origin
    businesses: frozenset[str]
    names: PlatformNames
    taken: bool = False

    @property
    def candidate(self) -> Candidate:
        """The event as a night looks at it."""
        return Candidate(
            event_name=self.event_name,
            title=self.title,
            category=self.category,
            depth=self.depth,
            on_path=self.on_path,
        )


Row = tuple[str, str, str, str, int, bool, Origin, str, PlatformNames]
"""Event, title, condition ("" for the event itself), category, depth, on the path, origin, businesses, names."""


def entries(rows: tuple[Row, ...], *, taken: bool = False, counting_type: str = ONE) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            event_name=event,
            title=title,
            condition=condition(written or event),
            category=category,
            counting_type=counting_type,
            depth=depth,
            on_path=on_path,
            origin=origin,
            businesses=frozenset(businesses.split()),
            names=others,
            taken=taken,
        )
        for event, title, written, category, depth, on_path, origin, businesses, others in rows
    )
