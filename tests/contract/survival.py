"""One account before a stage, as often as a test wants it: the stage is played with a fault at one of its calls, and
then looked at from all sides. `record` says which calls a stage makes; tests are made of that list."""

from __future__ import annotations

import copy
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from adsync import applying, nightly
from adsync.errors import AdsyncError
from adsync.fleet import AccountOutcome, run_fleet
from adsync.model.account import Account
from adsync.model.change import Change
from adsync.model.log import Outcome
from adsync.model.plan import Approval, Plan
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.sandbox.fault_kinds import Trouble
from adsync.sandbox.faults import FaultRule
from adsync.settings import Settings
from adsync.wiring import Wiring
from tests.sandboxes import LocalSandbox, local_sandbox

ATTEMPTS = 2
BUDGET = 120
LATER = 20 * 60
"""Seconds after which what has no answer can be settled."""
TIMEOUT_SECONDS = 3.0
"""Long enough for a call on a machine that is busy with other things, and short enough to wait for one that hangs."""
_NEVER_THE_SAME = frozenset(
    {
        "pulled_at",
        "taken_at",
        "opened_at",
        "closed_at",
        "deadline",
        "made_at",
        "request_id",
        "note",
        "at",
        "until",
        "id",
    }
)
_REPORTS = {
    "event_count": "events",
    "site_day": "sessions and users",
    "funnel": "funnels",
    "campaign_day": "cost and clicks",
}

Stage = Callable[[Account, Ports], Any]


def apply(account: Account, ports: Ports) -> Any:
    """What `adsync apply` does."""
    applying.settle(account, ports)
    return applying.apply_open_plans(account, ports)


STAGES: dict[str, Stage] = {
    "pull": pull_account,
    "plan": lambda account, ports: nightly.run_night(account, ports, apply=False),
    "apply": apply,
    "sync": nightly.run_night,
}

Stored = Mapping[str, frozenset[tuple[Any, ...]]]
"""Rows of each report, coverage included; without the moments at which they were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a stage. error: what stopped it, be it at the first call or between two changes."""

    outcome: AccountOutcome[Any]
    error: AdsyncError | None
    calls: tuple[str, ...]
    request_ids: tuple[str, ...]

    @property
    def operations_seen(self) -> int:
        return sum(name.startswith("ads ") for name in self.calls)


