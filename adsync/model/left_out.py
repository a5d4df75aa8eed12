"""Why rows of an event log are left out, in words that follow a number of events."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "no_visitor": "without a visitor id (no consent, or not logged)",
    "no_session": "without a session id",
    "no_time": "without a time that can be read",
    "past": "from before 2005 (or with times in another unit than the others)",
    "no_name": "without a name",
    "future": "from the future (or with times in another unit than the others)",
    "duplicate": "standing twice",
    "duplicate_order": "of orders that the same visitor had sent before",
    "machine": "of visitors with more than 10,000 events: machines",
    "astray": "far away from the rest of the log (a wrong clock?)",
}


IN_EXPORTS: Mapping[str, str] = {"no_session": "without a session id (no consent)"}
"""Where Google's own tags have written the log, why is known better."""


def left_out_words(excluded: Mapping[str, int], form: str) -> tuple[str, ...]:
    """Each reason with its number, such as "1 event from the future"; those that left nothing out are not named.

    form: of the log, "GA4 export" or another.
    """
    words = {**REASONS, **(IN_EXPORTS if form == "GA4 export" else {})}
    return tuple(f"{n:,} event{'' if n == 1 else 's'} {words[reason]}" for reason, n in excluded.items() if n)
