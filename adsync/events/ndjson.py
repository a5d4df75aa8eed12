"""Which line of an NDJSON file cannot be read, and why: the engine counts lines in its own way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from adsync.events.export import NDJSON_COLUMNS
from adsync.events.opened import opened

_WHOLE = re.compile(r"\s*-?[0-9]{1,19}\s*")
_BIGGEST = 2**63


def first_fault(path: Path) -> str:
    """The number of the first line that cannot be read, and why, in words that show nothing of it; "" where there is none."""
    try:
        with opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip() and (reason := _reason(line)):
                    return f"In line {number}: {reason}."
    except (OSError, EOFError):
        return ""
    return ""


def _reason(line: bytes) -> str:
    try:
        event = json.loads(line, object_pairs_hook=_Record)
    except UnicodeDecodeError:
        return "it is not UTF-8 there"
    except (ValueError, RecursionError):
        return "it is no JSON there, or cut off"
    if not isinstance(event, _Record):
        return "no JSON object stands there"
    return next((reason for name, kind in _kinds().items() if (reason := _unfit(name, event.get(name), kind))), "")


class _Record(dict[str, Any]):
    """A JSON object that remembers which of its keys stand in it twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.twice = {name for name in self if names.count(name) > 1} if len(names) > len(self) else set()


@cache
def _kinds() -> Mapping[str, Any]:
    return {name: duckdb.sqltype(kind) for name, kind in NDJSON_COLUMNS.items()}


def _unfit(name: str, value: Any, kind: Any) -> str:
    """Why a value cannot be what the export has there; "" where it can."""
    if value is None:
        return ""
    if kind.id == "list":
        (_, each), *_ = kind.children
        found = (_unfit(name, one, each) for one in value) if isinstance(value, list) else (_another(name),)
    elif kind.id == "struct" and isinstance(value, _Record):
        found = (
            f"{field} stands twice in {name} there" if field in value.twice else _unfit(field, value.get(field), inner)
            for field, inner in kind.children
        )
    else:
        found = (_another(name) if kind.id == "struct" or not _is_like(value, kind.id) else "",)
    return next(filter(None, found), "")


def _another(name: str) -> str:
    return f"the value of {name} is of another kind there than GA4 writes"


def _is_like(value: Any, kind: str) -> bool:
    """Whether the engine takes it for such a number; it takes anything for text."""
    if kind == "varchar":
        return True
    if not isinstance(value, str):
        return isinstance(value, int | float) and (kind != "bigint" or -_BIGGEST <= value < _BIGGEST)
    if kind == "bigint":
        return _WHOLE.fullmatch(value) is not None and -_BIGGEST <= int(value) < _BIGGEST
    try:
        float(value)
    except ValueError:
        return False
    return True
