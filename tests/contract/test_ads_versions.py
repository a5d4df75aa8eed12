"""The API versions that one sandbox speaks, the retired ones, and where their messages come from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.ads.googleads.client import GoogleAdsClient
from google.rpc import status_pb2

from adsync.errors import UsageError
from adsync.sandbox.ads import descriptors
from adsync.sandbox.ads.descriptors import pool_of, versions
from adsync.sandbox.ads.errors import Fault, failure_message
from adsync.sandbox.ads.gaql import parse
from adsync.sandbox.ads.methods import METHODS
from adsync.sandbox.ads.protocol import OURS, UnknownVersion, protocol
from tests.contract.clients import (
    ADS_SCOPE,
    CUSTOMER,
    MANAGER,
    ads_service,
    error_codes,
    service_account_credentials,
)
from tests.contract.test_ads_sandbox import refusal
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

NAMES = "SELECT conversion_action.name FROM conversion_action"
OLDEST = versions()[0]


def old_client(sandbox: LocalSandbox) -> Any:
    """The official client, speaking the oldest version that it knows."""
    return GoogleAdsClient.load_from_dict(
        {
            "json_key_file_path": str(sandbox.directory / "service-account.json"),
            "login_customer_id": MANAGER,
            "endpoint": f"localhost:{sandbox.running.running.ads_port}",
            "use_proto_plus": True,
        },
        version=OLDEST,
    )


@contextmanager
def channel(sandbox: LocalSandbox) -> Iterator[grpc.Channel]:
    trusted = grpc.ssl_channel_credentials((sandbox.directory / "ca.pem").read_bytes())
    with grpc.secure_channel(f"localhost:{sandbox.running.running.ads_port}", trusted) as opened:
        yield opened


def called(sandbox: LocalSandbox, path: str, request: bytes = b"") -> tuple[bytes, Any]:
    """One call without Google's client: the answer's bytes and gRPC's view of the call. Raises grpc.RpcError."""
    credentials = service_account_credentials(sandbox, ADS_SCOPE)
    token = sandbox.running.tokens.exchange(
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": credentials._make_authorization_grant_assertion().decode(),
        }
    )["access_token"]
    with channel(sandbox) as opened:
        answer, call = opened.unary_unary(path).with_call(
            request, metadata=[("authorization", f"Bearer {token}"), ("login-customer-id", MANAGER)], timeout=20
        )
        return bytes(answer), call


def test_ours_is_the_newest_version_of_the_installed_client() -> None:
    assert versions()[-1] == OURS and len(versions()) >= 4
    assert list(versions()) == sorted(versions(), key=lambda name: int(name[1:]))


@pytest.mark.parametrize("version", versions())
def test_every_version_of_the_installed_client_is_answered(shared_sandbox: LocalSandbox, version: str) -> None:
    spoken = protocol(version)
    request = spoken.message("services.SearchGoogleAdsRequest")(customer_id=CUSTOMER, query=NAMES)
    path = f"/google.ads.googleads.{version}.services.GoogleAdsService/Search"
    answer, _ = called(shared_sandbox, path, request.SerializeToString())
    response = spoken.message("services.SearchGoogleAdsResponse").FromString(answer)
    assert "Purchase (web)" in {row.conversion_action.name for row in response.results}


def test_the_official_client_of_the_oldest_version_reads_fails_and_is_retired(sandbox: LocalSandbox) -> None:
    service = ads_service(sandbox, "GoogleAdsService", old_client(sandbox))

    def asks(query: str) -> Any:
        return list(service.search(customer_id=CUSTOMER, query=query, timeout=20))

    assert "Purchase (web)" in {row.conversion_action.name for row in asks(NAMES)}
    unknown = "customer.conversion_tracking_setting.effective_enablement_setting"
    error = refusal(lambda: asks(f"SELECT {unknown} FROM customer"))
    assert type(error.failure).__module__.startswith(f"google.ads.googleads.{OLDEST}.")
    assert error_codes(error.failure) == ["query_error.UNRECOGNIZED_FIELD"]
    sandbox.control.set_project(retired_versions=[OLDEST])
    error = refusal(lambda: asks(NAMES))
    assert error_codes(error.failure) == ["request_error.UNSUPPORTED_VERSION"]
    assert error.error.code() is grpc.StatusCode.INVALID_ARGUMENT and OLDEST in error.failure.errors[0].message
    assert error.request_id == error.failure.request_id != ""
    sandbox.control.set_project(retired_versions=[])
    assert asks(NAMES)


