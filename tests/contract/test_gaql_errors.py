"""Each mistake in a query comes back through the official client with the error that Google has for it."""

from __future__ import annotations

import pytest
from google.ads.googleads.errors import GoogleAdsException

from tests.contract.clients import CUSTOMER, MANAGER, error_codes, search
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

FROM_CAMPAIGN = "SELECT campaign.id FROM campaign WHERE "
EVENTS = "SELECT change_event.change_date_time FROM change_event WHERE change_event.change_date_time "


def refused(sandbox: LocalSandbox, query: str, customer: str = CUSTOMER) -> GoogleAdsException:
    with pytest.raises(GoogleAdsException) as caught:
        search(sandbox, query, customer=customer)
    assert isinstance(caught.value, GoogleAdsException)
    return caught.value


@pytest.mark.parametrize(
    ("query", "code"),
    [
        # The grammar.
        ("", "EXPECTED_SELECT"),
        ("SELECT FROM campaign", "BAD_FIELD_NAME"),
        ("SELECT campaign.id, FROM campaign", "BAD_FIELD_NAME"),
        ("SELECT Campaign.id FROM campaign", "BAD_FIELD_NAME"),
        ("SELECT campaign..id FROM campaign", "BAD_FIELD_NAME"),
        ("SELECT campaign.id WHERE campaign.id = 1", "EXPECTED_FROM"),
        ("SELECT campaign.id FROM", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT campaign.id FROM campaign, customer", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE", "UNEXPECTED_END_OF_QUERY"),
        (FROM_CAMPAIGN + "campaign.id = 1 OR campaign.id = 2", "UNEXPECTED_INPUT"),
        (FROM_CAMPAIGN + "campaign.id == 1", "BAD_VALUE"),
        (FROM_CAMPAIGN + "campaign.id ~ 1", "UNEXPECTED_INPUT"),
        (FROM_CAMPAIGN + "campaign.id ENABLED", "BAD_OPERATOR"),
        (FROM_CAMPAIGN + "campaign.id = ünlü", "BAD_SYMBOL"),
        *((FROM_CAMPAIGN + f"campaign.id = 1 {space}", "BAD_SYMBOL") for space in "\x85\xa0\u1680\u2028\u3000"),
        *((FROM_CAMPAIGN + f"campaign.id = 1 {space}", "UNEXPECTED_INPUT") for space in "\x1c\x1d\x1e\x1f"),
        (FROM_CAMPAIGN + "campaign.id = 1.2.3", "BAD_NUMBER"),
        (FROM_CAMPAIGN + "campaign.name = 'two\nlines'", "PROHIBITED_NEWLINE_IN_STRING"),
        (FROM_CAMPAIGN + "campaign.name = 'open", "STRING_NOT_TERMINATED"),
        (FROM_CAMPAIGN + r"campaign.name = 'a\d'", "BAD_ESCAPE_SEQUENCE"),
        (FROM_CAMPAIGN + "campaign.name = ('a')", "EXPECTED_SINGLE_VALUE"),
        (FROM_CAMPAIGN + "campaign.name IN 'a'", "EXPECTED_LIST"),
        (FROM_CAMPAIGN + "campaign.name IN ()", "PROHIBITED_EMPTY_LIST_IN_CONDITION"),
        (FROM_CAMPAIGN + "campaign.name IN ('a', 1)", "PROHIBITED_VALUE_COMBINATION_IN_LIST"),
        (FROM_CAMPAIGN + "campaign.name IN ('a'", "UNEXPECTED_END_OF_QUERY"),
        (FROM_CAMPAIGN + "campaign.id IN (" + ", ".join(["1"] * 20_001) + ")", "FILTER_HAS_TOO_MANY_VALUES"),
        (FROM_CAMPAIGN + "campaign.id BETWEEN 1, 2", "EXPECTED_AND"),
        (FROM_CAMPAIGN + "campaign.id BETWEEN AND 2", "EXPECTED_VALUE_WITH_BETWEEN_OPERATOR"),
        (FROM_CAMPAIGN + "campaign.id BETWEEN 1 AND 'a'", "PROHIBITED_VALUE_COMBINATION_WITH_BETWEEN_OPERATOR"),
        ("SELECT campaign.id FROM campaign ORDER campaign.id", "EXPECTED_BY"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign LIMIT -3", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign LIMIT ten", "BAD_LIMIT_VALUE"),
        (f"SELECT campaign.id FROM campaign LIMIT {1 << 63}", "BAD_LIMIT_VALUE"),
        (f"SELECT campaign.id FROM campaign LIMIT {'9' * 5_000}", "BAD_LIMIT_VALUE"),
        ("SELECT campaign.name FROM campaign WHERE campaign.name REGEXP_MATCH '[[:foo:]]'", "BAD_VALUE"),
        ("SELECT campaign.id FROM campaign LIMIT 5 LIMIT 5", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign PARAMETERS speed = true", "BAD_PARAMETER_NAME"),
        ("SELECT campaign.id FROM campaign PARAMETERS include_drafts = 3", "BAD_PARAMETER_VALUE"),
        # What there is.
        ("SELECT campaign.nonsense FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.target_cpa FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.type_ FROM campaign", "UNRECOGNIZED_FIELD"),
        (FROM_CAMPAIGN + "campaign.nonsense = 1", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT keyword_view.resource_name FROM keyword_view", "PROHIBITED_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.targeting_setting.target_restriction_operations FROM campaign", "PROHIBITED_FIELD_IN_SELECT"),
        # What goes together.
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        (FROM_CAMPAIGN + "ad_group.id = 1", "PROHIBITED_RESOURCE_TYPE_IN_WHERE_CLAUSE"),
        ("SELECT metrics.conversions FROM conversion_action", "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
        (FROM_CAMPAIGN + "metrics.search_volume.max > 1", "UNRECOGNIZED_FIELD"),
        ("SELECT segments.device FROM conversion_action", "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE"),
        (
            "SELECT segments.conversion_action, metrics.clicks FROM customer",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
        (
            "SELECT segments.conversion_lag_bucket, metrics.conversions FROM campaign WHERE metrics.cost_micros > 5",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
        (
            "SELECT segments.external_conversion_source, metrics.cost_per_conversion FROM campaign",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
        ("SELECT campaign.id, campaign.id FROM campaign", "PROHIBITED_FIELD_COMBINATION_IN_SELECT_CLAUSE"),
        (
            "SELECT metrics.clicks FROM campaign WHERE segments.ad_network_type = 'SEARCH'",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        ),
        (
            "SELECT metrics.clicks FROM campaign ORDER BY segments.day_of_week",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        ),
        # Operators and values.
        (FROM_CAMPAIGN + "campaign.id LIKE '1%'", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.name > 'a'", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.status > ENABLED", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.name DURING TODAY", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "metrics.conversions >= 1", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "metrics.clicks IS NULL", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.labels = 'a'", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.name CONTAINS ANY ('a')", "OPERATOR_FIELD_MISMATCH"),
        (FROM_CAMPAIGN + "campaign.manual_cpa IS NULL", "PROHIBITED_FIELD_IN_WHERE_CLAUSE"),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.labels", "PROHIBITED_FIELD_IN_ORDER_BY_CLAUSE"),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.manual_cpa", "PROHIBITED_FIELD_IN_ORDER_BY_CLAUSE"),
        (FROM_CAMPAIGN + "campaign.status = 'ACTIVE'", "BAD_ENUM_CONSTANT"),
        (FROM_CAMPAIGN + "campaign.status IN (ENABLED, 'enabled')", "PROHIBITED_VALUE_COMBINATION_IN_LIST"),
        (FROM_CAMPAIGN + "campaign.status = UNSPECIFIED", "PROHIBITED_ENUM_CONSTANT"),
        (FROM_CAMPAIGN + "campaign.id = 'Brand'", "BAD_NUMBER"),
        (FROM_CAMPAIGN + "campaign.id = 1.5", "BAD_NUMBER"),
        (FROM_CAMPAIGN + "campaign.id = " + "9" * 30, "BAD_NUMBER"),
        (FROM_CAMPAIGN + "campaign.name = Brand", "INVALID_STRING_VALUE"),
        (FROM_CAMPAIGN + "campaign.name = 7", "INVALID_STRING_VALUE"),
        (FROM_CAMPAIGN + "campaign.name LIKE 7", "INVALID_VALUE_WITH_LIKE_OPERATOR"),
        (FROM_CAMPAIGN + "campaign.name LIKE 'a[b'", "INVALID_VALUE_WITH_LIKE_OPERATOR"),
        (FROM_CAMPAIGN + "campaign.name REGEXP_MATCH '(?=a)'", "BAD_VALUE"),
        ("SELECT customer.id FROM customer WHERE customer.manager = 'maybe'", "BAD_VALUE"),
        # Dates.
        ("SELECT segments.week, metrics.clicks FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT segments.date, metrics.clicks FROM campaign WHERE segments.date < '2026-02-01'",
            "EXPECTED_FILTERS_ON_DATE_RANGE",
        ),
        ("SELECT metrics.clicks FROM campaign WHERE segments.date = '2026-02-30'", "INVALID_DATE_FORMAT"),
        ("SELECT metrics.clicks FROM campaign WHERE segments.date = '20260201'", "INVALID_DATE_FORMAT"),
        ("SELECT metrics.clicks FROM campaign WHERE segments.date = TODAY", "INVALID_DATE_FORMAT"),
        (
            "SELECT metrics.clicks FROM campaign WHERE segments.date BETWEEN 'a' AND 'b'",
            "INVALID_VALUE_WITH_BETWEEN_OPERATOR",
        ),
        ("SELECT metrics.clicks FROM campaign WHERE segments.date DURING LAST_90_DAYS", "INVALID_VALUE_WITH_DURING"),
        (
            "SELECT metrics.clicks FROM campaign WHERE segments.date BETWEEN '2026-02-02' AND '2026-02-01'",
            "DATE_RANGE_TOO_NARROW",
        ),
        ("SELECT metrics.clicks FROM campaign WHERE segments.week = '2026-02-03'", "MISALIGNED_DATE_FOR_FILTER"),
        ("SELECT metrics.clicks FROM campaign WHERE segments.month = '2026-02-02'", "MISALIGNED_DATE_FOR_FILTER"),
        ("SELECT metrics.clicks FROM campaign WHERE segments.quarter = '2026-02-01'", "MISALIGNED_DATE_FOR_FILTER"),
        # What Google would answer and the sandbox does not.
        ("SELECT segments.hour, metrics.clicks FROM campaign", "QUERY_ERROR"),
    ],
)
def test_a_mistake_has_googles_error(shared_sandbox: LocalSandbox, query: str, code: str) -> None:
    error = refused(shared_sandbox, query)
    assert error_codes(error.failure)[0].startswith(f"query_error.{code}")
    assert error.failure.errors[0].message


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        (">= '2026-01-20' LIMIT 5", "CHANGE_DATE_RANGE_INFINITE"),
        ("<= '2026-01-20' LIMIT 5", "CHANGE_DATE_RANGE_INFINITE"),
        ("BETWEEN '2026-01-30' AND '2026-01-20' LIMIT 5", "CHANGE_DATE_RANGE_NEGATIVE"),
        ("BETWEEN '2024-01-30' AND '2026-02-20' LIMIT 5", "START_DATE_TOO_OLD"),
        ("DURING LAST_14_DAYS", "LIMIT_NOT_SPECIFIED"),
        ("DURING LAST_14_DAYS LIMIT 10001", "INVALID_LIMIT_CLAUSE"),
    ],
)
def test_a_mistake_about_changes_has_an_error_of_its_own(shared_sandbox: LocalSandbox, rest: str, code: str) -> None:
    assert error_codes(refused(shared_sandbox, EVENTS + rest).failure) == [f"change_event_error.{code}"]


def test_changes_of_the_last_30_days_may_be_asked_for(shared_sandbox: LocalSandbox) -> None:
    assert search(shared_sandbox, EVENTS + "DURING LAST_30_DAYS LIMIT 10000") == []


@pytest.mark.parametrize("resource", ["customer", "campaign", "ad_group"])
def test_a_manager_has_no_metrics(shared_sandbox: LocalSandbox, resource: str) -> None:
    error = refused(shared_sandbox, f"SELECT metrics.clicks FROM {resource}", customer=MANAGER)
    assert error_codes(error.failure) == ["query_error.REQUESTED_METRICS_FOR_MANAGER"]


BY_DATE = "SELECT {}, metrics.all_conversions_by_conversion_date FROM campaign WHERE segments.date DURING LAST_30_DAYS"


@pytest.mark.parametrize(
    ("switch", "segment"),
    [
        ("conversions_by_date_per_action", "segments.conversion_action"),
        ("conversions_by_date_per_lag", "segments.conversion_lag_bucket"),
    ],
)
def test_a_switch_says_whether_google_divides_what_its_tables_list(
    sandbox: LocalSandbox, switch: str, segment: str
) -> None:
    query = BY_DATE.format(segment)
    assert search(sandbox, query)
    sandbox.running.estate.switches.set(switch, "refused")
    assert error_codes(refused(sandbox, query).failure) == [
        "query_error.PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"
    ]
    assert search(sandbox, BY_DATE.format("segments.date")), "nothing else is refused with it"


def test_a_field_may_be_selected_twice_where_the_switch_says_so(sandbox: LocalSandbox) -> None:
    sandbox.running.estate.switches.set("duplicate_field", "answered")
    assert search(sandbox, "SELECT campaign.id, campaign.id FROM campaign")


def test_a_limit_is_any_whole_number_of_64_bits(shared_sandbox: LocalSandbox) -> None:
    query = "SELECT campaign.id FROM campaign"
    assert search(shared_sandbox, f"{query} LIMIT {(1 << 63) - 1}") == search(shared_sandbox, query)
