"""Retentioneering's conversion rates of the same log, run by a Python of its own: nothing of it is needed to develop adsync."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PYTHON = "ADSYNC_BENCH_RETENTIONEERING"
"""Variable that names a Python which has it."""

INSTALL = f"python3.11 -m venv X && X/bin/pip install retentioneering==5.2.4, then {PYTHON}=X/bin/python make bench"
STARTS = 9

# What its user runs for P(macro | start): one call, a start in each row. Each visitor's whole log is one path.
RATES = """
import sys
import time
import duckdb
from retentioneering.eventstream.eventstream import Eventstream
path, macro, *starts = sys.argv[1:]
log = duckdb.execute(
    "select user_pseudo_id as user_id, event_name as event, make_timestamp(event_timestamp) as timestamp "
    f"from '{path}'"
).df()
stream = Eventstream(log)
started = time.monotonic()
stream.get_conversion_rate(starts, macro)
print(time.monotonic() - started)
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """seconds: of the whole program. call: of the rates alone, with the log in memory."""

    seconds: float
    call: float
    megabytes: float


def conversion_rates(path: Path, macro: str, candidates: tuple[str, ...]) -> Rates | None:
    """None where no Python is named that has it."""
    python = os.environ.get(PYTHON)
    if not python:
        return None
    # It tells its makers of each call otherwise.
    environment = {**os.environ, "RETENTIONEERING_NO_TRACK": "1"}
    started = time.monotonic()
    with subprocess.Popen(
        [python, "-c", RATES, str(path), macro, *candidates[:STARTS]],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        call = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{python} ended with {process.returncode}")
    return Rates(seconds, float(call), usage.ru_maxrss / 1024)
