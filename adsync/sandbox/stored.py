"""Worlds on disk: drawn account by account, opened without being read.

DIR/world/recipe.json       what they were drawn from; written last, so that a half-drawn world is drawn anew
DIR/world/0007/time.npy     one file a column, mapped into memory when it is first asked for
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsync.files import write_private
from adsync.sandbox.world import Clicks, Columns, Log, World

FORMAT = 1
"""Rises when the columns or what is drawn of a seed change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a sandbox's worlds are drawn from. accounts, sessions_per_day: None for the scenario's own number.

    starts_on: the clock's first day, as ISO 8601; None for the scenario's own. events: the export that stands for the
    first account's visitors, "" for none.
    """

    scenario: str = "growing-shop"
    seed: int = 7
    accounts: int | None = None
    sessions_per_day: int | None = None
    starts_on: str | None = None
    history_days: int | None = None
    future_days: int | None = None
    events: str = ""

    def contradictions(self, given: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Of these options those that this recipe does not have: (this recipe's, the one given)."""
        own = asdict(self)
        return {name: (own[name], wanted) for name, wanted in given.items() if own[name] != wanted}


class _Files(Mapping[str, NDArray[Any]]):
    """The columns in a folder, each mapped into memory when it is first asked for."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._open: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._open:
            try:
                self._open[name] = np.load(self._folder / f"{self._prefix}{name}.npy", mmap_mode="r").view(np.ndarray)
            except FileNotFoundError:
                raise KeyError(name) from None
        return self._open[name]

    def __iter__(self) -> Iterator[str]:
        return (p.stem.removeprefix(self._prefix) for p in sorted(self._folder.glob(f"{self._prefix}*.npy")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def read_recipe(directory: Path) -> Recipe | None:
    """What the folder's worlds were drawn from; None where there are none, or they are not whole.

    Raises ValueError when they were written by another version of the sandbox.
    """
    try:
        document = json.loads((directory / "world" / "recipe.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    known = {field.name for field in fields(Recipe)}
    if document.pop("format", None) != FORMAT or not set(document) <= known:
        raise ValueError("its world was drawn by another version of adsync")
    return Recipe(**document)


def write_recipe(directory: Path, recipe: Recipe) -> None:
    """Declares the folder's worlds whole."""
    write_private(directory / "world" / "recipe.json", json.dumps({"format": FORMAT, **asdict(recipe)}))


def forget_worlds(directory: Path) -> None:
    """Removes the worlds; the recipe first, so that nobody takes the rest for whole."""
    (directory / "world" / "recipe.json").unlink(missing_ok=True)
    shutil.rmtree(directory / "world", ignore_errors=True)


def write_world(directory: Path, number: int, world: World) -> World:
    """The world of one account, written down and opened again."""
    folder = _folder(directory, number)
    # A mode that comes with `parents` holds for the last folder only; what surrounds this one may be open to others.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    _write(folder, "", world.log.columns)
    _write(folder, "click-", world.clicks.columns)
    facts = {
        "names": world.log.names,
        "time_zone": world.log.time_zone,
        "first_day": world.first_day.isoformat(),
        "last_day": world.last_day.isoformat(),
        "bytes": {file.name: file.stat().st_size for file in sorted(folder.glob("*.npy"))},
    }
    write_private(folder / "facts.json", json.dumps(facts))
    return open_world(directory, number)


def open_world(directory: Path, number: int) -> World:
    """The world of one account; nothing of it is read before it is asked for.

    Raises ValueError or OSError for files that are not as they were written.
    """
    folder = _folder(directory, number)
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    for name, size in facts["bytes"].items():
        if (folder / name).stat().st_size != size:
            raise ValueError(f"{folder / name} is not whole")
    return World(
        log=Log(tuple(facts["names"]), facts["time_zone"], _Files(folder, "")),
        clicks=Clicks(_Files(folder, "click-")),
        first_day=date.fromisoformat(facts["first_day"]),
        last_day=date.fromisoformat(facts["last_day"]),
    )


def with_log(world: World, log: Log) -> World:
    """The same clicks, beside other visitors."""
    return replace(world, log=log)


def _folder(directory: Path, number: int) -> Path:
    return directory / "world" / f"{number:04d}"


def _write(folder: Path, prefix: str, columns: Columns) -> None:
    for name, column in columns.items():
        np.save(folder / f"{prefix}{name}.npy", column)
