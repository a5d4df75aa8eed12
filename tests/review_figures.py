"""How often outcome reviews say what, in simulated accounts of which it is known what happened.

`python -m tests.review_figures` prints the tables of docs/statistics.md, "Outcome reviews"; a slow test compares them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

import numpy as np

from adsync.decide.outcome_review import concluded
from adsync.decide.replay import Answers
from adsync.model.outcome_review import CampaignCounts, OutcomeReview
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.simulate.draw import FIRST_NIGHT, draw
from adsync.simulate.kinds import KINDS
from adsync.simulate.lives import live
from tests.review_worlds import CHANGED_ON, FIRST_READ, a_review

KIND_NAMES = ("steady-25", "steady-45", "steady-60", "lumpy-25", "lumpy-60")
CHOSEN = ("steady-45", "steady-60", "lumpy-60")
"""Kinds of which the rule retires most: there the change comes after weeks that were good by chance as well."""

ACCOUNTS, LIVES = 2000, 400


@dataclass(frozen=True, slots=True)
class Case:
    """What became of the rate at the change. market: of everybody's. beside: other campaigns sell twice as much."""

    factor: float = 1.0
    market: float = 1.0
    beside: bool = False


CASES = {
    "nothing": Case(),
    "a fall by 30 %": Case(factor=0.7),
    "a fall by 50 %": Case(factor=0.5),
    "a rise by 50 %": Case(factor=1.5),
    "nothing, beside others": Case(beside=True),
    "a fall by 50 %, beside others": Case(factor=0.5, beside=True),
    "all campaigns fall by 30 %, beside others": Case(market=0.7, beside=True),
}


def verdict(kind: str, case: Case, seed: tuple[int, ...]) -> str:
    """What is said of one account whose change comes on a day like any other."""
    dice = np.random.default_rng((*seed, tuple(KINDS).index(kind)))
    review = a_review(["2"] if case.beside else ())
    rows = _rows("1", dice, kind, [draw(KINDS[kind], dice).with_helpers.macro], case.factor * case.market, review)
    if case.beside:
        rows += _rows("2", dice, kind, [draw(KINDS[kind], dice).with_helpers.macro for _ in "ab"], case.market, review)
    return concluded(review, rows, {}, (), Policy(), review.due_on).verdict.value


def _rows(
    name: str, dice: np.random.Generator, kind: str, macros: list[DailySeries], factor: float, review: OutcomeReview
) -> list[CampaignCounts]:
    """Days around the change. A click costs what it likes; a rise is drawn on top, a fall thins out what was drawn."""
    span = Window(FIRST_READ, review.after.last)
    # Good and bad weeks begin where they like, not where the review's begin.
    start = 60 + int(dice.integers(7))
    drawn = np.sum([np.array(series.values[start : start + len(span)], dtype=int) for series in macros], axis=0)
    later = np.array([day >= review.changed_on for day in span])
    thinned = dice.binomial(drawn, min(factor, 1.0)) + dice.poisson(drawn * max(factor - 1, 0.0))
    cost = dice.lognormal(0, 0.2, len(span)) * 50
    return [
        CampaignCounts(date=day, campaign_id=name, macros=int(m), clicks=80, cost=float(c))
        for day, m, c in zip(span, np.where(later, thinned, drawn), cost, strict=True)
    ]


def of_retirement(kind: str, number: int) -> str | None:
    """What is said of the first retirement of a year by the rule itself, after which nothing changes; None without one."""
    seed = (5, number)
    life = live(KINDS[kind], Policy(), Answers(), helpers=1, seed=seed)
    if not life.retired:
        return None
    macro = draw(KINDS[kind], np.random.default_rng(seed)).with_helpers.macro
    on = FIRST_NIGHT + timedelta(days=life.retired[0])
    moved = on - CHANGED_ON
    review = a_review()
    if on + timedelta(days=60) > macro.last:
        return None
    rows = [
        CampaignCounts(date=day, campaign_id="1", macros=macro.at(day + moved) or 0.0, clicks=80, cost=50.0)
        for day in Window(FIRST_READ, review.after.last)
    ]
    return concluded(review, rows, {}, (), Policy(), review.due_on).verdict.value


def shares(kind: str, accounts: int, seed: int) -> dict[str, Counter[str]]:
    """By case: how often each verdict."""
    return {
        name: Counter(verdict(kind, case, (seed, number)) for number in range(accounts)) for name, case in CASES.items()
    }


def of_retirements(kind: str, lives: int, first: int = 0) -> Counter[str]:
    """The same of retirements by the rule."""
    return Counter(v for number in range(first, first + lives) if (v := of_retirement(kind, number)) is not None)


def error(share: float, accounts: int) -> float:
    """The standard error of a simulated share; of none or all, as if half an account had been another."""
    kept = min(max(share, 0.5 / accounts), 1 - 0.5 / accounts)
    return sqrt(kept * (1 - kept) / accounts)


SAID = ("regressed", "held", "improved")


def row(name: str, cells: list[Counter[str]]) -> str:
    """Percent of each verdict; what is left is inconclusive."""
    shown = [" / ".join(f"{100 * each[said] / each.total():.1f}" for said in SAID) for each in cells]
    return f"| {name} | {' | '.join(shown)} |"


def main() -> None:
    found = {kind: shares(kind, ACCOUNTS, seed=3) for kind in KIND_NAMES}
    print(f"| | {' | '.join(KIND_NAMES)} |")
    print("|---" * (len(KIND_NAMES) + 1) + "|")
    for name in CASES:
        print(row(name, [found[kind][name] for kind in KIND_NAMES]))
    print()
    for kind in CHOSEN:
        counted = of_retirements(kind, LIVES)
        print(row(kind, [counted]), counted.total())


if __name__ == "__main__":
    main()
