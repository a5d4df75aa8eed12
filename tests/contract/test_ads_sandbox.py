"""The sandbox's Google Ads as Google's unmodified client sees it: gRPC over TLS, a service account, Google's errors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.resources.types.conversion_action import ConversionAction
from google.ads.googleads.v26.services.types.conversion_action_service import (
    ConversionActionOperation,
    MutateConversionActionsRequest,
)
from google.ads.googleads.v26.services.types.google_ads_service import (
    MutateGoogleAdsRequest,
    MutateOperation,
    SearchGoogleAdsRequest,
)
from google.api_core import exceptions as core
from google.api_core import protobuf_helpers
from google.oauth2.credentials import Credentials
from google.protobuf.field_mask_pb2 import FieldMask

from adsync.sandbox.ads import reading
from tests.contract.clients import (
    ADS_SCOPE,
    CUSTOMER,
    MANAGER,
    READ_SCOPE,
    ads_client,
    ads_client_with,
    ads_service,
    error_codes,
    paths,
    search,
    service_account_credentials,
)
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

ACTIONS = (
    "SELECT conversion_action.id, conversion_action.name, conversion_action.status, conversion_action.type, "
    "conversion_action.primary_for_goal, conversion_action.category, conversion_action.counting_type, "
    "conversion_action.value_settings.default_value, conversion_action.tag_snippets FROM conversion_action"
)
MACRO, MIRROR = 700_000_001, 700_000_002
"""The web tag of the purchase, and the mirror of GA4's purchase: hidden and secondary."""


def actions(sandbox: LocalSandbox) -> dict[int, Any]:
    return {row.conversion_action.id: row.conversion_action for row in search(sandbox, ACTIONS)}


def action_name(action_id: int) -> str:
    return f"customers/{CUSTOMER}/conversionActions/{action_id}"


def a_tag(name: str = "Newsletter", **different: Any) -> ConversionAction:
    values = {"name": name, "type_": "WEBPAGE", "category": "SIGNUP", "status": "ENABLED", "primary_for_goal": False}
    return ConversionAction(**{**values, **different})


def create(action: ConversionAction, *mask: str) -> ConversionActionOperation:
    return ConversionActionOperation(create=action, update_mask=FieldMask(paths=mask))


def update(action_id: int, mask: list[str], **values: Any) -> ConversionActionOperation:
    wanted = ConversionAction(resource_name=action_name(action_id), **values)
    return ConversionActionOperation(update=wanted, update_mask=FieldMask(paths=mask))


def mutate(sandbox: LocalSandbox, *operations: ConversionActionOperation, **options: Any) -> Any:
    """MutateConversionActions; raises what the client raises."""
    customer = options.pop("customer", CUSTOMER)
    request = MutateConversionActionsRequest(customer_id=customer, operations=list(operations), **options)
    return ads_service(sandbox, "ConversionActionService").mutate_conversion_actions(request=request, timeout=20)


def refusal(call: Callable[[], Any]) -> GoogleAdsException:
    with pytest.raises(GoogleAdsException) as caught:
        call()
    return caught.value


# Reading -------------------------------------------------------------------------------------------------------------


def test_the_service_account_sees_its_manager_after_one_token_exchange(shared_sandbox: LocalSandbox) -> None:
    before = shared_sandbox.control.status()["calls"].get("oauth token", 0)
    fresh = service_account_credentials(shared_sandbox, ADS_SCOPE)
    service = ads_service(shared_sandbox, "CustomerService", ads_client_with(shared_sandbox, fresh))
    found = [service.list_accessible_customers(timeout=20).resource_names for _ in range(2)]
    assert found == [[f"customers/{MANAGER}"]] * 2
    assert shared_sandbox.control.status()["calls"]["oauth token"] == before + 1


