"""Changes in a chart over time: a line on the day of each, and beside its upper end what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adsync.render.text import clean

INK, FONT_SIZE, ROW = "#263238", 11, 14
_LETTER = 0.62 * FONT_SIZE
"""Width of a letter, on average and rather too much: the reader's font is not known here."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened on a day."""

    on: date
    what: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark and its label. row: counted from the top. left, right: its ends, in pixels. late: its line is at the right end."""

    mark: Mark
    row: int
    left: float
    right: float
    late: bool


def placed(marks: Iterable[Mark], first: date, last: date, width: int) -> list[Placed]:
    """Labels written towards the middle of the chart, none over another; a line begins at its label, under those it meets.

    width: of the chart from ``first`` to ``last``, in pixels.
    """
    in_order = sorted(marks, key=lambda mark: mark.on)
    middle = first + (last - first) / 2
    # From both ends towards the middle: labels reach over the lines that come later on this way, which begin lower.
    early = [mark for mark in in_order if mark.on <= middle]
    late = [mark for mark in reversed(in_order) if mark.on > middle]
    found: list[Placed] = []
    for mark in (*early, *late):
        at = width * (mark.on - first).days / max((last - first).days, 1)
        long = min(_LETTER * len(mark.what) + 12, width / 2)
        left, right = (at - long, at) if mark.on > middle else (at, at + long)
        row = 1 + max((p.row for p in found if p.left <= at <= p.right), default=-1)
        while any(p.row == row and p.left < right and left < p.right for p in found):
            row += 1
        found.append(Placed(mark, row, left, right, late=mark.on > middle))
    return found


def height_of(marks: Sequence[Placed]) -> int:
    """Of all labels, in pixels."""
    return ROW * max((p.row + 1 for p in marks), default=0)


def mark_layers(alt: Any, marks: Sequence[Placed], x: Any, *, width: int, height: int) -> list[Any]:
    """The lines down to the bottom of a chart of that height, and the labels."""
    data = [
        {"on": p.mark.on.isoformat(), "what": clean(p.mark.what), "at": 2 + ROW * p.row, "late": p.late} for p in marks
    ]
    if not data:
        return []
    on, at = alt.X("on:T", scale=x), alt.Y("at:Q", scale=None, axis=None)
    rules = alt.Chart(alt.Data(values=data)).mark_rule(color=INK, strokeDash=[4, 3])
    layers = [rules.encode(x=on, y=at, y2=alt.value(height))]
    for late, align, dx in ((False, "left", 4), (True, "right", -4)):
        some = alt.Chart(alt.Data(values=[row for row in data if row["late"] is late]))
        label = some.mark_text(align=align, baseline="top", dx=dx, color=INK, fontSize=FONT_SIZE, limit=width / 2 - 8)
        layers.append(label.encode(x=on, y=at, text="what:N"))
    return layers
