"""A value in the state database that cannot stand there: every command that reads it says which it is, and what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from adsync.applying import apply_open_plans
from adsync.model.plan import Approval
from adsync.model.pulled import Coverage, Report
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.review import verdicts
from adsync.state.cells import Unreadable
from adsync.state.database import Database
from adsync.state.ledger import SqlLedger
from adsync.state.numbers import SqlNumbers
from adsync.state.tables import metadata
from tests.builders import CUSTOMER_ID, NOW, TODAY, a_change, a_plan, a_snapshot, an_entry
from tests.sandboxes import adsync_here, local_sandbox

DOCUMENTS = frozenset({"document", "counters", "conclusion", "selection"})
NUMBERS = frozenset({name for name in metadata.tables if name.startswith(("log_", "funnel"))}) | {
    "event_count",
    "site_day",
    "action_day",
    "campaign_day",
    "order_ids",
}
LOOKING = ("status", "plan", "log", "log --json", "log --pending", "log --verify", "goals", "holds", "score")

Reading = Callable[[Database], object]


def plan_of(database: Database) -> object:
    return SqlLedger(database).newest_plan(CUSTOMER_ID)


def log_of(database: Database) -> object:
    return SqlLedger(database).entries()


def words_of(database: Database) -> object:
    return SqlLedger(database).approvals(CUSTOMER_ID)


def settings_of(database: Database) -> object:
    return SqlNumbers(database).snapshot(CUSTOMER_ID)


@pytest.mark.parametrize(
    ("read", "damage", "said"),
    [
        (plan_of, "plan SET document = 'garbage'", "a Plan that cannot be read (table plan, id shop-2026-06-01-1)."),
        (plan_of, "plan SET document = '{\"id\": 3}'", "id: Input should be a valid string. If a newer adsync has"),
        (
            log_of,
            "change_log SET document = x'00'",
            "a document that cannot be read (table change_log, id 2). b'\\x00' is no",
        ),
        (
            log_of,
            "change_log SET opened_at = 'never'",
            "an opened_at that cannot be read (table change_log, id 2). 'never' is",
        ),
        (
            log_of,
            "change_log SET outcome = 'perhaps'",
            "an Outcome that cannot be read (table change_log, id 2). 'perhaps'",
        ),
        (
            words_of,
            "approval SET until = 3",
            "an until that cannot be read (table approval, id 2). 3 is no date and time.",
        ),
        (
            words_of,
            "approval SET approved = 'no'",
            "an approved that cannot be read (table approval, id 2). 'no' is neither",
        ),
        (words_of, "approval SET approved = 2", "an approved that cannot be read (table approval, id 2). 2 is neither"),
        (settings_of, "snapshot SET document = ''", "(table snapshot, customer_id 1234567890, as_of 2026-06-01)."),
        (settings_of, "snapshot SET document = ''", "from a backup, or copy the account's settings anew: adsync pull"),
        (
            settings_of,
            "snapshot SET document = replace(document, 'Europe/Berlin', 'Europe/Atlantis')",
            "no 'Europe/Atlantis'",
        ),
        (settings_of, "coverage SET report = 'x'", "a Report that cannot be read (table coverage, as_of 2026-06-01)."),
        (
            settings_of,
            "tag_request SET document = '[]'",
            "(table tag_request, customer_id 1234567890, as_of 2026-06-01).",
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row_and_a_way_out(
    tmp_path: Path, read: Reading, damage: str, said: str
) -> None:
    path = tmp_path / "state.db"
    database = Database(f"sqlite:///{path}")
    ledger = SqlLedger(database)
    ledger.store_plan(a_plan(a_change()))
    word = Approval(
        change_hash="x", customer_id=CUSTOMER_ID, change_name="x", approved=True, by="erika", at=NOW, until=NOW
    )
    ledger.approve([word, replace(word, change_hash="y")])
    ledger.open_entry(an_entry(0))
    ledger.open_entry(an_entry(0))
    night = Coverage(report=Report.ACCOUNT, as_of=TODAY, window=Window(TODAY, TODAY), pulled_at=NOW, whole=True)
    SqlNumbers(database).store_snapshot(CUSTOMER_ID, a_snapshot(), night)
    read(database)
    table, _, value = damage.partition(" SET ")
    with closing(sqlite3.connect(path)) as connection, connection:
        newest = f"(SELECT max(rowid) FROM {table})" if table in ("change_log", "approval") else "rowid"
        assert connection.execute(f"UPDATE {table} SET {value} WHERE rowid = {newest}").rowcount == 1
    with pytest.raises(Unreadable) as caught:
        read(database)
    database.close()
    assert said in str(caught.value), str(caught.value)


@dataclass(frozen=True, slots=True)
class Kept:
    """Some nights, and a shell in which adsync goes by a copy of them."""

    folder: Path
    variables: dict[str, str]
    whole: Path
    first_day: str
    plan: str

    def commands(self, table: str) -> tuple[str, ...]:
        """Those that may read of a table."""
        if table in NUMBERS:
            return ("status", "score", "sync --no-apply")
        others = (f"diff --from {self.first_day}", f"rollback --plan {self.plan}", "review --approve all")
        return (*LOOKING, *others, "sync --no-apply")

    def with_damage(self, *statements: str) -> Path:
        copy = self.folder / "damaged.db"
        for old in self.folder.glob("damaged.db*"):
            old.unlink()
        shutil.copy(self.whole, copy)
        with closing(sqlite3.connect(copy)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return copy

    def run(self, command: str, state: Path) -> tuple[int, str]:
        """Exit code and output. Raises what the command raises, as a traceback would show it."""
        variables = {**self.variables, "ADSYNC_STATE": f"sqlite:///{state}"}
        done = adsync_here(*command.split(), cwd=self.folder, variables=variables)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with local_sandbox(tmp_path_factory.mktemp("kept"), "growing-shop") as sandbox:
        wiring = sandbox.wiring()
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        first = run_night(account, ports)
        ports.state.ledger.approve(verdicts(first.plan.numbered(), approved=True, by="ann", now=ports.clock.now()))
        assert apply_open_plans(account, ports).done
        for _ in range(2):
            sandbox.control.advance(1)
            run_night(account, ports)
        ports.state.ledger.approve(verdicts(first.plan.numbered(), approved=False, by="ann", now=ports.clock.now()))
        wiring.database.close()
        lines = (sandbox.directory / "env").read_text().splitlines()
        pairs = (line.removeprefix("export ").partition("=") for line in lines)
        variables = {name: value.strip("'") for name, _, value in pairs}
        state = sandbox.directory / "adsync.db"
        yield Kept(sandbox.directory, variables, state, str(first.pulled.as_of), first.plan.id)


def damages() -> list[tuple[str, str, str]]:
    """Table, column, and SQL for what cannot stand there."""
    found = []
    for table in metadata.tables.values():
        for column in table.columns:
            if column.name == "id" and column.type.python_type is int:
                continue  # SQLite itself lets nothing but numbers in
            if column.name in DOCUMENTS:
                found += [(table.name, column.name, sql) for sql in ("'garbage'", "'{\"id\": 3}'", "x'00ff'")]
            else:
                text = column.type.python_type is str
                found.append((table.name, column.name, "x'00ff'" if text else "'garbage'"))
    return found


def statement(table: str, column: str, sql: str) -> str:
    """Damages every row; of a key, which must stay unique, one."""
    is_key = metadata.tables[table].c[column].primary_key
    where = f" WHERE {column} = (SELECT max({column}) FROM {table})" if is_key else ""
    return f"UPDATE OR IGNORE {table} SET {column} = {sql}{where}"


@pytest.mark.slow
@pytest.mark.parametrize("table", metadata.tables)
def test_whatever_is_damaged_no_command_ends_in_a_traceback(kept: Kept, table: str) -> None:
    with closing(sqlite3.connect(kept.whole)) as connection:
        if not connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
            pytest.skip("these nights have left nothing here")
    fallen: dict[Any, str] = {}
    for _, column, sql in (damage for damage in damages() if damage[0] == table):
        for command in kept.commands(table):
            state = kept.with_damage(statement(table, column, sql))
            try:
                code, said = kept.run(command, state)
            except Exception as error:  # noqa: BLE001  (all of them are told together)
                fallen[column, sql, command] = f"{type(error).__name__}: {error}"
                continue
            if "defect" in said or (code == 1 and "adsync: " not in said and command != "log --verify"):
                fallen[column, sql, command] = said
    assert not fallen, "\n".join(f"{case}: {said}" for case, said in fallen.items())


@pytest.mark.slow
def test_settings_that_cannot_be_read_are_copied_anew(kept: Kept) -> None:
    state = kept.with_damage("UPDATE snapshot SET document = 'garbage'")
    code, said = kept.run("status", state)
    assert code == 1 and "copy the account's settings anew: adsync pull" in said
    code, said = kept.run("pull", state)
    assert code == 0, said
    assert kept.run("status", state)[0] == 0


def leaves(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a JSON document that is no list and no object, and where it stands."""
    if isinstance(document, dict | list):
        parts = document.items() if isinstance(document, dict) else enumerate(document)
        for name, part in parts:
            yield from leaves(part, (*path, name))
    else:
        yield path, document


