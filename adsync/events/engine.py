"""What a log needs of the engine that holds its events: DuckDB on this machine, or BigQuery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

T = TypeVar("T")

Table = Any
Column = Any
"""Ibis expressions; the library's own types say little more."""

Numbers = dict[str, NDArray[Any]]
"""A counted table, column by column; where it has no rows, empty columns."""

Later = Callable[[], T]
"""What was asked for and may still be under way: the call waits for it."""


class Engine(Protocol):
    """Works expressions out. Only what `numbers` and `totals` return leaves it."""

    def keep(self, name: str, expression: Table) -> Table:
        """The rows of an expression, worked out once. A name that is taken is given to the new rows.

        The work may go on after the return; what goes wrong in it is then raised by the next question.
        """

    def forget(self, *names: str) -> None:
        """Gives back the room of tables that are not needed any more."""

    def numbers(self, expression: Table) -> Numbers:
        """Works out a counted table."""

    def later(self, expression: Table) -> Later[Numbers]:
        """Asks for a counted table that is not needed yet."""

    def totals(self, expression: Table) -> dict[str, int]:
        """The one row of an aggregate; 0 where there was nothing to add up."""
