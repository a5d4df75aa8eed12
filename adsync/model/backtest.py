"""What a replay of history shows: what the lifecycle rule would have done, and simpler rules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Helpers that would have been retired ("demote") or brought back ("restore").

    helpers: whom it concerns. helpers_primary: how many are bid on after it.
    """

    date: date
    verb: str
    helpers: tuple[str, ...]
    helpers_primary: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedNight:
    """One night's decision.

    verdict: "demote", "restore", "keep" or "hold". helpers_primary: how many are bid on after it. counted, needed: macros
    of the last 12 weeks that count, and how many show the demand; these and `because` are there on nights on which
    evidence was weighed, `because` also on held ones. approximate: what was known later stands in.
    """

    date: date
    verdict: str
    helpers_primary: int
    counted: float | None = None
    needed: float | None = None
    because: str = ""
    approximate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """A stretch of nights on which a guard or a declared season held decisions. because: as on the first of them."""

    first: date
    last: date
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigures:
    """How one rule did on a history.

    sustained: retirements after which the next 60 days had the demand, of the `judged` whose 60 days are known.
    starved_days: nights without any helper while the 30 days before had fewer macros than the return line. spare_days:
    nights with one while they had more than four thirds of the demand. without_helpers: the nights of neither.
    """

    name: str
    retirements: tuple[date, ...]
    returns: tuple[date, ...]
    changes_a_year: float
    sustained: int
    judged: int
    starved_days: int
    spare_days: int
    without_helpers: tuple[Window, ...]

    @property
    def changes(self) -> int:
        return len(self.retirements) + len(self.returns)

    @property
    def nights_without(self) -> int:
        return sum(len(span) for span in self.without_helpers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What another demand line would have done."""

    demand: float
    return_line: float
    changes: int
    first_retirement: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Seven days. macros: None where less than half of them are known."""

    first: date
    macros: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A replayed history. rules: adsync's first, then those to compare it with.

    approximate: why what nights knew is not exactly what they would have known; "" where it is. stands: the last night's
    sentence. proposals: retirements that a person would have had to decide, and that were not carried out.
    """

    source: str
    macro: str
    days: Window
    replayed: Window
    demand: float
    return_line: float
    helpers: int
    approximate: str
    notes: tuple[str, ...]
    stands: str
    changes: tuple[Change, ...]
    proposals: tuple[Change, ...]
    held: tuple[Standstill, ...]
    rules: tuple[RuleFigures, ...]
    sensitivity: tuple[Sensitivity, ...]
    weeks: tuple[Counted, ...]
    caveat: str
    nights: tuple[ReplayedNight, ...]
