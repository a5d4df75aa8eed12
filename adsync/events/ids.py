"""Ids of visitors that stand for nobody: one place for them, whatever the log is read from."""

from __future__ import annotations

import re

from adsync.events.engine import Column

NOBODY = (
    "undefined",
    "null",
    "none",
    "nil",
    "nan",
    "n/a",
    "\\N",
    "(not set)",
    "(null)",
    "(none)",
    "<null>",
    "<na>",
    "<nil>",
    "[object Object]",
    "unknown",
    "anonymous",
    "guest",
)
"""What tags, programs and databases write where they know no id, in small or capital letters."""

# Beside the words, 0, which shops write for whoever has no account; a dash; and zeros between hyphens, the id of a phone
# that is not to be followed. One expression: every row of a log is held against it.
_NOBODY = rf"(?i)^\s*([0.-]*|{'|'.join(map(re.escape, NOBODY))})\s*$"


def visitor_id(column: Column) -> Column:
    """A visitor's id as text; null where it stands for nobody. Taken for an id, such a word makes one visitor of many."""
    written = column.cast("string")
    return written.re_search(_NOBODY).ifelse(None, written)
