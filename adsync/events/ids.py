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
    "na",
    "n/a",
    "\\N",
    "inf",
    "infinity",
    "true",
    "false",
    "object Object",
    "not set",
    "not logged in",
    "logged out",
    "no user",
    "unknown",
    "anonymous",
    "anon",
    "guest",
)
"""What tags, programs and databases write where they know no id.

In small or capital letters, in brackets or quotes ("(not set)", "<null>", "#N/A"), with a blank, a dash or an underscore
between words, and after the beginning of Google's cookie or twice, as a tag joins two halves of an id ("GA1.2.undefined",
"undefined.undefined"). Not "test": that is somebody.
"""

TAKEN, NO_SESSION = "taken_for_nobody", "taken_for_no_session"
"""Columns with the word that was taken for no id, in small letters; null where there was none, or only blanks."""

_BLANK = "[\\s\u00a0\u200b\ufeff]"
_WORD = "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in NOBODY)
_OPEN, _CLOSE = r"""["'(<\[{#-]""", r"""["')>\]}!]"""

# Beside the words 0, which shops write for whoever has no account; -1; a dash; zeros between hyphens, the id of a phone that
# is not to be followed; and brackets around nothing. One expression: every row of a log is held against it.
_NOBODY = rf"(?i)^{_BLANK}*([0.-]*|-1([.]0)?|{_OPEN}*(GA1[.][0-9][.])?(({_WORD})([.]({_WORD}))?)?{_CLOSE}*){_BLANK}*$"
_ZERO = rf"^{_BLANK}*0+([.]0*)?{_BLANK}*$"
_FIRST_OF_ALL = rf"^{_BLANK}*0{{1,7}}(-0{{1,7}})+{_BLANK}*$"
"""A session "0-0": of those who count visitors and visits from 0 on, the first of the first. A UUID begins with eight digits."""

_BEGIN = sorted(
    {"", *" \t\n\r\u00a0\u200b\ufeff", *"0.-", *"\"'(<[{#)>]}!", *"gG"}
    | {letter for word in NOBODY for letter in (word[0].lower(), word[0].upper())}
)

_COLUMNS = ("user_id", "user_pseudo_id")


def known_ids(rows: Table) -> Table:
    """Rows with visitor ids as text, null where they stand for nobody, and what was TAKEN for nobody.

    Taken for an id, such a word makes one visitor of many.
    """
    written = _written(rows)
    words = [_word_of(_is_nobody(id_).ifelse(id_, None)) for id_ in written.values()]
    taken = ibis.coalesce(*words, ibis.null("string"))
    return rows.mutate(**{name: of_somebody(id_) for name, id_ in written.items()}, **{TAKEN: taken})


def is_of_nobody(rows: Table) -> Column:
    """Whether one of a row's ids stands for nobody."""
    return ibis.or_(*(_is_nobody(id_) for id_ in _written(rows).values()))


def of_somebody(text: Column) -> Column:
    """Null where a text stands for nobody, or for nothing: what writes so of visitors writes so of orders."""
    return _is_nobody(text).ifelse(None, text)


def session_of(id_: Column) -> dict[str, Column]:
    """The session of an id, null where it stands for none, and the word that does so."""
    session = _of_a_session(id_)
    return {"session": session, NO_SESSION: _word_of(session.isnull().ifelse(id_.cast("string"), None))}


def _word_of(text: Column) -> Column:
    """As it is told: in small letters, without blanks around it; null where there is nothing else."""
    return text.lower().re_replace(rf"^{_BLANK}+|{_BLANK}+$", "").nullif("")


def _of_a_session(id_: Column) -> Column:
    """Null where it stands for none. 0, however it is written, stays "0": many count a visitor's sessions from 0 on."""
    kind = id_.type()
    if kind.is_integer():
        return id_.nullif(-1) if kind.is_signed_integer() else id_
    if not (kind.is_string() or kind.is_floating()):
        return id_
    text = id_.cast("string")
    is_one = ~_is_nobody(text) | text.re_search(_FIRST_OF_ALL)
    return ibis.cases((is_one, text), (text.re_search(_ZERO), "0"))


def _is_nobody(text: Column) -> Column:
    """False for null. Most ids begin otherwise: to look at that first takes half the time."""
    return text.substr(0, 1).isin(_BEGIN).ifelse(text.re_search(_NOBODY), False).fill_null(False)


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
