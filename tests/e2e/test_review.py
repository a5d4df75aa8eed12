"""`adsync review` in a terminal: one change after another, and a word that counts at once."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adsync.cli.main import INTERRUPTED
from tests.sandboxes import Shell, heeding_ctrl_c, shell

QUESTION = "[y]es, [n]o, [s]kip, [q]uit"


@dataclass
class Terminal:
    """A command on a terminal: what it has shown so far, and a keyboard."""

    master: int
    process: subprocess.Popen[bytes]
    shown: str = ""

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Reads until the text has been shown so often."""
        until = time.monotonic() + 30
        while self.shown.count(text) < times:
            assert time.monotonic() < until, f"{text!r} was not shown, but: {self.shown}"
            try:
                self.shown += os.read(self.master, 4096).decode()
            except OSError:  # the command has ended and taken its end of the terminal with it
                assert self.shown.count(text) >= times, f"{text!r} was not shown, but: {self.shown}"

    def end(self) -> int:
        """Reads what is still shown, and returns the exit code: a terminal that nobody reads would hold the command up."""
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            self._read(0.2)
        self._read(0.0)
        return self.process.wait(timeout=1)

    def interrupt(self) -> int:
        """Presses Ctrl-C, again if it fell between the question and the listening, and returns the exit code."""
        for _ in range(20):
            self.type("\x03")
            # A busy machine needs a while to answer; a second Ctrl-C then falls into the end of the process, and kills it.
            self._read(2.0)
            if self.process.poll() is not None or "Stopped." in self.shown:
                break
        return self.end()

    def _read(self, seconds: float) -> None:
        while select.select([self.master], [], [], seconds)[0]:
            try:
                self.shown += os.read(self.master, 4096).decode()
            except OSError:
                return

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())


@contextmanager
def terminal(shop: Shell, *arguments: str) -> Iterator[Terminal]:
    """adsync on a terminal of its own."""
    master, slave = pty.openpty()
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "COLUMNS": "160", "TERM": "xterm"}
    process = subprocess.Popen(
        heeding_ctrl_c(str(Path(sys.executable).parent / "adsync"), *arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=shop.directory,
        env={**variables, **shop.variables},
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def pending(shop: Shell) -> dict[str, dict[str, Any]]:
    """What waits, by name."""
    shown = shop.adsync("log", "--pending", "--json")
    return {row["name"]: row for row in json.loads(shown.stdout)["data"]}


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell(tmp_path_factory.mktemp("growing"), "--scenario", "growing-shop", "--seed", "7") as running:
        yield running


def test_each_change_is_asked_about_and_an_answer_counts_although_the_review_is_broken_off(growing: Shell) -> None:
    growing.adsync("sync")
    first, second = pending(growing)
    with terminal(growing, "review") as screen:
        screen.wait_for(QUESTION)
        assert first in screen.shown and second not in screen.shown
        screen.type("maybe\n")
        screen.wait_for(QUESTION, times=2)
        screen.type("y\n")
        screen.wait_for(second)
        screen.wait_for(QUESTION, times=3)
        assert screen.interrupt() == INTERRUPTED
        assert "1 approved" in screen.shown, "what was said is kept, and told"
    with terminal(growing, "review") as screen:
        screen.wait_for(QUESTION)
        assert second in screen.shown and first not in screen.shown, "the first has its answer"
        screen.type("s\n")
        screen.wait_for("Nothing was decided")
        assert screen.end() == 0
    with terminal(growing, "review") as screen:
        screen.wait_for(QUESTION)
        assert second in screen.shown, "what was skipped is asked again"
        screen.type("n\n")
        screen.wait_for("1 refused")
        assert screen.end() == 0
    assert "Nothing waits" in growing.adsync("review").stdout
    applied = growing.adsync("apply").stdout
    assert re.search(rf"{first} .* applied", applied) and "Refused by" in applied
