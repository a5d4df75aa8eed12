"""JSON and messages: what a message says in JSON is read back, and whatever else comes is a bad request, never a crash."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format
from hypothesis import example, given
from hypothesis import strategies as st

from adsync.sandbox.ads.protocol import protocol
from adsync.sandbox.http_messages import Problem
from adsync.sandbox.transcoding import parsed

SPOKEN = protocol()
MUTATE = SPOKEN.message("services.MutateConversionActionsRequest")

NAMES = st.sampled_from(
    ["operations", "create", "update", "updateMask", "status", "type", "id", "validateOnly", "customerId", "nonsense"]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["true", "1", "ENABLED", "1e5", "\ud800", "a\udc00", 10**400, -(10**400)]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=4),
    max_leaves=12,
)
ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=10),
        "status": st.sampled_from(["ENABLED", "HIDDEN"]),
        "primary_for_goal": st.booleans(),
        "view_through_lookback_window_days": st.integers(-(1 << 63), (1 << 63) - 1),
        "value_settings": st.fixed_dictionaries({"default_value": st.floats(allow_nan=False, allow_infinity=False)}),
    },
)


def outcome(body: bytes) -> Any:
    """The message, or the problem with it."""
    try:
        return parsed(body, MUTATE(), pool=SPOKEN.pool)
    except Problem as problem:
        return problem


@given(ANYTHING)
@example({"operations": [{"update": {"valueSettings": {"defaultValue": 10**400}}}]})
@example({"operations": [{"update": {"status": "\ud800"}}]})
@example({"operations": [{"update": {"\ud800": 1}}]})
@example({"responseContentType": "\ud800"})
@example({"operations": [{"update": {"type": 10**400}}]})
def test_whatever_json_comes_is_a_message_or_a_bad_request(document: Any) -> None:
    answer = outcome(json.dumps(document).encode())
    if not isinstance(answer, Problem):
        assert isinstance(document, dict)
        return
    assert (answer.code, answer.status) == (400, "INVALID_ARGUMENT")
    told = [each["description"] for detail in answer.details for each in detail["fieldViolations"]]
    assert not told or answer.message == "\n".join(told)


@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_a_message_or_a_bad_request(body: bytes) -> None:
    answer = outcome(body)
    assert not isinstance(answer, Problem) or (answer.code == 400 and answer.message.startswith("Invalid"))


@given(st.lists(ACTIONS, max_size=3), st.booleans(), st.booleans())
def test_a_messages_own_json_is_read_back_in_either_spelling(
    actions: list[dict[str, Any]], as_numbers: bool, spelled_out: bool
) -> None:
    message = MUTATE(customer_id="1000000001", partial_failure=True)
    for action in actions:
        json_format.ParseDict({"create": action, "update_mask": "name,status"}, message.operations.add())
    document = json_format.MessageToJson(
        message, preserving_proto_field_name=spelled_out, use_integers_for_enums=as_numbers, descriptor_pool=SPOKEN.pool
    )
    assert parsed(document.encode(), MUTATE(), {"customer_id": "1000000001"}, pool=SPOKEN.pool) == message
