"""How often the scores of event logs are right, on made-up sites of which the truth is known.

`python -m tests.score_figures` prints the table of docs/statistics.md, "Scores from event logs"; a slow test measures it again.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from adsync.model.activity import HORIZONS, ActivityModel, ActivityTable
from adsync.model.condition import Condition
from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import Compared, Frequent, LogSummary, NamedSums, Plain, Question
from adsync.model.patterns import Together
from adsync.model.policy import Policy
from adsync.model.score import MINIMUM_LIFT, Score
from adsync.model.stability import History, SegmentCount
from adsync.ports import EventAnswers, EventLog
from adsync.score.comparison import Adjusted, adjusted
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.event_worlds import EXIT, REGIMES, World, draw, write_parquet

SEEDS = 200
VISITORS = 12_000
LEVEL = 0.9

FIGURES: Mapping[str, str] = {
    "good": "called good",
    "plain": "q and bound alone",
    "mean_day": "lift, day",
    "mean_long": "lift, long",
    "covered_day": "inside 90 %, day",
    "covered_long": "inside 90 %, long",
    "found": "helpers called good",
    "order": "in their order",
    "above": "above all others",
}
"""Columns. Of the unrelated events the first six, of helpers and worlds the others."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over worlds and its standard error; None where the regime has no such thing."""

    mean: float
    error: float


class _Overheard:
    """A log whose counted tables are kept, so that intervals of another level can be made of them."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.tables: dict[str, Mapping[str, Compared]] = {}

    @property
    def summary(self) -> LogSummary:
        return self._log.summary

    def names_until(self, last: datetime) -> Mapping[str, int]:
        return self._log.names_until(last)

    def ask(self, question: Question) -> _Overheard:
        self._answers: EventAnswers = self._log.ask(question)
        return self

    def frequent(self) -> Frequent:
        return self._answers.frequent()

    def activity(self, parts: Collection[str] = ()) -> ActivityTable:
        return self._answers.activity(parts)

    def rate(self, horizon: str, model: ActivityModel) -> None:
        self._answers.rate(horizon, model)

    def by_name(self, horizon: str) -> NamedSums:
        return self._answers.by_name(horizon)

    def compared(self, pool: Sequence[str]) -> Mapping[str, Mapping[str, Compared]]:
        self.tables = dict(self._answers.compared(pool))
        return self.tables

    def plain(self) -> Plain:
        return self._answers.plain()

    def together(self, names: Sequence[str]) -> Together:
        return self._answers.together(names)

    def history(self) -> Mapping[str, History]:
        return self._answers.history()

    def segments(self, dimension: str) -> Mapping[str, tuple[SegmentCount, ...]]:
        return self._answers.segments(dimension)


def of_world(task: tuple[str, int, int]) -> dict[str, float]:
    """The figures of one world; those that it does not have are missing. task: regime, seed, visitors."""
    regime, seed, visitors = task
    world = draw(regime, seed, visitors)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write_parquet(world, path)
        with event_log([path]) as log:
            overheard = _Overheard(log)
            report = score_log(
                overheard,
                Asked(macro=world.macro, candidates=tuple(Condition(event=name) for name in world.candidates)),
                Policy(),
            )
    scores = {score.event: score for score in report.scores}
    found = {
        horizon: {name: adjusted(table, LEVEL) for name, table in tables.items()}
        for horizon, tables in overheard.tables.items()
    }
    return _of_unrelated(world, scores, found) | _of_helpers(world, scores) | _after(world, scores)


def _of_unrelated(
    world: World, scores: Mapping[str, Score], found: Mapping[str, Mapping[str, Adjusted]]
) -> dict[str, float]:
    unrelated = [name for name in world.candidates if name not in (*world.helpers, *world.after)]
    # After an exit no session goes on: it does say something, namely the opposite.
    silent = [name for name in unrelated if name != EXIT]
    figures = {
        "good": _share([scores[name].verdict is Verdict.GOOD for name in unrelated]),
        "plain": _share([_plainly_good(scores[name]) for name in unrelated]),
    }
    for horizon in HORIZONS:
        each = [found[horizon][name] for name in silent]
        figures[f"mean_{horizon}"] = sum(a.bought for a in each) / sum(a.expected for a in each)
        figures[f"covered_{horizon}"] = _share([_contains(a.lift, 1.0) for a in each if a.lift])
    return figures


def _of_helpers(world: World, scores: Mapping[str, Score]) -> dict[str, float]:
    if not world.helpers:
        return {}
    lifts = {name: score.lift_day.point if score.lift_day else 0.0 for name, score in scores.items()}
    helped = [lifts[name] for name in world.helpers]
    others = [lifts[name] for name in world.candidates if name not in world.helpers]
    return {
        "found": _share([scores[name].verdict is Verdict.GOOD for name in world.helpers]),
        "order": float(helped == sorted(helped, reverse=True)),
        "above": float(min(helped) > max(others)),
    }


def _after(world: World, scores: Mapping[str, Score]) -> dict[str, float]:
    """Whether what fires after the sale alone has no score."""
    return {"silent": _share([scores[name].lift is None and scores[name].lift_day is None for name in world.after])}


def _plainly_good(score: Score) -> bool:
    return score.q < 0.05 and any(lift is not None and lift.low > MINIMUM_LIFT for lift in (score.lift, score.lift_day))


def _contains(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high


def _share(those: Sequence[bool]) -> float:
    return sum(those) / len(those) if those else 0.0


def figures(worlds: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    """The mean of each figure over worlds of one regime: candidates of one world go together, worlds do not."""
    found = {}
    for name in dict.fromkeys(name for world in worlds for name in world):
        values = np.array([world[name] for world in worlds if name in world])
        found[name] = Figure(float(values.mean()), float(values.std(ddof=1)) / sqrt(len(values)))
    return found


def measure(
    regimes: Sequence[str], seeds: Sequence[int], visitors: int, processes: int, step: Callable[[str], None] = print
) -> dict[str, dict[str, Figure]]:
    """All figures by regime."""
    tasks = [(regime, seed, visitors) for seed in seeds for regime in regimes]
    worlds: dict[str, list[dict[str, float]]] = {regime: [] for regime in regimes}
    # A fresh process each: an engine's threads do not survive a fork.
    with get_context("spawn").Pool(processes) as pool:
        for (regime, seed, _), world in zip(tasks, pool.imap(of_world, tasks), strict=True):
            worlds[regime].append(world)
            step(f"{regime} {seed}")
    return {regime: figures(of) for regime, of in worlds.items()}


def cell(name: str, figure: Figure | None) -> str:
    """A figure with its standard error, lifts as they are and shares in percent."""
    if figure is None:
        return ""
    if name.startswith("mean"):
        return f"{figure.mean:.2f} ± {figure.error:.2f}"
    return f"{100 * figure.mean:.1f} ± {100 * figure.error:.1f}"


def main(seeds: int = SEEDS) -> None:
    found = measure(REGIMES, range(1, seeds + 1), VISITORS, 2, step=lambda done: print(done, file=sys.stderr))
    print(f"| | {' | '.join(FIGURES.values())} |")
    print("|---" * (len(FIGURES) + 1) + "|")
    for regime, of in found.items():
        print(f"| {regime} | {' | '.join(cell(name, of.get(name)) for name in FIGURES)} |")
    print(f"after the sale without a score: {min(of['silent'].mean for of in found.values()):.0%} at least")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
