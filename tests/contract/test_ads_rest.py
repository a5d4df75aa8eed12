"""Google Ads over HTTP and JSON, as Node programs speak it: the same backend, Google's JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.transport.requests import Request

from tests.contract.clients import ADS_SCOPE, CUSTOMER, MANAGER, READ_SCOPE, search, service_account_credentials
from tests.contract.test_ads_sandbox import ACTIONS, MIRROR, a_tag, action_name, create, mutate, refusal
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

DAILY = (
    "SELECT segments.date, metrics.clicks, metrics.cost_micros, campaign.id, campaign.status FROM campaign "
    "WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-07'"
)
FAILURE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"


def token(sandbox: LocalSandbox, scope: str = ADS_SCOPE) -> str:
    credentials = service_account_credentials(sandbox, scope)
    credentials.refresh(Request())
    return str(credentials.token)


def post(sandbox: LocalSandbox, path: str, document: Any, **headers: str) -> requests.Response:
    """One request as a Node client sends it, over HTTPS."""
    where = sandbox.running.running
    return requests.post(
        f"{where.secure_url}/{path}",
        data=document if isinstance(document, bytes) else json.dumps(document),
        headers={"Authorization": f"Bearer {token(sandbox)}", "login-customer-id": MANAGER, **headers},
        verify=str(sandbox.directory / "ca.pem"),
        timeout=20,
    )


def of_customer(method: str, version: str = "v26", customer: str = CUSTOMER) -> str:
    return f"{version}/customers/{customer}/{method}"


def shape(value: Any) -> Any:
    """Names and types, of a list those of its first item."""
    if isinstance(value, dict):
        return {key: shape(content) for key, content in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


# Reading -------------------------------------------------------------------------------------------------------------


def test_a_stream_has_the_shape_of_a_recorded_one(shared_sandbox: LocalSandbox, shared_data: Path) -> None:
    (recorded,) = json.loads(
        next((shared_data / "ads_api_responses").glob("searchstream*.json")).read_text(encoding="utf-8")
    )
    query = DAILY.replace("campaign.id, campaign.status FROM campaign", "customer.id FROM customer")
    query = query.replace(", customer.id", "")
    answer = post(shared_sandbox, of_customer("googleAds:searchStream"), {"query": query})
    (batch,) = answer.json()
    assert shape(batch) == shape(recorded)


def test_search_and_search_stream_send_the_rows_that_grpc_sends(shared_sandbox: LocalSandbox) -> None:
    by_grpc = search(shared_sandbox, DAILY)
    paged = post(shared_sandbox, of_customer("googleAds:search"), {"query": DAILY})
    (batch,) = post(shared_sandbox, of_customer("googleAds:searchStream"), {"query": DAILY}).json()
    document = paged.json()
    assert document["results"] == batch["results"] and len(batch["results"]) == len(by_grpc) > 7
    assert batch["requestId"] and "requestId" not in document and paged.headers["request-id"]
    assert document["fieldMask"] == "segments.date,metrics.clicks,metrics.costMicros,campaign.id,campaign.status"
    assert int(document["queryResourceConsumption"]) > 0
    for row, expected in zip(document["results"], by_grpc, strict=True):
        assert row["segments"]["date"] == expected.segments.date
        assert row["metrics"]["costMicros"] == str(expected.metrics.cost_micros)
        assert row["campaign"]["id"] == str(expected.campaign.id) and row["campaign"]["status"] == "ENABLED"


def test_false_with_presence_is_told_and_without_it_is_left_out(shared_sandbox: LocalSandbox) -> None:
    query = f"SELECT conversion_action.type, conversion_action.primary_for_goal FROM conversion_action WHERE conversion_action.id = {MIRROR}"  # noqa: E501
    (row,) = post(shared_sandbox, of_customer("googleAds:search"), {"query": query}).json()["results"]
    assert row["conversionAction"]["type"] == "GOOGLE_ANALYTICS_4_PURCHASE"
    assert row["conversionAction"]["primaryForGoal"] is False and "name" not in row["conversionAction"]


def test_an_answer_without_rows_has_no_results(shared_sandbox: LocalSandbox) -> None:
    query = f"{ACTIONS} WHERE conversion_action.id = 1"
    assert "results" not in post(shared_sandbox, of_customer("googleAds:search"), {"query": query}).json()
    (batch,) = post(shared_sandbox, of_customer("googleAds:searchStream"), {"query": query}).json()
    assert "results" not in batch and batch["fieldMask"]


def test_pages_are_walked_by_their_tokens(shared_sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adsync.sandbox.ads.reading._PAGE", 5)
    rows, page = [], ""
    while True:
        answer = post(shared_sandbox, of_customer("googleAds:search"), {"query": DAILY, "pageToken": page}).json()
        rows += answer["results"]
        page = answer.get("nextPageToken", "")
        if not page:
            break
    assert len(rows) == len(search(shared_sandbox, DAILY)) and len({json.dumps(row) for row in rows}) == len(rows)


@pytest.mark.parametrize("version", ["v23", "v26"])
def test_the_accessible_customers_are_listed(shared_sandbox: LocalSandbox, version: str) -> None:
    where = shared_sandbox.running.running
    answer = requests.get(
        f"{where.url}/{version}/customers:listAccessibleCustomers",
        headers={"Authorization": f"Bearer {token(shared_sandbox)}"},
        timeout=20,
    )
    assert answer.json() == {"resourceNames": [f"customers/{MANAGER}"]}


def test_fields_are_described(shared_sandbox: LocalSandbox) -> None:
    where = shared_sandbox.running.running
    answer = requests.get(
        f"{where.url}/v26/googleAdsFields/campaign.name",
        headers={"Authorization": f"Bearer {token(shared_sandbox)}"},
        timeout=20,
    )
    assert (answer.json()["name"], answer.json()["dataType"]) == ("campaign.name", "STRING")


# Changing ------------------------------------------------------------------------------------------------------------


def test_actions_are_changed_by_both_mutates(sandbox: LocalSandbox) -> None:
    update = {
        "update": {"resourceName": action_name(MIRROR), "status": "ENABLED", "primaryForGoal": True},
        "updateMask": "status,primaryForGoal",
    }
    made = post(sandbox, of_customer("conversionActions:mutate"), {"operations": [update]})
    assert made.json() == {"results": [{"resourceName": action_name(MIRROR)}]} and made.headers["request-id"]
    tag = {"name": "Newsletter", "type": "WEBPAGE", "category": "SIGNUP", "primaryForGoal": False}
    document = {"mutateOperations": [{"conversionActionOperation": {"create": tag}}]}
    answer = post(sandbox, of_customer("googleAds:mutate"), document).json()
    name = answer["mutateOperationResponses"][0]["conversionActionResult"]["resourceName"]
    found = {row.conversion_action.resource_name: row.conversion_action for row in search(sandbox, ACTIONS)}
    assert found[action_name(MIRROR)].primary_for_goal and found[name].name == "Newsletter"
    assert not found[name].primary_for_goal


def test_goals_are_changed_by_their_own_service(sandbox: LocalSandbox) -> None:
    goal = f"customers/{CUSTOMER}/customerConversionGoals/PURCHASE~WEBSITE"
    document = {"operations": [{"update": {"resourceName": goal, "biddable": False}, "updateMask": "biddable"}]}
    answer = post(sandbox, of_customer("customerConversionGoals:mutate"), document)
    assert answer.json() == {"results": [{"resourceName": goal}]}
    query = "SELECT customer_conversion_goal.biddable FROM customer_conversion_goal"
    rows = post(sandbox, of_customer("googleAds:search"), {"query": query}).json()["results"]
    assert {"resourceName": goal} in [row["customerConversionGoal"] for row in rows], "false is left out"


def test_a_partial_failure_is_told_with_its_place(sandbox: LocalSandbox) -> None:
    tag = {"name": "Purchase (web)", "type": "WEBPAGE"}
    operations = [{"create": tag}, {"create": {**tag, "name": "Newsletter"}}]
    answer = post(
        sandbox, of_customer("conversionActions:mutate"), {"operations": operations, "partialFailure": True}
    ).json()
    failure = answer["partialFailureError"]
    (error,) = failure["details"][0]["errors"]
    assert failure["code"] == 3 and failure["message"].endswith(", at operations[0].create.name")
    assert failure["details"][0]["@type"] == FAILURE
    assert error["errorCode"] == {"conversionActionError": "DUPLICATE_NAME"}
    assert error["location"]["fieldPathElements"][0] == {"fieldName": "operations", "index": 0}
    assert answer["results"][0] == {} and answer["results"][1]["resourceName"]


# Refusals ------------------------------------------------------------------------------------------------------------


def only_error(answer: requests.Response, *, streams: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """The error document, and the one error of its failure."""
    found = answer.json()[0]["error"] if streams else answer.json()["error"]
    (detail,) = found["details"]
    (error,) = detail["errors"]
    assert found["code"] == answer.status_code and detail["requestId"] == answer.headers["request-id"]
    assert detail["@type"] == FAILURE
    return found, error


@pytest.mark.parametrize("streams", [False, True])
def test_a_bad_query_is_refused_as_google_does(shared_sandbox: LocalSandbox, streams: bool) -> None:
    method = "googleAds:searchStream" if streams else "googleAds:search"
    answer = post(shared_sandbox, of_customer(method), {"query": "SELECT campaign.colour FROM campaign"})
    found, error = only_error(answer, streams=streams)
    assert (found["code"], found["status"]) == (400, "INVALID_ARGUMENT")
    assert error["errorCode"] == {"queryError": "UNRECOGNIZED_FIELD"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"query": ACTIONS, "pageSize": 10}, "PAGE_SIZE_NOT_SUPPORTED"),
        ({"query": ACTIONS, "pageToken": "next"}, "INVALID_PAGE_TOKEN"),
    ],
)
def test_search_refuses_what_it_refuses_over_grpc(shared_sandbox: LocalSandbox, document: Any, code: str) -> None:
    _, error = only_error(post(shared_sandbox, of_customer("googleAds:search"), document))
    assert error["errorCode"] == {"requestError": code}


@pytest.mark.parametrize(
    ("customer", "headers", "status", "code"),
    [
        ("100-000-0001", {}, 400, {"requestError": "INVALID_CUSTOMER_ID"}),
        (CUSTOMER, {"login-customer-id": "999-000-0001"}, 400, {"headerError": "INVALID_LOGIN_CUSTOMER_ID"}),
        (CUSTOMER, {"login-customer-id": ""}, 403, {"authorizationError": "USER_PERMISSION_DENIED"}),
        (CUSTOMER, {"Authorization": "Bearer no"}, 401, {"authenticationError": "OAUTH_TOKEN_INVALID"}),
    ],
)
def test_the_door_is_the_same(
    shared_sandbox: LocalSandbox, customer: str, headers: dict[str, str], status: int, code: dict[str, str]
) -> None:
    answer = post(shared_sandbox, of_customer("googleAds:search", customer=customer), {"query": ACTIONS}, **headers)
    found, error = only_error(answer)
    assert (found["code"], error["errorCode"]) == (status, code)


def test_a_token_for_analytics_opens_nothing(shared_sandbox: LocalSandbox) -> None:
    headers = {"Authorization": f"Bearer {token(shared_sandbox, READ_SCOPE)}"}
    answer = post(shared_sandbox, of_customer("googleAds:search"), {"query": ACTIONS}, **headers)
    assert only_error(answer)[1]["errorCode"] == {"authorizationError": "ACTION_NOT_PERMITTED"}


@pytest.mark.parametrize("version", ["v22", "v99"])
def test_a_closed_version_is_refused_by_its_own_name(shared_sandbox: LocalSandbox, version: str) -> None:
    answer = post(shared_sandbox, of_customer("googleAds:search", version), {"query": ACTIONS})
    (detail,) = answer.json()["error"]["details"]
    assert answer.status_code == 400 and f".{version}.errors." in detail["@type"]
    assert detail["errors"][0]["errorCode"] == {"requestError": "UNSUPPORTED_VERSION"}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"query": 1}', b'{"nonsense": "x"}', b"[]"])
def test_a_body_that_is_not_the_request_is_refused(shared_sandbox: LocalSandbox, body: bytes) -> None:
    answer = post(shared_sandbox, of_customer("googleAds:search"), body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "place",
    [
        f"customers/{CUSTOMER}/invoices:mutate",
        f"customers/{CUSTOMER}:uploadClickConversions",
        f"customers/{CUSTOMER}/offlineUserDataJobs/1:run",
        "customers:suggestBrands",
        "geoTargetConstants:suggest",
    ],
)
def test_a_method_that_is_not_served_is_unimplemented_by_name(shared_sandbox: LocalSandbox, place: str) -> None:
    answer = post(shared_sandbox, f"v26/{place}", {})
    error = {"code": 501, "message": f"The sandbox does not serve POST /v26/{place}.", "status": "UNIMPLEMENTED"}
    assert (answer.status_code, answer.json()) == (501, {"error": error})
    assert answer.headers["request-id"]
    closed = post(shared_sandbox, f"v22/{place}", {}).json()["error"]["details"][0]
    assert ".v22.errors." in closed["@type"] and "UNSUPPORTED_VERSION" in str(closed)


@pytest.mark.parametrize(("place", "status"), [("invoices", 501), ("googleAds:search", 404), ("campaigns/1", 404)])
def test_a_list_that_is_not_served_is_told_from_a_method_with_another_verb(
    shared_sandbox: LocalSandbox, place: str, status: int
) -> None:
    where = shared_sandbox.running.running
    assert requests.get(f"{where.url}/{of_customer(place)}", timeout=20).status_code == status


@pytest.mark.parametrize(
    "place", ["customers", f"customers/{CUSTOMER}", "nonsense/x/y", "a/b/c/d/e:f", "customers/1/x:"]
)
def test_what_is_no_methods_path_is_not_found(shared_sandbox: LocalSandbox, place: str) -> None:
    answer = post(shared_sandbox, f"v26/{place}", {})
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert f"/v26/{place}" in answer.json()["error"]["message"]


# The same faults, counts and quota ------------------------------------------------------------------------------------


def test_calls_are_counted_charged_and_faulted_like_those_over_grpc(sandbox: LocalSandbox) -> None:
    path = of_customer("googleAds:searchStream")
    sandbox.control.fault("SearchStream", "quota")
    answer = post(sandbox, path, {"query": ACTIONS})
    error = answer.json()[0]["error"]
    assert (answer.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["details"][0]["errors"][0]["details"]["quotaErrorDetails"]["rateScope"] == "DEVELOPER"
    sandbox.control.fault("SearchStream", "cut")
    with pytest.raises(requests.exceptions.RequestException):
        post(sandbox, path, {"query": DAILY})
    assert post(sandbox, path, {"query": ACTIONS}).status_code == 200
    status = sandbox.control.status()
    assert status["calls"]["ads GoogleAdsService/SearchStream"] == 3
    assert status["project"]["operations_today"] == 2


def test_an_answer_that_is_lost_was_made_all_the_same(sandbox: LocalSandbox) -> None:
    sandbox.control.fault("MutateConversionActions", "lost")
    document = {"operations": [{"create": {"name": "Newsletter", "type": "WEBPAGE"}}]}
    assert post(sandbox, of_customer("conversionActions:mutate"), document).status_code == 503
    error = refusal(lambda: mutate(sandbox, create(a_tag("Newsletter"))))
    assert "DUPLICATE_NAME" in str(error.failure)


def test_ga4_is_served_over_https_as_well(shared_sandbox: LocalSandbox) -> None:
    where = shared_sandbox.running.running
    answer = requests.get(
        f"{where.secure_url}/v1beta/accountSummaries",
        headers={"Authorization": f"Bearer {token(shared_sandbox, READ_SCOPE)}"},
        verify=str(shared_sandbox.directory / "ca.pem"),
        timeout=20,
    )
    assert answer.json()["accountSummaries"]
