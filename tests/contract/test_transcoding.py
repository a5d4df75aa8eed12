"""Requests in JSON that are not what they should be: both APIs refuse them in the words of Google's one front end."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from google.api_core import exceptions as core
from google.auth.transport.requests import Request

from tests.contract.changes import MIRROR, name_of
from tests.contract.clients import CUSTOMER, EDIT_SCOPE, READ_SCOPE, service_account_credentials
from tests.contract.ga4 import SHOP
from tests.contract.test_ads_rest import of_customer, post
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

ENUMS = "type.googleapis.com/google.ads.googleads.v26.enums"
QUERY = "SELECT customer.id FROM customer"
NO_FIELD = 'Invalid JSON payload received. Unknown name "{}"{}: Cannot find field.'
NO_LIST = 'Invalid JSON payload received. Unknown name "{}"{}: Proto field is not repeating, cannot start list.'


MIRROR_NAME = name_of("conversionActions", MIRROR)


def ga4_post(sandbox: LocalSandbox, body: bytes, method: str = "runReport") -> requests.Response:
    credentials = service_account_credentials(sandbox, READ_SCOPE)
    credentials.refresh(Request())
    return requests.post(
        f"{sandbox.running.running.url}/v1beta/{SHOP}:{method}",
        headers={"Authorization": f"Bearer {credentials.token}"},
        data=body,
        timeout=20,
    )


def an_update(**fields: Any) -> dict[str, Any]:
    return {"operations": [{"update": fields, "updateMask": "status"}]}


# method, body -> where it is wrong ("" for the whole of it), and what is said.
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("googleAds:search", {"nonsense": "x"}, "", NO_FIELD.format("nonsense", "")),
    ("googleAds:search", {"query": 1}, "query", "Invalid value at 'query' (TYPE_STRING), 1"),
    ("googleAds:search", {"query": [QUERY]}, "", NO_LIST.format("query", "")),
    ("googleAds:search", {"query": {"a": 1}}, "", "Invalid value (query), Starting an object on a scalar field"),
    ("googleAds:search", {"pageSize": "abc"}, "page_size", "Invalid value at 'page_size' (TYPE_INT32), \"abc\""),
    ("googleAds:search", {"pageSize": 1.5}, "page_size", "Invalid value at 'page_size' (TYPE_INT32), 1.5"),
    ("googleAds:search", {"pageSize": 1 << 31}, "page_size", "Invalid value at 'page_size' (TYPE_INT32), 2147483648"),
    ("googleAds:search", {"validateOnly": 1}, "validate_only", "Invalid value at 'validate_only' (TYPE_BOOL), 1"),
    (
        "conversionActions:mutate",
        an_update(colour="red"),
        "operations[0].update",
        NO_FIELD.format("colour", " at 'operations[0].update'"),
    ),
    (
        "conversionActions:mutate",
        an_update(status="ON"),
        "operations[0].update.status",
        "Invalid value at 'operations[0].update.status' "
        f'({ENUMS}.ConversionActionStatusEnum.ConversionActionStatus), "ON"',
    ),
    (
        "conversionActions:mutate",
        an_update(id="12x"),
        "operations[0].update.id",
        "Invalid value at 'operations[0].update.id' (TYPE_INT64), \"12x\"",
    ),
    (
        "conversionActions:mutate",
        an_update(type="TAG"),
        "operations[0].update.type",
        "Invalid value at 'operations[0].update.type' "
        f'({ENUMS}.ConversionActionTypeEnum.ConversionActionType), "TAG"',
    ),
    (
        "conversionActions:mutate",
        an_update(type={}),
        "operations[0].update",
        "Invalid value at 'operations[0].update' (type), Starting an object on a scalar field",
    ),
    (
        "conversionActions:mutate",
        an_update(type_="WEBPAGE"),
        "operations[0].update",
        NO_FIELD.format("type_", " at 'operations[0].update'"),
    ),
    (
        "conversionActions:mutate",
        {"operations": ["create"]},
        "operations[0]",
        "Invalid value at 'operations[0]' "
        '(type.googleapis.com/google.ads.googleads.v26.services.ConversionActionOperation), "create"',
    ),
    (
        "conversionActions:mutate",
        {"operations": [{"create": {}, "remove": "x"}]},
        "operations[0]",
        "Invalid value at 'operations[0]' (oneof), oneof field 'operation' is already set. Cannot set 'remove'",
    ),
    (
        "conversionActions:mutate",
        {"operations": [{"updateMask": "primary__for_goal"}]},
        "operations[0].update_mask",
        "Invalid value at 'operations[0].update_mask' "
        '(type.googleapis.com/google.protobuf.FieldMask), "primary__for_goal"',
    ),
    (
        "conversionActions:mutate",
        {"operations": [{"updateMask": 5}]},
        "operations[0].update_mask",
        "Invalid value at 'operations[0].update_mask' (type.googleapis.com/google.protobuf.FieldMask), 5",
    ),
]


@pytest.mark.parametrize(("method", "body", "where", "said"), WRONG)
def test_each_mistake_is_named_with_its_place(
    shared_sandbox: LocalSandbox, method: str, body: dict[str, Any], where: str, said: str
) -> None:
    answer = post(shared_sandbox, of_customer(method), body)
    violation = {"field": where, "description": said} if where else {"description": said}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    error = {"code": 400, "message": said, "status": "INVALID_ARGUMENT", "details": [detail]}
    assert answer.status_code == 400 and answer.json() == {"error": error}


def test_all_mistakes_are_told_at_once(shared_sandbox: LocalSandbox) -> None:
    error = post(shared_sandbox, of_customer("googleAds:search"), {"a": 1, "query": 2}).json()["error"]
    lines = [NO_FIELD.format("a", ""), "Invalid value at 'query' (TYPE_STRING), 2"]
    assert error["message"].split("\n") == lines
    assert [each["description"] for each in error["details"][0]["fieldViolations"]] == lines


def test_analytics_says_it_in_the_same_form(shared_sandbox: LocalSandbox) -> None:
    answer = ga4_post(shared_sandbox, json.dumps({"limit": "many", "dimensions": [{"nam": "x"}]}).encode())
    (detail,) = answer.json()["error"]["details"]
    assert answer.status_code == 400
    assert detail["fieldViolations"] == [
        {"field": "limit", "description": "Invalid value at 'limit' (TYPE_INT64), \"many\""},
        {"field": "dimensions[0]", "description": NO_FIELD.format("nam", " at 'dimensions[0]'")},
    ]


def test_googles_client_reads_the_mistakes_from_the_error(shared_sandbox: LocalSandbox) -> None:
    response = ga4_post(shared_sandbox, b'{"foo": 1}')
    error = core.from_http_response(response)
    assert isinstance(error, core.BadRequest) and error.reason is None
    assert error.details[0]["fieldViolations"] == [{"description": NO_FIELD.format("foo", "")}]


@pytest.mark.parametrize("number", ["1_000", "\u0661", " 1", "1e999", "inf", "nan", "0x1", "", "1e", "."])
def test_numbers_as_text_are_those_of_json(shared_sandbox: LocalSandbox, number: str) -> None:
    said = f"(TYPE_DOUBLE), {json.dumps(number, ensure_ascii=False)}"
    value = {"metricFilter": {"filter": {"numericFilter": {"operation": "EQUAL", "value": {"doubleValue": number}}}}}
    for answer in (
        post(
            shared_sandbox, of_customer("conversionActions:mutate"), an_update(valueSettings={"defaultValue": number})
        ),
        ga4_post(shared_sandbox, json.dumps(value).encode()),
    ):
        assert answer.status_code == 400
        (violation,) = answer.json()["error"]["details"][0]["fieldViolations"]
        assert violation["description"] == f"Invalid value at '{violation['field']}' {said}"


@pytest.mark.parametrize("number", ["-1.5", "+1", ".5", "5.", "1e5", "2E-3"])
def test_numbers_may_come_as_text(shared_sandbox: LocalSandbox, number: str) -> None:
    value = {"numericFilter": {"operation": "EQUAL", "value": {"doubleValue": number}}}
    asked = {
        "metrics": [{"name": "eventCount"}],
        "dateRanges": [{"startDate": "yesterday", "endDate": "today"}],
        "metricFilter": {"filter": {"fieldName": "eventCount", **value}},
    }
    assert ga4_post(shared_sandbox, json.dumps(asked).encode()).status_code == 200


@pytest.mark.parametrize("field", ["status", "type"])
def test_half_a_character_is_no_constant(shared_sandbox: LocalSandbox, field: str) -> None:
    """Half a pair of escapes, which JSON can write and no message can hold."""
    answer = post(shared_sandbox, of_customer("conversionActions:mutate"), an_update(**{field: "\ud800"}))
    assert answer.status_code == 400 and "Invalid unicode code point." in answer.json()["error"]["message"]
    assert ga4_post(shared_sandbox, b'{"metricAggregations": ["\\ud800"]}').status_code == 400


# What is no JSON -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not json", "Unexpected token.\nnot json\n^"),
        (b"{", "Unexpected end of string. Expected an object key or }.\n\n^"),
        (b'{"query":', "Unexpected end of string. Expected a value.\n\n^"),
        (b'{"query": #}', 'Expected a value.\n{"query": #}\n          ^'),
        (b'{"query" 1}', 'Expected : between key:value pair.\n{"query" 1}\n         ^'),
        (b'{"a": 1 "b": 2}', 'Expected , or } after key:value pair.\n{"a": 1 "b": 2}\n        ^'),
        (b'{"a": [1, "[" 2]}', 'Expected , or ] after array value.\n{"a": [1, "[" 2]}\n              ^'),
        (b'{"query": "SELECT', 'Closing quote expected in string.\n{"query": "SELECT\n          ^'),
        (b"{} {}", "Parsing terminated before end of input.\n{} {}\n   ^"),
        (b'{"a": NaN}', "Unexpected token.\nNaN\n^"),
        (b'{"query": "\xff"}', "Encountered non UTF-8 code points."),
        (b"\xff\xfe{\x00}\x00", "Encountered non UTF-8 code points."),
        (b'{"a": ' * 100_000, "Message too deep. Max recursion depth reached."),
        (b'{"pageSize": ' + b"1" * 10_000 + b"}", "Number exceeds the range of double."),
        (b'{"pageSize": 1' + b"0" * 400 + b"}", "Number exceeds the range of double."),
        (b'{"pageSize": -1e999}', "Number exceeds the range of double."),
        (b'{"query": "\\ud800"}', "Invalid unicode code point."),
        (b'{"\\uDFFF": 1}', "Invalid unicode code point."),
    ],
)
def test_what_is_no_json_is_refused_with_what_was_expected(
    shared_sandbox: LocalSandbox, body: bytes, said: str
) -> None:
    wanted = {"code": 400, "message": f"Invalid JSON payload received. {said}", "status": "INVALID_ARGUMENT"}
    by_ads = post(shared_sandbox, of_customer("googleAds:search"), body)
    by_ga4 = ga4_post(shared_sandbox, body)
    assert by_ads.status_code == by_ga4.status_code == 400
    assert by_ads.json() == by_ga4.json() == {"error": wanted}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"nonsense": "x"}', b'{"customerId": "1"}'])
def test_errors_of_a_stream_come_in_an_array(shared_sandbox: LocalSandbox, body: bytes) -> None:
    (answer,) = post(shared_sandbox, of_customer("googleAds:searchStream"), body).json()
    assert answer["error"]["code"] == 400
    assert post(shared_sandbox, of_customer("googleAds:search"), body).json() == answer


# How fields are spelled ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["status,primary_for_goal", "status,primaryForGoal"])
def test_a_mask_may_be_spelled_either_way(sandbox: LocalSandbox, mask: str) -> None:
    changed = {"resourceName": MIRROR_NAME, "status": "ENABLED", "primaryForGoal": True}
    body = {"operations": [{"update": changed, "updateMask": "status"}]}
    assert post(sandbox, of_customer("conversionActions:mutate"), body).status_code == 200
    assert not _mirror(sandbox)["primaryForGoal"]
    body["operations"][0]["updateMask"] = mask
    answer = post(sandbox, of_customer("conversionActions:mutate"), body)
    assert answer.status_code == 200 and _mirror(sandbox)["primaryForGoal"]


def _mirror(sandbox: LocalSandbox) -> dict[str, Any]:
    query = f"SELECT conversion_action.primary_for_goal FROM conversion_action WHERE conversion_action.id = {MIRROR}"
    (row,) = post(sandbox, of_customer("googleAds:search"), {"query": query}).json()["results"]
    found: dict[str, Any] = row["conversionAction"]
    return found


@pytest.mark.parametrize("name", ["updateMask", "update_mask"])
@pytest.mark.parametrize("mask", ["counting_method,default_value", "countingMethod,defaultValue"])
def test_a_mask_in_the_query_may_be_spelled_either_way(sandbox: LocalSandbox, name: str, mask: str) -> None:
    credentials = service_account_credentials(sandbox, EDIT_SCOPE)
    credentials.refresh(Request())
    answer = requests.patch(
        f"{sandbox.running.running.url}/v1beta/{SHOP}/keyEvents/1",
        headers={"Authorization": f"Bearer {credentials.token}"},
        params={name: mask},
        json={"countingMethod": "ONCE_PER_SESSION", "defaultValue": {"numericValue": 2, "currencyCode": "EUR"}},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["countingMethod"] == "ONCE_PER_SESSION" and answer.json()["defaultValue"]


# What the path says --------------------------------------------------------------------------------------------------


def test_a_customer_in_the_body_may_repeat_the_paths_but_not_contradict_it(shared_sandbox: LocalSandbox) -> None:
    same = post(shared_sandbox, of_customer("googleAds:search"), {"query": QUERY, "customerId": CUSTOMER})
    assert same.json()["results"][0]["customer"]["id"] == CUSTOMER
    other = post(shared_sandbox, of_customer("googleAds:search"), {"query": QUERY, "customer_id": "1000000002"})
    assert (other.status_code, other.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert other.json()["error"]["message"] == (
        f"The binding value {CUSTOMER} of the field customer_id is conflicting with the value 1000000002 in the body."
    )


@pytest.mark.parametrize("method", ["runReport", "batchRunReports", "checkCompatibility"])
def test_a_property_in_the_body_may_not_contradict_the_paths(shared_sandbox: LocalSandbox, method: str) -> None:
    answer = ga4_post(shared_sandbox, b'{"property": "properties/1"}', method)
    assert answer.status_code == 400 and "conflicting with the value properties/1" in answer.json()["error"]["message"]


# What may be written shorter -----------------------------------------------------------------------------------------


def test_one_item_stands_for_a_list_of_one_and_text_for_numbers_and_flags(shared_sandbox: LocalSandbox) -> None:
    tag = {"name": "Newsletter", "type": 8, "category": "SIGNUP", "valueSettings": {"defaultValue": "1.5"}}
    body = {"operations": {"create": tag}, "validateOnly": "true", "partialFailure": None}
    answer = post(shared_sandbox, of_customer("conversionActions:mutate"), body)
    assert (answer.status_code, answer.json()) == (200, {})
