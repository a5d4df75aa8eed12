"""Sandboxes for tests: in this process where the protocol matters, as a process of its own where the command does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import structlog

from adsync.cli import logs, run
from adsync.sandbox.control import SandboxControl
from adsync.sandbox.process import sandbox_process
from adsync.sandbox.serve import RunningSandbox, build_estate
from adsync.settings import Environment, Settings, load
from adsync.wiring import Wiring


@dataclass(frozen=True, slots=True)
class LocalSandbox:
    """A sandbox in this process, and adsync's settings for it."""

    running: RunningSandbox
    directory: Path

    @property
    def control(self) -> SandboxControl:
        return SandboxControl(self.running.running.url)

    @property
    def settings(self) -> Settings:
        where = self.running.running
        return load(
            self.directory / "adsync.yaml",
            Environment.model_validate(
                {
                    "ADSYNC_STATE": f"sqlite:///{self.directory / 'adsync.db'}",
                    "ADSYNC_ADS_ENDPOINT": f"localhost:{where.ads_port}",
                    "ADSYNC_ADS_CA_FILE": self.directory / "ca.pem",
                    "ADSYNC_GA4_ENDPOINT": where.url,
                    "ADSYNC_CLOCK_URL": where.url,
                }
            ),
        )

    def wiring(self) -> Wiring:
        return Wiring(self.settings)


@contextmanager
def local_sandbox(
    directory: Path,
    scenario: str = "starved-shop",
    *,
    seed: int = 7,
    accounts: int | None = None,
    events: Path | None = None,
) -> Iterator[LocalSandbox]:
    """A sandbox that answers over its real protocols from threads of this process."""
    running = RunningSandbox(directory, build_estate(scenario, seed, accounts=accounts, events=events))
    try:
        yield LocalSandbox(running, directory)
    finally:
        running.stop()


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs the installed command against a sandbox that is a process of its own."""

    directory: Path
    variables: dict[str, str]
    control: SandboxControl

    def adsync(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """One command; its output and exit code."""
        return run_adsync(*arguments, cwd=self.directory, variables={**self.variables, **variables})

    def here(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The same without a process of its own, which is several times as fast."""
        return adsync_here(*arguments, cwd=self.directory, variables={**self.variables, **variables})


def run_adsync(
    *arguments: str, cwd: Path, variables: dict[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """The installed command with a clean environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [str(Path(sys.executable).parent / "adsync"), *arguments],
        cwd=cwd,
        env={**kept, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


_HEEDING = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
if os.isatty(0):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def heeding_ctrl_c(program: str, *arguments: str) -> list[str]:
    """A command line whose program is interrupted like anybody's, on its terminal if it has one of its own.

    A shell that starts the tests in the background has switched Ctrl-C off for all that they start. `preexec_fn` is no way out:
    it forks, and gRPC, which other tests of this process have used, may end a forked child with an abort.
    """
    return [sys.executable, "-c", _HEEDING, program, *arguments]


def adsync_here(
    *arguments: str, cwd: Path, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same in this process, where everything is imported; its loggers stay as they are."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        # Whoever runs the tests has a terminal of some width, or none.
        patch.delenv("COLUMNS", raising=False)
        for name, value in (variables or {}).items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        # The loggers of this process are those of all its tests.
        patch.setattr(logs, "set_up_logs", lambda _: None)
        usual = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        try:
            code = run(arguments)
        finally:
            structlog.configure(**usual)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@contextmanager
def shell(directory: Path, *options: str) -> Iterator[Shell]:
    """A sandbox process, and a shell that has read its environment."""
    with sandbox_process(directory, *options) as sandbox:
        yield Shell(directory, sandbox.variables(), sandbox.control)
