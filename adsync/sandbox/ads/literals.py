"""The values of a condition as Python's own, or Google's error for what does not fit the field."""

from __future__ import annotations

import re
from datetime import date

from adsync.sandbox import regular
from adsync.sandbox.ads import like
from adsync.sandbox.ads.dates import FUNCTIONS, STARTS, is_day, is_moment
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.fields import Field
from adsync.sandbox.ads.gaql import Condition, Value

Literal = str | int | float | bool
_LARGEST = 2**63
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)


def literals(condition: Condition, field: Field) -> tuple[Literal, ...]:
    """The condition's values in the field's type; dates stay text, and so does the name of a date function.

    Raises AdsRefusal for an operator that the field's type lacks and for values that it cannot have.
    """
    if not field.filterable:
        raise refuse(
            "query_error",
            "PROHIBITED_FIELD_IN_WHERE_CLAUSE",
            f"Cannot filter on '{field.name}': it is not filterable.",
            trigger=field.name,
        )
    if condition.operator not in field.operators:
        raise refuse(
            "query_error",
            "OPERATOR_FIELD_MISMATCH",
            f"Cannot use operator '{condition.operator}' with field '{field.name}' of type {field.type}.",
            trigger=field.name,
        )
    values = tuple(_literal(value, condition, field) for value in condition.values)
    if field.name in STARTS and condition.operator != "DURING":
        _check_alignment(field, [str(value) for value in values])
    return values


def _literal(value: Value, condition: Condition, field: Field) -> Literal:
    if condition.operator in ("LIKE", "NOT LIKE"):
        return _like(value)
    if condition.operator in ("REGEXP_MATCH", "NOT REGEXP_MATCH"):
        return _regular(_string(value, field))
    match field.type:
        case "BOOLEAN":
            return _boolean(value, field)
        case "ENUM":
            return _constant(value, field)
        case "DATE":
            return _date(value, condition, field)
        case "STRING" | "RESOURCE_NAME":
            return _string(value, field)
        case _:
            return _number(value, field)


def _boolean(value: Value, field: Field) -> bool:
    if value.kind == "number" or value.text.lower() not in ("true", "false"):
        raise refuse("query_error", "BAD_VALUE", f"'{value.text}' is no value of '{field.name}': TRUE or FALSE.")
    return value.text.lower() == "true"


def _constant(value: Value, field: Field) -> str:
    if value.kind == "number" or value.text not in field.constants:
        raise refuse(
            "query_error",
            "BAD_ENUM_CONSTANT",
            f"Invalid enum value cannot be included in WHERE clause: '{value.text}'.",
            trigger=value.text,
        )
    if value.text in ("UNSPECIFIED", "UNKNOWN"):
        raise refuse(
            "query_error",
            "PROHIBITED_ENUM_CONSTANT",
            f"Unsupported enum value cannot be included in WHERE clause: '{value.text}'.",
            trigger=value.text,
        )
    return value.text


def _number(value: Value, field: Field) -> int | float:
    """Quoted numbers are taken as well."""
    try:
        if not _NUMBER.fullmatch(value.text):
            raise ValueError
        number = int(value.text) if field.is_whole_number else float(value.text)
    except ValueError:
        number = _LARGEST
    if not -_LARGEST <= number < _LARGEST:
        raise refuse("query_error", "BAD_NUMBER", f"'{value.text}' is not a number that '{field.name}' can be.")
    return number


def _string(value: Value, field: Field) -> str:
    if value.kind != "string":
        raise refuse(
            "query_error",
            "INVALID_STRING_VALUE",
            f"'{field.name}' is compared with '{value.text}', which is no string.",
        )
    return value.text


def _like(value: Value) -> str:
    if value.kind != "string" or like.pattern(value.text) is None:
        raise refuse("query_error", "INVALID_VALUE_WITH_LIKE_OPERATOR", f"'{value.text}' is no pattern for LIKE.")
    return value.text


def _regular(text: str) -> str:
    try:
        regular.compiled(text)
    except regular.NotRegular as error:
        raise refuse("query_error", "BAD_VALUE", f"'{text[:60]}' is no regular expression: {error}.") from None
    return text


def _date(value: Value, condition: Condition, field: Field) -> str:
    if condition.operator == "DURING":
        if value.kind != "word" or value.text.upper() not in FUNCTIONS:
            raise refuse(
                "query_error", "INVALID_VALUE_WITH_DURING_OPERATOR", f"'{value.text}' is no date range for DURING."
            )
        return value.text.upper()
    accepts = is_day if field.category == "SEGMENT" else is_moment
    if value.kind == "string" and accepts(value.text):
        return value.text
    if condition.operator == "BETWEEN":
        raise refuse(
            "query_error", "INVALID_VALUE_WITH_BETWEEN_OPERATOR", f"'{value.text}' of BETWEEN does not parse as a date."
        )
    raise refuse("query_error", "INVALID_DATE_FORMAT", f"Invalid date '{value.text}', expected 'YYYY-MM-DD'.")


def _check_alignment(field: Field, values: list[str]) -> None:
    for value in values:
        start = STARTS[field.name](date.fromisoformat(value)).isoformat()
        if start != value:
            raise refuse(
                "query_error",
                "MISALIGNED_DATE_FOR_FILTER",
                f"Misaligned date for '{field.name}': '{value}'; that period starts on '{start}'.",
                trigger=value,
            )
