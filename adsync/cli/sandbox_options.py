"""What the sandbox's commands share: its folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

DIRECTORY = click.Path(file_okay=False, path_type=Path)


def _directory(_: click.Context, __: click.Parameter, value: Path | None) -> Path:
    """--dir, or the sandbox whose environment was sourced."""
    if value is None and "ADSYNC_SANDBOX_DIR" in os.environ:
        return Path(os.environ["ADSYNC_SANDBOX_DIR"])
    if value is None:
        raise click.UsageError("Name the sandbox's folder with --dir (or read its environment first: . DIR/env).")
    return value


directory_option = click.option(
    "--dir", "directory", type=DIRECTORY, callback=_directory, metavar="DIR", help="The sandbox's folder."
)
