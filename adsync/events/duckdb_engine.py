"""The engine on this machine: DuckDB in memory and a folder of its own, gone afterwards, deaf to all but the named files."""

from __future__ import annotations

import glob
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType
from numpy.typing import NDArray

from adsync.events.engine import Later, Numbers, Table
from adsync.events.faults import fault_of, no_memory
from adsync.events.scratch import Scratch

MEMORY = "600MB"
"""Of DuckDB; what does not fit goes to its folder. Python, Arrow and the results take about 300 MB beside it."""

AGAIN_SECONDS = 0.02
"""After them what is to end and has not is interrupted again."""

FEWEST_ADDRESSES = 1_500_000_000
"""With fewer a thread of the engine ends the process, and nobody is told why."""


class DuckDBEngine:
    """Runs expressions over files. A context manager: on leaving, everything that was worked out is removed."""

    def __init__(self, files: Sequence[Path], folder: Path | None = None) -> None:
        self._scratch, self._files = Scratch(folder), files
        self._worker, self._begun = ThreadPoolExecutor(1, thread_name_prefix="duckdb"), list[Future[Any]]()
        try:
            self._open()
        except BaseException:
            self._worker.shutdown()
            self._scratch.remove()
            raise

    def _open(self) -> None:
        addresses, _ = resource.getrlimit(resource.RLIMIT_AS)
        if addresses != resource.RLIM_INFINITY and addresses < FEWEST_ADDRESSES:
            raise no_memory()
        folder = self._scratch.path
        config = {
            "memory_limit": MEMORY,
            "block_allocator_memory": MEMORY,  # taken once, not anew for each table: half the time in the kernel
            "threads": os.cpu_count() or 1,
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with self._in_words():
            self._connection = ibis.duckdb.connect(":memory:", **config)
        # A name with brackets is looked up as the pattern that stands for just this name.
        names = {name for path in self._files for name in (str(path), literal(path))}
        allowed = ", ".join(_quoted(name) for name in sorted(names))
        closed = (
            "TimeZone = 'UTC'",
            "enable_progress_bar = false",
            f"allowed_paths = [{allowed}]",
            "enable_external_access = false",
        )
        for setting in (*closed, "lock_configuration = true"):
            self._run(f"SET {setting}")

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stop()  # where an error or Ctrl-C came first, nobody will ask for what is under way
            self._worker.shutdown()
            self._connection.disconnect()
        finally:
            self._scratch.remove()
        # Ibis asks the engine on its own as well, and memory may end at any of its words.
        if isinstance(error, duckdb.Error) and (told := fault_of(error, self._files)):
            raise told from None

    @property
    def connection(self) -> Any:
        """Ibis's, for files: nothing is under way on it, for DuckDB refuses whoever comes meanwhile."""
        with self._in_words():
            self._finish()
        return self._connection

    def keep(self, name: str, expression: Table) -> Table:
        """The rows of an expression, worked out once. Not by way of Ibis's create_table, which asks and copies much.

        It returns as soon as the engine is at work: the next expression is put into SQL meanwhile, which takes up to a
        tenth of the time of both. What goes wrong is raised by the next question.
        """
        columns = ", ".join(f'"{column}" {DuckDBType.to_string(kind)}' for column, kind in expression.schema().items())
        self._run_later(
            f'DROP TABLE IF EXISTS "{name}"',
            f'CREATE TABLE "{name}" ({columns})',
            f'INSERT INTO "{name}" {self._sql(expression)}',
        )
        return ibis.table(expression.schema(), name=name)

    def one_of(self, name: str, tables: Sequence[Table]) -> Table:
        """All rows of tables whose columns are text, each by its name. Ibis takes minutes for hundreds of tables."""
        each = " UNION ALL BY NAME ".join(f"({self._sql(table)})" for table in tables)
        self._run(f'CREATE OR REPLACE VIEW "{name}" AS {each}')
        return ibis.table(dict.fromkeys((column for table in tables for column in table.columns), "string"), name=name)

    def forget(self, *names: str) -> None:
        """Gives back the room of tables that are not needed any more."""
        # Ibis 12 writes a DROP that DuckDB 2 does not understand.
        self._run_later(*(f'DROP TABLE IF EXISTS "{name}"' for name in names))

    def numbers(self, expression: Table) -> Numbers:
        """Works out a counted table."""
        return self.later(expression)()

    def later(self, expression: Table) -> Later[Numbers]:
        """Asks for a counted table that is not needed yet."""
        found = self._ask(expression)

        def numbers() -> Numbers:
            table = self._answer(found)
            return {name: _as_numpy(table[name]) for name in table.column_names}

        return numbers

    def totals(self, expression: Table) -> dict[str, int]:
        """The one row of an aggregate; 0 where there was nothing to add up."""
        (row,) = self._answer(self._ask(expression)).to_pylist()
        return {name: int(total or 0) for name, total in row.items()}

    def _ask(self, expression: Table) -> Future[Any]:
        """An Arrow table. Not by way of Ibis's to_pyarrow, which imports pandas, a quarter of a second, to no end."""
        asked, kinds = self._sql(expression), expression.schema().to_pyarrow()
        return self._begin(lambda: self._connection.con.sql(asked).to_arrow_table().cast(kinds))

    def _answer(self, asked: Future[Any]) -> Any:
        with self._in_words():
            if asked in self._begun:
                self._finish(asked)
            return asked.result()

    def _sql(self, expression: Table) -> str:
        """Step by step as it was written: DuckDB merges the steps itself, and faster than Ibis does."""
        merged = ibis.options.sql.fuse_selects
        ibis.options.sql.fuse_selects = False
        try:
            return str(self._connection.compile(expression))
        finally:
            ibis.options.sql.fuse_selects = merged

    def _run(self, statement: str) -> None:
        with self._in_words():
            self._finish()
            self._connection.raw_sql(statement)

    def _run_later(self, *statements: str) -> None:
        # Handed over at once: between any two of them the thread would wait for Python's lock.
        self._begin(partial(self._connection.con.execute, "; ".join(statements)))

    def _begin(self, work: Callable[[], Any]) -> Future[Any]:
        """Behind all that is under way. Nobody waits for it here."""
        begun = self._worker.submit(work)
        self._begun.append(begun)
        return begun

    def _finish(self, last: Future[Any] | None = None) -> None:
        """Waits for all that was begun, or until this one. Raises what went wrong first; what comes after it is not done."""
        while self._begun:
            wrong = self._begun[0].exception()  # waits, and Ctrl-C must find it among what is under way
            done = self._begun.pop(0)
            if wrong is not None:
                self._stop()
                raise wrong
            if done is last:
                return

    def _stop(self) -> None:
        """Ends what is under way; the rest is not done."""
        for begun in self._begun:
            begun.cancel()
        # Between two statements DuckDB forgets that it was interrupted.
        while under_way := [begun for begun in self._begun if not begun.done()]:
            self._connection.con.interrupt()
            wait(under_way, timeout=AGAIN_SECONDS)
        self._begun.clear()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What files and disk do to a statement. Everything else is a mistake of this program and stays one."""
        try:
            yield
        except duckdb.Error as error:
            told = fault_of(error, self._files, self._scratch.path)
            if told is None:
                raise
            raise told from None


def _as_numpy(column: Any) -> NDArray[Any]:
    """A column of Arrow's, whose own to_numpy imports pandas. Where a number is missing it is NaN."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.array(column.to_pylist(), dtype=object)
    if column.null_count:
        return np.array(column.to_pylist(), dtype=float)
    nothing = np.array([], dtype=str(column.type))
    return np.concatenate([nothing, *(np.from_dlpack(chunk) for chunk in column.chunks)])


def literal(path: Path) -> str:
    """The pattern that stands for just this path: a bracket in a name is a bracket."""
    return glob.escape(str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
