"""The crontab example, run by Debian's own cron with a sped-up clock."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sandboxes import Shell

CRON = shutil.which("cron", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
_MISSING = [name for name, found in (("cron", CRON), ("faketime", shutil.which("faketime"))) if not found]

pytestmark = [
    pytest.mark.skipif(
        bool(_MISSING), reason=f"needs {' and '.join(_MISSING)}, which `make test` installs as root on Debian"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="cron reads /etc/cron.d as root only"),
]


def crontab_line(root: Path) -> str:
    """The one line of the example that runs something."""
    lines = (root / "config" / "crontab.example").read_text().splitlines()
    jobs = [line for line in lines if "adsync sync" in line and not line.startswith("#")]
    assert len(jobs) == 1
    return jobs[0]


@contextmanager
def cron(job: str, starts_at: str) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's cron with one job more, its clock starting at a moment and running thirty times as fast."""
    table = Path(f"/etc/cron.d/adsync-test-{os.getpid()}")
    schedule, _, command = job.partition("  ")
    table.write_text(f"SHELL=/bin/sh\n{schedule} root {command.strip()}\n")
    table.chmod(0o644)
    process = subprocess.Popen(["faketime", "-f", f"@{starts_at} x30", str(CRON), "-f"], start_new_session=True)
    try:
        yield process
    finally:
        table.unlink()
        os.killpg(process.pid, 15)
        process.wait(timeout=10)
        Path("/var/run/crond.pid").unlink(missing_ok=True)


def finished_runs(state: Path) -> int:
    """How many syncs have ended well."""
    if not state.exists():
        return 0
    with sqlite3.connect(state) as connection:
        try:
            rows = connection.execute("SELECT count(*) FROM run WHERE command = 'sync' AND outcome = 'done'")
            return int(rows.fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # the tables are just being made


def test_the_crontab_example_runs_the_night_at_its_hour(shop: Shell, root: Path) -> None:
    job = (
        crontab_line(root)
        .replace("/etc/adsync/env", str(shop.directory / "env"))
        .replace("/var/lock/adsync.lock", str(shop.directory / "night.lock"))
        .replace("/opt/adsync/.venv/bin/adsync", str(Path(sys.executable).parent / "adsync"))
    )
    assert "/opt/" not in job
    assert "/etc/adsync" not in job
    state = shop.directory / "adsync.db"
    with cron(job, starts_at="2026-11-20 05:13:45"):
        time.sleep(1)
        assert finished_runs(state) == 0, "it ran before its hour"
        deadline = time.monotonic() + 60
        while finished_runs(state) == 0 and time.monotonic() < deadline:
            time.sleep(0.2)
    assert finished_runs(state) == 1
    assert "last 12 weeks" in shop.adsync("status", "--json").stdout
