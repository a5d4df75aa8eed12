"""Scoring a large event log: beside one plain group-by and retentioneering, the whole command, and a log ten times as large."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb

from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.files import find_files
from adsync.events.loading import load
from adsync.events.reading import read_files
from adsync.model.activity import HORIZONS
from adsync.model.exposure import Question
from adsync.score.activity import fit_activity
from adsync.score.comparison import adjusted, comparison_pool
from adsync.score.twins import twins_of_the_macro
from adsync.wiring import SystemClock
from tests.benchmarks.retentioneering import INSTALL, STARTS, conversion_rates
from tests.event_worlds import MACRO, draw

ADSYNC = str(Path(sys.executable).parent / "adsync")
VISITORS = 330_000
"""As many do 5 million events; 2.5 % of them buy."""

RUNS = 7
DRAWING = """
import sys
from pathlib import Path
from tests.event_worlds import draw, write_parquet
write_parquet(draw("planted helpers", seed=1, visitors=int(sys.argv[2])), Path(sys.argv[1]))
"""
TENFOLD = """
import duckdb, sys
duckdb.execute(
    f"copy (select user_pseudo_id || '-' || n as user_pseudo_id, * exclude (user_pseudo_id, n) "
    f"from '{sys.argv[1]}', (select unnest(range(10)) as n)) to '{sys.argv[2]}'"
)
"""
PLAIN = """
select count(*), sum(first)
from (select user_pseudo_id, event_name, min(event_timestamp) as first from '{}' group by all)
"""


def scores(folder: Path, _: int) -> None:
    """5 million events, 15 candidates; then 50 million."""
    folder.mkdir()
    path = folder / "events.parquet"
    # In processes of their own: what this one has ever held counts as held by those that it starts.
    subprocess.run([sys.executable, "-c", DRAWING, str(path), str(VISITORS)], check=True)
    candidates = (*draw("planted helpers", seed=1, visitors=100).candidates, "page_view")
    names = ",".join(candidates)
    ((size,),) = duckdb.execute(f"select count(*) from '{path}'").fetchall()
    print(f"score: {size / 1e6:.1f} million events, {VISITORS:,} visitors, {len(candidates)} candidates")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        matching, plain = apart.submit(_matching, path, MACRO, candidates).result()
    print(f"  matching {matching:.2f} s, plain group-by {plain:.2f} s: {matching / plain:.1f} times (goal 5)")
    seconds, megabytes = _command(path, MACRO, names)
    print(f"  whole command {seconds:.1f} s (goal 15), {megabytes:.0f} MB (goal 1,200)")
    _beside_retentioneering(path, candidates, matching, seconds)
    large = folder / "large.parquet"
    subprocess.run([sys.executable, "-c", TENFOLD, str(path), str(large)], check=True)
    seconds, megabytes = _command(large, MACRO, names)
    print(f"  ten times as many events: {seconds:.1f} s, {megabytes:.0f} MB (goal 2,000)\n")


def _beside_retentioneering(path: Path, candidates: tuple[str, ...], matching: float, seconds: float) -> None:
    """Rates beside matching, both with the log loaded; and the whole program beside the whole command."""
    theirs = conversion_rates(path, MACRO, candidates)
    if theirs is None:
        print(f"  not held against retentioneering, which is not here: {INSTALL}")
        return
    print(f"  retentioneering's conversion rates for {STARTS} starts, both with the log loaded:")
    print(f"    {theirs.call:.1f} s: matching is {theirs.call / matching:.1f} times as fast (goal 8)")
    print(f"  with loading and all, {theirs.seconds:.1f} s and {theirs.megabytes:.0f} MB:")
    print(f"    the whole command is {theirs.seconds / seconds:.1f} times as fast")


def _matching(path: Path, macro: str, candidates: tuple[str, ...]) -> tuple[float, float]:
    """Medians of the work between loading and the verdicts, and of first times by visitor and event, in turn."""
    ours, theirs = [], []
    files = find_files([path])
    with DuckDBEngine(files.paths) as engine:
        log = load(engine, read_files(engine, files), SystemClock().now())
        question = Question(
            macro=macro, candidates=candidates, horizon_days=30, as_of=log.summary.last, settling_days=0
        )
        for _ in range(RUNS):
            started = time.monotonic()
            duckdb.execute(PLAIN.format(path)).fetchall()
            theirs.append(time.monotonic() - started)
            started = time.monotonic()
            answers = log.ask(question)
            activity = answers.activity(twins_of_the_macro(answers.frequent()))
            for horizon in HORIZONS:
                answers.rate(horizon, fit_activity(activity, horizon))
            for tables in answers.compared(comparison_pool(answers.by_name("day"))).values():
                for table in tables.values():
                    adjusted(table)
            answers.plain()
            answers.history()
            ours.append(time.monotonic() - started)
    return statistics.median(ours), statistics.median(theirs)


def _command(path: Path, macro: str, names: str) -> tuple[float, float]:
    """Seconds and peak memory of a process of its own."""
    started = time.monotonic()
    command = [ADSYNC, "score", "--events", str(path), "--macro", macro, "--candidates", names, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"adsync score ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_maxrss / 1024