def nonsense(text: str) -> dict[str, str]:
    """The document with each kind of value in it once as nonsense of its own type, by where that is."""
    found: dict[str, str] = {}
    for path, value in leaves(json.loads(text)):
        place = ".".join("*" if isinstance(part, int) else part for part in path)
        if place in found or not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        changed = json.loads(text)
        *folders, last = path
        reduce(getitem, folders, changed)[last] = "garbage" if isinstance(value, str) else -1
        found[place] = json.dumps(changed)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column", "commands"),
    [
        ("plan", "document", ("plan", "log --pending")),
        ("snapshot", "document", ("status", "goals")),
        ("change_log", "document", ("log", "status")),
        ("memory", "counters", ("plan",)),
        ("memory", "conclusion", ("status",)),
        ("hold", "document", ("holds",)),
    ],
)
def test_a_document_that_says_nonsense_ends_no_command_in_a_traceback(
    kept: Kept, table: str, column: str, commands: tuple[str, ...]
) -> None:
    newest = f"rowid = (SELECT max(rowid) FROM {table})"
    with closing(sqlite3.connect(kept.whole)) as connection:
        row = connection.execute(f"SELECT {column} FROM {table} WHERE {newest}").fetchone()
    for place, document in nonsense(row[0] if row else "{}").items():
        state = kept.with_damage()
        with closing(sqlite3.connect(state)) as connection, connection:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {newest}", (document,))
        for command in commands:
            code, said = kept.run(command, state)
            assert code in (0, 1) and "defect" not in said, (place, command, said)
