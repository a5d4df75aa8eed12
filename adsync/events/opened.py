"""Text files as bytes, unpacked where they are compressed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO

from adsync.errors import UsageError


def opened(path: Path) -> gzip.GzipFile | IO[bytes]:
    """The file, to be closed by the caller. Raises UsageError where its name does not say that it is compressed, OSError else."""
    if path.name.lower().endswith(".gz"):
        return gzip.open(path)
    file = path.open("rb")
    if file.peek(2)[:2] != b"\x1f\x8b":
        return file
    file.close()
    raise UsageError(
        f"{path} cannot be read.",
        "It is compressed by gzip, and its name does not say so.",
        next_step=f"Name it {path.name}.gz",
    )
