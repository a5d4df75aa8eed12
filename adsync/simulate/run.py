"""Simulates many accounts of many kinds, in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context

from adsync.decide.replay import AT_ONCE, Answers
from adsync.model.policy import Policy
from adsync.model.simulated import SimulatedKind
from adsync.simulate.figures import figures_of
from adsync.simulate.kinds import KINDS
from adsync.simulate.lives import Life, live

AT_ONCE_ACCOUNTS = 20
"""Accounts that a process simulates before it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to simulate. kinds: names; helpers: how many are bid on at first. seed: the same one makes the same accounts."""

    policy: Policy = field(default_factory=Policy)
    answers: Answers = AT_ONCE
    kinds: tuple[str, ...] = tuple(KINDS)
    accounts: int = 200
    helpers: int = 1
    seed: int = 7


def simulate(task: Task, *, processes: int = 2, progress: Callable[[int], None] | None = None) -> list[SimulatedKind]:
    """Figures of each kind, in the order asked for. progress: told how many more accounts are done.

    Raises KeyError for a kind that there is not.
    """
    kinds = [KINDS[name] for name in task.kinds]
    parts = [
        (name, range(start, min(start + AT_ONCE_ACCOUNTS, task.accounts)))
        for name in task.kinds
        for start in range(0, task.accounts, AT_ONCE_ACCOUNTS)
    ]
    lives: dict[str, dict[int, Sequence[Life]]] = {name: {} for name in task.kinds}
    for name, numbers, found in _lived(task, parts, processes):
        lives[name][numbers.start] = found
        if progress is not None:
            progress(len(numbers))
    return [figures_of(kind, _in_order(lives[kind.name])) for kind in kinds]


def _lived(task: Task, parts: Sequence[tuple[str, range]], processes: int) -> Iterator[tuple[str, range, list[Life]]]:
    if processes == 1:
        for name, numbers in parts:
            yield name, numbers, _some(task, name, numbers)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[list[Life]], tuple[str, range]] = {
            pool.submit(_some, task, name, numbers): (name, numbers) for name, numbers in parts
        }
        for done in as_completed(waiting):
            name, numbers = waiting[done]
            yield name, numbers, done.result()


def _some(task: Task, name: str, numbers: range) -> list[Life]:
    # Each account has a seed of its own: the figures are the same however they are spread over processes.
    kind = tuple(KINDS).index(name)
    return [
        live(KINDS[name], task.policy, task.answers, helpers=task.helpers, seed=(task.seed, kind, number))
        for number in numbers
    ]


def _in_order(parts: Mapping[int, Sequence[Life]]) -> list[Life]:
    return [life for start in sorted(parts) for life in parts[start]]
