"""What a report counts: the events of its days and, when it is about ads, the ad clicks that GA4 has of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsync.sandbox.ga4 import distortion
from adsync.sandbox.ga4.cells import Cells
from adsync.sandbox.ga4.columns import Column, joined
from adsync.sandbox.ga4.dates import Days
from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.property import day_number
from adsync.sandbox.ga4.questions import Question
from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Bools, Ints, local_days


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Events (by log index) and ad clicks. Columns hold a code for each event and then for each click.

    of_range: the date range for which each was gathered; one that lies in two ranges is there twice.
    """

    view: View
    index: Ints
    clicks: Ints
    columns: dict[str, Column]
    of_range: Column
    scale: float
    exchange: float

    def only(self, mask: Bools) -> Gathered:
        events, clicks = mask[: len(self.index)], mask[len(self.index) :]
        return Gathered(
            view=self.view,
            index=self.index[events],
            clicks=self.clicks[clicks],
            columns={name: column.only(mask) for name, column in self.columns.items()},
            of_range=self.of_range.only(mask),
            scale=self.scale,
            exchange=self.exchange,
        )

    def cells(self, row: Ints, rows: int) -> Cells:
        """row: of each event and then of each click."""
        return Cells(
            view=self.view,
            index=self.index,
            row=row[: len(self.index)],
            rows=rows,
            clicks=self.clicks,
            click_row=row[len(self.index) :],
            scale=self.scale,
            exchange=self.exchange,
        )


def gather(view: View, asked: Question, samples: list[distortion.Sample]) -> tuple[Gathered, bool]:
    """Everything of the report's days, and whether values were folded into (other). samples: one for each range."""
    events = [sample.index for sample in samples]
    clicks = [_clicks(view, each) if asked.about_ads else np.zeros(0, np.int64) for each in asked.ranges]
    index, click_index = np.concatenate(events), np.concatenate(clicks)
    columns, folded = distortion.folded(
        view, {d.name: d.of_events(view, index) for d in asked.fields}, {d.name: d.scope for d in asked.fields}
    )
    if len(click_index):
        columns = {d.name: joined([columns[d.name], _of_clicks(d, view, click_index)]) for d in asked.fields}
    which = np.arange(len(asked.ranges))
    ranges = [np.repeat(which, [len(part) for part in parts]) for parts in (events, clicks)]
    read, space = len(index), sum(sample.space for sample in samples)
    gathered = Gathered(
        view=view,
        index=index,
        clicks=click_index,
        columns=columns,
        of_range=Column(np.concatenate(ranges), tuple(each.name for each in asked.ranges)),
        scale=space / read if read else 1.0,
        exchange=asked.exchange,
    )
    return gathered, folded


def _clicks(view: View, days: Days) -> Ints:
    """The ad clicks of some days, as GA4 has them from Google Ads by now."""
    if view.clicks is None:
        return np.zeros(0, np.int64)
    time = np.asarray(view.clicks.time, np.int64)
    day = local_days(time, view.shop.time_zone)
    within = (day >= day_number(days.first)) & (day <= day_number(days.last))
    return np.flatnonzero(within & (time <= view.processed_until))


def _of_clicks(dimension: Dimension, view: View, clicks: Ints) -> Column:
    # compatibility.check has refused every dimension by which ad clicks cannot be told apart.
    assert dimension.of_clicks is not None
    return dimension.of_clicks(view, clicks)
