"""Retentioneering's conversion rates of the same log, run by a Python of its own: nothing of it is needed to develop adsync."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

PYTHON = "ADSYNC_BENCH_RETENTIONEERING"
"""Variable that names a Python which has it."""

INSTALL = f"python3.11 -m venv X && X/bin/pip install retentioneering==5.2.4, then {PYTHON}=X/bin/python make bench"
STARTS = 9

# What its user runs for P(macro | start): one call, a start in each row. Each visitor's whole log is one path.
RATES = """
import sys
import duckdb
from retentioneering.eventstream.eventstream import Eventstream
path, macro, *starts = sys.argv[1:]
log = duckdb.execute(
    "select user_pseudo_id as user_id, event_name as event, make_timestamp(event_timestamp) as timestamp "
    f"from '{path}'"
).df()
print(Eventstream(log).get_conversion_rate(starts, macro))
"""


def conversion_rates(path: Path, macro: str, candidates: tuple[str, ...]) -> tuple[float, float] | None:
    """Seconds and peak memory, MB, of the whole program; None where no Python is named that has it."""
    python = os.environ.get(PYTHON)
    if not python:
        return None
    # It tells its makers of each call otherwise.
    environment = {**os.environ, "RETENTIONEERING_NO_TRACK": "1"}
    started = time.monotonic()
    process = subprocess.Popen(
        [python, "-c", RATES, str(path), macro, *candidates[:STARTS]], stdout=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{python} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_maxrss / 1024
