"""Writes a property's events as GA4 exports them to BigQuery: one file a day, nested, with what is true beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from adsync.errors import UsageError
from adsync.files import write_private
from adsync.sandbox.estate import Estate
from adsync.sandbox.export_rows import Sessions, columns_of, query, tables_of
from adsync.sandbox.stored import Recipe
from adsync.sandbox.truth import truth_of
from adsync.sandbox.world import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written. denied: rows without ids, by visitors who did not agree to being measured."""

    files: int
    rows: int
    denied: int


def customer_of(estate: Estate, *, customer_id: str = "", property_id: str = "") -> str:
    """The account that is meant. Raises UsageError, naming those that there are, where it is not clear."""
    found = [
        account.customer_id
        for account in estate.accounts.values()
        if (not customer_id or account.customer_id == customer_id)
        and (not property_id or account.property.property_id == property_id)
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{a.customer_id} ({a.name})" for a in list(estate.accounts.values())[:12])
    what = "The sandbox has several properties." if found else "The sandbox has no such property."
    raise UsageError(what, f"There are: {names}.", next_step="Name one with --customer or --property.")


def export_events(
    recipe: Recipe,
    estate: Estate,
    customer_id: str,
    folder: Path,
    *,
    file_format: str = "parquet",
    first: date | None = None,
    last: date | None = None,
    days: int | None = None,
    duplicates: float = 0.0,
) -> Export:
    """Writes events_YYYYMMDD files of all that GA4 has processed by now, and truth.json for worlds that were drawn.

    Rows of visitors who did not agree to being measured are there without ids; the others are those that GA4 reports.
    days: only the last ones of those. duplicates: share of the rows that are written twice, as happens.

    Raises UsageError and OSError.
    """
    try:
        import duckdb
    except ModuleNotFoundError:
        raise UsageError("Writing an export needs DuckDB: pip install 'adsync[events]'") from None
    if first and last and first > last:
        raise UsageError(f"{first} is after {last}.", "An export goes from --first to --last.")
    account = estate.accounts[customer_id]
    log, sessions = account.property.log, Sessions(account.property.log)
    folder.mkdir(parents=True, exist_ok=True)
    files = rows = denied = 0
    with duckdb.connect(config={"threads": 2}) as connection:
        for name, table in tables_of(account).items():
            connection.register(f"{name}_columns", table)
            connection.execute(f"create table {name} as from {name}_columns")
        text = query(account, as_text=file_format == "ndjson")
        kind = "parquet" if file_format == "parquet" else "json"
        for day, index in _by_day(estate, customer_id, first, last)[-(days or 0) :]:
            if duplicates:
                index = np.repeat(index, 1 + (index * 2_654_435_761 % (1 << 32) < duplicates * (1 << 32)))
            connection.register("rows", columns_of(account, sessions, index))
            path = str(folder / f"events_{day}.{file_format}").replace("'", "''")
            try:
                connection.execute(f"copy ({text}) to '{path}' (format {kind})")
            except duckdb.IOException as error:
                told = str(error).splitlines()[0].removeprefix("IO Error: ")
                raise UsageError(f"The export to {folder} broke off.", f"{told}.") from None
            except RuntimeError as error:
                if "interrupted" in str(error):  # how the engine passes Ctrl-C on
                    raise KeyboardInterrupt from None
                raise
            files, rows, denied = files + 1, rows + len(index), denied + int((~log.agreed[index]).sum())
    number = list(estate.accounts).index(customer_id)
    if not (recipe.events and number == 0):
        truth = truth_of(estate.clients[customer_id], recipe.seed + number, log)
        write_private(folder / "truth.json", json.dumps(truth, indent=2))
    return Export(files=files, rows=rows, denied=denied)


def _by_day(estate: Estate, customer_id: str, first: date | None, last: date | None) -> list[tuple[int, Ints]]:
    """Each day's events that have arrived: of measured visitors, and of those who do not agree to it."""
    log = estate.accounts[customer_id].property.log
    index = np.flatnonzero(log.heard & (log.arrival <= estate.now))
    day = log.day[index]
    if len(day) and np.any(np.diff(day) < 0):
        order = np.argsort(day, kind="stable")
        index, day = index[order], day[order]
    if first:
        index, day = index[day >= int(f"{first:%Y%m%d}")], day[day >= int(f"{first:%Y%m%d}")]
    if last:
        index, day = index[day <= int(f"{last:%Y%m%d}")], day[day <= int(f"{last:%Y%m%d}")]
    days, starts = np.unique(day, return_index=True)
    return list(zip(days.tolist(), np.split(index, starts[1:]), strict=True)) if len(days) else []
