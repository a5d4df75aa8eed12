"""How many changes may be made at most: absolute numbers, for a share of a small account would never speak up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from adsync.model.business_date import business_date
from adsync.model.log import ChangeLogEntry, Outcome

IN_A_RUN, IN_A_MONTH, OF_ALL = 20, 60, 200
"""A set-up marks, enables and values up to twelve helpers: 12 changes in a night, 36 in a month; later it is a handful. Over all
accounts as many as a person can look through on the morning after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLimits:
    """Of one account. Changes that were sent count, unless Google refused them; a month is one of the account's own time.

    changes_per_month: rollbacks neither count nor are held back.
    """

    changes_per_run: int = IN_A_RUN
    changes_per_month: int = IN_A_MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month of an account's own time, and how many changes were made in it so far, rollbacks not among them."""

    first: date
    made: int

    @classmethod
    def of(cls, entries: Iterable[ChangeLogEntry], now: datetime, time_zone: str) -> Month:
        first = business_date(now, time_zone).replace(day=1)
        made = sum(
            _counts(entry) and business_date(entry.opened_at, time_zone).replace(day=1) == first for entry in entries
        )
        return cls(first=first, made=made)

    @property
    def next(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def words(self) -> str:
        return f"{self.made} {'change was' if self.made == 1 else 'changes were'} made in {self.first:%B %Y}"


def _counts(entry: ChangeLogEntry) -> bool:
    return entry.origin != "rollback" and (entry.outcome is Outcome.APPLIED or entry.outcome.is_open)
