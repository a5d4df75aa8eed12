"""Counted touches in, rows of channels out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adsync.model.activity import UNKNOWN
from adsync.model.channel import ChannelRow, Credit, TouchTable
from adsync.score.intervals import wilson

TOTAL = "Total"


def channel_rows(table: TouchTable, titles: Sequence[tuple[str, str]]) -> tuple[ChannelRow, ...]:
    """One row for each label and one for what is not known, those with most visitors first. titles: of the events, macro last."""
    touched = {label for pairs in table.touched.values() for pair in pairs for label in pair}
    names = {UNKNOWN, *table.visitors, *touched}
    rows = [
        ChannelRow(
            name=name,
            visitors=table.visitors.get(name, 0),
            credits=tuple(_credit(table, name, event, title) for event, title in titles),
        )
        for name in names
    ]
    return tuple(sorted(rows, key=lambda row: (-row.visitors, -row.macro.last, row.name)))


def total_of(rows: Sequence[ChannelRow]) -> ChannelRow:
    """The sum of all rows: each visitor and each conversion is in exactly one of them."""
    visitors = sum(row.visitors for row in rows)
    added = []
    for credits in zip(*(row.credits for row in rows), strict=True):
        did = sum(c.did for c in credits)
        added.append(
            Credit(
                event=credits[0].event,
                title=credits[0].title,
                did=did,
                rate=wilson(did, visitors),
                first=sum(c.first for c in credits),
                last=sum(c.last for c in credits),
                only_first=sum(c.only_first for c in credits),
                only_last=sum(c.only_last for c in credits),
            )
        )
    return ChannelRow(name=TOTAL, visitors=visitors, credits=tuple(added))


def _credit(table: TouchTable, name: str, event: str, title: str) -> Credit:
    pairs: Mapping[tuple[str, str], int] = table.touched.get(event, {})
    did = table.did.get(event, {}).get(name, 0)
    first = sum(n for (begun, _), n in pairs.items() if begun == name)
    last = sum(n for (_, ended), n in pairs.items() if ended == name)
    same = pairs.get((name, name), 0)
    return Credit(
        event=event,
        title=title,
        did=did,
        rate=wilson(did, table.visitors.get(name, 0)),
        first=first,
        last=last,
        only_first=first - same,
        only_last=last - same,
    )
