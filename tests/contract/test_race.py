"""Eight processes on one account at once: each change is made once, and whoever comes second says so."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest

from adsync.errors import Locked
from tests.contract.survival_kinds import CHANGES, SEARCH
from tests.sandboxes import Shell, shell

PROCESSES = 8


def at_once(shop: Shell, *commands: str) -> list[tuple[int, str]]:
    """Each command as a process of its own; their exit codes and what they said."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | shop.variables
    program = str(Path(sys.executable).parent / "adsync")
    started = [
        subprocess.Popen([program, command], cwd=shop.directory, env=variables, stdout=PIPE, stderr=PIPE, text=True)
        for command in commands
    ]
    said = [process.communicate(timeout=120) for process in started]
    return [(process.returncode, "".join(words)) for process, words in zip(started, said, strict=True)]


@pytest.mark.slow
def test_of_eight_at_once_one_changes_what_is_approved(tmp_path: Path) -> None:
    """`apply` alone, `sync` alone, and both."""
    mixed = ("apply", "sync") * (PROCESSES // 2)
    rounds = [("apply",) * PROCESSES, ("sync",) * PROCESSES, mixed, mixed, mixed]
    codes: Counter[int] = Counter()
    made = 0
    for number, commands in enumerate(rounds):
        with shell(tmp_path / str(number), "--scenario", "growing-shop", "--seed", "7") as shop:
            assert shop.adsync("sync", "--no-apply").returncode == 0
            assert shop.adsync("review", "--approve", "all").returncode == 0
            # Whoever has the lease keeps it long enough for the others to ask.
            shop.control.faults([{"call": SEARCH.partition(" ")[2], "kind": "slow", "seconds": 0.3, "times": 6}])
            before = Counter(shop.control.calls())
            found = at_once(shop, *commands)
            sent = Counter(shop.control.calls()) - before
            made += once(shop, sum(sent[call] for call in CHANGES))
            for code, said in found:
                assert code in (0, Locked.exit_code), said
                assert code == 0 or ("Another adsync is at work" in said and "Run the command again" in said)
            codes.update(code for code, _ in found)
    print(
        f"\n{PROCESSES} processes {len(rounds)} times: {made} changes made once, {codes[0]} processes did them or found nothing "
        f"left to do, {codes[Locked.exit_code]} were told to try again"
    )
    assert codes[Locked.exit_code] >= len(rounds)


def once(shop: Shell, sent: int) -> int:
    """How many changes were made, each of them once, by a log that verifies; nobody holds the lease any more."""
    log = json.loads(shop.adsync("log", "--json").stdout)["data"]
    done = Counter(entry["change_name"] for entry in log)
    assert len(done) == done.total() == sent >= 2
    assert {entry["outcome"] for entry in log} == {"applied"}
    assert shop.adsync("log", "--verify").returncode == 0
    with closing(sqlite3.connect(shop.directory / "adsync.db")) as connection:
        assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    return len(done)
