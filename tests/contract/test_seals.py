"""The seals of the change log in its database: what is done to the file behind adsync's back is found."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from adsync.errors import StateError
from adsync.model.log import Outcome
from adsync.model.seal import GENESIS
from adsync.state.database import Database
from adsync.state.ledger import SqlLedger
from tests.builders import CUSTOMER_ID, NOW, a_change, an_entry

OTHER = "9876543210"
ENTRIES = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of four entries, all closed but the last, and one of another account."""
    found = tmp_path / "state.db"
    with_log(found)
    return found


def with_log(path: Path, key: str = "") -> None:
    database = Database(f"sqlite:///{path}")
    ledger = SqlLedger(database, key)
    for number in range(ENTRIES):
        opened = an_entry(0, a_change(), outcome=Outcome.SENT, closed_at=None, note='said: "ja", Füße')
        entry_id = ledger.open_entry(opened)
        if number < ENTRIES - 1:
            ledger.close_entry(entry_id, Outcome.APPLIED, NOW + timedelta(seconds=number), request_id="r")
    ledger.open_entry(an_entry(0, a_change(customer_id=OTHER), customer_id=OTHER))
    database.close()


def faults(path: Path, key: str = "", head: str = "", customer: str = CUSTOMER_ID) -> tuple[str, ...]:
    database = Database(f"sqlite:///{path}")
    try:
        return SqlLedger(database, key).verified(customer, head).faults
    finally:
        database.close()


def head(path: Path) -> str:
    database = Database(f"sqlite:///{path}")
    try:
        return SqlLedger(database).head(CUSTOMER_ID)
    finally:
        database.close()


def run(path: Path, statement: str) -> int:
    with sqlite3.connect(path) as connection:
        return connection.execute(statement).rowcount


def test_each_write_of_an_entry_is_sealed_and_fits(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    found = SqlLedger(database).verified(CUSTOMER_ID)
    database.close()
    assert (found.seals, found.keyed, found.faults) == (2 * ENTRIES - 1, 0, ())
    assert found.head == head(path) != GENESIS
    assert faults(path, head=found.head) == () == faults(path, customer=OTHER)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE change_log SET approved_by = 'ann' WHERE id = 2", "Entry 2 is not as it was written"),
        ("UPDATE change_log SET outcome = 'failed' WHERE id = 1", "Entry 1 is not as it was written"),
        ("UPDATE change_log SET closed_at = opened_at WHERE id = 4", "Entry 4 is not as it was written"),
        ("UPDATE change_log SET opened_at = 'never' WHERE id = 2", "Entry 2 is not as it was written"),
        ("UPDATE change_log SET closed_at = closed_at || ' ' WHERE id = 1", "Entry 1 is not as it was written"),
        ("DELETE FROM change_log WHERE id = 3", "Entry 3 was sealed and is gone"),
        ("UPDATE seal SET text = replace(text, 'applied', 'failed') WHERE number = 2", "Seal 2 (entry 1) does not fit"),
        ("DELETE FROM seal WHERE number = 3", "seal 3 is missing"),
        ("DELETE FROM seal WHERE entry_id = 4", "Entry 4 stands in the log and was never sealed"),
        (
            "INSERT INTO change_log SELECT 99, customer_id, change_name, change_hash, outcome, opened_at, deadline, closed_at, "
            "approved_by, origin, request_id, note, document FROM change_log WHERE id = 1",
            "Entry 99 stands in the log and was never sealed",
        ),
    ],
)
def test_edits_and_deletions_are_found(path: Path, statement: str, said: str) -> None:
    assert run(path, statement) == 1
    assert said in " ".join(faults(path))
    assert faults(path, customer=OTHER) == ()


def test_a_cut_end_is_found_by_the_head_alone(path: Path) -> None:
    noted = head(path)
    run(path, "DELETE FROM change_log WHERE id = 4")
    run(path, "DELETE FROM seal WHERE entry_id = 4")
    assert faults(path) == ()
    assert "its end was cut off" in faults(path, head=noted)[0]


def test_with_a_key_nobody_writes_a_log_anew_without_it(tmp_path: Path) -> None:
    path, forged = tmp_path / "state.db", tmp_path / "forged.db"
    with_log(path, "secret")
    with_log(forged)
    assert faults(path, "secret") == ()
    assert faults(path, "other") and not faults(path)
    assert faults(forged, "secret") == (), "a log from before there was a key is one that carries none"
    database = Database(f"sqlite:///{forged}")
    SqlLedger(database, "secret").close_entry(4, Outcome.APPLIED, NOW)
    assert SqlLedger(database, "secret").verified(CUSTOMER_ID).keyed == 1
    SqlLedger(database, key_is_lost=True).close_entry(4, Outcome.FAILED, NOW)
    database.close()
    assert "without the key" in faults(forged, "secret")[0]


@pytest.mark.parametrize(("key", "said"), [("", "is not set"), ("other", "is not the one")])
def test_nothing_is_written_over_the_seals_of_a_key_that_is_not_at_hand(tmp_path: Path, key: str, said: str) -> None:
    path = tmp_path / "state.db"
    with_log(path, "secret")
    database = Database(f"sqlite:///{path}")
    before, entry = path.read_bytes(), an_entry(0, a_change(), outcome=Outcome.SENT, closed_at=None)
    with pytest.raises(StateError, match=said) as caught:
        SqlLedger(database, key).open_entry(entry)
    assert "ADSYNC_LOG_KEY_LOST=yes" in caught.value.next_step
    with pytest.raises(StateError, match=said):
        SqlLedger(database, key).close_entry(4, Outcome.APPLIED, NOW)
    assert path.read_bytes() == before and faults(path, "secret") == ()
    SqlLedger(database, "secret").close_entry(4, Outcome.APPLIED, NOW)
    assert faults(path, "secret") == ()
    SqlLedger(database, key, key_is_lost=True).open_entry(entry)
    SqlLedger(database, key).open_entry(entry)  # the newest seal is its own by now
    database.close()
    assert faults(path, "secret")


@pytest.mark.parametrize("seed", range(6))
def test_a_bit_that_flips_in_a_row_or_a_seal_is_found(path: Path, seed: int) -> None:
    random = Random(seed)
    table, column = random.choice(
        [
            ("change_log", "note"),
            ("change_log", "document"),
            ("seal", "text"),
            ("seal", "hash"),
            ("change_log", "change_hash"),
        ]
    )
    with sqlite3.connect(path) as connection:
        key, value = random.choice(
            connection.execute(f"SELECT rowid, {column} FROM {table} WHERE length({column}) > 0").fetchall()
        )
        raw = bytearray(value.encode())
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(6)
        changed = bytes(raw).decode(errors="replace")
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, key))
    found = [*faults(path), *faults(path, customer=OTHER)]
    assert found or changed == value


def test_the_seal_is_as_durable_as_the_entry(path: Path) -> None:
    """One transaction: a crash between the two leaves neither."""
    database = Database(f"sqlite:///{path}")
    run(path, "CREATE TRIGGER full BEFORE INSERT ON seal BEGIN SELECT raise(ABORT, 'disk full'); END")
    with pytest.raises(StateError):
        SqlLedger(database).open_entry(an_entry(0, a_change(), outcome=Outcome.SENT, closed_at=None))
    with pytest.raises(StateError):
        SqlLedger(database).close_entry(4, Outcome.APPLIED, NOW)
    database.close()
    run(path, "DROP TRIGGER full")
    assert faults(path) == ()
