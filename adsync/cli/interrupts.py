"""Ctrl-C while an engine written in C++ works."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from adsync.cli.main import INTERRUPTED

_LINE_ANEW, _SHOW_CURSOR = "\r\x1b[2K", "\x1b[?25h"


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Ctrl-C removes the temporary folders and ends the process there and then.

    Python raises KeyboardInterrupt wherever it happens to be, and DuckDB lets it look for one amid its own work: most such
    exceptions come out under another name, and some of them abort the process. Reading commands have nothing else to lose.
    """
    if (
        signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):  # switched off, as for what runs behind a shell
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    scratch = sys.modules.get("adsync.events.scratch")
    if scratch is not None:
        scratch.remove_all()
    terminal = f"{_LINE_ANEW}{_SHOW_CURSOR}" if os.isatty(2) else ""  # a progress line stands there
    os.write(2, f"{terminal}Stopped.\n".encode())
    os._exit(INTERRUPTED)
