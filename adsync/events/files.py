"""Files of event-level data: which there are, and in which form. Paths are literal: a bracket in a name is a bracket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adsync.errors import UsageError

FORMS = (
    "What can be read: the GA4 BigQuery export as .parquet or .ndjson (also .ndjson.gz), and flat .csv or .parquet with the "
    "columns user_pseudo_id (or user_id), event_timestamp and event_name."
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFiles:
    """Files of one kind, sorted by name."""

    kind: Kind
    paths: tuple[Path, ...]


def find_files(given: Sequence[Path]) -> EventFiles:
    """The files that are named, and those that lie in the folders that are named. Raises UsageError."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and _kind(p) and not p.name.startswith("."))
            if not inside:
                raise UsageError(f"The folder {path} holds no event files.", next_step=FORMS)
            found += inside
        elif not path.exists():
            raise UsageError(f"There is no file {path}.")
        elif _kind(path) is None:
            raise UsageError(f"{path} is no kind of file that holds events.", next_step=FORMS)
        else:
            found.append(path)
    found = [path.resolve() for path in found]
    if twice := next((p for n, p in enumerate(found) if p in found[:n]), None):
        raise UsageError(f"{twice} is named twice.", "Its events would count double.")
    if empty := next((p for p in found if p.stat().st_size == 0), None):
        raise UsageError(f"{empty} is empty.", "It has not one byte.", next_step="Export it again, or leave it out.")
    kinds = {_kind(path) for path in found}
    if len(kinds) > 1:
        named = " and ".join(sorted(str(kind) for kind in kinds))
        raise UsageError(f"These files are of different kinds: {named}.", next_step="Score one kind at a time.")
    kind = next(iter(kinds))
    assert kind is not None
    return EventFiles(kind=kind, paths=tuple(found))


def _kind(path: Path) -> Kind | None:
    name = path.name.lower()
    return next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), None)
