"""Times that a person has declared to be no evidence: seasons, sales, migrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Days on which nothing changes and which are no evidence. why: as its owner calls it, "" where nobody said.

    every_year: the same days of every year; 29 February is the 28th where there is none.
    """

    days: Window
    why: str = ""
    every_year: bool = False

    @property
    def name(self) -> str:
        """What to call it at the beginning of a sentence."""
        return self.why or "A declared season"

    def touching(self, span: Window) -> Iterator[Window]:
        """Its occurrences, in the order of time, of which at least one day lies in ``span``."""
        first, last = self.days.first.year, self.days.last.year
        for more in range(span.first.year - last, span.last.year - first + 1) if self.every_year else (0,):
            days = Window(_moved(self.days.first, more), _moved(self.days.last, more))
            if days.first <= span.last and span.first <= days.last:
                yield days


def _moved(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28) if leap_day and years else day.replace(year=day.year + years)
