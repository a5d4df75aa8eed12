"""Conversion actions that adsync could look after, as a table and as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adsync.model.adoption import Adoptable
from adsync.render.rows import Rows
from adsync.render.terminal import text


def adoptable_table(found: Iterable[Adoptable], title: str = "") -> Rows:
    """A line for each action, those that surely count the same first."""
    table = Rows("Action", "Name", "Would count", "Now", "How it came", "What is the same", title=title)
    for each in found:
        twin = each.twin
        table.add_row(
            text(twin.action.id),
            text(twin.action.name),
            text(twin.event_name),
            text(_now(each)),
            text(maker(each)),
            text(twin.why if twin.is_sure else f"{twin.why}: look whether it counts the same"),
        )
    return table


def adoptable_document(found: Iterable[Adoptable]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "action": each.twin.action.id,
            "name": each.twin.action.name,
            "event": each.twin.event_name,
            "status": each.twin.action.status,
            "type": each.twin.action.type,
            "primary_for_goal": each.twin.action.primary_for_goal,
            "conversions_in_30_days": each.conversions,
            "campaigns": each.campaigns,
            "seen_after": each.after,
            "seen_until": each.until,
            "why": each.twin.why,
            "is_sure": each.twin.is_sure,
        }
        for each in found
    ]


def _now(each: Adoptable) -> str:
    flag = "primary" if each.twin.action.primary_for_goal else "secondary"
    count = "unknown how many" if each.conversions is None else f"{each.conversions:.0f}"
    return f"{flag}; {count} in 30 days; bid on by {', '.join(each.campaigns) or 'nobody'}"


def maker(each: Adoptable) -> str:
    """When it came, and how, as far as anybody can tell: Google's API does not name people here."""
    when = f"before adsync's first look on {each.until:%Y-%m-%d}"
    if each.after is not None:
        first, last = each.after.date(), each.until.date()
        when = f"on {last}" if first == last else f"between {first} and {last}"
    if each.twin.action.is_ga4_mirror:
        return f"made by Google of a key event, switched on by somebody {when}"
    return f"made by somebody {when}"
