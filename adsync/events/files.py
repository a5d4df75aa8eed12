"""Files of event-level data: which there are, and in which form. Paths are literal: a bracket in a name is a bracket."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shlex import quote

from adsync.errors import UsageError
from adsync.model.figures import enumerated, listed, number_of

KINDS = "What can be read: the GA4 BigQuery export as .parquet or .ndjson (also .ndjson.gz), and flat .csv or .parquet"
FORMS = f"{KINDS} with the columns user_pseudo_id (or user_id), event_timestamp and event_name."


class Kind(StrEnum):
    """How a file is read."""

    PARQUET = "Parquet"
    CSV = "CSV"
    NDJSON = "NDJSON"


_ENDINGS = {
    ".parquet": Kind.PARQUET,
    ".csv": Kind.CSV,
    ".csv.gz": Kind.CSV,
    ".ndjson": Kind.NDJSON,
    ".ndjson.gz": Kind.NDJSON,
    ".jsonl": Kind.NDJSON,
    ".jsonl.gz": Kind.NDJSON,
    ".json": Kind.NDJSON,
    ".json.gz": Kind.NDJSON,
}


_TABLES = ("", "fresh_", "intraday_")
"""GA4's tables of a day, the most final one first."""

_TABLE = re.compile(r"events_(?P<table>|fresh_|intraday_)(?P<day>\d{8})(?:\d{12})?(?!\d)", re.IGNORECASE)
"""A day's table: in one file, in several that `bq extract` counts by twelve more digits, or in a folder of files."""

_COPY = re.compile(r"(?:(?: -)? copy(?: \d+)?)?(?: ?\(\d+\))?(?=(?:\.[a-z]+)+$)", re.IGNORECASE)
"""What is added to the name of a file that is there already: " (1)", " copy 2", " - Copy"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFiles:
    """Files of one kind, sorted by name. notes: what a person should know of those that are not read."""

    kind: Kind
    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def find_files(given: Sequence[Path]) -> EventFiles:
    """The files that are named, and those that lie in the folders that are named. Raises UsageError."""
    found: list[Path] = []
    dangling: list[Path] = []
    others: list[str] = []
    for path in given:
        _look_for(path)
        if path.is_dir():
            inside, lost, notes = _inside(path)
            found += inside
            dangling += lost
            others += notes
        elif _kind(path) is None:
            raise UsageError(f"{path} is no kind of file that holds events.", next_step=FORMS)
        elif not path.is_file():
            raise UsageError(f"{path} is no file.", "Pipes are read once, and a log is looked at before it is read.")
        else:
            found.append(path)
    files = [path.resolve() for path in found]
    # A link is read by its own name: what it leads to may bear none.
    found = [path.parent.resolve() / path.name for path in found]
    if twice := next((p for n, p in enumerate(found) if files[n] in files[:n]), None):
        raise UsageError(f"{twice} is named twice.", "Its events would count double.")
    if empty := next((p for p in found if p.stat().st_size == 0), None):
        raise UsageError(f"{empty} is empty.", "It has not one byte.", next_step="Export it again, or leave it out.")
    one_of = {kind: path for path in reversed(found) if (kind := _kind(path))}
    if len(one_of) > 1:
        named = enumerated([f"{kind} ({one_of[kind]})" for kind in sorted(one_of)])
        raise UsageError(f"These files are of different kinds: {named}.", next_step="Score one kind at a time.")
    (kind,) = one_of
    paths, notes_on_days = _once_a_day(found)
    return EventFiles(kind=kind, paths=paths, notes=(*notes_on_days, *_on_copies(paths), *_of_links(dangling), *others))


def _look_for(path: Path) -> None:
    """Raises UsageError where there is nothing, or the system does not say what."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is no file {path}.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _inside(folder: Path) -> tuple[list[Path], list[Path], list[str]]:
    """The event files of a folder, links by the names of such files that lead nowhere, and notes on what else is there.

    A folder in it that is named like a file or a table of events is one, in parts: so Spark, Dask and others write. Raises
    UsageError where there is no event file.
    """
    try:
        beside = _in_order(folder)
        wholes = [p for p in beside if p.is_dir() and (_kind(p) or _table_of(p))]
        parts = [p for whole in wholes for p in _in_order(whole)]
        looked_at = [p for p in (*beside, *parts) if p not in wholes]
        named = [p for p in looked_at if _kind(p)]
        found, lost = [p for p in named if p.is_file()], [p for p in named if not p.exists()]
        files = [p for p in looked_at if p.is_file() and not _kind(p)]
        folders = [p for p in looked_at if p.is_dir()]
    except OSError as error:
        raise UsageError(
            f"The folder {error.filename or folder} cannot be read: {error.strerror}.",
            next_step="Let this user read it: chmod u+rx",
        ) from None
    notes = _on_others(folder, files, folders)
    if not found:
        because = " ".join([*_of_links(lost), *notes])
        named_each = " ".join(f"--events {quote(str(p))}" for p in folders[:2]) + (" ..." if len(folders) > 2 else "")
        in_depth = (
            f"If the events lie deeper, name each folder that holds some: {named_each}   Else: " if folders else ""
        )
        raise UsageError(f"The folder {folder} holds no event files.", because, next_step=in_depth + FORMS)
    return found, lost, notes


