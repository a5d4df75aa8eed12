"""The naming map: what each micro-conversion is called on every platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adsync.catalog import BUSINESSES, MAIN_GOALS, Entry
from adsync.render.rows import Rows
from adsync.render.terminal import text

LEGEND = (
    "* not verified: try it there before you build on it. custom: no standard event; send one of the GA4 name.",
    "Conditions are found among what a site sends already; the pages in them are usual ones, yours may have other names.",
)
_COLUMNS = ("GA4", "What", "Condition", "Google Ads", "Meta", "LinkedIn", "TikTok", "Microsoft", "Pinterest")
_GAP = 2


def names_table(entries: Iterable[Entry]) -> tuple[Rows, int]:
    """A line for each event, with its condition where that is more than the event; and how wide a line is."""
    lines = [_cells(e) for e in {e.event_name: e for e in entries}.values()]
    table = Rows(*_COLUMNS)
    for line in lines:
        table.add_row(*map(text, line))
    return table, sum(max(map(len, column)) + _GAP for column in zip(_COLUMNS, *lines, strict=True))


def _cells(e: Entry) -> tuple[str, ...]:
    condition = "" if e.condition.is_an_event else e.condition.text
    elsewhere = (found.name if found.verified else f"{found.name}*" for _, found in e.names)
    return (e.event_name, e.title, condition, e.category, *elsewhere)


def names_document(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The same and all else that the catalogue knows, as plain values."""
    return [
        {
            "event": e.event_name,
            "title": e.title,
            "condition": e.condition.text,
            "category": e.category,
            "counting_type": e.counting_type,
            "depth": e.depth,
            "on_path": e.on_path,
            "origin": e.origin.value,
            "businesses": [business for business in BUSINESSES if business in e.businesses],
            "taken": e.taken,
            "main_goal": e in MAIN_GOALS,
            "names": {platform: {"name": found.name, "verified": found.verified} for platform, found in e.names},
        }
        for e in entries
    ]