@dataclass
class Scene:
    """A prepared account: the sandbox's side and the state database, put back before every play."""

    sandbox: LocalSandbox
    _now: int = 0
    _world: dict[str, Any] = field(default_factory=dict)
    _number: int = 0
    database: Path = Path()

    @property
    def estate(self) -> Any:
        return self.sandbox.running.estate

    def save(self) -> None:
        """From now on this is what `restore` goes back to."""
        self._now, self._world = self.estate.now, self._copy(self.estate)
        shutil.copy(self.sandbox.directory / "adsync.db", self.sandbox.directory / "before.db")

    def restore(self) -> None:
        estate = self.estate
        estate.faults.clear()
        estate.now = self._now
        # Plays follow each other within a second, and what a client signs within a second is the same token.
        self.sandbox.running.tokens._tokens.clear()
        for name, value in self._copy(self._world).items():
            setattr(estate, name, value)
        self._number += 1
        self.database = self.sandbox.directory / f"play-{self._number}.db"
        shutil.copy(self.sandbox.directory / "before.db", self.database)

    def _copy(self, source: Any) -> dict[str, Any]:
        """Accounts, properties and what is counted of them; the world's arrays are shared, nobody writes to them."""
        parts = source if isinstance(source, dict) else vars(source)
        wanted = {name: parts[name] for name in ("accounts", "properties", "statistics")}
        memo: dict[int, Any] = {}
        for account in wanted["accounts"].values():
            for shared in (account.clicks, account.property.log):
                memo[id(shared)] = shared
        return copy.deepcopy(wanted, memo)

    @cached_property
    def settings(self) -> Settings:
        """Read once: a play changes nothing of them."""
        return self.sandbox.settings

    def wiring(self, *, budget: int = BUDGET) -> Wiring:
        settings = self.settings
        limits = settings.limits.model_copy(
            update={
                "threads": 1,
                "attempts": ATTEMPTS,
                "first_wait_seconds": 0.001,
                "timeout_seconds": TIMEOUT_SECONDS,
                "operations_per_day": budget,
            }
        )
        return Wiring(replace(settings, limits=limits, state=f"sqlite:///{self.database}"))

    def play(self, stage: str, *faults: FaultRule, budget: int = BUDGET) -> Played:
        """The stage once, with everything made anew, as a command would."""
        self.estate.calls.forget()
        self.estate.faults.add(faults)
        wiring = self.wiring(budget=budget)
        try:
            report = run_fleet(wiring.settings.accounts, wiring, stage, STAGES[stage])
        finally:
            wiring.database.close()
        self.estate.faults.clear()
        (outcome,) = report.outcomes
        applied = getattr(outcome.result, "applied", outcome.result)
        error = outcome.error or getattr(applied, "stopped_by", None)
        calls = self.estate.calls
        return Played(outcome=outcome, error=error, calls=calls.in_order(), request_ids=calls.request_ids())

    def again(self, stage: str) -> Played:
        """The same stage a little later, in good health; what Google has refused is approved once more."""
        self.estate.now += LATER
        wiring = self.wiring()
        account = wiring.settings.accounts[0]
        ledger = wiring.state.ledger
        refused = [e.change for e in ledger.entries([account.customer_id]) if e.outcome is Outcome.REFUSED]
        approve(wiring, account, *refused)
        wiring.database.close()
        return self.play(stage)

    # Looking -----------------------------------------------------------------------------------------------------

    def at_google(self) -> dict[str, Any]:
        """What is set at Google: every action and key event."""
        account = next(iter(self.estate.accounts.values()))
        actions = sorted((a.name, a.type, a.now.status, a.now.primary) for a in account.actions.values())
        events = sorted((k.event_name, k.counting_method) for k in account.property.key_events)
        return {"actions": actions, "key events": events}

    def stored(self) -> Stored:
        """What is stored of each report."""
        found: dict[str, frozenset[tuple[Any, ...]]] = {}
        with closing(sqlite3.connect(self.database)) as connection:
            for table, report in _REPORTS.items():
                found[report] = _rows(connection, f"select * from {table}")
            for axis, report in (
                ("conversion", "conversions by conversion date"),
                ("click", "conversions by click date"),
            ):
                found[report] = _rows(connection, f"select * from action_day where axis = '{axis}'")
            # Settings are stored when they differ from those before: what was read is compared at Google's side.
            found["account"] = frozenset()
            for report in tuple(found):
                found[report] |= _rows(connection, f"select * from coverage where report = '{report}'")
        return found

    def log(self) -> tuple[list[tuple[str, str]], list[str]]:
        """Changes that were carried out, with their verb, and those whose outcome is not known."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = list(connection.execute("select change_hash, change_name, outcome from change_log order by id"))
        done = sorted((digest, "") for digest, _, outcome in rows if Outcome(outcome).is_done)
        return done, [name for _, name, outcome in rows if Outcome(outcome).is_open]


def _rows(connection: sqlite3.Connection, query: str) -> frozenset[tuple[Any, ...]]:
    described = connection.execute(f"select * from ({query}) limit 0").description
    kept = ", ".join(column for column, *_ in described if column not in _NEVER_THE_SAME)
    return frozenset(connection.execute(query.replace("*", kept, 1)))


def approve(wiring: Wiring, account: Account, *changes: Change) -> None:
    now = wiring.clock.now()
    words = [
        Approval(
            change_hash=change.hash,
            customer_id=account.customer_id,
            change_name="x",
            approved=True,
            by="erika",
            at=now,
            until=now + timedelta(days=7),
        )
        for change in changes
    ]
    wiring.state.ledger.approve(words)


@dataclass(frozen=True, slots=True)
class Healthy:
    """A stage without any fault: what it calls, and what is so afterwards."""

    calls: tuple[str, ...]
    at_google: dict[str, Any]
    stored: Stored
    at_the_end: tuple[dict[str, Any], Stored, Any]


def healthy(scene: Scene, stage: str) -> Healthy:
    scene.restore()
    played = scene.play(stage)
    assert played.error is None, played.error
    at_google, stored = scene.at_google(), scene.stored()
    scene.again(stage)
    return Healthy(played.calls, at_google, stored, ends(scene))


def ends(scene: Scene) -> tuple[dict[str, Any], Stored, Any]:
    """What must be the same at last, whatever happened on the way."""
    return scene.at_google(), scene.stored(), scene.log()


def fault(calls: tuple[str, ...], at: int, trouble: Trouble, times: int | None) -> FaultRule:
    """A fault at one call of a stage, and at its repetitions."""
    return FaultRule(calls[at].partition(" ")[2], trouble, times, after=calls[:at].count(calls[at]), exact=True)


# Scenes --------------------------------------------------------------------------------------------------------------


@contextmanager
def scene(directory: Path, prepare: Callable[[Scene, Wiring, Account], None]) -> Iterator[Scene]:
    with local_sandbox(directory) as sandbox:
        made = Scene(sandbox, database=sandbox.directory / "adsync.db")
        wiring = sandbox.wiring()
        prepare(made, wiring, wiring.settings.accounts[0])
        wiring.database.close()
        made.save()
        yield made


def a_night_later(made: Scene, wiring: Wiring, account: Account) -> None:
    """Nights are stored, the next is due, with its funnels; and a change that a person has approved."""
    ports = wiring.ports(account)
    first = nightly.run_night(account, ports, apply=False)
    approve(wiring, account, *(p.change for p in first.plan.changes))
    applying.apply_open_plans(account, ports)
    made.sandbox.control.advance(2)
    second = nightly.run_night(account, ports, apply=False)
    approve(wiring, account, *(p.change for p in second.plan.changes))
    made.sandbox.control.advance(5)


def approved(
    *make: Callable[[Account], Change], first: Callable[[Account], Change] | None = None
) -> Callable[[Scene, Wiring, Account], None]:
    """A plan with these changes, all of them approved. first: what was changed before, and is in the log."""

    def prepare(made: Scene, wiring: Wiring, account: Account) -> None:
        if first is not None:
            approved(first)(made, wiring, account)
            applying.apply_open_plans(account, wiring.ports(account))
            made.sandbox.control.advance(1)
        night = nightly.run_night(account, wiring.ports(account), apply=False)
        changes = [one(account) for one in make]
        plan = replace(
            night.plan,
            id=f"{account.name}-{night.pulled.as_of}-9",
            made_at=wiring.clock.now() + timedelta(seconds=1),
            changes=tuple(planned(c) for c in changes),
        )
        store(wiring, plan)
        approve(wiring, account, *changes)
        made.estate.now += 5

    return prepare


def planned(change: Change) -> Any:
    from adsync.model.plan import Consent, PlannedChange

    return PlannedChange(change=change, consent=Consent.REVIEW)


def store(wiring: Wiring, plan: Plan) -> None:
    wiring.state.ledger.store_plan(plan)
