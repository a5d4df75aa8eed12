"""Whether every approved change was made exactly once, whatever happened while it was being made."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from adsync.changelog import pending_changes
from adsync.model.account import Account
from adsync.model.log import Outcome
from adsync.wiring import Wiring
from tests.contract.power_cuts import torn, wal_of
from tests.contract.stops import Stopped, Stops, copied, stopping
from tests.contract.survival import Scene, scene
from tests.contract.survival_kinds import CHANGES

AT_ONCE, LATER = 1, 3600
"""Seconds after which the next run begins: before an open entry may be looked after, and well after it may."""

_SENT = (
    *CHANGES,
    "ads CustomerConversionGoalService/MutateCustomerConversionGoals",
    "ads CampaignService/MutateCampaigns",
)
_WRITTEN = ("plan", "approval", "change_log", "seal", "memory", "hold", "run", "account_run", "lease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was tried, and what went wrong.

    duplicates: changes that Google was sent more often than approved, or that the log claims twice. losses: changes that
    are not made, or that the log does not claim as adsync's own. unknown: entries that stay open. unsealed: logs that
    `log --verify` objects to.
    """

    tried: int = 1
    duplicates: int = 0
    losses: int = 0
    unknown: int = 0
    unsealed: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})

    def __str__(self) -> str:
        return (
            f"{self.tried} points tried, duplicates {self.duplicates}, losses {self.losses}, unknown left after settling "
            f"{self.unknown}, logs that do not verify {self.unsealed}"
        )


@dataclass
class Approved:
    """A scene with approved changes, what its stage passes by in good health, and how Google stands afterwards.

    changes: their hashes.
    """

    scene: Scene
    stage: str
    changes: frozenset[str]
    points: tuple[str, ...]
    at_google: Any
    _sent: int = 0

    # Playing ---------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.scene.restore()
        self._sent = 0

    def run(self, stops: Stops | None = None) -> tuple[str, ...]:
        """The stage once more, as a new process; the changes that it sent. Raises Stopped."""
        with stopping(stops or Stops()):
            try:
                played = self.scene.play(self.stage)
            finally:
                sent = tuple(c for c in self.scene.estate.calls.in_order() if c in _SENT)
                self._sent += len(sent)
        assert played.error is None, played.error
        return sent

    def stop(self, at: int, look: Callable[[int], object] = lambda _: None) -> None:
        """The stage until it stops; the scene goes on with the files that lay there. look: is told of every point."""
        files = self.scene.database
        left = files.with_name(f"left-{at}-{files.name}")

        def leave(point: int) -> None:
            look(point)
            if point == at:
                copied(files, left)

        with pytest.raises(Stopped):
            self.run(Stops(at=at, look=leave))
        self.scene.database = left

    def settle(self) -> None:
        """At once, and when enough time has passed; until a run sends nothing."""
        for wait in (AT_ONCE, LATER, LATER, LATER):
            self.scene.estate.now += wait
            if not self.run() and wait == LATER:
                return
        raise AssertionError("It does not come to rest.")

    # Looking ---------------------------------------------------------------------------------------------------------

    def figures(self) -> Figures:
        with closing(sqlite3.connect(self.scene.database)) as connection:
            rows = connection.execute("SELECT change_hash, outcome FROM change_log").fetchall()
        mine = [(change, Outcome(outcome)) for change, outcome in rows if change in self.changes]
        claimed = Counter(change for change, outcome in mine if outcome.is_done)
        made = {change for change, outcome in mine if outcome is Outcome.APPLIED}
        twice = sum(times - 1 for times in claimed.values())
        return Figures(
            duplicates=max(self._sent - len(self.changes), 0) + twice,
            losses=len(self.changes - made) + (at_google(self.scene) != self.at_google),
            unknown=sum(Outcome(outcome).is_open for _, outcome in rows),
            unsealed=int(bool(faults(self.scene))),
        )

    def survives(self, at: int, then: int | None = None) -> Figures:
        """Stops at a point, and looks at what came of it in the end. then: where the next run, an hour later, stops too."""
        self.begin()
        self.stop(at)
        if then is not None:
            self.scene.estate.now += LATER
            self.stop(then)
        self.settle()
        return self.figures()

    def survives_power_cut(self, at: int, folder: Path) -> tuple[int, Figures]:
        """Stops after a commit of which only a part had reached the disk; Google is ahead of what is written down.

        How many such copies hold what was synced before and nothing else, and what came of going on with the last of them.
        """
        earlier = folder / "earlier.db"
        self.begin()
        playing = self.scene.database
        self.stop(at, lambda point: copied(playing, earlier) if point == at - 1 else None)
        left, length, before = self.scene.database, size(wal_of(earlier)), written(earlier)
        copies = 0
        for copy in torn(left, length, folder / "torn"):
            looked_at = copied(copy, folder / "looked-at.db")
            assert written(looked_at) == before and faults(self.scene, looked_at) == ()
            self.scene.database = copy
            copies += 1
        if not copies:
            return 0, Figures(tried=0)  # nothing was written
        self.settle()
        return copies, self.figures()

    def points_after(self, at: int) -> int:
        """How many points the run has that follows, an hour later, on one that stopped."""
        self.begin()
        self.stop(at)
        self.scene.estate.now += LATER
        stops = Stops()
        self.run(stops)
        return len(stops.reached)


def faults(made: Scene, database: Path | None = None) -> tuple[str, ...]:
    """What `log --verify` says of the account."""
    wiring = Wiring(replace(made.settings, state=f"sqlite:///{database or made.database}"))
    found = wiring.state.ledger.verified(made.settings.accounts[0].customer_id).faults
    wiring.database.close()
    return found


def written(database: Path) -> dict[str, list[Any]]:
    """All that a run writes while it applies."""
    with closing(sqlite3.connect(database)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in _WRITTEN}


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def at_google(made: Scene) -> Any:
    """Every conversion action, goal, target and key event, in all that a change may touch."""
    account = next(iter(made.estate.accounts.values()))
    actions = sorted(
        (a.name, a.type, a.now.status, a.now.primary, a.counting_type, a.default_value, a.always_use_default_value)
        for a in account.actions.values()
    )
    targets = [(c.id, c.target_cpa_micros, c.target_roas) for c in account.campaigns]
    key_events = sorted((k.event_name, k.counting_method) for k in account.property.key_events)
    return actions, sorted(account.goals.items()), targets, key_events


@contextmanager
def approved_scene(
    directory: Path, prepare: Callable[[Scene, Wiring, Account], None], stage: str = "apply"
) -> Iterator[Approved]:
    """A scene whose open plans are all approved, played once in good health."""
    changes: set[str] = set()

    def note(made: Scene, wiring: Wiring, account: Account) -> None:
        prepare(made, wiring, account)
        changes.update(planned.change.hash for _, planned in pending_changes(account, wiring.state))

    with scene(directory, note) as made:
        found = Approved(made, stage, frozenset(changes), (), None)
        stops = Stops()
        found.begin()
        sent = found.run(stops)
        assert len(sent) == len(changes), "in good health every change is sent once"
        found.points, found.at_google = tuple(stops.reached), at_google(made)
        assert found.figures() == Figures()
        yield found


def all_of(tries: Iterable[Figures]) -> Figures:
    return sum(tries, start=Figures(tried=0))
