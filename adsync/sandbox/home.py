"""A sandbox that has a folder: its world is drawn once, and it goes on where it was when its process ended."""

from __future__ import annotations

import fcntl
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from adsync.errors import UsageError
from adsync.files import write_private
from adsync.sandbox.building import clients_of, draw_account, make_estate
from adsync.sandbox.estate import Estate
from adsync.sandbox.folder import Running
from adsync.sandbox.saved import SavedState, saved_documents
from adsync.sandbox.serve import Ports, check_scenario, read_events
from adsync.sandbox.sizes import check_size
from adsync.sandbox.stored import Recipe, forget_worlds, open_world, read_recipe, write_recipe, write_world
from adsync.sandbox.users import USERS

_OPTIONS = {
    "scenario": "--scenario",
    "seed": "--seed",
    "accounts": "--accounts",
    "sessions_per_day": "--sessions-per-day",
    "starts_on": "--starts-on",
    "history_days": "--history-days",
    "future_days": "--future-days",
    "events": "--events",
}
# What serving writes over or removes.
_OWN_FILES = (
    *("adsync.yaml", "ca.pem", "env", "google-ads.yaml", "identities.json", "lock", "ports.json", "proxy-env"),
    *("sandbox.db", "sandbox.json", "world"),
    *(user.key_file for user in USERS.values()),
)


def look_into(directory: Path) -> tuple[Recipe, Estate]:
    """What a folder's sandbox holds, whether or not it is serving; nothing that is done to it is kept.

    Nothing is written, so that it may be a folder that is only to be read. Raises UsageError where there is none, and
    where it cannot be read.
    """
    try:
        recipe = _recipe_of(directory)
        if recipe is None:
            raise UsageError(
                f"There is no sandbox in {directory}.", next_step=f"Start one: adsync sandbox serve --dir {directory}"
            )
        return recipe, _opened(directory, recipe, saved_documents(directory / "sandbox.db"))
    except OSError as error:
        raise UsageError(
            f"The sandbox in {directory} cannot be read.",
            f"{error.filename}: {error.strerror}." if error.filename else f"{error}.",
            next_step="Mend that, name another folder, or start anew in this one: adsync sandbox serve --fresh",
        ) from None


def _check_ours(directory: Path) -> None:
    """Raises UsageError for a folder in which somebody else's files have names that a sandbox would write over.

    A sandbox's own folder is known by its lock: an empty file, made before anything else.
    """
    lock = directory / "lock"
    if lock.is_file() and not lock.stat().st_size:
        return
    if theirs := sorted(name for name in _OWN_FILES if (directory / name).exists()):
        raise UsageError(
            f"{directory} holds something else than a sandbox.",
            f"Serving from there would replace {', '.join(theirs)}.",
            next_step="Name another folder with --dir; it is made where there is none.",
        )


def _opened(directory: Path, recipe: Recipe, saved: dict[str, str]) -> Estate:
    """The estate as it was left. Raises UsageError for a folder in which something is damaged or gone."""
    with _whole(directory):
        worlds = [open_world(directory, number) for number in range(len(clients_of(recipe)))]
        estate = make_estate(recipe, worlds, loaded=bool(recipe.events))
        estate.resume(saved)
    return estate


def _recipe_of(directory: Path) -> Recipe | None:
    with _whole(directory):
        return read_recipe(directory)


@contextmanager
def _whole(directory: Path) -> Iterator[None]:
    """Says that a folder is damaged. What stands in it was written by a sandbox: whatever does not fit is damage."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
        what = (
            f"{error.filename} is gone" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"
        )
        raise UsageError(
            f"The sandbox in {directory} cannot go on.",
            f"Something in the folder is damaged or of another version of adsync ({what}).",
            next_step="Name another folder, or start anew in this one: adsync sandbox serve --fresh",
        ) from None


class Home:
    """The folder of one sandbox, which serves one process at a time."""

    def __init__(self, directory: Path) -> None:
        """Raises UsageError when it is somebody else's or another process serves from it, OSError when it cannot be used."""
        self.directory = directory
        _check_ours(directory)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock: TextIO = (directory / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"A sandbox serves from {directory} already.",
                next_step="Stop it first, or name another folder with --dir.",
            ) from None
        # Left over from a process that was killed: nobody listens there any more.
        (directory / "sandbox.json").unlink(missing_ok=True)

    def estate(self, given: Mapping[str, Any], *, fresh: bool = False) -> Estate:
        """The folder's estate as it was left, or a new one as the options say. given: the options that were given.

        Raises UsageError for options that contradict what the folder holds, and for what cannot be drawn.
        """
        # What is forgotten goes when the new world can be drawn, not before.
        recipe = None if fresh else self._recipe(given)
        if recipe is None:
            recipe = Recipe(**given)
            self._draw(recipe)
        saved = SavedState(self.directory / "sandbox.db")
        estate = _opened(self.directory, recipe, saved.documents())
        estate.saved = saved
        estate.changed()
        return estate

    def close(self) -> None:
        """Lets another process serve from here."""
        self._lock.close()

    def forget(self) -> None:
        """Removes the world and what was done in it. What adsync itself remembers is not the sandbox's to remove."""
        forget_worlds(self.directory)
        for name in ("sandbox.db", "sandbox.db-wal", "sandbox.db-shm"):
            (self.directory / name).unlink(missing_ok=True)

    def _recipe(self, given: Mapping[str, Any]) -> Recipe | None:
        recipe = _recipe_of(self.directory)
        if recipe is None:
            return None
        other = recipe.contradictions(given)
        if other:
            told = "; ".join(
                f"it was made {f'with {_OPTIONS[name]} {had}' if had not in (None, '') else f'without {_OPTIONS[name]}'}"
                f", not {wanted}"
                for name, (had, wanted) in other.items()
            )
            raise UsageError(
                f"{self.directory} holds another sandbox.",
                f"{told[0].upper()}{told[1:]}.",
                next_step="Leave these options out to go on with it, name another folder, or start anew with --fresh.",
            )
        return recipe

    def _draw(self, recipe: Recipe) -> None:
        """Account by account, so that no more than one world is in memory."""
        check_scenario(recipe.scenario)
        loaded = read_events(recipe)
        check_size(recipe, self.directory)
        self.forget()
        for number, client in enumerate(clients_of(recipe)):
            write_world(self.directory, number, draw_account(client, recipe, number, loaded if number == 0 else None))
        write_recipe(self.directory, recipe)

    def ports(self, wanted: Ports) -> Ports:
        """For each port: the one asked for; where that is 0, the one of last time, if it is free, else any."""
        return wanted.or_else([_if_free(port) for port in self._ports_before()])

    def _ports_before(self) -> list[int]:
        """Those of last time; none where the note of them is damaged: any free ones will do."""
        path = self.directory / "ports.json"
        try:
            noted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        except ValueError:
            return []
        whole = isinstance(noted, list) and all(isinstance(port, int) and 0 <= port <= 65_535 for port in noted)
        return noted if whole else []

    def keep_ports(self, running: Running) -> None:
        """Notes where the sandbox listens, for the next time."""
        ports = [running.ads_port, running.http_port, running.https_port, running.proxy_port]
        write_private(self.directory / "ports.json", json.dumps(ports))


def _if_free(port: int) -> int:
    with socket.socket() as probe:
        # As servers do: connections that are just ending do not keep a port from being listened on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
