"""A state database that takes nothing more, may only be read, or is of another version: each command says so, and nothing is
half-written, here or at Google."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from adsync.model.log import Outcome
from adsync.review import verdicts
from adsync.wiring import Wiring
from tests.builders import a_mark, a_plan
from tests.contract.test_state import nobody, open_folder
from tests.sandboxes import LocalSandbox, adsync_here, local_sandbox

__all__ = ["open_folder"]

CHANGES = ("MutateConversionActions", "createKeyEvent")


@dataclass
class Machine:
    """A machine on which a plan waits, half of it approved; the database is a copy for one test."""

    sandbox: LocalSandbox
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "adsync.db"

    def adsync(self, *words: str) -> subprocess.CompletedProcess[str]:
        return adsync_here(*words, cwd=self.folder, variables=self.variables)

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query).fetchall()

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement)

    def everything(self) -> dict[str, list[Any]]:
        tables = [name for (name,) in self.rows("select name from sqlite_master where type = 'table'")]
        return {name: self.rows(f'select * from "{name}"') for name in tables}

    def unsettled(self) -> list[dict[str, Any]]:
        """What `apply --json` says of changes without an answer."""
        said = self.adsync("apply", "--json").stdout
        # Log lines are not set up in this process and stand before it.
        found: list[dict[str, Any]] = json.loads(said[said.index("{\n") :])["data"][0]["unsettled"]
        return found

    def changes(self) -> int:
        counted = self.sandbox.control.status()["calls"]
        return sum(count for call, count in counted.items() if call.endswith(CHANGES))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """Two changes are planned, and a person has agreed to the first."""
    with local_sandbox(tmp_path_factory.mktemp("prepared") / "sandbox") as sandbox:
        wiring = Wiring(sandbox.settings)
        account = wiring.settings.accounts[0]
        now = wiring.clock.now()
        plan = a_plan(
            *(a_mark(account, event) for event in ("add_to_cart", "view_item")), customer_id=account.customer_id
        )
        wiring.state.ledger.store_plan(replace(plan, made_at=now))
        wiring.state.ledger.approve(verdicts(plan.numbered()[:1], approved=True, by="ann", now=now))
        wiring.database.close()
        yield sandbox


@pytest.fixture
def machine(prepared: LocalSandbox, open_folder: Path) -> Machine:
    for name in ("adsync.yaml", "service-account.json", "ca.pem", "adsync.db"):
        shutil.copy(prepared.directory / name, open_folder / name)
        (open_folder / name).chmod(0o644)
    # What another test has changed at Google is as it was.
    (account,) = prepared.running.estate.accounts.values()
    account.property.key_events[:] = [k for k in account.property.key_events if k.event_name == "purchase"]
    where = prepared.running.running
    variables = {
        "ADSYNC_ADS_ENDPOINT": f"localhost:{where.ads_port}",
        "ADSYNC_ADS_CA_FILE": str(open_folder / "ca.pem"),
        "ADSYNC_GA4_ENDPOINT": where.url,
        "ADSYNC_CLOCK_URL": where.url,
    }
    return Machine(prepared, open_folder, variables)


def newer(machine: Machine) -> None:
    machine.sql("update alembic_version set version_num = '9999'")


def full(machine: Machine) -> None:
    for (table,) in machine.rows("select name from sqlite_master where type = 'table' and name != 'alembic_version'"):
        machine.sql(
            f'create trigger full_{table} before insert on "{table}" '
            "begin select raise(abort, 'database or disk is full'); end"
        )


def read_only(machine: Machine) -> None:
    machine.database.chmod(0o444)


def in_a_folder_that_is_read_only(machine: Machine) -> None:
    machine.database.chmod(0o444)
    machine.folder.chmod(0o555)


CANNOT = ("cannot be written", "owner and mode")
FULL = ("is full", "left out whole", "Make room")
NEWER = ("of a version that this adsync does not know (9999)", "Install the newer adsync")
APPLY, REVIEW, SYNC = ("apply",), ("review", "--approve", "all"), ("sync",)
FAST: list[tuple[Callable[[Machine], None], tuple[str, ...], tuple[str, ...]]] = [
    (newer, NEWER, REVIEW),
    (full, FULL, APPLY),
    (full, FULL, REVIEW),
    (read_only, CANNOT, APPLY),
    (read_only, CANNOT, REVIEW),
]
SLOW: list[tuple[Callable[[Machine], None], tuple[str, ...], tuple[str, ...]]] = [
    (newer, NEWER, APPLY),
    (newer, NEWER, SYNC),
    (full, FULL, SYNC),
    (read_only, CANNOT, SYNC),
    *((in_a_folder_that_is_read_only, CANNOT, words) for words in (APPLY, REVIEW, SYNC)),
]
CASES = [*FAST, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]


@pytest.mark.parametrize(("trouble", "says", "words"), CASES, ids=lambda value: getattr(value, "__name__", None))
def test_what_cannot_be_written_down_is_said_and_not_done(
    machine: Machine, trouble: Callable[[Machine], None], says: tuple[str, ...], words: tuple[str, ...]
) -> None:
    trouble(machine)
    before, changes = machine.everything(), machine.changes()
    # Root may write everywhere; without its rights not every module of Python can be imported any more.
    with nobody() if "cannot be written" in says else nullcontext():
        ran = machine.adsync(*words)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr and ran.stderr.count("\n") == 1, ran.stderr
    for word in (str(machine.database), *says):
        assert word in ran.stderr
    assert machine.everything() == before and machine.changes() == changes


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("insert on change_log", 0),
        ("update on change_log", 1),
        *(
            pytest.param(when, sent, marks=pytest.mark.slow)
            for when, sent in (
                ("insert on seal", 0),
                ("insert on seal when new.number = 2", 1),
                ("insert on account_run", 1),
            )
        ),
    ],
)
def test_a_disk_that_fills_up_on_the_way_loses_no_change_and_sends_none_twice(
    machine: Machine, when: str, sent: int
) -> None:
    changes = machine.changes()
    machine.sql(f"create trigger full before {when} begin select raise(abort, 'database or disk is full'); end")
    ran = machine.adsync("apply")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "is full" in ran.stderr and "Make room" in ran.stderr
    assert machine.changes() == changes + sent
    assert machine.adsync("log", "--verify").returncode == 0, "no entry without its seal, and no seal without its entry"
    machine.sql("drop trigger full")
    machine.sandbox.running.estate.now += 20 * 60
    again = machine.adsync("apply")
    assert again.returncode == 0, again.stderr
    assert machine.changes() == changes + 1
    outcomes = [outcome for (outcome,) in machine.rows("select outcome from change_log")]
    assert len(outcomes) == 1 and Outcome(outcomes[0]).is_done
    assert machine.rows("pragma integrity_check") == [("ok",)]


def test_a_log_that_a_newer_version_has_written_in_is_named(machine: Machine) -> None:
    assert machine.adsync("apply").returncode == 0
    machine.sql("update change_log set outcome = 'teleported'")
    for words in (("log",), ("apply",)):
        ran = machine.adsync(*words)
        assert ran.returncode == 1 and "Traceback" not in ran.stderr and "defect" not in ran.stderr, ran.stderr
        assert "(table change_log, id 1)" in ran.stderr and "a newer adsync has written it: install" in ran.stderr


@pytest.mark.parametrize("table", ["plan", "change_log"])
def test_a_document_that_cannot_be_read_is_named_with_what_to_do(machine: Machine, table: str) -> None:
    assert machine.adsync("apply").returncode == 0
    machine.sql(f"update {table} set document = replace(document, 'key_event', 'telepathy')")
    ran = machine.adsync("apply")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr and "defect" not in ran.stderr, ran.stderr
    assert "cannot be read" in ran.stderr and "a newer adsync has written it" in ran.stderr and "backup" in ran.stderr
