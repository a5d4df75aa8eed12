"""Ids of visitors that stand for nobody: one place for them, whatever the log is read from."""

from __future__ import annotations

import re

import ibis

from adsync.events.engine import Column, Table

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

_BEGIN = sorted(
    {"", " ", "\t", "\n", "\r", "0", ".", "-"}
    | {letter for word in NOBODY for letter in (word[0].lower(), word[0].upper())}
)

_COLUMNS = ("user_id", "user_pseudo_id")


def known_ids(rows: Table) -> Table:
    """Rows with visitor ids as text, null where they stand for nobody. Taken for an id, such a word makes one visitor of many."""
    return rows.mutate(**{name: id_.re_search(_NOBODY).ifelse(None, id_) for name, id_ in _written(rows).items()})


def is_of_nobody(rows: Table) -> Column:
    """Whether one of a row's ids stands for nobody."""
    # Most ids begin otherwise: to look at that first takes half the time.
    found = [id_.substr(0, 1).isin(_BEGIN).ifelse(id_.re_search(_NOBODY), False) for id_ in _written(rows).values()]
    return ibis.or_(*(of.fill_null(False) for of in found))


def _written(rows: Table) -> dict[str, Column]:
    """The columns of ids that there are, as text."""
    return {name: rows[name].cast("string") for name in _COLUMNS if name in rows.columns}
