"""Applies a query's WHERE and ORDER BY to rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from adsync.sandbox import regular
from adsync.sandbox.ads import like
from adsync.sandbox.ads.dates import FUNCTIONS
from adsync.sandbox.ads.fields import Field
from adsync.sandbox.ads.gaql import Condition, Query
from adsync.sandbox.ads.literals import literals
from adsync.sandbox.ads.protocol import Row

Test = Callable[[Any], bool]
"""Does a field's value pass?"""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def kept(rows: Iterable[Row], query: Query, fields: Mapping[str, Field], today: date) -> list[Row]:
    """The rows that pass every condition on these fields."""
    tests = [(c.field, test_of(c, fields[c.field], today)) for c in query.where if c.field in fields]
    return [row for row in rows if all(test(row.get(name)) for name, test in tests)]


def test_of(condition: Condition, field: Field, today: date) -> Test:
    """What decides whether a value passes. A value that is not set passes IS NULL and CONTAINS NONE alone.

    today: the account's date, for DURING. Raises AdsRefusal for values that the field cannot have.
    """
    values = literals(condition, field)
    match condition.operator:
        case "IS NULL":
            return lambda value: value is None or value == []
        case "IS NOT NULL":
            return lambda value: value is not None and value != []
        case "CONTAINS ANY":
            return lambda value: any(wanted in (value or ()) for wanted in values)
        case "CONTAINS ALL":
            return lambda value: all(wanted in (value or ()) for wanted in values)
        case "CONTAINS NONE":
            return lambda value: not any(wanted in (value or ()) for wanted in values)
    if field.type == "DATE":
        moments = _single(condition.operator, tuple(_moment(str(value)) for value in values), today)
        return lambda value: value is not None and moments(_moment(value))
    single = _single(condition.operator, values, today)
    return lambda value: value is not None and single(value)


def _single(name: str, values: tuple[Any, ...], today: date) -> Test:
    wanted = values[0]
    match name:
        case "IN":
            among = frozenset(values)
            return lambda value: value in among
        case "NOT IN":
            among = frozenset(values)
            return lambda value: value not in among
        case "LIKE":
            return lambda value: like.matches(wanted, value)
        case "NOT LIKE":
            return lambda value: not like.matches(wanted, value)
        case "REGEXP_MATCH":
            return lambda value: regular.matches(wanted, value)
        case "NOT REGEXP_MATCH":
            return lambda value: not regular.matches(wanted, value)
        case "BETWEEN":
            low, high = wanted, _to_the_end(values[1])
            return lambda value: bool(low <= value <= high)
        case "DURING":
            first, last = (day.isoformat() for day in FUNCTIONS[wanted](today))
            return lambda value: bool(first <= value <= _to_the_end(last))
        case "<=" | ">":
            wanted = _to_the_end(wanted)
    compare = _COMPARE[name]
    return lambda value: compare(value, wanted)


def _moment(text: str) -> str:
    """A moment down to the microsecond, so that moments compare as texts do; a day stays as it is."""
    if " " not in text:
        return text
    seconds, _, fraction = text.partition(".")
    return f"{seconds}.{fraction:0<6}"


def _to_the_end(value: Any) -> Any:
    """A date that is compared with moments means its last one: no time of day comes after "~"."""
    return f"{value}~" if isinstance(value, str) and len(value) == len("2026-01-31") else value


def sort(rows: list[Row], query: Query) -> None:
    """Orders the rows in place; what is not set comes first."""
    for name, descending in reversed(query.order_by):
        rows.sort(key=lambda row, name=name: _sortable(row.get(name)), reverse=descending)  # type: ignore[misc]


def _sortable(value: object) -> tuple[bool, Any]:
    return (value is not None, value)