def _in_order(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not _is_beside(p.name))


def _on_others(folder: Path, files: Sequence[Path], folders: Sequence[Path]) -> list[str]:
    """What is said of a folder's files and folders that are not read."""
    notes = []
    if files:
        are = "is no event log" if len(files) == 1 else "are no event logs"
        notes.append(f"{number_of(len(files), 'other file')} in {folder} {are}: {_named(folder, files)}.")
    if folders:
        is_or_are = "is" if len(folders) == 1 else "are"
        some = number_of(len(folders), "folder")
        notes.append(f"{some} in {folder} {is_or_are} not looked into: {_named(folder, folders)}.")
    return notes


def _named(folder: Path, paths: Sequence[Path]) -> str:
    return listed([str(path.relative_to(folder)) for path in paths])


def _on_copies(paths: Sequence[Path]) -> tuple[str, ...]:
    """A note on files named as a browser or a desktop names a second one, beside the first; none where there are none."""
    originals = {path: path.with_name(_COPY.sub("", path.name)) for path in paths}
    copies = [path for path, original in originals.items() if original != path and original in originals]
    if not copies:
        return ()
    are, gone = "1 file is named like a copy of one beside it, and both are read", "If it is one, move it away."
    if len(copies) > 1:
        are = f"{len(copies):,} files are named like copies of some beside them, and all are read"
        gone = "If they are, move them away."
    return (
        f"{are}: {listed([str(path) for path in copies])}. What they have in common counts once, what was rewritten in between "
        f"counts in each. {gone}",
    )


def _of_links(dangling: Sequence[Path]) -> tuple[str, ...]:
    """One sentence about links that lead nowhere; none where there are none."""
    if not dangling:
        return ()
    named = listed([str(path) for path in dangling])
    if len(dangling) == 1:
        return (f"1 link leads nowhere, and its events are missing here: {named}.",)
    return (f"{len(dangling):,} links lead nowhere, and their events are missing here: {named}.",)


def _is_beside(name: str) -> bool:
    """Hidden files, what Spark and Dask leave beside their parts, and the truth that lies beside an export of the sandbox."""
    return name.startswith(".") or name in ("_SUCCESS", "_metadata", "_common_metadata", "truth.json")


def _once_a_day(found: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Of a day's tables only the most final one: the others hold the same events, as they were known before."""
    final: dict[str, int] = {}
    tables = {path: _table_of(path) or _table_of(path.parent) for path in found}
    for day, rank in filter(None, tables.values()):
        final[day] = min(final.get(day, rank), rank)
    kept = tuple(path for path, table in tables.items() if not table or final[table[0]] == table[1])
    notes = []
    if left := len(found) - len(kept):
        files = "1 intraday or fresh file was" if left == 1 else f"{left} intraday or fresh files were"
        notes.append(f"{files} not read: there is a more final one of the same day.")
    places = [(tables[path], path.parent) for path in kept if tables[path]]
    twice = sum(n > 1 for n in Counter(table for table, _ in set(places)).values())
    if twice:
        days = "1 day lies" if twice == 1 else f"{twice} days lie"
        notes.append(
            f"The table of {days} in several folders, and all are read: what they have in common counts once, what was rewritten "
            "in between counts in each. If they are copies, name one folder."
        )
    return kept, tuple(notes)


def _table_of(path: Path) -> tuple[str, int] | None:
    """Of a file or folder named like a table of GA4's, the day, and how many kinds of table are more final."""
    name = _TABLE.match(path.name)
    return (name["day"], _TABLES.index(name["table"].lower())) if name else None


def _kind(path: Path) -> Kind | None:
    name = path.name.lower()
    return next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), None)
