"""How much of the machine a sandbox's worlds take: known before they are drawn, since drawing takes minutes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from adsync.errors import UsageError
from adsync.sandbox.building import clients_of
from adsync.sandbox.stored import Recipe
from adsync.sandbox.traffic import sessions_a_day

# Measured with growing-shop: five events a session, all columns of one account in memory while they are drawn.
_DRAWN_BYTES_A_SESSION = 600
_STORED_BYTES_A_SESSION = 90


def check_size(recipe: Recipe, directory: Path) -> None:
    """Raises UsageError for worlds that this machine's memory or the folder's disk cannot hold."""
    sessions = [sessions_a_day(client) * (client.history_days + client.future_days) for client in clients_of(recipe)]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    disk = shutil.disk_usage(directory).free
    needs = (
        ("memory", max(sessions) * _DRAWN_BYTES_A_SESSION, memory),
        ("room on the disk", sum(sessions) * _STORED_BYTES_A_SESSION, disk),
    )
    for what, needed, there in needs:
        if needed > there:
            raise UsageError(
                f"The sandbox would be too large: {sum(sessions):,.0f} sessions in all its accounts.",
                f"It needs about {_size(needed)} of {what}, and there are {_size(there)}.",
                next_step="Ask for less: --accounts, --sessions-per-day, --history-days or --future-days.",
            )


def _size(size: float) -> str:
    """Bytes, in the unit in which they are more than nothing."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"
