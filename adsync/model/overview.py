"""Where one account stands, as shown to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from adsync.model.decision import ScopeStanding
from adsync.model.outcome_words import ReviewLine


class Urgency(IntEnum):
    """How much an account needs a person; smaller comes first."""

    FAULTY = 0
    HELD = 1
    UNSETTLED = 2
    REVIEW = 3
    NOTHING_PULLED = 4
    FINE = 5


SOON_DAYS = 14

CHECKS = "Not kept of earlier days, and left out: when the volume was weighed next, and how often in a row it had been enough."


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One account at a glance.

    stands: the sentence of the demand rule. todo: what a person should do; "" for nothing. where: how to find the same
    number on Google's screens. line: which demand applies and why. scopes: the parts of it that are decided each by itself.
    evidence: which grade speaks for which candidates. log_fault: what is wrong with that log.
    amiss: what the config protects and the account does not have. cross_account: whom a change would meet, where another
    account owns the conversion actions, and why nothing is changed; "" where the account owns them.
    held: which helpers are held where the account is not. blocked: what is planned and only proposed, and why. soon: a
    declared season that begins within ``SOON_DAYS``.
    next_check: the earliest night on which the volume is weighed again. counted, needed: macros in the weeks that the
    policy decides on. not_known: what nobody can tell of an earlier day any more. reviews: outcome reviews that are open, or
    ended within four weeks. under_way: groups of changes that have begun and are not whole yet. others: actions of other people
    that campaigns bid on beside the main conversion.
    """

    account: str
    urgency: Urgency
    stands: str
    todo: str = ""
    where: str = ""
    line: str = ""
    soon: str = ""
    held: str = ""
    blocked: str = ""
    evidence: str = ""
    log_fault: str = ""
    amiss: str = ""
    cross_account: str = ""
    next_check: date | None = None
    not_known: str = ""
    as_of: date | None = None
    pulled_at: datetime | None = None
    primary: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    counted: float | None = None
    needed: float | None = None
    demand: float | None = None
    scopes: tuple[ScopeStanding, ...] = ()
    reviews: tuple[ReviewLine, ...] = ()
    under_way: tuple[str, ...] = ()

    @property
    def next_check_words(self) -> str:
        """ "Monday 2026-11-23", or "tonight"."""
        if self.as_of is None or self.not_known:
            return ""
        due = self.next_check is None or self.next_check <= self.as_of
        return "tonight" if due else f"{self.next_check:%A} {self.next_check}"
