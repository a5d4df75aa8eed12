"""What goes wrong outside this program while files are read, in its own words: the engine's are advice about SQL options."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from adsync.errors import AdsyncError, UsageError
from adsync.events.ndjson import first_fault

AGAIN = "Export it again, or leave it out."
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_ROW = re.compile(r"Original Line:.*")
_UNLIKE = re.compile(r'failed to cast column "(?P<name>.*?)" from type (?P<one>.*?) to (?P<other>.*?): ', re.DOTALL)
_REASONS = (
    (r"Expected Number of Columns: (\d+) Found: (\d+)", r"it has \2 columns there, and \1 in its first line"),
    (r"Invalid unicode|not utf-8|[Ii]nvalid UTF", "it is not UTF-8 there"),
    (r"unterminated quote", "a quote begins there and does not end"),
    (r"invalid state", "its lines or quotes do not end alike"),
    (r"ermission denied", "the system does not let it be read"),
    (r"GZIP stream|[Dd]ecompress|codec", "what is compressed in it is broken or cut off"),
    (r"[Mm]agic bytes|footer|[Pp]arquet|[Tt]hrift|TProtocol|Out of buffer|[Cc]orrupt", "it is no whole Parquet file"),
    (r"[Mm]aximum line size|line size|maximum_object_size", "a line of it is longer than any event"),
    (r"[Mm]alformed JSON|JSON", "it is no JSON there, or cut off"),
    (r"Cannot open|Could not read|Cannot access", "the system does not let it be read"),
)
_OUTSIDE = (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.PermissionException)


def fault_of(error: duckdb.Error, files: Sequence[Path] = (), scratch: Path | None = None) -> AdsyncError | None:
    """What to say of an error of the engine; None where it is neither a file's nor the machine's fault.

    files: that it may read. scratch: where it keeps what does not fit into its memory.
    """
    file = _file(str(error), files)
    told = _by_itself(str(error), file)
    if "No space left" in told or "offload" in told:
        where = f" in {scratch.parent}" if scratch else ""
        return AdsyncError(
            f"The temporary folder{where} has no room left for the events.",
            "About as much is needed as the log has as Parquet, several times over.",
            next_step="Make room, name another folder in the variable TMPDIR, or score fewer days.",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return no_memory()
    # What the reader of Parquet throws at broken pages is of no kind of its own.
    if not (isinstance(error, _OUTSIDE) or type(error) is duckdb.Error):
        return None
    if unlike := _UNLIKE.search(told):
        return _do_not_fit(file, **unlike.groupdict())
    if file is None and len(files) == 1:
        file = files[0]
    named = str(file) if file else "One of the files"
    if file and not file.exists():
        return UsageError(f"{named} cannot be read.", "It has been moved or removed meanwhile.", next_step=AGAIN)
    if "Too many open files" in told:
        return UsageError(
            f"{named} cannot be read.",
            "The system lets no more files be open at once.",
            next_step="Raise that limit (ulimit -n), or score fewer files.",
        )
    return UsageError(f"{named} cannot be read.", _why(told, file), next_step=AGAIN)


def no_memory() -> AdsyncError:
    """That the machine, or a limit, gives too little of it."""
    return AdsyncError(
        "There is not enough memory for the events.",
        "About 1 GB is needed, however long the log is; where ulimit -v sets a limit, which counts addresses, 3 GB.",
        next_step="End other programs, raise the limit (ulimit -v), or score fewer days.",
    )


def _file(told: str, files: Sequence[Path]) -> Path | None:
    """The file of which is told. A name may hold quotes and be the beginning of another one."""
    return max((path for path in files if _names(path, told)), key=lambda path: len(str(path)), default=None)


def _names(path: Path, told: str) -> list[str]:
    """How the path is written in a text; the engine is given brackets as patterns."""
    return [name for name in (glob.escape(str(path)), str(path)) if name in told]


def _by_itself(told: str, file: Path | None) -> str:
    """Without the file's name and what stands in it, which may read like any reason."""
    for name in _names(file, told) if file else ():
        told = told.replace(name, "")
    return _ROW.sub("", told)


def _do_not_fit(file: Path | None, name: str, one: str, other: str) -> UsageError:
    where = f"in {file}" if file else "in one of them"
    return UsageError(
        "The event files do not fit together.",
        f"The column {name[:40]} is of type {one[:40]} {where}, and of type {other[:40]} in another one.",
        next_step="Export them again in one go, or score them one by one.",
    )


def _why(told: str, file: Path | None) -> str:
    if file and "JSON" in told and (fault := first_fault(file)):
        return fault
    line = _LINE.search(told)
    place = f"In line {line[1]}: " if line else ""
    for pattern, words in _REASONS:
        if found := re.search(pattern, told):
            reason = found.expand(words)
            return f"{place}{reason}." if place else f"{reason[0].upper()}{reason[1:]}."
    return f"{place}it is not what its name says." if place else "It is broken, or not what its name says."
