"""Writes a property's events as GA4 exports them to BigQuery: one file a day, nested, with what is true beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from adsync.errors import UsageError
from adsync.files import write_private
from adsync.sandbox.estate import Estate
from adsync.sandbox.export_rows import columns_of, query, tables_of
from adsync.sandbox.export_sessions import Sessions
from adsync.sandbox.ga4.view import view_of
from adsync.sandbox.stored import Recipe
from adsync.sandbox.truth import truth_of
from adsync.sandbox.world import Ints

TRUTH = "truth.json"
_EXPORTED = re.compile(rf"events_\d{{8}}\.(parquet|ndjson)|{re.escape(TRUTH)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written. denied: rows without ids, by visitors who did not agree to being measured.

    first, last: days of the first and the last file, in the property's time zone.
    """

    first: date
    last: date
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


def check_apart(folder: Path, sandbox: Path) -> None:
    """Raises UsageError for a folder to export to in which a sandbox keeps its own files."""
    wanted, own = folder.resolve(), sandbox.resolve()
    if wanted == own or wanted.is_relative_to(own / "world"):
        raise UsageError(
            f"{folder} holds the sandbox itself.",
            "An export's files would lie among its own.",
            next_step="Name another folder, such as --to export.",
        )


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
    fresh: bool = False,
) -> Export:
    """Writes events_YYYYMMDD files of all that GA4 has processed by now, and truth.json for worlds that were drawn.

    Rows of visitors who did not agree to being measured are there without ids; the others are those that GA4 reports.
    days: only the last ones of those. duplicates: share of the rows that are written twice, as happens.
    fresh: the files of an earlier export make way.

    Raises UsageError, before anything is written where no day is meant or an earlier export would be mixed with this
    one, and OSError.
    """
    try:
        import duckdb
    except ModuleNotFoundError:
        raise UsageError("Writing an export needs DuckDB: pip install 'adsync[events]'") from None
    chosen = _chosen(_by_day(estate, customer_id), first, last, days)
    account, number = estate.accounts[customer_id], list(estate.accounts).index(customer_id)
    view, log, sessions = view_of(estate, account.property), account.property.log, Sessions(account.property.log)
    has_truth = not (recipe.events and number == 0)
    written = {f"events_{day}.{file_format}" for day, _ in chosen} | ({TRUTH} if has_truth else set())
    _make_way(folder, written, fresh=fresh)
    folder.mkdir(parents=True, exist_ok=True)
    files = rows = denied = 0
    with duckdb.connect(config={"threads": 2}) as connection:
        for name, table in tables_of(account).items():
            connection.register(f"{name}_columns", table)
            connection.execute(f"create table {name} as from {name}_columns")
        text = query(account, as_text=file_format == "ndjson")
        kind = "parquet" if file_format == "parquet" else "json"
        for day, index in chosen:
            if duplicates:
                index = np.repeat(index, 1 + (index * 2_654_435_761 % (1 << 32) < duplicates * (1 << 32)))
            connection.register("rows", columns_of(account, view, sessions, index))
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
    if has_truth:
        truth = truth_of(estate.clients[customer_id], recipe.seed + number, log)
        write_private(folder / TRUTH, json.dumps(truth, indent=2))
    return Export(first=_date(chosen[0][0]), last=_date(chosen[-1][0]), files=files, rows=rows, denied=denied)


def _by_day(estate: Estate, customer_id: str) -> list[tuple[int, Ints]]:
    """Each day's events that have arrived: of measured visitors, and of those who do not agree to it."""
    log = estate.accounts[customer_id].property.log
    index = estate.accounts[customer_id].property.as_sent(np.flatnonzero(log.heard & (log.arrival <= estate.now)))
    day = log.day[index]
    if len(day) and np.any(np.diff(day) < 0):
        order = np.argsort(day, kind="stable")
        index, day = index[order], day[order]
    days, starts = np.unique(day, return_index=True)
    return list(zip(days.tolist(), np.split(index, starts[1:]), strict=True)) if len(days) else []


def _chosen(
    there: list[tuple[int, Ints]], first: date | None, last: date | None, days: int | None
) -> list[tuple[int, Ints]]:
    """The days that are meant. Raises UsageError, naming those that there are, where that is none of them."""
    if first and last and first > last:
        raise UsageError(f"{first} is after {last}.", "An export goes from --first to --last.")
    low, high = (int(f"{day:%Y%m%d}") if day else None for day in (first, last))
    chosen = [(n, index) for n, index in there if (low is None or n >= low) and (high is None or n <= high)]
    if not chosen:
        span = " ".join(f"{word} {day}" for word, day in (("from", first), ("up to", last)) if day)
        raise UsageError(
            f"There is nothing to export {span}".rstrip() + ".",
            f"GA4 has processed the days from {_date(there[0][0])} to {_date(there[-1][0])}."
            if there
            else "GA4 has processed no event of this site yet.",
            next_step="Choose among these days, or move the clock on: adsync sandbox advance",
        )
    return chosen[-days:] if days else chosen


def _date(number: int) -> date:
    return date.fromisoformat(str(number))


def _make_way(folder: Path, written: set[str], *, fresh: bool) -> None:
    """Removes the files of an earlier export, if that is wanted. Raises UsageError if some would stay beside the new ones.

    Whoever reads the folder would take the days of two exports for one.
    """
    earlier = sorted(path.name for path in folder.glob("*") if _EXPORTED.fullmatch(path.name))
    if fresh:
        for name in earlier:
            (folder / name).unlink()
        return
    if stay := [name for name in earlier if name not in written]:
        more = f" and {len(stay) - 3} more" if len(stay) > 3 else ""
        raise UsageError(
            f"{folder} holds another export.",
            f"{', '.join(stay[:3])}{more} would stay there, beside the new files.",
            next_step="Name another folder, or let the earlier files be removed with --fresh.",
        )
