"""What a person should know of the rows of a log, from their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CURRENCIES_NAMED = 5


def on_rows(counts: Mapping[str, int], currencies: Sequence[str]) -> list[str]:
    """Times that are midnights, values that are no numbers, and currencies that differ: the most frequent ones first."""
    notes = []
    if counts["midnight"] == counts["timed"]:
        notes.append(
            "All times are midnights: what came before what on one day is unknown. A score takes nothing of one day as done "
            "before the main conversion of that day, and judges only what hardly anybody does on the same; a funnel takes its "
            "steps of one day as done in order."
        )
    if unread := counts["unread_values"]:
        are = (
            "1 value is no number that can be read and is"
            if unread == 1
            else f"{unread:,} values are no numbers that can be read and are"
        )
        notes.append(
            f"{are} not used. A decimal point is wanted; a decimal comma is read where semicolons separate the columns."
        )
    if len(currencies) > 1:
        more = f" and {len(currencies) - CURRENCIES_NAMED} more" if len(currencies) > CURRENCIES_NAMED else ""
        named = ", ".join(name[:10] for name in currencies[:CURRENCIES_NAMED])
        notes.append(f"Values are in {len(currencies)} currencies ({named}{more}); none of them is used.")
    return notes


def on_sessions(without: int, rows: int) -> tuple[str, ...]:
    """A note on events that have no session id where others have one."""
    if without in (0, rows):
        return ()
    have, belong = ("has", "it belongs") if without == 1 else ("have", "each belongs")
    return (
        f"{without:,} of {rows:,} events {have} no session id: {belong} to the session of what the "
        "visitor did just before or after; pauses of half an hour end visits without any.",
    )
