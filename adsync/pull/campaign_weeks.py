"""Reads back clicks and conversions of campaigns by whole week, as they were known on a night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from adsync.model.activity import Floats
from adsync.model.ads import ConversionAction
from adsync.model.weekly import CampaignWeeks
from adsync.model.window import Window
from adsync.ports import Axis, Numbers
from adsync.pull.history import last_complete_day

WEEKS = 52


def read_campaign_weeks(
    customer_id: str,
    macros: Sequence[ConversionAction],
    micros: Mapping[str, ConversionAction],
    numbers: Numbers,
    as_of: date,
) -> Mapping[str, CampaignWeeks]:
    """The weeks of each micro beside those of the macros, by event, up to the newest week whose clicks have all converted.

    By the day of the click, which is the only day that clicks and conversions have in common.
    """
    yesterday = as_of - timedelta(days=1)
    last = min(last_complete_day(action, yesterday) for action in (*macros, *micros.values()))
    window = Window.ending(last, days=7 * WEEKS)
    starts = _known_weeks(customer_id, macros, numbers, window, as_of)
    place = {start + timedelta(days=n): week for week, start in enumerate(starts) for n in range(7)}
    days = [day for day in numbers.campaign_days(customer_id, window, as_of) if day.date in place]
    conversions = [
        day for day in numbers.campaign_conversions(customer_id, window, as_of, Axis.CLICK) if day.date in place
    ]
    campaigns = sorted({day.campaign_id for day in days} | {day.campaign_id for day in conversions})
    row = {campaign: number for number, campaign in enumerate(campaigns)}
    counts: dict[str, Floats] = {}
    clicks = np.zeros((len(campaigns), len(starts)))
    for spent in days:
        clicks[row[spent.campaign_id], place[spent.date]] += spent.clicks
    for day in conversions:
        table = counts.setdefault(day.action_id, np.zeros_like(clicks))
        table[row[day.campaign_id], place[day.date]] += day.all_conversions
    nothing = np.zeros_like(clicks)
    sold: Floats = sum((counts.get(action.id, nothing) for action in macros), nothing)
    return {
        event: CampaignWeeks(starts=starts, clicks=clicks, macros=sold, micros=counts.get(action.id, nothing))
        for event, action in micros.items()
    }


def _known_weeks(
    customer_id: str, macros: Sequence[ConversionAction], numbers: Numbers, window: Window, as_of: date
) -> tuple[date, ...]:
    """The first days of those weeks of which every day was copied, both clicks and conversions."""
    clicks = numbers.click_series(customer_id, window, as_of)
    conversions = numbers.conversion_series(customer_id, [a.id for a in macros], Axis.CLICK, window, as_of)
    series = [clicks, *conversions.values()]
    weeks = (Window.ending(window.last - timedelta(days=7 * back), days=7) for back in reversed(range(WEEKS)))
    return tuple(week.first for week in weeks if all(None not in each.during(week) for each in series))
