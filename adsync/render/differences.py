"""What moved in an account's settings, as a table and as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from adsync.model.difference import THERE, Difference, Moved
from adsync.model.field_words import called, shown
from adsync.render.rows import Rows
from adsync.render.terminal import text

_KINDS = {
    "conversion_action": "action",
    "goal": "goal",
    "campaign_goal": "campaign goal",
    "custom_goal": "custom goal",
    "campaign": "campaign",
    "key_event": "key event",
}


def differences_table(found: Iterable[Moved], title: str = "") -> Rows:
    """A line for each field, oldest first."""
    table = Rows("Between (UTC)", "What", "Field", "Before", "After", "By", title=title)
    for moved in found:
        d = moved.difference
        table.add_row(
            text(f"{_at(moved.after)} - {_at(moved.until)}"),
            text(thing(d)),
            text("exists" if d.field == THERE else called(d.field)),
            text(shown(d.before, d.field)),
            text(shown(d.after, d.field)),
            text(_by(moved)),
        )
    return table


def differences_document(found: Iterable[Moved]) -> list[dict[str, Any]]:
    """The same for programs; `entry` is null for what others did, `follows` for what Google made of no change of adsync's."""
    return [
        {
            "after": moved.after,
            "until": moved.until,
            "kind": moved.difference.kind,
            "id": moved.difference.object_id,
            "title": moved.difference.title,
            "field": moved.difference.field,
            "before": moved.difference.before,
            "now": moved.difference.after,
            "entry": moved.entry_id,
            "follows": moved.follows,
        }
        for moved in found
    ]


def _by(moved: Moved) -> str:
    if moved.entry_id is not None:
        return f"adsync, entry {moved.entry_id}"
    return f"Google, after entry {moved.follows}" if moved.follows is not None else "outside adsync"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def thing(difference: Difference) -> str:
    """What a difference is about, with its kind."""
    return f"{_KINDS[difference.kind]} {difference.title}"
