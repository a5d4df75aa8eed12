"""Clicks and conversions of campaigns, week by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from adsync.model.activity import Floats
from adsync.model.evidence import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWeeks:
    """Rows are campaigns, columns whole weeks, oldest first; all by the day of the click.

    starts: the first day of each week; a week of which a day is unknown is left out. clicks: of ads. macros, micros: all
    conversions, fractional where attribution shares them.
    """

    starts: tuple[date, ...]
    clicks: Floats
    macros: Floats
    micros: Floats

    def since(self, week: int) -> CampaignWeeks:
        """Without the weeks before that one."""
        return CampaignWeeks(
            starts=self.starts[week:],
            clicks=self.clicks[:, week:],
            macros=self.macros[:, week:],
            micros=self.micros[:, week:],
        )

    @property
    def last(self) -> date:
        """The last day of the newest week."""
        return self.starts[-1] + timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elasticity:
    """By how many percent the macros of a click change where the micros of a click change by one percent.

    point, low, high in `of_micros`, at 95 %. p_value: one-sided, of none or a negative one. campaigns, weeks: that told it.
    """

    of_micros: Interval
    p_value: float
    campaigns: int
    weeks: int
