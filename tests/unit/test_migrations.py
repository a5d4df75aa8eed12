"""The migrations and the tables say the same, and an older database is brought up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
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


def test_words_of_old_stand_where_the_clock_had_put_them() -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for hour in (1, 3):
            connection.execute(
                text(
                    "INSERT INTO change_log (customer_id, change_name, change_hash, outcome, opened_at, deadline, "
                    "approved_by, origin, request_id, note, document) VALUES ('1', 'a/1', 'h', 'applied', :at, :at, "
                    "'', '', '', '', '{}')"
                ),
                {"at": f"2026-01-01 0{hour}:00:00.000000"},
            )
        for hour in (0, 2, 3, 4):
            connection.execute(
                text(
                    "INSERT INTO approval (customer_id, change_hash, change_name, approved, by, at, until) "
                    "VALUES ('1', 'h', 'a/1', 1, 'ann', :at, :at)"
                ),
                {"at": f"2026-01-01 0{hour}:00:00.000000"},
            )
        command.upgrade(config, "head")
        after = connection.execute(text("SELECT after_entry FROM approval ORDER BY id")).scalars().all()
    assert after == [0, 1, 1, 2]
