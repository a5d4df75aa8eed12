"""The process stops at one point of a stage: before or after a call to Google, before or after a commit.

What it leaves behind is the database as its files lay at that moment, and what Google had done by then. Whoever runs next
has nothing else: no handler of the process that is gone gets to write or to send anything more.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Connection

from adsync.google.ads_client import RequestIds
from adsync.state import runs
from adsync.state.database import Database

_BEYOND_ALL_PROCESS_IDS = count(2**22 + 1)


class Stopped(BaseException):
    """The process is gone. No `except Exception` holds it up."""


@dataclass
class Stops:
    """The points that a stage has reached. at: the one at which the process stops, from 0; None for never.

    look: is told the number of every point before anything else happens there.
    """

    at: int | None = None
    look: Callable[[int], object] = lambda _: None
    reached: list[str] = field(default_factory=list)

    def reach(self, point: str) -> None:
        number = len(self.reached)
        self.reached.append(point)
        if self.at is None or number <= self.at:
            self.look(number)
        if self.at is not None and number >= self.at:
            raise Stopped(point)


@contextmanager
def stopping(stops: Stops) -> Iterator[None]:
    """Commands of this process pass by these points while the block runs."""
    unary, stream = RequestIds.intercept_unary_unary, RequestIds.intercept_unary_stream
    send, writing = requests.Session.send, Database.writing

    def around(intercept: Any) -> Any:
        def call(self: RequestIds, continuation: Any, details: Any, request: Any) -> Any:
            def go(*arguments: Any) -> Any:
                return _passing(stops, details.method.rpartition(".")[2], lambda: continuation(*arguments))

            return intercept(self, go, details, request)

        return call

    def send_with_stops(self: requests.Session, request: Any, **options: Any) -> Any:
        name = f"{request.method} {request.path_url.partition('?')[0].rpartition('/')[2]}"
        return _passing(stops, name, lambda: send(self, request, **options))

    @contextmanager
    def writing_with_stops(self: Database) -> Iterator[Connection]:
        with writing(self) as connection:
            yield connection
            stops.reach("before commit")
        stops.reach("after commit")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestIds, "intercept_unary_unary", around(unary))
        patch.setattr(RequestIds, "intercept_unary_stream", around(stream))
        patch.setattr(requests.Session, "send", send_with_stops)
        patch.setattr(Database, "writing", writing_with_stops)
        yield


def _passing(stops: Stops, name: str, call: Callable[[], Any]) -> Any:
    stops.reach(f"before {name}")
    answer = call()
    stops.reach(f"after {name}")
    return answer


@contextmanager
def dead_processes() -> Iterator[None]:
    """Each run takes its lease as a process of its own, which is gone when the next one looks."""
    host, _, _ = runs.holder().partition(" process ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "holder", lambda: f"{host} process {next(_BEYOND_ALL_PROCESS_IDS)} (1)")
        yield


def copied(database: Path, to: Path) -> Path:
    """The database as its files lie there now, in the middle of whatever is being written."""
    for suffix in ("", "-wal", "-shm"):
        part, copy = (path.with_name(path.name + suffix) for path in (database, to))
        copy.unlink(missing_ok=True)
        if part.exists():
            shutil.copy(part, copy)
    return to
