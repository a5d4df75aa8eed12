"""The migrations and the tables say the same, and an older database is brought up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from adsync.errors import StateError
from adsync.state.database import HEAD, Database
from adsync.state.tables import metadata
from adsync.state.upgrade import migrations, upgrade


def migrated(connection: Connection) -> None:
    """Runs every migration on an empty database."""
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    from alembic import command

    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def test_the_newest_migration_is_the_one_that_the_code_knows() -> None:
    assert ScriptDirectory.from_config(migrations()).get_current_head() == HEAD


def test_all_migrations_together_make_exactly_the_tables_of_the_code() -> None:
    with create_engine("sqlite://").connect() as connection:
        migrated(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_database_is_made_without_running_migrations_and_says_its_version(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_a_database_of_an_unknown_version_is_refused_and_says_what_to_do() -> None:
    with create_engine("sqlite://").connect() as connection, pytest.raises(StateError, match=r"9999.*newer adsync"):
        upgrade(connection, "sqlite:///state.db", "9999")


def test_a_file_that_another_program_made_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(StateError, match="not adsync's"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes()[:15] == b"SQLite format 3"
