"""The embedded engine: DuckDB in a file of its own that is gone afterwards, deaf to everything but the named files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

Table = Any
Column = Any
"""Ibis expressions; the library's own types say little more."""

MEMORY = "600MB"
"""Of DuckDB; what does not fit goes to its file. Python, Arrow and the results take about 300 MB beside it."""


class Engine:
    """Runs expressions over files. A context manager: on leaving, everything that was worked out is removed."""

    def __init__(self, files: Sequence[Path], folder: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="adsync-events-", dir=folder)
        config = {
            "memory_limit": MEMORY,
            "threads": os.cpu_count() or 1,
            "temp_directory": str(Path(self._folder.name) / "spilled"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self.connection = ibis.duckdb.connect(str(Path(self._folder.name) / "events.duckdb"), **config)
        allowed = ", ".join(_quoted(str(path)) for path in files)
        closed = ("TimeZone = 'UTC'", f"allowed_paths = [{allowed}]", "enable_external_access = false")
        for setting in (*closed, "lock_configuration = true"):
            self._run(f"SET {setting}")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.disconnect()
        self._folder.cleanup()

    def keep(self, name: str, expression: Table) -> Table:
        """The rows of an expression, worked out once."""
        self.forget(name)
        return self.connection.create_table(name, expression)

    def forget(self, *names: str) -> None:
        """Gives back the room of tables that are not needed any more."""
        for name in names:
            # Ibis 12 writes a DROP that DuckDB 2 does not understand.
            self._run(f'DROP TABLE IF EXISTS "{name}"')

    def numbers(self, expression: Table) -> dict[str, NDArray[Any]]:
        """A counted table, column by column; where it has no rows, empty columns."""
        found = expression.to_pyarrow()
        return {name: np.asarray(found[name].to_numpy()) for name in found.column_names}

    def totals(self, expression: Table) -> dict[str, int]:
        """The one row of an aggregate; 0 where there was nothing to add up."""
        (row,) = expression.to_pyarrow().to_pylist()
        return {name: int(total or 0) for name, total in row.items()}

    def _run(self, statement: str) -> None:
        self.connection.raw_sql(statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
