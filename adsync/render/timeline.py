"""What adsync has changed, what others have, and what is pending, as one table and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.text import Text

from adsync.model.difference import THERE, Difference, Moved
from adsync.model.field_words import called, shown
from adsync.model.log import ChangeLogEntry
from adsync.model.plan import Approval, PlannedChange
from adsync.render.differences import thing
from adsync.render.plan_words import verb
from adsync.render.rows import Rows
from adsync.render.terminal import LOG_COLUMNS, consent_text, log_cells, text

Named = tuple[str, PlannedChange]


def timeline_table(
    entries: Iterable[ChangeLogEntry],
    outside: Mapping[str, Sequence[Moved]],
    pending: Mapping[str, Sequence[Named]],
    names: Mapping[str, str],
    words: Mapping[str, Approval],
    reviews: Mapping[int, str],
) -> Rows:
    """Oldest first; what is pending comes last.

    outside, pending: by the account's name. names: by customer id. reviews: what is said of outcome reviews, by entry.
    """
    # A night copies the settings before it changes any: what it found stands above what it did.
    told = [row for account, found in outside.items() for row in _outside_rows(account, found)]
    told += [(entry.opened_at, log_cells(entry, names, reviews.get(entry.id, ""))) for entry in entries]
    table = Rows(*LOG_COLUMNS, below=LOG_COLUMNS[-1])
    for _, cells in sorted(told, key=lambda row: row[0]):
        table.add_row(*cells)
    for account, found in pending.items():
        for name, planned in found:
            change = planned.change
            who = consent_text(planned, words.get(change.hash))
            table.add_row(
                *map(text, (name, "pending", account, verb(change), change.title)), who, text(""), text(change.because)
            )
    return table


def outside_document(outside: Mapping[str, Sequence[Moved]]) -> list[dict[str, Any]]:
    """What others have changed, field by field, oldest first."""
    rows = [
        {
            "kind": "outside",
            "account": account,
            "after": moved.after,
            "until": moved.until,
            "object": moved.difference.kind,
            "id": moved.difference.object_id,
            "title": moved.difference.title,
            "field": moved.difference.field,
            "before": moved.difference.before,
            "now": moved.difference.after,
        }
        for account, found in outside.items()
        for moved in found
    ]
    return sorted(rows, key=lambda row: row["until"])


def pending_document(pending: Mapping[str, Sequence[Named]], words: Mapping[str, Approval]) -> list[dict[str, Any]]:
    """What is planned and not carried out yet, with the word that people have said on it."""
    return [
        {
            "kind": "pending",
            "account": account,
            "name": name,
            "change": planned.change,
            "consent": planned.consent,
            "consent_because": planned.consent_because,
            "effects": planned.effects,
            "clients": planned.clients,
            "group": planned.group,
            "not_before": planned.not_before,
            "word": words.get(planned.change.hash),
        }
        for account, found in pending.items()
        for name, planned in found
    ]


def _outside_rows(account: str, found: Sequence[Moved]) -> Iterator[tuple[datetime, tuple[Text, ...]]]:
    """A row for each thing and the copies between which it moved."""
    for (after, until, about), group in groupby(found, key=lambda m: (m.after, m.until, thing(m.difference))):
        moved = "; ".join(_moved(each.difference) for each in group)
        why = f"Changed outside adsync between {_at(after)} and {_at(until)}."
        cells = ("-", f"{until:%Y-%m-%d %H:%M}", account, moved, about, "outside", "not adsync", why)
        yield until, tuple(map(text, cells))


def _moved(difference: Difference) -> str:
    if difference.field == THERE:
        return "appeared" if difference.after else "disappeared"
    d = difference
    return f"{called(d.field)}: {shown(d.before, d.field)} > {shown(d.after, d.field)}"


def _at(moment: datetime) -> str:
    return f"{moment:%A %Y-%m-%d %H:%M}"
