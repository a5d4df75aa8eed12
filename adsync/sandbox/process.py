"""Starts a sandbox as a process of its own and waits until it answers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adsync.errors import UsageError
from adsync.sandbox.control import SandboxControl
from adsync.settings import Environment

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """A running sandbox: its folder, its process, its controls."""

    directory: Path
    process: subprocess.Popen[bytes]
    control: SandboxControl

    def variables(self) -> dict[str, str]:
        """What its file `env` exports."""
        lines = (self.directory / "env").read_text(encoding="utf-8").splitlines()
        pairs = (line.removeprefix("export ").partition("=") for line in lines)
        return {name: value.strip("'") for name, _, value in pairs}

    def environment(self) -> Environment:
        """The settings of a command that talks to this sandbox, whatever the surrounding shell says."""
        state = self.directory / "adsync.db"
        return Environment.model_validate({**self.variables(), "ADSYNC_STATE": f"sqlite:///{state.resolve()}"})


@contextmanager
def sandbox_process(directory: Path, *options: str) -> Iterator[SandboxProcess]:
    """A sandbox that serves from ``directory`` while the block runs; options as of `adsync sandbox serve`.

    Raises UsageError when it does not come up.
    """
    command = [sys.executable, "-m", "adsync", "sandbox", "serve", "--dir", str(directory), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait_for(directory, process)
        yield SandboxProcess(directory=directory, process=process, control=SandboxControl.of(directory))
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _serves(directory: Path, pid: int) -> bool:
    """Whether this process serves from the folder: one that was killed has left its own note there."""
    try:
        return bool(json.loads((directory / "sandbox.json").read_text(encoding="utf-8"))["pid"] == pid)
    except FileNotFoundError:
        return False


def _wait_for(directory: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _serves(directory, process.pid):
        if process.poll() is not None:
            told = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
            raise UsageError("The sandbox did not come up.", told)
        if time.monotonic() > deadline:
            raise UsageError(f"The sandbox did not come up within {_PATIENCE_SECONDS} seconds.")
        time.sleep(0.05)
