"""What Google may do to a report before it is answered: read a sample, fold rare values, leave small groups out.

Each is a switch, off by default. A sample is one of visitors, always the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsync.sandbox.ga4.columns import OTHER, Column
from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Bools, Ints

# Knuth's multiplier: neighbouring ids end up far apart.
_SCATTER, _BUCKETS = 2_654_435_761, 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Events that were read, and how many there were to read."""

    index: Ints
    space: int

    @property
    def share(self) -> float:
        return len(self.index) / self.space if self.space else 1.0


def sampled(view: View, index: Ints) -> Sample:
    percent = view.position("ga4_sampling")
    if percent is None:
        return Sample(index, len(index))
    bucket = np.asarray(view.log.visitor[index], np.int64) * _SCATTER % (1 << 32) % _BUCKETS
    return Sample(index[bucket < percent * _BUCKETS // 100], len(index))


def folded(view: View, columns: dict[str, Column], scopes: dict[str, str]) -> tuple[dict[str, Column], bool]:
    """The columns with rare combinations of values shown as (other), and whether there were any.

    Google keeps the combinations with the most events and puts all others of a day into one row. Dates stay dates.
    """
    most = view.position("ga4_other_row")
    names = [name for name in columns if scopes[name] != "time"]
    if most is None or not names:
        return columns, False
    combination, count = numbered([columns[name] for name in names])
    if count <= most:
        return columns, False
    events = np.bincount(combination, minlength=count)
    kept = np.zeros(count, bool)
    kept[np.argsort(-events, kind="stable")[:most]] = True
    rare: Bools = ~kept[combination]
    return {**columns, **{name: columns[name].replaced(rare, OTHER) for name in names}}, True


def numbered(columns: list[Column]) -> tuple[Ints, int]:
    """Each event's combination of values as a number without gaps, and how many combinations there are."""
    key, size = np.zeros(len(columns[0].codes), np.int64), 1
    for column in columns:
        count = max(1, len(column.labels))
        if size * count > 1 << 62:
            key, size = _without_gaps(key, size)
        key, size = key * count + column.codes, size * count
    return _without_gaps(key, size)


def _without_gaps(key: Ints, size: int) -> tuple[Ints, int]:
    if not len(key):
        return key, 0
    if size <= 4 * len(key) + 1_000_000:
        # A table of all possible combinations is quicker than sorting those that occur.
        present = np.bincount(key, minlength=size) > 0
        return (np.cumsum(present) - 1)[key], int(present.sum())
    found, position = np.unique(key, return_inverse=True)
    return position.reshape(-1), len(found)
