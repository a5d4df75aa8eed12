"""`adsync apply` is stopped at every call to Google and at every commit, and run again: each change is made exactly once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import a_mark
from tests.contract.all_kinds import all_kinds, night_plan
from tests.contract.exactly_once import Approved, Figures, all_of, approved_scene, written
from tests.contract.power_cuts import half_checkpointed
from tests.contract.stops import copied, dead_processes
from tests.contract.survival import approved
from tests.contract.test_survival_changes import creating, enabling

_SENT = ("after POST keyEvents", "after ConversionActionService/MutateConversionActions")


@pytest.fixture(scope="module", autouse=True)
def every_run_a_process_of_its_own() -> Iterator[None]:
    with dead_processes():
        yield


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, no_pauses: None) -> Iterator[Approved]:
    """A mark, an action that is made and one that is enabled."""
    with approved_scene(tmp_path_factory.mktemp("three"), approved(a_mark, creating, enabling)) as found:
        yield found


def sent(found: Approved) -> list[int]:
    """Where Google has made a change and nobody has heard of it yet."""
    return [at for at, point in enumerate(found.points) if point in _SENT]


def nothing_went_wrong(figures: Figures, what: str) -> None:
    print(f"\n{what}: {figures}")
    assert figures == Figures(tried=figures.tried) and figures.tried


def test_stopped_around_each_change_it_is_made_once(three: Approved) -> None:
    """With the intent on disk and nothing sent, with the change made and no answer, and with the answer on disk."""
    assert [three.points[at - 2] for at in sent(three)] == ["after commit"] * 3
    closed = sent(three)[1] + 6
    assert three.points[closed] == "after commit"
    around = [at + more for at in sent(three) for more in (-2, 0)] + [closed]
    nothing_went_wrong(all_of(map(three.survives, around)), "three changes")


@pytest.mark.slow
def test_stopped_at_every_call_and_commit_every_kind_of_change_is_made_once(
    tmp_path_factory: pytest.TempPathFactory, no_pauses: None
) -> None:
    with approved_scene(tmp_path_factory.mktemp("kinds"), all_kinds) as found:
        tried = all_of(map(found.survives, range(len(found.points))))
    nothing_went_wrong(tried, f"{len(found.changes)} changes of every kind")
    assert tried.tried == len(found.points) > 150


@pytest.mark.slow
def test_the_run_that_settles_may_be_stopped_anywhere_as_well(three: Approved) -> None:
    first, second, third = sent(three)
    tries = [(at, then) for at in (first - 2, second, third) for then in range(three.points_after(at))]
    nothing_went_wrong(all_of(three.survives(at, then) for at, then in tries), "stopped twice")


@pytest.mark.slow
def test_a_night_that_is_stopped_while_it_applies_is_carried_on_by_the_next_night(
    tmp_path_factory: pytest.TempPathFactory, no_pauses: None
) -> None:
    with approved_scene(tmp_path_factory.mktemp("night"), night_plan, "sync") as found:
        applies = range(sent(found)[0] - 4, len(found.points))
        nothing_went_wrong(all_of(map(found.survives, applies)), "a night that applies")


# Power cuts ----------------------------------------------------------------------------------------------------------


def cut_off(found: Approved, commits: list[int], folder: Path) -> Figures:
    tries = [found.survives_power_cut(at, folder) for at in commits]
    print(
        f"\n{sum(copies for copies, _ in tries)} copies of {len(commits)} commits that were written in part hold the one before"
    )
    return all_of(figures for _, figures in tries)


def test_a_commit_that_was_written_in_part_never_was(three: Approved, tmp_path: Path) -> None:
    """The one that closes the second of three changes: Google has made it, and the intent is all that is known of it."""
    nothing_went_wrong(cut_off(three, [sent(three)[1] + 6], tmp_path), "a power cut")


@pytest.mark.slow
def test_the_power_may_go_at_every_commit(tmp_path_factory: pytest.TempPathFactory, no_pauses: None) -> None:
    with approved_scene(tmp_path_factory.mktemp("power"), all_kinds) as found:
        commits = [at for at, point in enumerate(found.points) if point == "after commit"]
        tried = cut_off(found, commits, tmp_path_factory.mktemp("cut"))
    nothing_went_wrong(tried, f"power cuts over {len(found.changes)} changes of every kind")
    assert tried.tried > 2 * len(found.changes)


def test_the_power_may_go_while_the_journal_is_written_back(three: Approved, tmp_path: Path) -> None:
    three.begin()
    three.stop(len(three.points) - 1)
    left, done = three.scene.database, written(copied(three.scene.database, tmp_path / "done.db"))
    back = copied(left, tmp_path / "back.db")
    with closing(sqlite3.connect(back)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copies = 0
    for copy in half_checkpointed(left, back, tmp_path / "half", step=7):
        three.scene.database = copy
        assert written(copy) == done and three.figures() == Figures()
        copies += 1
    print(f"\n{copies} copies of a journal that was written back in part hold all of it")
    assert copies > 10
