"""Which sandbox a control is meant for: the port of one that was killed may be another's by now."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

MISDIRECTED = 421
"""HTTP's status for a request that reached a server which it was not meant for (RFC 9110, 15.5.20)."""


def serving_from(directory: Path) -> str:
    """What a URL has to ask for so that only the sandbox of this folder answers."""
    return urlencode({"dir": str(directory.resolve())})
