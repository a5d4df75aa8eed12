"""GA4 in trouble over gRPC: what a client makes of each fault, and what was done all the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from google.analytics.admin_v1beta import types as admin
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core

from adsync.sandbox.fault_kinds import When, trouble
from adsync.sandbox.faults import FaultRule
from adsync.sandbox.serve import RunningSandbox, build_estate
from tests.contract.clients import PROPERTY, ga4_client, ga4_grpc_client
from tests.contract.ga4 import SHOP, Shop, asked
from tests.sandboxes import LocalSandbox

# kind -> what a client makes of it, and whether a change was made all the same.
TROUBLE: dict[str, tuple[type[Exception], bool]] = {
    "unavailable": (core.ServiceUnavailable, False),
    "internal": (core.InternalServerError, False),
    "forbidden": (core.PermissionDenied, False),
    "quota": (core.ResourceExhausted, False),
    "expired": (core.Unauthenticated, False),
    "conflict": (core.Aborted, False),
    "page": (core.Unknown, False),
    "502": (core.ServiceUnavailable, False),
    "NOT_FOUND": (core.NotFound, False),
    "cut": (core.ServiceUnavailable, True),
    "lost": (core.ServiceUnavailable, True),
    "garbled": (core.InternalServerError, True),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_change_in_trouble(sandbox: LocalSandbox, over_grpc: Shop, kind: str) -> None:
    wanted, made = TROUBLE[kind]
    sandbox.control.fault("createKeyEvent", kind)
    with pytest.raises(core.GoogleAPICallError) as caught:
        over_grpc.admin.create_key_event(parent=SHOP, key_event=admin.KeyEvent(event_name="scroll"), timeout=20)
    assert type(caught.value) is wanted
    assert _is_key(sandbox, "scroll") is made
    assert sandbox.running.estate.calls["ga4 createKeyEvent"] == 1
    over_grpc.admin.list_key_events(parent=SHOP, timeout=20)


def _is_key(sandbox: LocalSandbox, event: str) -> bool:
    return sandbox.running.estate.properties[PROPERTY].key_event(event) is not None


def test_a_well_formed_answer_may_hold_nothing_or_something_else(sandbox: LocalSandbox, over_grpc: Shop) -> None:
    sandbox.control.fault("runReport", "empty")
    sandbox.control.fault("runReport", "elsewhere")
    assert over_grpc.beta.run_report(asked(), timeout=20) == beta.RunReportResponse()
    elsewhere = over_grpc.beta.run_report(asked(), timeout=20)
    assert [header.name for header in elsewhere.dimension_headers] == ["country"]


@pytest.mark.parametrize(("fault", "made"), [("before", False), ("after", True)])
def test_a_call_hangs_for_as_long_as_its_caller_waits(
    sandbox: LocalSandbox, over_grpc: Shop, fault: str, made: bool
) -> None:
    rule = FaultRule("createKeyEvent", trouble("hang", when=When(fault)))
    sandbox.running.estate.faults.add([rule])
    key_event, began = admin.KeyEvent(event_name="scroll"), time.monotonic()
    with pytest.raises(core.DeadlineExceeded):
        over_grpc.admin.create_key_event(parent=SHOP, key_event=key_event, timeout=1)
    assert time.monotonic() - began < 5
    assert _is_key(sandbox, "scroll") is made


def test_a_call_that_is_answered_too_late_is_not_begun(sandbox: LocalSandbox, over_grpc: Shop) -> None:
    sandbox.running.estate.faults.add([FaultRule("createKeyEvent", trouble("slow", seconds=2))])
    key_event = admin.KeyEvent(event_name="scroll")
    with pytest.raises(core.DeadlineExceeded):
        over_grpc.admin.create_key_event(parent=SHOP, key_event=key_event, timeout=0.5)
    time.sleep(2)
    assert not _is_key(sandbox, "scroll")


def test_server_errors_count_on_both_transports_together(sandbox: LocalSandbox, over_grpc: Shop) -> None:
    rest = Shop(sandbox, ga4_client)
    sandbox.control.fault("runReport", "unavailable", times=10)
    for shop in (rest, over_grpc) * 5:
        with pytest.raises(core.ServiceUnavailable):
            shop.beta.run_report(asked(), timeout=20)
    with pytest.raises(core.ResourceExhausted, match="Exhausted server errors quota"):
        over_grpc.beta.run_report(asked(), timeout=20)
    assert sandbox.running.estate.calls["ga4 runReport"] == 11


def test_answers_take_as_long_as_the_sandbox_is_told(tmp_path: Path) -> None:
    running = RunningSandbox(tmp_path, build_estate("starved-shop", 7), latency=0.3)
    try:
        sandbox = LocalSandbox(running, tmp_path)
        for make in (ga4_client, ga4_grpc_client):
            shop = Shop(sandbox, make)
            shop.admin.get_property(name=SHOP, timeout=20)
            began = time.monotonic()
            shop.admin.get_property(name=SHOP, timeout=20)
            assert 0.3 <= time.monotonic() - began < 2
    finally:
        running.stop()
