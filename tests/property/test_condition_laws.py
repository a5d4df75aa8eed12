"""Rows pass conditions, are sorted and are dated as plain Python would have it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.sandbox import regular
from adsync.sandbox.ads import like
from adsync.sandbox.ads.conditions import kept, sort
from adsync.sandbox.ads.dates import FUNCTIONS, STARTS, dated, numbered
from adsync.sandbox.ads.fields import Field
from adsync.sandbox.ads.gaql import Condition, Query
from adsync.sandbox.ads.spans import OF_A_DAY, has_finite_dates, span
from adsync.sandbox.ads.tokens import Token

LAWS = settings(max_examples=200)
TODAY = date(2026, 2, 14)


NUMBER = Field(name="thing.number", type="INT64")
TEXT = Field(name="thing.text", type="STRING")
MANY = Field(name="thing.many", type="STRING", repeated=True)
MOMENT = Field(name="thing.date_time", type="DATE")
FIELDS = {field.name: field for field in (NUMBER, TEXT, MANY, MOMENT)}
_small = st.sampled_from(["", "a", "b", "ab", "A", "%", "a_b", "é"])
_rows = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "thing.number": st.integers(-3, 3),
            "thing.text": _small,
            "thing.many": st.lists(_small, max_size=3),
        },
    ),
    max_size=6,
)


def passing(rows: list[dict[str, Any]], condition: Condition) -> list[dict[str, Any]]:
    query = Query(select=("thing.number",), resource="thing", where=(condition,))
    return kept(rows, query, FIELDS, TODAY)


@LAWS
@given(
    _rows,
    st.sampled_from(["=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN", "BETWEEN"]),
    st.integers(-3, 3),
    st.integers(-3, 3),
)
def test_numbers_compare_as_numbers_do(rows: list[dict[str, Any]], operator: str, one: int, two: int) -> None:
    oracle: Callable[..., bool] = {
        "=": lambda n: n == one,
        "!=": lambda n: n != one,
        "<": lambda n: n < one,
        ">": lambda n: n > one,
        "<=": lambda n: n <= one,
        ">=": lambda n: n >= one,
        "IN": lambda n: n in (one, two),
        "NOT IN": lambda n: n not in (one, two),
        "BETWEEN": lambda n: one <= n <= two,
    }[operator]
    numbers = (one, two) if operator in ("IN", "NOT IN", "BETWEEN") else (one,)
    condition = Condition("thing.number", operator, tuple(Token("number", str(n)) for n in numbers))
    assert passing(rows, condition) == [row for row in rows if "thing.number" in row and oracle(row["thing.number"])]


def _written(moment: datetime, digits: int) -> str:
    """With so many digits of a second, no fewer than it takes."""
    fraction = f"{moment.microsecond:06}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction[: max(digits, len(fraction.rstrip('0')))]}".rstrip(".")


_moments = st.builds(
    _written,
    st.builds(
        lambda seconds, micros: datetime(2026, 2, 14) + timedelta(seconds=seconds, microseconds=micros),
        st.integers(-1, 1),
        st.sampled_from([0, 1, 500_000, 999_999]),
    ),
    st.integers(0, 6),
)


@LAWS
@given(_moments, st.sampled_from(["=", "<", ">", "<=", ">=", "IN", "BETWEEN"]), _moments, _moments)
def test_moments_compare_as_moments_do_however_exactly_they_are_written(
    held: str, operator: str, one: str, two: str
) -> None:
    moment, first, second = (datetime.fromisoformat(text) for text in (held, one, two))
    oracle = {
        "=": moment == first,
        "<": moment < first,
        ">": moment > first,
        "<=": moment <= first,
        ">=": moment >= first,
        "IN": moment in (first, second),
        "BETWEEN": first <= moment <= second,
    }[operator]
    wanted = (one, two) if operator in ("IN", "BETWEEN") else (one,)
    condition = Condition("thing.date_time", operator, tuple(Token("string", text) for text in wanted))
    assert bool(passing([{"thing.date_time": held}], condition)) is oracle


@LAWS
@given(_rows, st.sampled_from(["ANY", "ALL", "NONE"]), st.lists(_small, min_size=1, max_size=3))
def test_lists_contain_what_sets_contain(rows: list[dict[str, Any]], which: str, wanted: list[str]) -> None:
    oracle: Callable[..., bool] = {
        "ANY": lambda held: bool(held & set(wanted)),
        "ALL": lambda held: held >= set(wanted),
        "NONE": lambda held: not held & set(wanted),
    }[which]
    condition = Condition("thing.many", f"CONTAINS {which}", tuple(Token("string", text) for text in wanted))
    assert passing(rows, condition) == [row for row in rows if oracle(set(row.get("thing.many", ())))]


@LAWS
@given(_rows)
def test_what_is_not_set_is_null(rows: list[dict[str, Any]]) -> None:
    for name in FIELDS:
        unset = passing(rows, Condition(name, "IS NULL", ()))
        assert unset == [row for row in rows if row.get(name) in (None, [])]
        assert passing(rows, Condition(name, "IS NOT NULL", ())) == [row for row in rows if row not in unset]


@LAWS
@given(st.text("ab%_", max_size=6), st.text("abAB%_", max_size=8))
def test_like_is_what_the_shell_calls_a_pattern(pattern: str, value: str) -> None:
    oracle = fnmatch.fnmatchcase(value.lower(), pattern.replace("%", "*").replace("_", "?"))
    assert like.matches(pattern, value) is oracle
    exactly = "".join(f"[{c}]" if c in "[]%_" else c for c in value)
    assert like.matches(exactly, value)


_expressions = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\.", "x", "", "^", "$", r"\b"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map("({})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
        inner.map("(?i:{})".format),
    ),
    max_leaves=6,
)


@LAWS
@given(_expressions, st.text("abxAB. ", max_size=6))
def test_regular_expressions_match_as_pythons_do(expression: str, value: str) -> None:
    assert regular.matches(expression, value) is bool(re.fullmatch(expression, value, re.ASCII))


@settings(deadline=2000, max_examples=50)
@given(st.text("a(|)*+?.{}1,", max_size=12))
def test_a_regular_expression_is_matched_soon_or_refused(expression: str) -> None:
    try:
        compiled = regular.compiled(f"(?:{expression})+b")
    except regular.NotRegular:
        return
    assert not compiled.matches("a" * 250) or "|" in expression or "b" in expression


# Order and dates ------------------------------------------------------------------------------------------------------


@LAWS
@given(_rows, st.booleans(), st.booleans())
def test_rows_are_sorted_by_one_thing_after_another(rows: list[dict[str, Any]], first: bool, second: bool) -> None:
    query = Query(select=("x",), resource="thing", order_by=(("thing.number", first), ("thing.text", second)))
    ordered = list(rows)
    sort(ordered, query)
    keys = [(row.get("thing.number", -99), row.get("thing.text", "")) for row in ordered]
    for (one, other), (next_one, next_other) in pairwise(keys):
        assert one >= next_one if first else one <= next_one
        if one == next_one:
            assert other >= next_other if second else other <= next_other


_days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@LAWS
@given(_days)
def test_date_functions_are_whole_spans_that_end_by_today(today: date) -> None:
    assert set(FUNCTIONS) == {
        *("TODAY", "YESTERDAY", "LAST_7_DAYS", "LAST_14_DAYS", "LAST_30_DAYS", "LAST_BUSINESS_WEEK", "LAST_MONTH"),
        *("THIS_MONTH", "LAST_WEEK_MON_SUN", "LAST_WEEK_SUN_SAT", "THIS_WEEK_MON_TODAY", "THIS_WEEK_SUN_TODAY"),
    }
    spans = {name: function(today) for name, function in FUNCTIONS.items()}
    assert all(first <= last <= today for first, last in spans.values())
    days = {name: (last - first).days + 1 for name, (first, last) in spans.items()}
    assert (days["TODAY"], days["YESTERDAY"], days["LAST_BUSINESS_WEEK"]) == (1, 1, 5)
    assert days["LAST_WEEK_MON_SUN"] == days["LAST_WEEK_SUN_SAT"] == days["LAST_7_DAYS"] == 7
    assert days["LAST_14_DAYS"] == 14 and days["LAST_30_DAYS"] == 30 and 28 <= days["LAST_MONTH"] <= 31
    weekdays = {name: first.weekday() for name, (first, _) in spans.items()}
    assert weekdays["LAST_WEEK_MON_SUN"] == weekdays["THIS_WEEK_MON_TODAY"] == weekdays["LAST_BUSINESS_WEEK"] == 0
    assert weekdays["LAST_WEEK_SUN_SAT"] == weekdays["THIS_WEEK_SUN_TODAY"] == 6
    assert spans["LAST_MONTH"][1] + timedelta(days=1) == spans["THIS_MONTH"][0] == today.replace(day=1)
    assert spans["LAST_WEEK_MON_SUN"][1] + timedelta(days=1) == spans["THIS_WEEK_MON_TODAY"][0]


@LAWS
@given(
    st.sampled_from(["segments.date", "segments.week", "segments.month", "segments.quarter"]),
    st.sampled_from(["=", "<", ">", "<=", ">=", "IN"]),
    st.lists(_days, min_size=1, max_size=3),
    _days,
)
def test_the_span_leaves_out_no_day_that_a_condition_lets_through(
    name: str, operator: str, values: list[date], day: date
) -> None:
    aligned = [STARTS[name](value) if name in STARTS else value for value in values]
    wanted = [value.isoformat() for value in aligned][: None if operator == "IN" else 1]
    condition = Condition(name, operator, tuple(Token("string", text) for text in wanted))
    query = Query(select=("metrics.clicks",), resource="campaign", where=(condition,))
    first, last = span(query, TODAY)
    found = str(OF_A_DAY[name](day))
    passes = {
        "=": found == wanted[0],
        "<": found < wanted[0],
        ">": found > wanted[0],
        "<=": found <= wanted[0],
        ">=": found >= wanted[0],
        "IN": found in wanted,
    }[operator]
    assert first <= numbered(day) <= last or not passes
    assert has_finite_dates(query) is (operator in ("=", "IN"))
    assert dated(numbered(day)) == day
