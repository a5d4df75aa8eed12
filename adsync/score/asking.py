"""Whether a log can be asked what a person asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adsync.errors import UsageError
from adsync.model.condition import Condition, condition, is_written_like_one
from adsync.model.exposure import LogSummary
from adsync.model.figures import enumerated, short
from adsync.model.left_out import left_out_words
from adsync.score.candidates import nearest

_RECORDS = {
    "campaign": "session_traffic_source_last_click, in older ones in collected_traffic_source",
    "channel": "session_traffic_source_last_click, in older ones in source and medium",
    "device": "device.category",
}
"""Where a GA4 export names each dimension."""


Lost = Mapping[str, Mapping[str, int]]
"""Of events of which all rows are left out, these rows by reason."""

_NONE_LOST: Lost = {}


def event_in_log(name: str, names: Mapping[str, int], option: str, lost: Lost = _NONE_LOST) -> None:
    """The same as `in_log`, where a condition is refused as one: only --candidates of `adsync score` takes them."""
    event = re.split(r"[\[*]", name)[0].strip().strip('"')
    if name not in names and event != name and event in names:
        raise UsageError(
            f"{option} takes an event, and {short(name)} is a condition.",
            "Only candidates may be conditions: what visitors are to reach needs an event of its own.",
            next_step="Let the site send one, or let GA4 make one (Admin, Events, Create event). "
            f"Else: {option} '{short(event)}'",
        )
    in_log(name, names, option, lost)


def candidate_in_log(candidate: Condition, names: Mapping[str, int], lost: Lost = _NONE_LOST) -> None:
    """Raises UsageError where the log lacks the event of a candidate, or where it is neither an event nor a condition."""
    if not candidate.event or names.get(candidate.event):
        return
    if candidate.is_an_event and is_written_like_one(candidate.event):
        condition(candidate.event)
    in_log(candidate.event, names, "--candidates", lost)


def in_log(name: str, names: Mapping[str, int], option: str, lost: Lost = _NONE_LOST) -> None:
    """Raises UsageError where the log has no such event, and says which look like it. names: each with its number of events."""
    if names.get(name):
        return
    if name in lost:
        raise UsageError(
            f"Of the event {short(name)} no row can be used ({option}).",
            f"Left out were {enumerated(left_out_words(lost[name]))}.",
            next_step="Mend these rows where they are written, or name another event.",
        )
    if not name:
        raise UsageError(f"{option} names no event.", next_step=f"Say which, such as: {option} purchase")
    known: Sequence[str] = sorted((n for n in names if names[n]), key=lambda n: (-names[n], n))
    like = nearest(name, known)
    hint = (
        f"Did you mean {' or '.join(map(short, like))}?"
        if like
        else f"Its most frequent events: {', '.join(map(short, known[:8]))}."
    )
    raise UsageError(f"The log has no event {short(name)} ({option}).", hint)


def has(
    dimension: str,
    log: LogSummary,
    among: Sequence[str] = ("campaign", "channel", "device"),
    without_any: str = "Leave --by out.",
) -> None:
    """Raises UsageError where a log says nothing of a dimension by which it is to be split.

    among: the dimensions that may be asked for. without_any: what to do where a flat log knows none of them; nobody adds
    columns to Google's export.
    """
    if dimension and dimension not in log.labels:
        known = [name for name in among if name in log.labels]
        if log.form == "GA4 export":
            without_any = (
                f"In a GA4 export it stands in {_RECORDS[dimension]}: export that as well, or add days that name one."
            )
        raise UsageError(
            f"The log says nothing of the {dimension} of its events (--by {dimension}).",
            next_step=f"It can be split by {', '.join(known)}." if known else without_any,
        )
