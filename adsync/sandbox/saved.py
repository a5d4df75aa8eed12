"""What must outlive the process: written down before the call that changed it is answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


class NotWritten(OSError):
    """The disk did not take what a call did; nothing of it was done. Says so in words for whoever called."""

    def __init__(self, path: Path, error: sqlite3.Error) -> None:
        super().__init__(
            f"What this call did could not be written down to disk, so it was not done: {error}. "
            f"Make room for {path} or mend its disk, then call again."
        )


_ALL = "SELECT name, document FROM part"


def saved_documents(path: Path) -> dict[str, str]:
    """What a sandbox has saved there, whether or not it is serving; writes nothing. Raises OSError for what cannot be read."""
    if not path.exists():
        return {}
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    # Without a log beside it nobody is writing: then the file is read as it stands, which needs no lock in its folder.
    if not path.with_name(f"{path.name}-wal").exists():
        address += "&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return dict(connection.execute(_ALL))
    except sqlite3.DatabaseError as error:
        raise OSError(f"{path} cannot be used: {error}") from None


class SavedState:
    """Documents by name, in one file. Whoever uses it holds the estate's lock."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be used."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._path = path
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            # A killed process loses nothing of this; only a machine that loses its power would.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("CREATE TABLE IF NOT EXISTS part (name TEXT PRIMARY KEY, document TEXT NOT NULL)")
            self._written: dict[str, str] = dict(self._connection.execute(_ALL))
        except sqlite3.DatabaseError as error:
            raise OSError(f"{path} cannot be used: {error}") from None

    def documents(self) -> dict[str, str]:
        """Everything that was saved."""
        return dict(self._written)

    def save(self, documents: dict[str, str]) -> None:
        """Writes down those that differ from what is written; all of them or none. Raises NotWritten."""
        changed = {name: text for name, text in documents.items() if self._written.get(name) != text}
        if not changed:
            return
        try:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO part VALUES (?, ?)", changed.items())
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:  # a full disk ends some of them by itself
                self._connection.execute("ROLLBACK")
            raise NotWritten(self._path, error) from None
        self._written.update(changed)

    def close(self) -> None:
        self._connection.close()
