"""The changes that a run may still make: over all accounts, shared by its threads, and of one account."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date

from adsync.model.figures import number_of
from adsync.model.limits import ChangeLimits, Month
from adsync.ports import RunAllowance


class Countdown:
    """See RunAllowance in ports.py."""

    def __init__(self, changes: int) -> None:
        self.limit = changes
        self._left = changes
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        with self._lock:
            self._left += 1


@dataclass
class AccountAllowance:
    """What of it one account may use. month: with what the run has made. ended: nothing was left for all accounts."""

    limits: ChangeLimits
    month: Month
    run: RunAllowance
    used: int = 0
    ended: bool = False

    def take(self, origin: str) -> str:
        """Takes one change of a plan of this origin; says why not where there is none left."""
        if (again := self.again_on(origin)) is not None:
            return (
                f"Left for {again} or later: {self.month.words}, and limits.changes_per_month of this account allows "
                f"{self.limits.changes_per_month}."
            )
        if self.used >= self.limits.changes_per_run:
            return (
                "Left for a later run: limits.changes_per_run of this account allows "
                f"{number_of(self.limits.changes_per_run, 'change')} in one."
            )
        # What another account gives back later is not for this one: its changes stay in their order.
        self.ended = self.ended or not self.run.take()
        if self.ended:
            allowed = number_of(self.run.limit, "change")
            return f"Left for a later run: limits.changes_per_run allows {allowed} over all accounts in one."
        self._count(1, origin)
        return ""

    def again_on(self, origin: str) -> date | None:
        """When the next month's changes begin, where none are left in this one."""
        return self.month.next if origin != "rollback" and self.month.made >= self.limits.changes_per_month else None

    def give_back(self, origin: str) -> None:
        """What was taken did not become a change."""
        self.run.give_back()
        self._count(-1, origin)

    def remark(self, origin: str) -> str:
        """What to say of a change that only a rollback may make."""
        if origin == "rollback" and self.month.made >= self.limits.changes_per_month:
            return (
                f"Made although limits.changes_per_month is {self.limits.changes_per_month} and {self.month.words}: it does not "
                "hold rollbacks back."
            )
        return ""

    def _count(self, change: int, origin: str) -> None:
        self.used += change
        if origin != "rollback":
            self.month = replace(self.month, made=self.month.made + change)
