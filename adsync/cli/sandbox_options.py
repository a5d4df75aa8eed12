"""What the sandbox's commands share: its folder, and the paths that people give."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class GivenPath(click.Path[Path]):
    """A path with a name: "", as a script's unset variable gives it, would mean the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if value == "":
            self.fail("it is empty. Name a path; the working folder is a dot (.).", param, ctx)
        return super().convert(value, param, ctx)


DIRECTORY = GivenPath(file_okay=False, path_type=Path)
FILE = GivenPath(dir_okay=False, path_type=Path)


def _directory(_: click.Context, __: click.Parameter, value: Path | None) -> Path:
    """--dir, or the sandbox whose environment was sourced."""
    if value is None and (sourced := os.environ.get("ADSYNC_SANDBOX_DIR")):
        return Path(sourced)
    if value is None:
        raise click.UsageError("Name the sandbox's folder with --dir (or read its environment first: . DIR/env).")
    return value


directory_option = click.option(
    "--dir", "directory", type=DIRECTORY, callback=_directory, metavar="DIR", help="The sandbox's folder."
)
