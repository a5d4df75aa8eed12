"""What goes wrong outside this program while files are read, in its own words: the engine's are advice about SQL options."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from adsync.errors import AdsyncError, UsageError

AGAIN = "Export it again, or leave it out."
_FILE = re.compile(r'file = (?P<csv>.+)|file ["\'](?P<quoted>[^"\']+)|(?:stream|file): (?P<plain>\S.*)')
_LINE = re.compile(r"CSV Error on Line: (\d+)|in line (\d+)")
_REASONS = (
    (r"Expected Number of Columns: (\d+) Found: (\d+)", r"it has \2 columns there, and \1 in its first line"),
    (r"Invalid unicode|not utf-8|[Ii]nvalid UTF", "it is not UTF-8 there"),
    (r"unterminated quote", "a quote begins there and does not end"),
    (r"invalid state", "its lines or quotes do not end alike"),
    (r"GZIP stream|[Dd]ecompress|codec", "what is compressed in it is broken or cut off"),
    (r"[Mm]agic bytes|footer|[Pp]arquet|[Tt]hrift|TProtocol", "it is no whole Parquet file"),
    (r"[Mm]alformed JSON|JSON", "it is no JSON there, or cut off"),
    (r"[Mm]aximum line size|line size", "a line of it is longer than any event"),
    (r"Permission|ermission denied|Cannot open|Could not read", "the system does not let it be read"),
)


def fault_of(error: duckdb.Error, scratch: Path | None = None) -> AdsyncError | None:
    """What to say of an error of the engine; None where it is neither a file's nor the machine's fault."""
    told = str(error)
    if "No space left" in told or isinstance(error, duckdb.OutOfMemoryException):
        where = f" in {scratch.parent}" if scratch else ""
        return AdsyncError(
            f"The temporary folder{where} has no room left for the events.",
            "About as much is needed as the log has as Parquet, several times over.",
            next_step="Make room, name another folder in the variable TMPDIR, or score fewer days.",
        )
    if not isinstance(error, duckdb.IOException | duckdb.InvalidInputException | duckdb.ConversionException):
        return None
    return UsageError(f"{_file(told)} cannot be read.", _why(told), next_step=AGAIN)


def _file(told: str) -> str:
    found = _FILE.search(told)
    # The engine is given brackets as patterns.
    return re.sub(r"\[([*?\[])\]", r"\1", next(filter(None, found.groups()))).strip() if found else "One of the files"


def _why(told: str) -> str:
    line = _LINE.search(told)
    place = f"In line {next(filter(None, line.groups()))}: " if line else ""
    for pattern, words in _REASONS:
        if found := re.search(pattern, told):
            reason = found.expand(words)
            return f"{place}{reason}." if place else f"{reason[0].upper()}{reason[1:]}."
    return f"{place}it is not what its name says." if place else "It is broken, or not what its name says."
