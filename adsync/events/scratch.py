"""The temporary folder: readable by its owner only, gone afterwards, and cleared away later where a run was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from adsync.errors import AdsyncError

PREFIX = "adsync-events-"
_LOCK = "lock"
_TRIES = 50
_open: set[Scratch] = set()


class Scratch:
    """A folder under TMPDIR, locked while its process lives: the lock of a killed process is gone, its folder is not."""

    def __init__(self, parent: Path | None = None) -> None:
        """Raises AdsyncError where nothing can be written, in a TMPDIR that is missing as well.

        tempfile would silently take another folder, on which there may be too little room or too many readers.
        """
        named = os.environ.get("TMPDIR", "")
        where = (parent or Path(named or tempfile.gettempdir())).absolute()
        try:
            _clear_away_left(where)
            # Found by others only once it is locked.
            made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=where))
            self._lock = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self.path = made.rename(where / made.name.removeprefix("."))
        except OSError as error:
            raise AdsyncError(
                f"The temporary folder cannot be made in {where}: {error.strerror}.",
                next_step="Name one with room in the variable TMPDIR.",
            ) from None
        _open.add(self)

    def remove(self) -> None:
        """Everything in it, and the folder."""
        _open.discard(self)
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_all() -> None:
    """All folders of this process, for the moment at which it ends while threads of the engine still write into them."""
    for scratch in tuple(_open):
        for _ in range(_TRIES):
            shutil.rmtree(scratch.path, ignore_errors=True)
            if not scratch.path.exists():
                break


def _clear_away_left(where: Path) -> None:
    """Removes the folders of this user's runs that were killed. What cannot be removed harms nobody."""
    for folder in where.glob(f"{PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.geteuid():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
