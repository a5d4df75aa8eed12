"""Every call of a pull, with every fault that it can have: nothing half-stored, nothing untold, everything made up for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.survival import Healthy, Scene, a_night_later, healthy, scene
from tests.contract.survival_calls import BRIEFLY, PULL, cases, named
from tests.contract.survival_checks import survives
from tests.contract.survival_kinds import TOKEN, Fault

# A night begins with a pull: what is not tried here is tried there.
FAST = [(at, fault) for at, fault in cases(PULL) if PULL[at] == TOKEN or fault.name in BRIEFLY]


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory, no_pauses: None) -> Iterator[tuple[Scene, Healthy]]:
    with scene(tmp_path_factory.mktemp("pull"), a_night_later) as made:
        yield made, healthy(made, "pull")


def test_the_calls_of_a_pull_are_those_that_are_tried(pulled: tuple[Scene, Healthy]) -> None:
    assert pulled[1].calls == PULL


@pytest.mark.parametrize(("at", "fault"), FAST, ids=named(PULL, FAST))
def test_a_pull_survives(pulled: tuple[Scene, Healthy], at: int, fault: Fault) -> None:
    survives(pulled[0], "pull", pulled[1], at, fault)
