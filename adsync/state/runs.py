"""Run records, the operations already used today, and the lease that keeps two runs apart."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update

from adsync.errors import Locked
from adsync.state import tables
from adsync.state.database import Database

LEASE_HOURS = 6


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
    def lease(self, name: str, now: datetime) -> Iterator[None]:
        """Holds a lease while the block runs.

        A lease of this machine is taken over when its process is gone, and never before; one of another machine or
        container, whose processes cannot be asked, when it is six hours old.
        Raises Locked when somebody else holds it.
        """
        me = holder()
        self._take(name, me, now)
        try:
            yield
        finally:
            table = tables.lease
            with self._database.writing() as connection:
                connection.execute(delete(table).where(table.c.name == name, table.c.holder == me))

    def _take(self, name: str, me: str, now: datetime) -> None:
        table = tables.lease
        with self._database.writing() as connection:
            held = connection.execute(select(table).where(table.c.name == name)).first()
            if held is not None and _stands(held.holder, held.until, now):
                raise Locked(
                    "Another adsync is at work on the same state.",
                    f"{held.holder} holds the lease since {held.taken_at:%Y-%m-%d %H:%M} UTC.",
                    next_step="Run the command again when that one has ended; one of another machine or container that is "
                    f"gone lets go after {LEASE_HOURS} hours.",
                )
            connection.execute(delete(table).where(table.c.name == name))
            row = {"name": name, "holder": me, "taken_at": now, "until": now + timedelta(hours=LEASE_HOURS)}
            connection.execute(insert(table), [row])


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
