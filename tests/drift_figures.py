"""How often drift is said of logs whose truth is known.

`python -m tests.drift_figures` prints the tables of docs/statistics.md, "Scores over time and by segment".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from adsync.model.stability import Turn, Week
from adsync.score.drift import drifts
from adsync.score.intervals import wilson

CANDIDATES = 15
LOGS = 400
WEEKS = (12, 26, 60)
DOERS = (150, 600)
"""Visitors a week of the candidate that falls; p is 15 %."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of log.

    spread: of p from week to week, relative. memory: how alike neighbouring weeks are. alike: all candidates move as one.
    """

    spread: float = 0.0
    memory: float = 0.0
    alike: bool = False


KINDS: Mapping[str, Kind] = {
    "steady": Kind(),
    "weeks differ by 20 %": Kind(spread=0.2),
    "weeks differ by 20 %, all candidates alike": Kind(spread=0.2, alike=True),
    "slow waves of 20 %": Kind(spread=0.2, memory=0.8),
}


def alarms(kind: str, weeks: int, logs: int, seed: int) -> int:
    """In how many of these logs any candidate is said to announce less or more than before."""
    dice = np.random.default_rng(seed)
    return sum(
        any(d.turn is not Turn.STEADY for d in drifts(_log(KINDS[kind], weeks, dice)).values()) for _ in range(logs)
    )


def ever(kind: str, logs: int, seed: int) -> int:
    """In how many logs of 60 weeks it is said once or more by somebody who asks after every week from the twelfth on."""
    dice, said = np.random.default_rng(seed), 0
    for _ in range(logs):
        log = _log(KINDS[kind], 60, dice)
        looks = (drifts({name: weeks[:end] for name, weeks in log.items()}) for end in range(12, 61))
        said += any(d.turn is not Turn.STEADY for look in looks for d in look.values())
    return said


def found(factor: float, doers: int, weeks: int, logs: int, seed: int) -> int:
    """In how many logs it is said that a candidate fell, whose p in the last four weeks is so many times what it was.

    Weeks differ by 10 %, and there are 14 other candidates.
    """
    dice, kind = np.random.default_rng(seed), Kind(spread=0.1)
    told = 0
    for _ in range(logs):
        changed = np.r_[np.ones(weeks - 4), np.full(4, factor)]
        one = _weeks(dice, np.full(weeks, doers), 0.15 * changed * np.exp(_waves(dice, weeks, kind)))
        own = drifts({**_log(kind, weeks, dice), "falls": one}).get("falls")
        told += own is not None and own.turn is Turn.FALLS
    return told


def _log(kind: Kind, weeks: int, dice: np.random.Generator) -> dict[str, list[Week]]:
    """20 to 2,000 visitors a week and a p of 3 % to 40 %, other ones for each candidate."""
    common, each = _waves(dice, weeks, kind), {}
    for n in range(CANDIDATES):
        doers, share = np.exp(dice.uniform(*np.log((20, 2_000)))), np.exp(dice.uniform(*np.log((0.03, 0.4))))
        wave = common if kind.alike else _waves(dice, weeks, kind)
        each[str(n)] = _weeks(dice, dice.poisson(doers, weeks), share * np.exp(wave))
    return each


def _waves(dice: np.random.Generator, weeks: int, kind: Kind) -> np.ndarray:
    wave = dice.standard_normal(weeks)
    for week in range(1, weeks):
        wave[week] = kind.memory * wave[week - 1] + np.sqrt(1 - kind.memory**2) * wave[week]
    return kind.spread * wave - kind.spread**2 / 2


def _weeks(dice: np.random.Generator, doers: np.ndarray, share: np.ndarray) -> list[Week]:
    counts = zip(doers.tolist(), dice.binomial(doers, np.minimum(share, 0.95)).tolist(), strict=True)
    return [
        Week(
            first=date(2026, 1, 5) + timedelta(weeks=k),
            whole=True,
            exposed=n,
            converted=x,
            p=wilson(x, n),
            expected=0.0,
            lift=None,
        )
        for k, (n, x) in enumerate(counts)
    ]


def main() -> None:
    """Both tables, in percent of logs."""
    for kind in KINDS:
        shares = (f"{100 * alarms(kind, weeks, LOGS, seed=1) / LOGS:.1f} %" for weeks in WEEKS)
        print(f"| {kind} | {' | '.join(shares)} | {100 * ever(kind, LOGS // 4, seed=3) / (LOGS // 4):.0f} % |")
    print()
    for factor in (0.5, 0.6):
        for doers in DOERS:
            shares = (f"{100 * found(factor, doers, weeks, LOGS, seed=2) / LOGS:.0f} %" for weeks in WEEKS)
            print(f"| {factor:g} times, {doers} visitors a week | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