def test_a_program_that_knows_only_the_file_env_reaches_the_sandbox(shared_sandbox: LocalSandbox) -> None:
    lines = (shared_sandbox.directory / "env").read_text(encoding="utf-8").splitlines()
    pairs = [line.removeprefix("export ").partition("=") for line in lines]
    variables = {name: value.strip("'") for name, _, value in pairs}
    program = (
        "from google.ads.googleads.client import GoogleAdsClient\n"
        "service = GoogleAdsClient.load_from_env(version='v26').get_service('GoogleAdsService')\n"
        f"for answer in service.search_stream(customer_id='{CUSTOMER}', query='SELECT campaign.name FROM campaign'):\n"
        "    print([row.campaign.name for row in answer.results])\n"
    )
    clean = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run([sys.executable, "-c", program], env=clean, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["['Brand', 'Generic']"]


def test_a_client_that_does_not_trust_the_sandboxs_authority_gets_no_answer(shared_sandbox: LocalSandbox) -> None:
    before = shared_sandbox.control.status()["calls"]
    stranger = ads_client(shared_sandbox).get_service("CustomerService")
    with pytest.raises(core.ServiceUnavailable):
        stranger.list_accessible_customers(timeout=5)
    after = shared_sandbox.control.status()["calls"]
    assert after.get("ads CustomerService/ListAccessibleCustomers") == before.get(
        "ads CustomerService/ListAccessibleCustomers"
    )


def test_search_pages_through_the_rows_that_search_stream_sends_at_once(
    shared_sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE", 7)
    query = (
        "SELECT campaign.id, segments.date, metrics.clicks, metrics.cost_micros FROM campaign "
        "WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-20' ORDER BY segments.date, campaign.id"
    )
    service = ads_service(shared_sandbox, "GoogleAdsService")
    pages = list(service.search(customer_id=CUSTOMER, query=query, timeout=20).pages)
    messages = list(service.search_stream(customer_id=CUSTOMER, query=query, timeout=20))
    paged = [row for page in pages for row in page.results]
    assert [len(page.results) for page in pages] == [7, 7, 7, 7, 7, 5]
    assert paged == [row for message in messages for row in message.results]
    assert [row.segments.date for row in paged] == sorted(row.segments.date for row in paged)
    assert all(row.metrics.clicks > 0 and row.metrics.cost_micros > 0 for row in paged)


def test_a_row_holds_what_was_selected_and_the_resource_name(shared_sandbox: LocalSandbox) -> None:
    row = search(shared_sandbox, "SELECT campaign.name FROM campaign ORDER BY campaign.name LIMIT 1")[0]
    assert row.campaign.name == "Brand"
    assert row.campaign.resource_name == f"customers/{CUSTOMER}/campaigns/20000001"
    assert not row.campaign._pb.HasField("id") and not row._pb.HasField("customer")


def test_conditions_filter_and_an_order_sorts(shared_sandbox: LocalSandbox) -> None:
    def names(rest: str) -> list[str]:
        return [row.campaign.name for row in search(shared_sandbox, f"SELECT campaign.name FROM campaign {rest}")]

    assert names("ORDER BY campaign.name DESC") == ["Generic", "Brand"]
    assert names("WHERE campaign.name != 'Brand'") == ["Generic"]
    assert names("WHERE campaign.name IN ('Brand', 'Other')") == ["Brand"]
    assert names("WHERE campaign.name NOT IN ('Brand', 'Other')") == ["Generic"]
    assert names("WHERE campaign.id > 20000001 AND campaign.status = ENABLED") == ["Generic"]
    assert names("WHERE campaign.name = 'It\\'s'") == []


def test_a_validated_search_returns_no_rows(shared_sandbox: LocalSandbox) -> None:
    request = SearchGoogleAdsRequest(customer_id=CUSTOMER, query=ACTIONS, validate_only=True)
    service = ads_service(shared_sandbox, "GoogleAdsService")
    assert list(service.search(request=request, timeout=20)) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.nonsense FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT segments.date, metrics.clicks FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT segments.date, metrics.clicks FROM campaign WHERE segments.date >= '2026-01-01'",
            "EXPECTED_FILTERS_ON_DATE_RANGE",
        ),
        (
            "SELECT segments.conversion_action, metrics.cost_micros FROM campaign",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
        (
            "SELECT metrics.conversions FROM campaign WHERE segments.conversion_action = 'x'",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        ),
        ("SELECT conversion_action.id, metrics.conversions FROM conversion_action", "PROHIBITED_METRIC_IN"),
        ("SELECT campaign.id FROM customer", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.id", "EXPECTED_FROM"),
        ("FROM campaign", "EXPECTED_SELECT"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name =", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name = 'Brand", "STRING_NOT_TERMINATED"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = 'Brand'", "BAD_NUMBER"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign LIMIT 1.5", "BAD_LIMIT_VALUE"),
        ("SELECT metrics.clicks FROM campaign WHERE segments.date != '2026-02-01'", "OPERATOR_FIELD_MISMATCH"),
        ("SELECT campaign.id FROM campaign; SELECT customer.id FROM customer", "UNEXPECTED_INPUT"),
        (
            "SELECT segments.date, metrics.clicks FROM campaign WHERE segments.date = '2026-13-01'",
            "INVALID_DATE_FORMAT",
        ),
    ],
)
def test_a_query_that_google_would_refuse_is_refused_with_its_code(
    shared_sandbox: LocalSandbox, query: str, code: str
) -> None:
    error = refusal(lambda: search(shared_sandbox, query))
    assert error_codes(error.failure)[0].startswith(f"query_error.{code}")
    assert error.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.failure.errors[0].message
    assert error.request_id and error.request_id == error.failure.request_id


def test_a_broken_query_is_refused_by_the_stream_as_well(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "GoogleAdsService")
    error = refusal(
        lambda: list(service.search_stream(customer_id=CUSTOMER, query="SELECT campaign.x FROM campaign", timeout=20))
    )
    assert error_codes(error.failure) == ["query_error.UNRECOGNIZED_FIELD"]
    assert error.failure.errors[0].trigger.string_value == "campaign.x"


def test_a_manager_has_no_metrics_but_lists_its_clients(shared_sandbox: LocalSandbox) -> None:
    error = refusal(lambda: search(shared_sandbox, "SELECT metrics.clicks FROM campaign", customer=MANAGER))
    assert error_codes(error.failure) == ["query_error.REQUESTED_METRICS_FOR_MANAGER"]
    rows = search(
        shared_sandbox,
        "SELECT customer_client.id, customer_client.level, customer_client.manager FROM customer_client",
        customer=MANAGER,
    )
    found = [(r.customer_client.id, r.customer_client.level, r.customer_client.manager) for r in rows]
    assert found == [(int(MANAGER), 0, True), (int(CUSTOMER), 1, False)]


def test_a_page_size_is_refused(shared_sandbox: LocalSandbox) -> None:
    request = SearchGoogleAdsRequest(customer_id=CUSTOMER, query=ACTIONS, page_size=10)
    service = ads_service(shared_sandbox, "GoogleAdsService")
    error = refusal(lambda: list(service.search(request=request, timeout=20)))
    assert error_codes(error.failure) == ["request_error.PAGE_SIZE_NOT_SUPPORTED"]


def test_a_page_token_that_was_not_handed_out_is_refused(shared_sandbox: LocalSandbox) -> None:
    request = SearchGoogleAdsRequest(customer_id=CUSTOMER, query=ACTIONS, page_token="next")
    service = ads_service(shared_sandbox, "GoogleAdsService")
    error = refusal(lambda: list(service.search(request=request, timeout=20)))
    assert error_codes(error.failure) == ["request_error.INVALID_PAGE_TOKEN"]


# Who may ask ---------------------------------------------------------------------------------------------------------


def test_a_forged_token_is_refused(shared_sandbox: LocalSandbox) -> None:
    client = ads_client_with(shared_sandbox, Credentials("forged"))
    error = refusal(lambda: search(shared_sandbox, ACTIONS, client=client))
    assert error_codes(error.failure) == ["authentication_error.OAUTH_TOKEN_INVALID"]
    assert error.error.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_token_for_analytics_opens_no_ads_account(shared_sandbox: LocalSandbox) -> None:
    client = ads_client_with(shared_sandbox, service_account_credentials(shared_sandbox, READ_SCOPE))
    error = refusal(lambda: search(shared_sandbox, ACTIONS, client=client))
    assert error_codes(error.failure) == ["authorization_error.ACTION_NOT_PERMITTED"]


@pytest.mark.parametrize(
    ("login", "customer"),
    [("", CUSTOMER), (CUSTOMER, CUSTOMER), ("1234567890", CUSTOMER), (MANAGER, "5550000000")],
    ids=["no login", "the client as its own login", "an unknown login", "an unknown account"],
)
def test_a_client_account_is_reached_through_its_manager_only(
    shared_sandbox: LocalSandbox, login: str, customer: str
) -> None:
    credentials = service_account_credentials(shared_sandbox, ADS_SCOPE)
    client = ads_client_with(shared_sandbox, credentials, login=login or None)
    error = refusal(lambda: search(shared_sandbox, ACTIONS, customer=customer, client=client))
    assert error_codes(error.failure) == ["authorization_error.USER_PERMISSION_DENIED"]
    assert error.error.code() is grpc.StatusCode.PERMISSION_DENIED


def test_a_customer_id_with_dashes_is_malformed(shared_sandbox: LocalSandbox) -> None:
    error = refusal(lambda: search(shared_sandbox, ACTIONS, customer="100-000-0001"))
    assert error_codes(error.failure) == ["request_error.INVALID_CUSTOMER_ID"]


def test_a_method_that_is_not_served_says_so_by_name(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "AdGroupService")
    with pytest.raises(core.MethodNotImplemented, match="AdGroupService/MutateAdGroups"):
        service.mutate_ad_groups(customer_id=CUSTOMER, operations=[], timeout=20)


# Changes that are refused --------------------------------------------------------------------------------------------


def _without_mask() -> list[ConversionActionOperation]:
    return [update(MIRROR, [], status="ENABLED")]


@pytest.mark.parametrize(
    ("operations", "code", "where"),
    [
        (_without_mask(), "field_mask_error.FIELD_MASK_MISSING", ["update_mask"]),
        ([create(a_tag(), "name")], "field_mask_error.FIELD_MASK_NOT_ALLOWED", ["update_mask"]),
        (
            [update(MACRO, ["value_settings"], value_settings={"default_value": 1.0})],
            "field_mask_error.FIELD_HAS_SUBFIELDS",
            ["update", "value_settings"],
        ),
        ([update(MACRO, ["nonsense"])], "field_mask_error.FIELD_NOT_FOUND", ["update", "nonsense"]),
        (
            [update(MIRROR, ["counting_type"], counting_type="ONE_PER_CLICK")],
            "field_error.IMMUTABLE_FIELD",
            ["update", "counting_type"],
        ),
        ([update(MACRO, ["type"], type_="UPLOAD_CLICKS")], "field_error.IMMUTABLE_FIELD", ["update", "type"]),
        (
            [update(MIRROR, ["google_analytics_4_settings.event_name"])],
            "field_error.IMMUTABLE_FIELD",
            ["update", "google_analytics_4_settings", "event_name"],
        ),
        (
            [update(MACRO, ["include_in_conversions_metric"])],
            "field_error.IMMUTABLE_FIELD",
            ["update", "include_in_conversions_metric"],
        ),
        (
            [create(a_tag("Purchase (web)"))],
            "conversion_action_error.DUPLICATE_NAME",
            ["create", "name"],
        ),
        (
            [update(MIRROR, ["name"], name="Purchase (web)")],
            "conversion_action_error.DUPLICATE_NAME",
            ["update", "name"],
        ),
        (
            [create(a_tag(type_="GOOGLE_ANALYTICS_4_CUSTOM"))],
            "conversion_action_error.CREATION_NOT_SUPPORTED",
            ["create", "type"],
        ),
        ([create(a_tag(""))], "field_error.REQUIRED", ["create", "name"]),
        (
            [update(799_999_999, ["status"], status="ENABLED")],
            "mutate_error.RESOURCE_NOT_FOUND",
            ["update", "resource_name"],
        ),
        ([ConversionActionOperation()], "request_error.OPERATION_REQUIRED", []),
    ],
)
def test_a_change_that_google_would_refuse_is_refused_with_its_code(
    shared_sandbox: LocalSandbox, operations: list[ConversionActionOperation], code: str, where: list[str]
) -> None:
    before = actions(shared_sandbox)
    error = refusal(lambda: mutate(shared_sandbox, *operations))
    assert error_codes(error.failure) == [code]
    assert paths(error.failure.errors[0]) == ["operations[0]", *where]
    assert error.request_id
    assert actions(shared_sandbox) == before


def test_one_action_cannot_be_changed_twice_in_a_request(shared_sandbox: LocalSandbox) -> None:
    twice = [update(MIRROR, ["status"], status="ENABLED"), update(MIRROR, ["name"], name="Other")]
    error = refusal(lambda: mutate(shared_sandbox, *twice))
    assert error_codes(error.failure) == ["mutate_error.ID_EXISTS_IN_MULTIPLE_MUTATES"]
    assert paths(error.failure.errors[0]) == ["operations[1]"]


def test_a_manager_owns_no_actions_to_change(shared_sandbox: LocalSandbox) -> None:
    error = refusal(lambda: mutate(shared_sandbox, create(a_tag()), customer=MANAGER))
    assert error_codes(error.failure) == ["request_error.CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT"]


def test_what_the_sandbox_does_not_change_is_refused_by_the_general_method(shared_sandbox: LocalSandbox) -> None:
    operation = MutateOperation()
    operation.ad_group_operation.remove = f"customers/{CUSTOMER}/adGroups/40000001"
    service = ads_service(shared_sandbox, "GoogleAdsService")
    error = refusal(lambda: service.mutate(customer_id=CUSTOMER, mutate_operations=[operation], timeout=20))
    assert error_codes(error.failure) == ["mutate_error.MUTATE_NOT_ALLOWED"]


# Changes that are made -----------------------------------------------------------------------------------------------


def test_a_new_action_is_secondary_only_if_the_call_says_so(sandbox: LocalSandbox) -> None:
    silent = ConversionAction(name="Silent", type_="WEBPAGE", category="SIGNUP", status="ENABLED")
    answer = mutate(sandbox, create(a_tag("Secondary")), create(silent))
    said, unsaid = (int(result.resource_name.rpartition("/")[2]) for result in answer.results)
    found = actions(sandbox)
    assert not found[said].primary_for_goal
    assert found[unsaid].primary_for_goal, "left out, Google makes a new action primary"
    assert "send_to" in found[said].tag_snippets[0].event_snippet


def test_a_new_category_becomes_a_goal(sandbox: LocalSandbox) -> None:
    goals = "SELECT customer_conversion_goal.category, customer_conversion_goal.biddable FROM customer_conversion_goal"

    def categories() -> set[str]:
        return {row.customer_conversion_goal.category.name for row in search(sandbox, goals)}

    before = categories()
    mutate(sandbox, create(a_tag()))
    assert categories() - before == {"SIGNUP"}


def test_the_librarys_mask_helper_drops_a_false_and_the_demotion_with_it(sandbox: LocalSandbox) -> None:
    demotion = ConversionAction(resource_name=action_name(MACRO), primary_for_goal=False)
    mask = protobuf_helpers.field_mask(None, demotion._pb)
    answer = mutate(sandbox, ConversionActionOperation(update=demotion, update_mask=mask))
    assert "primary_for_goal" not in mask.paths
    assert answer.results[0].resource_name == action_name(MACRO), "Google answers with success"
    assert actions(sandbox)[MACRO].primary_for_goal, "and has changed nothing"


def test_an_explicit_mask_demotes(sandbox: LocalSandbox) -> None:
    mutate(sandbox, update(MACRO, ["primary_for_goal"], primary_for_goal=False))
    assert not actions(sandbox)[MACRO].primary_for_goal


def test_an_update_changes_what_its_mask_names_and_nothing_else(sandbox: LocalSandbox) -> None:
    before = actions(sandbox)[MACRO]
    wanted = {"name": "Sale", "counting_type": "ONE_PER_CLICK", "value_settings": {"default_value": 12.5}}
    mutate(sandbox, update(MACRO, ["name", "value_settings.default_value"], **wanted))
    after = actions(sandbox)[MACRO]
    assert (after.name, after.value_settings.default_value) == ("Sale", 12.5)
    assert after.counting_type == before.counting_type
    assert (after.status, after.primary_for_goal, after.category) == (
        before.status,
        before.primary_for_goal,
        before.category,
    )


def test_a_removed_action_is_shown_as_removed_and_cannot_be_changed_any_more(sandbox: LocalSandbox) -> None:
    mutate(sandbox, ConversionActionOperation(remove=action_name(MIRROR)))
    assert actions(sandbox)[MIRROR].status.name == "REMOVED"
    error = refusal(lambda: mutate(sandbox, update(MIRROR, ["status"], status="ENABLED")))
    assert error_codes(error.failure) == ["context_error.OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE"]


@pytest.mark.parametrize("method", ["MutateConversionActions", "Mutate"])
def test_a_request_is_carried_out_whole_or_not_at_all(sandbox: LocalSandbox, method: str) -> None:
    before = actions(sandbox)
    operations = [update(MIRROR, ["status"], status="ENABLED"), create(a_tag("Purchase (web)"))]
    error = refusal(lambda: _by(method, sandbox, operations))
    assert error_codes(error.failure) == ["conversion_action_error.DUPLICATE_NAME"]
    assert actions(sandbox) == before
    _by(method, sandbox, [operations[0], create(a_tag("Newsletter"))])
    after = actions(sandbox)
    assert after[MIRROR].status.name == "ENABLED" and len(after) == len(before) + 1


@pytest.mark.parametrize("method", ["MutateConversionActions", "Mutate"])
def test_a_validated_change_is_checked_and_not_made(sandbox: LocalSandbox, method: str) -> None:
    before = actions(sandbox)
    answer = _by(method, sandbox, [create(a_tag("Newsletter"))], validate_only=True)
    assert not getattr(answer, "results", None) and not getattr(answer, "mutate_operation_responses", None)
    error = refusal(lambda: _by(method, sandbox, [create(a_tag("Purchase (web)"))], validate_only=True))
    assert error_codes(error.failure) == ["conversion_action_error.DUPLICATE_NAME"]
    assert actions(sandbox) == before


@pytest.mark.parametrize("method", ["MutateConversionActions", "Mutate"])
def test_with_partial_failure_the_good_operations_are_made_and_the_others_told(
    sandbox: LocalSandbox, method: str
) -> None:
    operations = [create(a_tag("Purchase (web)")), create(a_tag("Newsletter")), update(MIRROR, [], status="ENABLED")]
    answer = _by(method, sandbox, operations, partial_failure=True)
    failure = GoogleAdsFailure.deserialize(answer.partial_failure_error.details[0].value)
    assert answer.partial_failure_error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert error_codes(failure) == ["conversion_action_error.DUPLICATE_NAME", "field_mask_error.FIELD_MASK_MISSING"]
    container = "mutate_operations" if method == "Mutate" else "operations"
    assert [paths(error)[0] for error in failure.errors] == [f"{container}[0]", f"{container}[2]"]
    assert [bool(name) for name in _result_names(answer)] == [False, True, False]
    after = actions(sandbox)
    assert "Newsletter" in {a.name for a in after.values()} and after[MIRROR].status.name == "HIDDEN"


def _by(method: str, sandbox: LocalSandbox, operations: list[ConversionActionOperation], **options: Any) -> Any:
    """The same operations by the action's own service, or by the general one."""
    if method == "MutateConversionActions":
        return mutate(sandbox, *operations, **options)
    wrapped = [MutateOperation(conversion_action_operation=operation) for operation in operations]
    request = MutateGoogleAdsRequest(customer_id=CUSTOMER, mutate_operations=wrapped, **options)
    return ads_service(sandbox, "GoogleAdsService").mutate(request=request, timeout=20)


def _result_names(answer: Any) -> list[str]:
    if hasattr(answer, "results"):
        return [result.resource_name for result in answer.results]
    return [r.conversion_action_result.resource_name for r in answer.mutate_operation_responses]


def test_every_answer_carries_a_request_id(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "GoogleAdsService")
    messages = list(service.search_stream(customer_id=CUSTOMER, query=ACTIONS, timeout=20))
    again = list(service.search_stream(customer_id=CUSTOMER, query=ACTIONS, timeout=20))
    assert len({message.request_id for message in messages}) == 1 and messages[0].request_id
    assert messages[0].request_id != again[0].request_id