def test_a_version_that_nobody_knows_is_refused_under_its_own_key(shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        called(shared_sandbox, "/google.ads.googleads.v19.services.GoogleAdsService/SearchStream")
    told = dict(caught.value.trailing_metadata())
    failure = (
        protocol()
        .message("errors.GoogleAdsFailure")
        .FromString(told["google.ads.googleads.v19.errors.googleadsfailure-bin"])
    )
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.errors[0].error_code.WhichOneof("error_code") == "request_error"
    assert failure.errors[0].error_code.request_error == 38, "UNSUPPORTED_VERSION"
    assert failure.request_id == told["request-id"] == dict(caught.value.initial_metadata())["request-id"]


def test_an_unknown_path_is_unimplemented_by_name(shared_sandbox: LocalSandbox) -> None:
    for path in ("/google.ads.googleads.v26.services.InvoiceService/ListInvoices", "/else/where"):
        with pytest.raises(grpc.RpcError) as caught:
            called(shared_sandbox, path)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED and path in caught.value.details()


@pytest.mark.parametrize("method", METHODS)
def test_bytes_that_are_no_message_are_an_error_of_grpcs_in_every_method(
    shared_sandbox: LocalSandbox, method: str
) -> None:
    """A server that cannot parse a request says INTERNAL (grpc: statuscodes.md), before anybody has counted it."""
    counted = shared_sandbox.control.status()["calls"]
    for version in (OLDEST, OURS):
        with pytest.raises(grpc.RpcError) as caught:
            called(shared_sandbox, f"/google.ads.googleads.{version}.services.{method}", b"\xff")
        assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert shared_sandbox.control.status()["calls"] == counted


def test_a_refusal_ends_with_both_forms_of_googles_failure(shared_sandbox: LocalSandbox) -> None:
    spoken = protocol()
    request = spoken.message("services.SearchGoogleAdsRequest")(customer_id=CUSTOMER, query="SELECT a FROM campaign")
    with pytest.raises(grpc.RpcError) as caught:
        called(
            shared_sandbox, "/google.ads.googleads.v26.services.GoogleAdsService/Search", request.SerializeToString()
        )
    told = dict(caught.value.trailing_metadata())
    status = status_pb2.Status.FromString(told["grpc-status-details-bin"])
    assert (status.code, status.message) == (caught.value.code().value[0], caught.value.details())
    assert status.details[0].value == told[spoken.failure_key]
    assert status.details[0].type_url.endswith("google.ads.googleads.v26.errors.GoogleAdsFailure")


def test_an_older_version_calls_unknown_what_came_after_it() -> None:
    query = parse("SELECT conversion_action.type FROM conversion_action")
    row = {"conversion_action.type": "LOCAL_SERVICES_ADS"}
    old, new = (protocol(version).to_message(query, row) for version in (OLDEST, OURS))
    field = new.conversion_action.DESCRIPTOR.fields_by_name["type_"]
    assert field.enum_type.values_by_number[new.conversion_action.type_].name == "LOCAL_SERVICES_ADS"
    assert old.conversion_action.type_ == 1, "UNKNOWN"


def test_an_older_version_gets_unknown_for_an_error_code_that_it_lacks() -> None:
    fault = Fault(category="authorization_error", name="CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", message="No.")
    codes = [failure_message((fault,), "id", protocol(v)).errors[0].error_code for v in (OLDEST, OURS)]
    assert [code.authorization_error for code in codes] == [1, 32]
    strange = Fault(category="no_such_error", name="NEW", message="No.")
    code = failure_message((strange,), "id", protocol(OLDEST)).errors[0].error_code
    assert (code.WhichOneof("error_code"), code.request_error) == ("request_error", 1)


def test_only_versions_of_the_client_can_be_retired(shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(UsageError, match="refused"):
        shared_sandbox.control.set_project(retired_versions=["v1"])


# Where the messages come from ----------------------------------------------------------------------------------------


def test_a_version_that_the_client_lacks_is_unknown() -> None:
    with pytest.raises(UnknownVersion):
        protocol("v1")


def test_messages_are_kept_in_the_cache_and_taken_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dumps: list[str] = []
    content = descriptors.descriptor_set(OURS)

    def dumped(version: str) -> bytes:
        dumps.append(version)
        return content

    monkeypatch.setattr(descriptors, "_dumped", dumped)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    name = f"google.ads.googleads.{OURS}.services.GoogleAdsRow"
    for _ in range(2):
        assert pool_of(OURS).FindMessageTypeByName(name).full_name == name
    (kept,) = (tmp_path / "cache" / "adsync").iterdir()
    assert dumps == [OURS] and OURS in kept.name
    kept.write_bytes(kept.read_bytes()[:-5])
    assert pool_of(OURS).FindMessageTypeByName(name) and dumps == [OURS, OURS], "a spoilt file is replaced"
    assert pool_of(OURS).FindMessageTypeByName(name) and dumps == [OURS, OURS]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = descriptors.descriptor_set(OURS)
    monkeypatch.setattr(descriptors, "_dumped", lambda _: content)
    (tmp_path / "cache").write_text("a file, and no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert pool_of(OURS).FindMessageTypeByName(f"google.ads.googleads.{OURS}.services.GoogleAdsRow")
    assert (tmp_path / "cache").is_file()


def test_a_running_sandbox_imports_nothing_of_the_client(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from adsync.sandbox.serve import RunningSandbox, build_estate\n"
        "from adsync.sandbox.ads.protocol import protocol\n"
        f"sandbox = RunningSandbox(pathlib.Path({str(tmp_path)!r}), build_estate('starved-shop', 7))\n"
        "protocol().message('services.GoogleAdsRow')\n"
        "print([name for name in sys.modules if name.startswith('google.ads.googleads')])\n"
        "sandbox.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
