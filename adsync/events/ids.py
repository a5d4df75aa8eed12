"""Ids: which of them stand for nobody, and whose a device is. One place for it, whatever the log is read from."""

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
    return rows.mutate(**{name: of_somebody(id_) for name, id_ in _written(rows).items()})


def is_of_nobody(rows: Table) -> Column:
    """Whether one of a row's ids stands for nobody."""
    # Most ids begin otherwise: to look at that first takes half the time.
    found = [id_.substr(0, 1).isin(_BEGIN).ifelse(id_.re_search(_NOBODY), False) for id_ in _written(rows).values()]
    return ibis.or_(*(of.fill_null(False) for of in found))


def of_somebody(text: Column) -> Column:
    """Null where a text stands for nobody, or for nothing: what writes so of visitors writes so of orders."""
    return text.re_search(_NOBODY).ifelse(None, text)


def by_account(rows: Table) -> Table:
    """Who did it: the account, else that which alone ever signed in on the device, before the sign-in as well, else the device.

    Taken by the event, one person would be two: a device that fills carts, and an account that buys.
    """
    if "account" not in rows.columns:
        return rows
    signed_in = rows.filter(rows.account.notnull() & rows.who.notnull()).group_by("who")
    owners = signed_in.agg(owner=ibis._.account.max(), accounts=ibis._.account.nunique())
    joined = rows.left_join(owners.filter(owners.accounts == 1), "who").drop("who_right")
    return joined.mutate(who=ibis.coalesce(joined.account, joined.owner, joined.who)).drop(
        "account", "owner", "accounts"
    )


def _written(rows: Table) -> dict[str, Column]:
    """The columns of ids that there are, as text."""
    return {name: rows[name].cast("string") for name in _COLUMNS if name in rows.columns}
