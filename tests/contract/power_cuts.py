"""What a power cut leaves of an SQLite database in WAL mode: every commit that was synced, and any part of what came after.

The file `-wal` is a header of 32 bytes and frames of 24 bytes and a page each. Every frame carries a checksum over all before it,
and the last of each commit the size of the database, so that what lies behind the last whole commit is passed over.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

HEADER, FRAME_HEADER = 32, 24


def wal_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def torn(database: Path, begin: int, folder: Path) -> Iterator[Path]:
    """Copies of a database of whose last commit only a part had reached the disk. begin: how long the journal was before it.

    Cut at each of its frames and within each; with one frame that was not written, or of which a bit is wrong, in the
    midst of others that were. Each copy is gone when the next one is asked for.
    """
    wal = wal_of(database).read_bytes()
    if len(wal) <= begin:
        return  # nothing was written
    (page,) = struct.unpack(">I", wal[8:12])
    size = FRAME_HEADER + page
    for frame in range(max(begin, HEADER), len(wal), size):
        for kept in (frame, frame + FRAME_HEADER // 2, frame + FRAME_HEADER, frame + size // 2):
            yield _with_wal(database, folder, wal[:kept])
        yield _with_wal(database, folder, wal[:frame] + bytes(size) + wal[frame + size :])
        yield _with_wal(database, folder, _flipped(wal, frame + FRAME_HEADER + page // 3))


def half_checkpointed(database: Path, written_back: Path, folder: Path, step: int) -> Iterator[Path]:
    """Copies whose journal was being written back when the power went: some pages are new, one is half new.

    written_back: the same database after that. step: how many pages lie between two copies.
    """
    old, new = database.read_bytes(), written_back.read_bytes()
    (page,) = struct.unpack(">H", old[16:18])
    for cut in range(0, len(new), step * page):
        half = cut + page // 2
        copy = _with_wal(database, folder, wal_of(database).read_bytes())
        copy.write_bytes(new[:half] + old[half:])
        yield copy


def _flipped(wal: bytes, at: int) -> bytes:
    return wal[:at] + bytes([wal[at] ^ 1]) + wal[at + 1 :]


def _with_wal(database: Path, folder: Path, wal: bytes) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy = folder / "state.db"
    shutil.copy(database, copy)
    wal_of(copy).write_bytes(wal)
    return copy
