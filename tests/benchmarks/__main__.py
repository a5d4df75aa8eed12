"""`make bench`: speed and memory, as ratios against a named alternative in the same run. Prints; asserts nothing."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from adsync.sandbox.process import SandboxProcess, sandbox_process
from tests.benchmarks.scores import scores
from tests.benchmarks.world import world

ADSYNC = str(Path(sys.executable).parent / "adsync")
ACCOUNTS = 100
LATENCY_MS = 50
CALLS = (
    (
        "GoogleAdsService/SearchStream",
        "customer",
        "time zone, currency, owner of the actions: needed before any date is",
    ),
    (
        "GoogleAdsService/SearchStream",
        "conversion_actions",
        "every action of every status: what a plan is made against",
    ),
    ("GoogleAdsService/SearchStream", "customer_goals", "which goals campaigns bid on by default"),
    ("GoogleAdsService/SearchStream", "campaign_goals", "which goals each campaign bids on, where it is detached"),
    ("GoogleAdsService/SearchStream", "goal_configs", "whether it is detached"),
    ("GoogleAdsService/SearchStream", "custom_goals", "lists that bid on actions whether primary or not"),
    ("GoogleAdsService/SearchStream", "campaigns", "strategy, target, learning status"),
    ("GoogleAdsService/SearchStream", "conversions by conversion date", "the volume that decisions read"),
    ("GoogleAdsService/SearchStream", "conversions by click date", "what clicks of 90 days have brought so far"),
    ("GoogleAdsService/SearchStream", "campaign_days", "cost and clicks: Google refuses them beside actions"),
    ("GA4 keyEvents.list", "", "which events are key events already"),
    ("GA4 runReport", "events", "daily counts of macro and candidates"),
    ("GA4 runReport", "site", "daily sessions and users: totals cannot be added up"),
    ("GA4 runReport", "sessions from ads", "daily, against ad clicks: whether visitors are still asked and told apart"),
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument(
        "only",
        nargs="*",
        choices=["help", "status", "pull", "memory", "world", "score", []],
        help="some of the benchmarks",
    )
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; medians, ratios pair by pair\n")
    folder = Path(tempfile.mkdtemp(prefix="adsync-bench-"))
    try:
        benchmarks = (
            ("help", _help),
            ("status", _status),
            ("pull", _pull),
            ("memory", _memory),
            ("world", world),
            ("score", scores),
        )
        for name, benchmark in benchmarks:
            if not chosen.only or name in chosen.only:
                benchmark(folder / name, chosen.accounts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _help(_: Path, __: int) -> None:
    ours, bare = _pairs([ADSYNC, "--help"], [sys.executable, "-c", "pass"], runs=15)
    _say("adsync --help", ours, "python -c pass", bare, goal="150 ms, and no heavy import")


def _status(folder: Path, _: int) -> None:
    with _sandbox(folder, accounts=1, latency_ms=0) as sandbox:
        variables = sandbox.variables()
        _run([ADSYNC, "sync"], variables)
        ours, bare = _pairs(
            [ADSYNC, "status"],
            [sys.executable, "-c", "import sqlalchemy, pydantic_settings, scipy.special, rich.table"],
            runs=9,
            variables=variables,
        )
        _say("adsync status", ours, "importing its libraries alone", bare, goal="0.8 s")


def _pull(folder: Path, accounts: int) -> None:
    with _sandbox(folder, accounts, LATENCY_MS) as sandbox:
        variables = sandbox.variables()
        _run([ADSYNC, "pull"], variables)  # the first pull copies 400 days; every night after it does not
        before = sandbox.control.status()["calls"]
        sandbox.control.advance(1)
        threaded = _timed(lambda: _run([ADSYNC, "pull"], _threads(sandbox, 16)))
        after = sandbox.control.status()["calls"]
        sandbox.control.advance(1)
        one_by_one = _timed(lambda: _run([ADSYNC, "pull"], _threads(sandbox, 1)))
        print(f"pull of {accounts} accounts at {LATENCY_MS} ms latency: {threaded:.1f} s with 16 threads,")
        print(f"  {one_by_one:.1f} s one after another: {one_by_one / threaded:.1f} times as fast (goal: 7)")
        print("  calls for each account:")
        for name in sorted(after):
            made = (after[name] - before.get(name, 0)) / accounts
            if made:
                print(f"  {made:6.2f}  {name}")
        for call, what, why in CALLS:
            print(f"          {call} {what}: {why}".rstrip())
        print()


def _memory(folder: Path, accounts: int) -> None:
    with _sandbox(folder, accounts, latency_ms=0) as sandbox:
        variables = sandbox.variables()
        peak = _peak([ADSYNC, "sync"], variables)
        bare = _peak(
            [sys.executable, "-c", "import google.ads.googleads.v26.services.services.google_ads_service"], variables
        )
        print(f"peak memory of the first adsync sync over {accounts} accounts: {peak:.0f} MB (goal: 250 MB);")
        sandbox.control.advance(1)
        later = _peak([ADSYNC, "sync"], variables)
        print(f"  of a later one {later:.0f} MB; Google's client alone takes {bare:.0f} MB\n")


# Measuring -----------------------------------------------------------------------------------------------------------


def _sandbox(folder: Path, accounts: int, latency_ms: int) -> Any:
    folder.mkdir(parents=True)
    options = (
        "--scenario",
        "starved-shop",
        "--seed",
        "1",
        "--accounts",
        str(accounts),
        "--latency-ms",
        str(latency_ms),
    )
    return sandbox_process(folder, *options)


def _threads(sandbox: SandboxProcess, number: int) -> dict[str, str]:
    path = sandbox.directory / f"threads-{number}.yaml"
    config = yaml.safe_load((sandbox.directory / "adsync.yaml").read_text())
    config["limits"]["threads"] = number
    config["limits"]["operations_per_day"] = 1_000_000
    path.write_text(yaml.safe_dump(config))
    return {**sandbox.variables(), "ADSYNC_CONFIG": str(path)}


def _run(command: Sequence[str], variables: dict[str, str] | None = None) -> None:
    environment = {**os.environ, **(variables or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")


def _timed(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _pairs(
    ours: Sequence[str], other: Sequence[str], *, runs: int, variables: dict[str, str] | None = None
) -> tuple[list[float], list[float]]:
    """The two commands in turn, after one warm-up of each."""
    _run(ours, variables)
    _run(other, variables)
    pairs = [(_timed(lambda: _run(ours, variables)), _timed(lambda: _run(other, variables))) for _ in range(runs)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _say(name: str, ours: list[float], other: str, theirs: list[float], *, goal: str) -> None:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"{name}: {1000 * statistics.median(ours):.0f} ms, {other}: {1000 * statistics.median(theirs):.0f} ms, ratio {ratio:.1f}"
    )
    print(f"  goal: {goal}\n")


def _peak(command: Sequence[str], variables: dict[str, str]) -> float:
    """Largest resident size of a command, in MB, as the kernel accounts it."""
    script = (
        "import json, resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
        "print(json.dumps([code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
    )
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [sys.executable, "-c", script, *command], env=environment, capture_output=True, text=True, check=True
    )
    code, kilobytes = json.loads(done.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}: {done.stderr}")
    return float(kilobytes) / (1024 if sys.platform != "darwin" else 1024 * 1024)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    main()
