"""Opens the state database: its file, its schema, its transactions, and its faults in adsync's words."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from adsync.errors import AdsyncError, Locked, StateError
from adsync.state.cells import Unreadable, with_its_row
from adsync.state.tables import metadata

HEAD = "0010"
"""The newest revision of the schema; a test compares it with the migrations."""

_BUSY_SECONDS = 30
_CONNECTIONS = 64


class Database:
    """The state database. Reading and writing go through `reading` and `writing`; each is one transaction."""

    def __init__(self, url: str) -> None:
        """Opens ``url``, makes it where there is none, and brings an older schema up to date.

        Raises StateError.
        """
        self.url = url
        self._one_writer = threading.Lock()
        _create_private_file(url)
        try:
            self._engine = _engine(url)
            with self.writing() as connection:
                _bring_up_to_date(connection, url)
        except SQLAlchemyError as error:
            raise _explained(url, error) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at everything."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All of it is stored, durably, when the block ends; nothing of it when it raises."""
        # Threads queue here: SQLite would let each of them sleep and look again, ever longer.
        with self._one_writer, self._transaction(write=True) as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(adsync_write=write) as connection, connection.begin():
                try:
                    yield connection
                except Unreadable as error:
                    raise with_its_row(error, connection) from None
        except SQLAlchemyError as error:
            raise _explained(self.url, error) from None


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for anything else."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _create_private_file(url: str) -> None:
    """Makes the file itself, so that from its first byte on only the owner can read it."""
    path = sqlite_path(url)
    if path is None:
        return
    if not path.name or path.name.startswith(":"):
        raise StateError(f"The state URL {url!r} names no file.", "What adsync remembers must outlive the command.")
    try:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StateError(f"The state database {path} cannot be made.", error.strerror or str(error)) from None


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite:///"):
        raise StateError(f"The state URL {url!r} is not understood.", "It is a path, or begins with sqlite:///")
    # Connections are kept: closing the last one would write the whole journal back, after every transaction.
    # Made of the path itself: in a URL, "?" and "%" in the name of a folder would mean something else.
    engine = create_engine(
        URL.create("sqlite", database=str(sqlite_path(url))),
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        connect_args={"timeout": _BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    # The driver's own transactions begin late and upgrade from reading to writing, which can fail half-way.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("adsync_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _bring_up_to_date(connection: Connection, url: str) -> None:
    found = _revision(connection)
    if found == HEAD:
        return
    if found is None and not inspect(connection).get_table_names():
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return
    # Alembic takes most of a second to import, so only a database that needs it pays.
    from adsync.state.upgrade import upgrade

    upgrade(connection, url, found)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _explained(url: str, error: SQLAlchemyError) -> AdsyncError:
    place = sqlite_path(url) or "the state database"
    because = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if isinstance(error, OperationalError) and "locked" in because:
        return Locked(
            f"The state database {place} is in use.",
            f"Another adsync has been writing to it for {_BUSY_SECONDS} seconds.",
            next_step="Run the command again when that one has ended.",
        )
    if "full" in because or "disk I/O" in because:
        state = "is full" if "full" in because else "takes no more: it is full, or failing"
        return StateError(
            f"The disk that holds {place} {state}.",
            "What was being stored was left out whole; what was stored before is untouched.",
            next_step="Make room, then run the command again: it carries on where it stopped.",
        )
    if "readonly" in because or "unable to open" in because:
        return StateError(
            f"The state database {place} cannot be written.",
            f"SQLite says: {because}.",
            next_step="Check the owner and mode of file and folder.",
        )
    if any(words in because for words in ("not a database", "malformed", "decode to UTF-8")):
        because = f"SQLite says: {because:.200}."
        return StateError(f"{place} is damaged or no adsync database.", because, next_step="Restore it from a backup.")
    return StateError(f"The state database {place} failed.", because)
