"""Every call of `adsync sync`, planning only and applying, with every fault that it can have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.survival import Healthy, Scene, a_night_later, healthy, scene
from tests.contract.survival_calls import BRIEFLY, PLAN, PULL, SYNC, TELLING, by_call, cases, named
from tests.contract.survival_checks import survives, survives_all
from tests.contract.survival_kinds import MUTATE, Fault

Prepared = tuple[Scene, dict[str, Healthy]]

_AFTER_A_CHANGE = ("UNAVAILABLE after", "DEADLINE_EXCEEDED after", "INTERNAL after", "RESOURCE_EXHAUSTED after")

# In `make test`, what a night adds to a pull, and its change with what comes after it is made; in `make verify` all.
FAST = [
    (at, fault)
    for at, fault in cases(SYNC)
    if at >= len(PULL) and (fault.name in BRIEFLY or (SYNC[at] == MUTATE and fault.name in _AFTER_A_CHANGE))
]
SLOW = by_call([case for case in cases(SYNC) if case not in FAST])


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, no_pauses: None) -> Iterator[Prepared]:
    with scene(tmp_path_factory.mktemp("night"), a_night_later) as made:
        yield made, {stage: healthy(made, stage) for stage in ("plan", "sync")}


@pytest.mark.parametrize(("stage", "calls"), [("plan", PLAN), ("sync", SYNC)])
def test_the_calls_of_a_night_are_those_that_are_tried(night: Prepared, stage: str, calls: tuple[str, ...]) -> None:
    assert night[1][stage].calls == calls


@pytest.mark.parametrize(("at", "fault"), FAST, ids=named(SYNC, FAST))
def test_a_night_survives(night: Prepared, at: int, fault: Fault) -> None:
    survives(night[0], "sync", night[1]["sync"], at, fault)


@pytest.mark.slow
@pytest.mark.parametrize("at", SLOW)
def test_a_night_survives_everything_else(night: Prepared, at: int) -> None:
    survives_all(night[0], "sync", night[1]["sync"], at, SLOW[at])


@pytest.mark.slow
@pytest.mark.parametrize("at", range(len(PLAN)))
def test_planning_survives(night: Prepared, at: int) -> None:
    telling = [fault for fault in by_call(cases(PLAN))[at] if fault.name in TELLING]
    survives_all(night[0], "plan", night[1]["plan"], at, telling)
