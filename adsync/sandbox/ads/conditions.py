"""Applies a query's WHERE and ORDER BY to rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.gaql import Condition, Query
from adsync.sandbox.ads.protocol import Row


def span(query: Query) -> tuple[int, int]:
    """The days that the WHERE clause lets through, as numbers; the comparison itself is done on the rows."""
    first, last = 0, 99_999_999
    for condition in query.where:
        if condition.field != "segments.date":
            continue
        if condition.operator in ("IN", "NOT IN", "!="):
            raise refuse("query_error", "BAD_OPERATOR", "The sandbox takes dates as spans: BETWEEN, =, <, >, <= or >=.")
        days = [_day_number(value) for value in condition.values]
        if condition.operator in ("BETWEEN", "=", ">=", ">"):
            first = max(first, days[0])
        if condition.operator in ("BETWEEN", "=", "<=", "<"):
            last = min(last, days[-1])
    return first, last


def _day_number(text: str) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refuse("query_error", "INVALID_DATE_FORMAT", f"Invalid date: '{text}', expected YYYY-MM-DD.") from None
    return day.year * 10_000 + day.month * 100 + day.day


def dashed(number: int) -> str:
    return f"{number // 10_000:04}-{number // 100 % 100:02}-{number % 100:02}"


def holds(row: Row, condition: Condition) -> bool:
    value = row.get(condition.field)
    if value is None:
        # A segment that is filtered on without being selected was applied where the rows were made.
        return condition.field.startswith("segments.")
    wanted = [_like(value, text) for text in condition.values]
    match condition.operator:
        case "=":
            return bool(value == wanted[0])
        case "!=":
            return bool(value != wanted[0])
        case "IN":
            return value in wanted
        case "NOT IN":
            return value not in wanted
        case "BETWEEN":
            return bool(wanted[0] <= value <= wanted[1])
        case "<":
            return bool(value < wanted[0])
        case ">":
            return bool(value > wanted[0])
        case "<=":
            return bool(value <= wanted[0])
        case _:
            return bool(value >= wanted[0])


def _like(value: object, text: str) -> Any:
    if isinstance(value, bool):
        return text.lower() == "true"
    if isinstance(value, (int, float)):
        try:
            return float(text)
        except ValueError:
            raise refuse("query_error", "BAD_NUMBER", f"Error in query: '{text}' is not a number.") from None
    return text


def sortable(value: object) -> tuple[bool, Any]:
    return (value is not None, value)
