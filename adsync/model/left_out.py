"""Why rows of an event log are left out, in words that follow a number of events."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "no_visitor": "without a visitor id (no consent, or not logged)",
    "no_time": "without a time that can be read",
    "past": "from before 2005 (or with times in another unit than the others)",
    "no_name": "without a name",
    "future": "from the future (or with times in another unit than the others)",
    "duplicate": "standing twice",
    "duplicate_order": "of orders that the same visitor had sent before",
    "machine": "of visitors with more than 10,000 events: machines",
    "astray": "far away from the rest of the log (a wrong clock?)",
}


def left_out_words(excluded: Mapping[str, int]) -> tuple[str, ...]:
    """Each reason with its number, such as "1 event from the future"; those that left nothing out are not named."""
    return tuple(f"{n:,} event{'' if n == 1 else 's'} {REASONS[reason]}" for reason, n in excluded.items() if n)
