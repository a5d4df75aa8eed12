"""Runs the migrations that an older database still needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from adsync.errors import StateError


def migrations() -> Config:
    """Alembic's settings; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", "adsync.state:migrations")
    return config


def upgrade(connection: Connection, url: str, found: str | None) -> None:
    """Brings the database from revision ``found`` to the newest, inside the caller's transaction.

    Raises StateError when a newer adsync has made it, or none at all.
    """
    config = migrations()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found not in known:
        raise StateError(
            f"The state database {url.removeprefix('sqlite:///')} is of a version that this adsync does not know ({found}).",
            "A newer adsync has written it; an older one would misread it." if found else "It is not adsync's.",
            next_step="Install the newer adsync, or name another file under `state:` in the config.",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
