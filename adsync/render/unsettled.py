"""Changes that were sent and of which nobody knows yet whether Google has made them."""

from __future__ import annotations

from collections.abc import Iterable

from adsync.model.log import ChangeLogEntry, by_minute
from adsync.model.verb_words import doing


def unsettled_lines(entries: Iterable[ChangeLogEntry]) -> tuple[str, ...]:
    """One line for each, with the moment from which on a run settles it."""
    return tuple(
        f"Entry {entry.id} ({doing(entry.change)}) has no known outcome yet: it waits until "
        f"{by_minute(entry.readable_from)} to be read back, by the next adsync apply or adsync sync. Until then nothing more is "
        "done to it."
        for entry in entries
    )


def unsettled_document(entries: Iterable[ChangeLogEntry]) -> list[dict[str, object]]:
    """The same for `--json`."""
    return [
        {
            "entry": entry.id,
            "change_name": entry.change_name,
            "change": entry.change,
            "read_back_from": entry.readable_from,
        }
        for entry in entries
    ]
