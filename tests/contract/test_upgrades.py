"""A database of every earlier version is brought up to date, loses nothing, and the next night runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from adsync.applying import apply_open_plans
from adsync.model.account import Account
from adsync.model.plan import Consent
from adsync.model.pulled import Report
from adsync.model.window import Window
from adsync.nightly import NightReport, run_night
from adsync.overview import overview
from adsync.review import choose, verdicts
from adsync.state import upgrade as upgrading
from adsync.state.database import HEAD, Database
from adsync.state.upgrade import migrations
from adsync.wiring import Wiring
from tests.sandboxes import LocalSandbox, local_sandbox

REVISIONS = [r.revision for r in reversed([*ScriptDirectory.from_config(migrations()).walk_revisions()])]


@dataclass(frozen=True, slots=True)
class Kept:
    """A state with some history, and the sandbox on the night after it."""

    sandbox: LocalSandbox
    path: Path

    def wiring(self, path: Path) -> Wiring:
        return Wiring(replace(self.sandbox.settings, state=f"sqlite:///{path}"))

    def as_of_version(self, revision: str, path: Path) -> Path:
        """The same rows in a database of an earlier version, as far as that had tables and columns for them."""
        at_version(revision, path)
        with sqlite3.connect(path) as connection:
            connection.execute("ATTACH ? AS newer", (str(self.path),))
            known = {
                name for (name,) in connection.execute("SELECT name FROM newer.sqlite_master WHERE type = 'table'")
            }
            for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
                if table in known - {"alembic_version"}:
                    both = ", ".join(f'"{c}"' for c in sorted(columns(connection, "main", table)))
                    connection.execute(f'INSERT INTO main."{table}" ({both}) SELECT {both} FROM newer."{table}"')
        return path


def columns(connection: sqlite3.Connection, schema: str, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'PRAGMA {schema}.table_info("{table}")')}


def at_version(revision: str, path: Path) -> None:
    """An empty database as that version of adsync made it."""
    with create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def version_of(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def rows_of(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        found: int = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Two nights with an approval that was used, and one that waits."""
    with local_sandbox(tmp_path_factory.mktemp("kept") / "sandbox") as sandbox:
        found = Kept(sandbox, sandbox.directory / "adsync.db")
        wiring = sandbox.wiring()
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        for apply in (True, False):
            night = run_night(account, ports, apply=False)
            waits = sorted({p.change.verb.value for p in night.plan.changes if p.consent is Consent.REVIEW})
            if waits:
                chosen = choose(night.plan.numbered(), waits)
                ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
            if apply:
                assert apply_open_plans(account, ports).done
            sandbox.control.advance(1)
        wiring.database.close()
        yield found


def next_night(wiring: Wiring) -> NightReport:
    account = wiring.settings.accounts[0]
    return run_night(account, wiring.ports(account), apply=False)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_every_version_is_upgraded_and_its_next_night_is_that_of_the_newest(
    revision: str, kept: Kept, tmp_path: Path
) -> None:
    path = kept.as_of_version(revision, tmp_path / "old.db")
    newest = kept.as_of_version(HEAD, tmp_path / "newest.db")
    assert version_of(path) == revision
    wiring, other = kept.wiring(path), kept.wiring(newest)
    account = wiring.settings.accounts[0]
    state, known = wiring.ports(account).state, other.ports(account).state
    assert version_of(path) == HEAD
    assert state.ledger.entries() == known.ledger.entries() != ()
    sealed = state.ledger.verified(account.customer_id)
    assert sealed.faults == () and sealed.seals >= len(known.ledger.entries())
    assert state.ledger.approvals(account.customer_id) == known.ledger.approvals(account.customer_id)
    assert state.memory.counters(account.customer_id) == known.memory.counters(account.customer_id)
    assert rows_of(path, "action_day") == rows_of(newest, "action_day") > 0
    before = overview(account, state, wiring.clock)
    assert before == overview(account, known, other.clock)
    night, expected = next_night(wiring), next_night(other)
    # Versions that did not ask what Google would accept have no answers to go on with: now they are asked for.
    asks = {Report.CAPABILITIES} if revision < "0010" else set()
    assert {*night.pulled.reports} - {*expected.pulled.reports} == asks
    pulled = replace(night.pulled, reports=expected.pulled.reports)
    assert (pulled, night.decisions, night.plan) == (expected.pulled, expected.decisions, expected.plan)
    assert night.news == expected.news


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_that_fails_half_way_leaves_the_old_database(
    revision: str, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept.as_of_version(revision, tmp_path / "old.db")
    before = {table: rows_of(path, table) for table in ("plan", "change_log", "approval", "action_day")}

    def power_cut(config: object, revision: str) -> None:
        command.upgrade(config, revision)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(upgrading, "command", type("Cut", (), {"upgrade": staticmethod(power_cut)}))
        with pytest.raises(KeyboardInterrupt):
            Database(f"sqlite:///{path}")
    assert version_of(path) == revision
    assert before == {table: rows_of(path, table) for table in before}
    Database(f"sqlite:///{path}").close()
    assert version_of(path) == HEAD


def test_sessions_from_ads_are_unknown_of_the_days_that_older_versions_copied(kept: Kept, tmp_path: Path) -> None:
    old, newest = kept.as_of_version("0004", tmp_path / "old.db"), kept.as_of_version(HEAD, tmp_path / "newest.db")
    found = []
    for path in (old, newest):
        wiring = kept.wiring(path)
        account = wiring.settings.accounts[0]
        before = ad_sessions(wiring, account)
        next_night(wiring)
        found.append((before, ad_sessions(wiring, account)))
        wiring.database.close()
    (upgraded, after), (known, later) = found
    assert not upgraded and len(known) > 300
    assert 1 <= len(after) <= 7 and after.items() <= later.items(), "what is copied anew is told from now on"


def ad_sessions(wiring: Wiring, account: Account) -> dict[date, float]:
    """Those of the days of which they are known."""
    today = wiring.clock.now().date()
    window = Window.ending(today, days=500)
    series = wiring.ports(account).state.numbers.ad_session_series(account.customer_id, window, today)
    return {day: n for day, n in zip(window, series.values, strict=True) if n is not None}
