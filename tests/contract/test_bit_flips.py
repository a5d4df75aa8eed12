"""A bit of the database file flips where the change log lies: it is refused, or found by `log --verify`, or changed nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.errors import StateError
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.seal import Verified
from adsync.state.database import Database
from adsync.state.ledger import SqlLedger
from tests.builders import CUSTOMER_ID, NOW, a_change, an_entry

PAGE = 4096
OTHER = "9876543210"
ENTRIES = 24

Read = tuple[tuple[ChangeLogEntry, ...], tuple[ChangeLogEntry, ...], Verified, Verified]


def with_log(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    ledger = SqlLedger(database)
    for number in range(ENTRIES):
        customer = OTHER if number % 4 == 3 else CUSTOMER_ID
        change = a_change(customer_id=customer, object_id=str(200 + number))
        entry = an_entry(0, change, customer_id=customer, outcome=Outcome.SENT, closed_at=None, approved_by="erika")
        closed = NOW + timedelta(minutes=number)
        ledger.close_entry(ledger.open_entry(entry), Outcome.APPLIED, closed, request_id=f"r{number}", note="Füße")
    database.close()


def read(path: Path) -> Read:
    """The log, whole and of one account, and what `log --verify` says of it."""
    database = Database(f"sqlite:///{path}")
    try:
        ledger = SqlLedger(database)
        return ledger.entries(), ledger.entries([CUSTOMER_ID]), ledger.verified(CUSTOMER_ID), ledger.verified(OTHER)
    finally:
        database.close()


def pages_of_the_log(empty: bytes, filled: bytes) -> list[int]:
    """Where the pages begin in which something of the log stands."""
    starts = range(0, len(filled), PAGE)
    return [start for start in starts if filled[start : start + PAGE] != empty[start : start + PAGE]]


def flips(pages: list[int], every: int) -> Iterator[tuple[int, int]]:
    """Byte and bit of every so-many-th bit of these pages."""
    for bit in range(0, len(pages) * PAGE * 8, every):
        page, within = divmod(bit, PAGE * 8)
        yield pages[page] + within // 8, within % 8


def became_of(path: Path, whole: Read) -> str:
    try:
        found = read(path)
    except StateError as error:
        return "refused" if "backup" in error.next_step else f"not understood: {error}"
    if any(verified.faults for verified in found[2:]):
        return "found by --verify"
    assert found == whole, "what reads otherwise is found"
    return "changed nothing"


@pytest.mark.parametrize(
    "every", [pytest.param(19_997, id="some"), pytest.param(1999, marks=pytest.mark.slow, id="many")]
)
def test_a_bit_that_flips_anywhere_in_the_log_is_noticed(tmp_path: Path, every: int) -> None:
    kept, empty, damaged = tmp_path / "kept.db", tmp_path / "empty.db", tmp_path / "damaged.db"
    with_log(kept)
    Database(f"sqlite:///{empty}").close()
    whole, content = read(kept), kept.read_bytes()
    became: Counter[str] = Counter()
    for place, bit in flips(pages_of_the_log(empty.read_bytes(), content), every):
        damaged.write_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])
        became[became_of(damaged, whole)] += 1
        for left in tmp_path.glob("damaged.db-*"):
            left.unlink()
    print(f"\n{became.total()} flips: {dict(became)}")
    assert set(became) == {"refused", "found by --verify", "changed nothing"}
    assert became["found by --verify"] > became.total() / 3


def test_a_row_that_is_not_as_its_index_says_is_found(tmp_path: Path) -> None:
    """The account of a row stands in the row and in the index by which it is found, and is read from only one of them."""
    path = tmp_path / "state.db"
    with_log(path)
    content = path.read_bytes()
    row = f"{CUSTOMER_ID}shop-"
    assert content.count(row.encode()) >= ENTRIES // 2
    path.write_bytes(content.replace(row.encode(), f"{CUSTOMER_ID[:-1]}1shop-".encode(), 1))
    entries, mine, verified, _ = read(path)
    assert len(entries) == ENTRIES
    assert "missing from index change_log_by_account" in verified.faults[0], mine
