"""Whatever a filter is made of, the sandbox's GA4 lets pass what plain Python would."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from google.analytics.data_v1beta.types import RunReportRequest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from adsync.sandbox.ga4.reports import run_report
from adsync.sandbox.ga4.view import View, view_of
from adsync.sandbox.serve import build_estate

FIELDS = ("eventName", "deviceCategory", "sessionDefaultChannelGroup", "hour", "sessionGoogleAdsCampaignName")
DAYS = [{"startDate": "2026-02-10", "endDate": "2026-02-11"}]
WORDS = ("page_view", "VIEW", "a", "mobile", "Direct", "Brand", "(not set)", "07", "", "e")

fields = st.sampled_from(FIELDS)
numbers = st.integers(0, 24)
texts = st.fixed_dictionaries(
    {
        "value": st.sampled_from(WORDS),
        "matchType": st.sampled_from(
            ["EXACT", "BEGINS_WITH", "ENDS_WITH", "CONTAINS", "FULL_REGEXP", "PARTIAL_REGEXP"]
        ),
        "caseSensitive": st.booleans(),
    }
)
lists = st.fixed_dictionaries(
    {"values": st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), "caseSensitive": st.booleans()}
)
OPERATIONS = {
    "EQUAL": lambda a, b: a == b,
    "LESS_THAN": lambda a, b: a < b,
    "LESS_THAN_OR_EQUAL": lambda a, b: a <= b,
    "GREATER_THAN": lambda a, b: a > b,
    "GREATER_THAN_OR_EQUAL": lambda a, b: a >= b,
}
numeric = st.builds(
    lambda operation, n: {"operation": operation, "value": {"int64Value": str(n)}},
    st.sampled_from(sorted(OPERATIONS)),
    numbers,
)
between = st.builds(lambda a, b: {"fromValue": {"doubleValue": a}, "toValue": {"int64Value": str(b)}}, numbers, numbers)
conditions = st.one_of(
    st.fixed_dictionaries({"stringFilter": texts}),
    st.fixed_dictionaries({"inListFilter": lists}),
    st.fixed_dictionaries({"numericFilter": numeric}),
    st.fixed_dictionaries({"betweenFilter": between}),
    st.just({"emptyFilter": {}}),
)
leaves = st.builds(lambda field, condition: {"filter": {"fieldName": field, **condition}}, fields, conditions)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda e: {"notExpression": e}, inner),
        st.builds(
            lambda kind, several: {kind: {"expressions": several}},
            st.sampled_from(["andGroup", "orGroup"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=6,
)


def passes(expression: dict[str, Any], row: dict[str, str]) -> bool:
    if "notExpression" in expression:
        return not passes(expression["notExpression"], row)
    if "andGroup" in expression:
        return all(passes(e, row) for e in expression["andGroup"]["expressions"])
    if "orGroup" in expression:
        return any(passes(e, row) for e in expression["orGroup"]["expressions"])
    wanted = expression["filter"]
    return meets(wanted, row[wanted["fieldName"]])


def meets(wanted: dict[str, Any], value: str) -> bool:
    if "emptyFilter" in wanted:
        return value in ("", "(not set)")
    if "inListFilter" in wanted:
        values, sensitive = wanted["inListFilter"]["values"], wanted["inListFilter"]["caseSensitive"]
        return value in values if sensitive else value.lower() in [v.lower() for v in values]
    if "numericFilter" in wanted:
        asked = wanted["numericFilter"]
        return value.isdigit() and OPERATIONS[asked["operation"]](int(value), int(asked["value"]["int64Value"]))
    if "betweenFilter" in wanted:
        asked = wanted["betweenFilter"]
        low, high = asked["fromValue"]["doubleValue"], int(asked["toValue"]["int64Value"])
        return value.isdigit() and low <= int(value) <= high
    asked = wanted["stringFilter"]
    sought, kind, sensitive = asked["value"], asked["matchType"], asked["caseSensitive"]
    flags = 0 if sensitive else re.IGNORECASE
    pattern = {
        "EXACT": rf"\A{re.escape(sought)}\Z",
        "BEGINS_WITH": rf"\A{re.escape(sought)}",
        "ENDS_WITH": rf"{re.escape(sought)}\Z",
        "CONTAINS": re.escape(sought),
        "FULL_REGEXP": rf"\A(?:{sought})\Z",
        "PARTIAL_REGEXP": sought,
    }[kind]
    return re.search(pattern, value, flags) is not None


@cache
def shop() -> View:
    estate = build_estate("starved-shop", 7)
    return view_of(estate, estate.properties["300000001"])


def counts(expression: dict[str, Any] | None) -> Counter[tuple[str, ...]]:
    body = {
        "dimensions": [{"name": name} for name in FIELDS],
        "metrics": [{"name": "eventCount"}],
        "dateRanges": DAYS,
        **({"dimensionFilter": expression} if expression else {}),
    }
    answer, _ = run_report(shop(), json_format.ParseDict(body, RunReportRequest.pb()()))
    return Counter(
        {
            tuple(v["value"] for v in row["dimensionValues"]): int(row["metricValues"][0]["value"])
            for row in answer.get("rows", [])
        }
    )


@cache
def everything() -> Counter[tuple[str, ...]]:
    return counts(None)


@given(expressions)
def test_a_filter_lets_pass_what_plain_python_would(expression: dict[str, Any]) -> None:
    by_hand = {
        row: count for row, count in everything().items() if passes(expression, dict(zip(FIELDS, row, strict=True)))
    }
    assert counts(expression) == by_hand


@given(expressions)
def test_what_passes_and_what_does_not_make_the_whole(expression: dict[str, Any]) -> None:
    assert counts(expression) + counts({"notExpression": expression}) == everything()
