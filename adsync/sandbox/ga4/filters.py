"""Google's filters: what a value has to be, and how filters are put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adsync.sandbox.ga4.columns import NOT_SET
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.regular import NotRegular, compiled, matches
from adsync.sandbox.world import Bools, Floats

_GROUPS = ("and_group", "or_group")


def combined(expression: Any, leaf: Callable[[Any], Bools], everything: Bools) -> Bools:
    """What an expression lets pass. leaf: what one filter lets pass. everything: the answer of no expression.

    Serves every kind of filter expression: all have groups and a negation, and differ in their leaves alone.
    """
    kind = expression.WhichOneof("expr")
    if kind is None:
        return everything
    if kind == "not_expression":
        return ~combined(expression.not_expression, leaf, everything)
    if kind in _GROUPS:
        parts = [combined(e, leaf, everything) for e in getattr(expression, kind).expressions]
        if not parts:
            raise BadRequest("A filter group must contain at least one expression.")
        together: Bools = np.all(parts, axis=0) if kind == "and_group" else np.any(parts, axis=0)
        return together
    return leaf(getattr(expression, kind))


def leaves(expression: Any) -> Iterator[Any]:
    """Every single filter of an expression."""
    kind = expression.WhichOneof("expr")
    if kind == "not_expression":
        yield from leaves(expression.not_expression)
    elif kind in _GROUPS:
        for each in getattr(expression, kind).expressions:
            yield from leaves(each)
    elif kind is not None:
        yield getattr(expression, kind)


def text_test(wanted: Any) -> Callable[[str], bool]:
    """The test that a filter puts to a dimension's value.

    Raises BadRequest for a filter without a condition and for one that cannot be read.
    """
    match wanted.WhichOneof("one_filter"):
        case "string_filter":
            return _string_test(wanted.string_filter)
        case "in_list_filter":
            return _list_test(wanted.in_list_filter)
        case "numeric_filter":
            compare = _comparison(wanted.numeric_filter)
            return lambda text: _is_number(text) and bool(compare(float(text)))
        case "between_filter":
            low, high = _bounds(wanted.between_filter)
            return lambda text: _is_number(text) and low <= float(text) <= high
        case "empty_filter":
            return lambda text: text in ("", NOT_SET)
    raise BadRequest(f"The filter on {wanted.field_name} has no condition.")


def number_test(wanted: Any, values: Floats) -> Bools:
    """Which values of a metric pass a filter.

    Raises BadRequest for filters on text.
    """
    match wanted.WhichOneof("one_filter"):
        case "numeric_filter":
            passed: Bools = _comparison(wanted.numeric_filter)(values)
            return passed
        case "between_filter":
            low, high = _bounds(wanted.between_filter)
            between: Bools = (values >= low) & (values <= high)
            return between
    raise BadRequest("A filter on numbers must be a numericFilter or a betweenFilter.")


def _string_test(wanted: Any) -> Callable[[str], bool]:
    folded, value = _folding(wanted.case_sensitive), wanted.value
    against = folded(value)
    kind = wanted.DESCRIPTOR.enum_types_by_name["MatchType"].values_by_number.get(wanted.match_type)
    match kind.name if kind else "":
        case "MATCH_TYPE_UNSPECIFIED" | "EXACT":
            return lambda text: folded(text) == against
        case "BEGINS_WITH":
            return lambda text: folded(text).startswith(against)
        case "ENDS_WITH":
            return lambda text: folded(text).endswith(against)
        case "CONTAINS":
            return lambda text: against in folded(text)
        case "FULL_REGEXP":
            return _pattern(value, wanted.case_sensitive)
        case "PARTIAL_REGEXP":
            return _pattern(value, wanted.case_sensitive, anywhere=True)
    raise BadRequest(f"Invalid match type {wanted.match_type} of a string filter.")


def _list_test(wanted: Any) -> Callable[[str], bool]:
    folded = _folding(wanted.case_sensitive)
    if not wanted.values:
        raise BadRequest("An inListFilter must contain at least one value.")
    allowed = {folded(value) for value in wanted.values}
    return lambda text: folded(text) in allowed


def _folding(case_sensitive: bool) -> Callable[[str], str]:
    return str if case_sensitive else str.casefold


def _pattern(text: str, case_sensitive: bool, *, anywhere: bool = False) -> Callable[[str], bool]:
    """Google's expressions are those of RE2, and so is the time that they may take."""
    inner = f"(?:{text})" if case_sensitive else f"(?i:{text})"
    try:
        compiled(text)  # alone first: what closes a bracket too many must not close one of these
        whole = f"(?s:.*){inner}(?s:.*)" if anywhere else inner
        compiled(whole)
    except NotRegular as error:
        raise BadRequest(f"Invalid regular expression: {text[:200]}. {error}") from None
    return lambda value: matches(whole, value)


def _comparison(wanted: Any) -> Callable[[Any], Any]:
    value = _number(wanted.value)
    kind = wanted.DESCRIPTOR.enum_types_by_name["Operation"].values_by_number.get(wanted.operation)
    match kind.name if kind else "":
        case "EQUAL":
            return lambda number: number == value
        case "LESS_THAN":
            return lambda number: number < value
        case "LESS_THAN_OR_EQUAL":
            return lambda number: number <= value
        case "GREATER_THAN":
            return lambda number: number > value
        case "GREATER_THAN_OR_EQUAL":
            return lambda number: number >= value
    raise BadRequest("A numericFilter needs an operation.")


def _bounds(wanted: Any) -> tuple[float, float]:
    return _number(wanted.from_value), _number(wanted.to_value)


def _number(value: Any) -> float:
    kind = value.WhichOneof("one_value")
    if kind is None:
        raise BadRequest("A numeric value must be an int64Value or a doubleValue.")
    return float(getattr(value, kind))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
