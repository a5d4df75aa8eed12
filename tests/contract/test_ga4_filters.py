"""Every kind of filter that a report can carry, through the official client."""

from __future__ import annotations

from typing import Any

import pytest
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core

from tests.contract import ga4_oracle as oracle
from tests.contract.ga4 import cells, report
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

Text = beta.Filter.StringFilter
MATCH = Text.MatchType
OPERATION = beta.Filter.NumericFilter.Operation


def only(field: str, **condition: Any) -> beta.FilterExpression:
    return beta.FilterExpression(filter=beta.Filter(field_name=field, **condition))


def text(field: str, value: str, kind: Any = MATCH.EXACT, **more: Any) -> beta.FilterExpression:
    return only(field, string_filter=Text(value=value, match_type=kind, **more))


def number(operation: Any, value: float) -> beta.Filter.NumericFilter:
    wanted = beta.NumericValue(int64_value=int(value)) if value == int(value) else beta.NumericValue(double_value=value)
    return beta.Filter.NumericFilter(operation=operation, value=wanted)


def between(low: float, high: float) -> beta.Filter.BetweenFilter:
    return beta.Filter.BetweenFilter(
        from_value=beta.NumericValue(double_value=low), to_value=beta.NumericValue(double_value=high)
    )


def events(sandbox: LocalSandbox, expression: beta.FilterExpression) -> set[str]:
    answer = report(sandbox, dimensions=["eventName"], metrics=["eventCount"], dimension_filter=expression)
    return {name for name, _ in cells(answer)}


@pytest.mark.parametrize(
    ("kind", "value", "sensitive", "found"),
    [
        (MATCH.MATCH_TYPE_UNSPECIFIED, "scroll", False, {"scroll"}),
        (MATCH.EXACT, "SCROLL", False, {"scroll"}),
        (MATCH.EXACT, "SCROLL", True, set()),
        (MATCH.BEGINS_WITH, "ADD_", False, {"add_to_cart", "add_payment_info"}),
        (MATCH.ENDS_WITH, "_view", False, {"page_view"}),
        (MATCH.ENDS_WITH, "_VIEW", True, set()),
        (MATCH.CONTAINS, "View", False, {"page_view", "view_item"}),
        (MATCH.FULL_REGEXP, "add_.*|purchase", False, {"add_to_cart", "add_payment_info", "purchase"}),
        (MATCH.FULL_REGEXP, "view", False, set()),
        (MATCH.PARTIAL_REGEXP, "^v|^B", False, {"view_item", "begin_checkout"}),
        (MATCH.PARTIAL_REGEXP, "^v|^B", True, {"view_item"}),
    ],
)
def test_text_is_matched_in_googles_ways(
    shared_sandbox: LocalSandbox, kind: Any, value: str, sensitive: bool, found: set[str]
) -> None:
    assert events(shared_sandbox, text("eventName", value, kind, case_sensitive=sensitive)) == found


def test_a_list_can_look_at_the_case(shared_sandbox: LocalSandbox) -> None:
    def listed(*values: str, sensitive: bool) -> set[str]:
        wanted = beta.Filter.InListFilter(values=list(values), case_sensitive=sensitive)
        return events(shared_sandbox, only("eventName", in_list_filter=wanted))

    assert listed("Purchase", "scroll", sensitive=False) == {"purchase", "scroll"}
    assert listed("Purchase", "scroll", sensitive=True) == {"scroll"}


@pytest.mark.parametrize(
    ("condition", "hours"),
    [
        ({"numeric_filter": number(OPERATION.EQUAL, 7)}, {7}),
        ({"numeric_filter": number(OPERATION.LESS_THAN, 2)}, {0, 1}),
        ({"numeric_filter": number(OPERATION.LESS_THAN_OR_EQUAL, 2)}, {0, 1, 2}),
        ({"numeric_filter": number(OPERATION.GREATER_THAN, 21)}, {22, 23}),
        ({"numeric_filter": number(OPERATION.GREATER_THAN_OR_EQUAL, 20.5)}, {21, 22, 23}),
        ({"between_filter": between(3, 5)}, {3, 4, 5}),
    ],
)
def test_dimensions_that_hold_numbers_can_be_compared(
    shared_sandbox: LocalSandbox, condition: dict[str, Any], hours: set[int]
) -> None:
    answer = report(
        shared_sandbox, dimensions=["hour"], metrics=["eventCount"], dimension_filter=only("hour", **condition)
    )
    assert {int(hour) for hour, _ in cells(answer)} == hours


