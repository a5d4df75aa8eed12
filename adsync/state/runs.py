"""Run records, the operations already used today, and the leases that keep two runs apart."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete, func, insert, select, update

from adsync.errors import AdsyncError, Locked
from adsync.state import tables
from adsync.state.database import Database

LEASE_HOURS = 6

EVERYTHING = "run"
"""The one lease that earlier versions took for all accounts: one of them may be at work while another machine is upgraded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRun:
    """What one run made of one account. outcome: done, failed or skipped."""

    customer_id: str
    as_of: date | None
    outcome: str
    operations: int
    error: dict[str, object] | None = None


class SqlRuns:
    """Runs in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, command: str, now: datetime, operations_planned: int) -> int:
        """Notes that a run has begun; returns its id."""
        row = {
            "command": command,
            "started_at": now,
            "operations_planned": operations_planned,
            "operations": 0,
            "outcome": "running",
        }
        with self._database.writing() as connection:
            key = connection.execute(insert(tables.run).values(row)).inserted_primary_key
        return int(key[0]) if key else 0

    def note(self, run_id: int, account: AccountRun) -> None:
        """Notes what became of an account as soon as it is known, so that a killed run has counted what it used."""
        row = {
            "run_id": run_id,
            "customer_id": account.customer_id,
            "as_of": account.as_of,
            "outcome": account.outcome,
            "operations": account.operations,
            "error": account.error,
        }
        table = tables.run
        with self._database.writing() as connection:
            connection.execute(insert(tables.account_run), [row])
            more = table.c.operations + account.operations
            connection.execute(update(table).where(table.c.id == run_id).values(operations=more))

    def end(self, run_id: int, outcome: str, now: datetime) -> None:
        table = tables.run
        with self._database.writing() as connection:
            connection.execute(update(table).where(table.c.id == run_id).values(finished_at=now, outcome=outcome))

    def operations_since(self, moment: datetime) -> int:
        """API operations of all runs that began after a moment."""
        table = tables.run
        with self._database.reading() as connection:
            total = connection.execute(
                select(func.coalesce(func.sum(table.c.operations), 0)).where(table.c.started_at > moment)
            ).scalar()
        return int(total or 0)

    def last_served(self) -> dict[str, datetime]:
        """When the newest run began that has worked on an account, whatever came of it; by customer id."""
        run, account = tables.run, tables.account_run
        newest = (
            select(account.c.customer_id, func.max(run.c.started_at))
            .join(run, account.c.run_id == run.c.id)
            .group_by(account.c.customer_id)
        )
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(newest)}

    @contextmanager
    def leases(self, names: Sequence[str], now: datetime) -> Iterator[Mapping[str, Locked]]:
        """Holds the leases of these accounts that are free while the block runs; yields what others hold, by its name.

        A lease of this machine is taken over when its process is gone, and never before; one of another machine or
        container, whose processes cannot be asked, when it is six hours old.
        """
        me = holder()
        held = self._take(names, me, now)
        try:
            yield held
        finally:
            try:
                self.release([name for name in names if name not in held])
            except AdsyncError as error:
                # It is free all the same once this process is gone; what the block did must not be lost over it.
                structlog.get_logger("adsync.state").warning("leases were not given back", error=str(error))

    def release(self, names: Sequence[str]) -> None:
        """Lets go of leases of this process."""
        table = tables.lease
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.name.in_(names), table.c.holder == holder()))

    def _take(self, names: Sequence[str], me: str, now: datetime) -> dict[str, Locked]:
        table = tables.lease
        with self._database.writing() as connection:
            rows = connection.execute(select(table)).all()
            held = {row.name: _locked(row.holder, row.taken_at) for row in rows if _stands(row.holder, row.until, now)}
            if EVERYTHING in held:
                held |= dict.fromkeys(names, held[EVERYTHING])
            mine = [name for name in dict.fromkeys(names) if name not in held]
            connection.execute(delete(table).where(table.c.name.in_(mine)))
            until = now + timedelta(hours=LEASE_HOURS)
            if mine:
                connection.execute(
                    insert(table), [{"name": name, "holder": me, "taken_at": now, "until": until} for name in mine]
                )
        return held


def _locked(by: str, since: datetime) -> Locked:
    return Locked(
        "Another adsync is at work on this account.",
        f"{by} holds its lease since {since:%Y-%m-%d %H:%M} UTC.",
        next_step="Run the command again when that one has ended; one of another machine or container that is gone lets go "
        f"after {LEASE_HOURS} hours.",
    )


def holder() -> str:
    """This process: host, process id, and when it started, because process ids are used again."""
    return f"{_host()} process {os.getpid()} ({_started(os.getpid())})"


def _host() -> str:
    """The machine, and on Linux within it the process ids' own space: containers may share a name, and see only their own."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _stands(name: str, until: datetime, now: datetime) -> bool:
    """Whether the lease of this holder is still to be respected."""
    host, _, rest = name.partition(" process ")
    pid, _, started = rest.rstrip(")").partition(" (")
    if host != _host() or not pid.isdigit():
        return until > now
    return bool(started) and _started(int(pid)) == started


def _started(pid: int) -> str:
    """The moment a process started, in the kernel's ticks; "" when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "" if Path("/proc").exists() else "unknown"