def test_what_is_not_set_is_empty(shared_sandbox: LocalSandbox) -> None:
    empty = only("sessionGoogleAdsCampaignId", empty_filter=beta.Filter.EmptyFilter())
    answer = report(
        shared_sandbox,
        dimensions=["sessionDefaultChannelGroup", "sessionGoogleAdsCampaignId"],
        metrics=["sessions"],
        dimension_filter=empty,
    )
    assert {row[1] for row in cells(answer)} == {"(not set)"} and len(answer.rows) >= 5
    without = beta.FilterExpression(not_expression=empty)
    rest = report(
        shared_sandbox, dimensions=["sessionGoogleAdsCampaignName"], metrics=["sessions"], dimension_filter=without
    )
    assert {row[0] for row in cells(rest)} == {"Brand", "Generic"}


def test_filters_nest_and_may_be_about_what_is_not_shown(shared_sandbox: LocalSandbox) -> None:
    group = beta.FilterExpressionList
    paid = text("sessionMedium", "cpc")
    phone = text("deviceCategory", "mobile")
    expression = beta.FilterExpression(
        and_group=group(
            expressions=[
                beta.FilterExpression(or_group=group(expressions=[paid, phone])),
                beta.FilterExpression(not_expression=beta.FilterExpression(and_group=group(expressions=[paid, phone]))),
            ]
        )
    )
    answer = report(shared_sandbox, dimensions=[], metrics=["eventCount", "totalUsers"], dimension_filter=expression)
    mine = [e for e in oracle.seen(shared_sandbox) if (e.channel == "Paid Search") != (e.device == "mobile")]
    assert cells(answer) == [(str(len(mine)), str(len({e.user for e in mine})))]


def test_a_filter_on_metrics_chooses_among_the_rows(shared_sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": ["eventName"], "metrics": ["eventCount"], "metric_aggregations": ["TOTAL"]}
    whole = {name: int(count) for name, count in cells(report(shared_sandbox, **asked))}
    middle = sorted(whole.values())[len(whole) // 2]
    many = report(
        shared_sandbox, metric_filter=only("eventCount", numeric_filter=number(OPERATION.GREATER_THAN, middle)), **asked
    )
    assert {name for name, _ in cells(many)} == {name for name, count in whole.items() if count > middle}
    assert int(many.totals[0].metric_values[0].value) == sum(count for count in whole.values() if count > middle)
    # By a metric that the report does not show.
    by_users = report(shared_sandbox, metric_filter=only("totalUsers", between_filter=between(1, 200)), **asked)
    users = report(shared_sandbox, dimensions=["eventName"], metrics=["totalUsers"])
    assert {name for name, _ in cells(by_users)} == {name for name, count in cells(users) if int(count) <= 200}
    neither = beta.FilterExpression(
        not_expression=only("eventCount", numeric_filter=number(OPERATION.GREATER_THAN_OR_EQUAL, 0))
    )
    assert not report(shared_sandbox, metric_filter=neither, **asked).rows


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"dimension_filter": text("moon", "x")}, "moon is not a valid dimension"),
        ({"dimension_filter": text("eventCount", "1")}, "eventCount is not a valid dimension"),
        ({"metric_filter": text("eventName", "x")}, "eventName is not a valid metric"),
        ({"metric_filter": text("eventCount", "1")}, "numericFilter or a betweenFilter"),
        ({"dimension_filter": text("eventName", "(", MATCH.FULL_REGEXP)}, "Invalid regular expression"),
        ({"dimension_filter": only("eventName")}, "has no condition"),
        ({"dimension_filter": only("hour", numeric_filter=beta.Filter.NumericFilter())}, "int64Value or a doubleValue"),
        (
            {"dimension_filter": only("hour", numeric_filter=number(OPERATION.OPERATION_UNSPECIFIED, 3))},
            "needs an operation",
        ),
        ({"dimension_filter": only("hour", in_list_filter=beta.Filter.InListFilter())}, "at least one value"),
        ({"dimension_filter": beta.FilterExpression(and_group=beta.FilterExpressionList())}, "at least one expression"),
    ],
)
def test_a_filter_that_cannot_be_is_a_bad_request(
    shared_sandbox: LocalSandbox, different: dict[str, Any], words: str
) -> None:
    with pytest.raises(core.BadRequest, match=words):
        report(shared_sandbox, **different)
