"""Who may see and change which Google Ads account, and what an OAuth token is worth."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import grpc
import pytest
import requests
from google.ads.googleads.client import GoogleAdsClient
from google.api_core.exceptions import Unauthenticated, from_grpc_error
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from adsync.sandbox.estate import MANAGER_ID
from tests.contract.clients import (
    ADS_SCOPE,
    CUSTOMER,
    MANAGER,
    PROPERTY,
    READ_SCOPE,
    ads_client,
    ads_client_with,
    ads_service,
    error_codes,
    search,
    service_account_credentials,
    trusting,
)
from tests.contract.ga4 import SHOP
from tests.contract.test_ads_sandbox import ACTIONS, a_tag, create, mutate, refusal
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


def signed_in(sandbox: LocalSandbox, key_file: str, *, login: str | None) -> Any:
    credentials = service_account.Credentials.from_service_account_file(
        str(sandbox.directory / key_file), scopes=[ADS_SCOPE]
    )
    return ads_client_with(sandbox, credentials, login=login)


def accessible(sandbox: LocalSandbox, client: Any) -> list[str]:
    names = ads_service(sandbox, "CustomerService", client).list_accessible_customers(timeout=20).resource_names
    return [name.removeprefix("customers/") for name in names]


# Users ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key_file", "sees"),
    [("service-account.json", MANAGER), ("client-user.json", CUSTOMER), ("read-only-user.json", MANAGER)],
)
def test_each_user_is_told_the_accounts_it_is_linked_to(shared_sandbox: LocalSandbox, key_file: str, sees: str) -> None:
    assert accessible(shared_sandbox, signed_in(shared_sandbox, key_file, login=None)) == [sees]


@pytest.mark.parametrize("login", [None, CUSTOMER], ids=["no login", "the client as its own login"])
def test_a_user_of_the_client_needs_no_manager(shared_sandbox: LocalSandbox, login: str | None) -> None:
    assert search(shared_sandbox, ACTIONS, client=signed_in(shared_sandbox, "client-user.json", login=login))


@pytest.mark.parametrize(
    ("login", "customer"),
    [(MANAGER, CUSTOMER), (None, MANAGER), (CUSTOMER, MANAGER), (None, "1000000002"), (CUSTOMER, "1000000002")],
)
def test_a_user_of_one_client_reaches_nothing_else(tmp_path: Any, login: str | None, customer: str) -> None:
    with local_sandbox(tmp_path / "two", accounts=2) as two:
        client = signed_in(two, "client-user.json", login=login)
        error = refusal(lambda: search(two, "SELECT customer.id FROM customer", customer=customer, client=client))
        assert error_codes(error.failure) == ["authorization_error.USER_PERMISSION_DENIED"]


def test_a_read_only_user_reads_and_changes_nothing(sandbox: LocalSandbox) -> None:
    client = signed_in(sandbox, "read-only-user.json", login=MANAGER)
    before = len(search(sandbox, ACTIONS, client=client))
    service = ads_service(sandbox, "ConversionActionService", client)
    error = refusal(
        lambda: service.mutate_conversion_actions(customer_id=CUSTOMER, operations=[create(a_tag())], timeout=20)
    )
    assert error_codes(error.failure) == ["authorization_error.ACTION_NOT_PERMITTED"]
    assert error.error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert len(search(sandbox, ACTIONS)) == before
    mutate(sandbox, create(a_tag()))
    assert len(search(sandbox, ACTIONS, client=client)) == before + 1


# Tokens --------------------------------------------------------------------------------------------------------------


def test_expired_and_revoked_tokens_say_so_and_new_ones_work(sandbox: LocalSandbox) -> None:
    for state, code in (("expired", "OAUTH_TOKEN_EXPIRED"), ("revoked", "OAUTH_TOKEN_REVOKED")):
        credentials = service_account_credentials(sandbox, ADS_SCOPE)
        credentials.refresh(Request())
        asks = partial(search, sandbox, ACTIONS, client=ads_client_with(sandbox, Credentials(credentials.token)))
        assert asks()
        sandbox.control.end_tokens(state)
        error = refusal(asks)
        assert error_codes(error.failure) == [f"authentication_error.{code}"]
        assert error.error.code() is grpc.StatusCode.UNAUTHENTICATED
        answer = requests.get(
            f"{sandbox.running.running.url}/v1beta/accountSummaries",
            headers={"Authorization": f"Bearer {credentials.token}"},
            timeout=20,
        )
        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
        fresh = ads_client_with(sandbox, service_account_credentials(sandbox, ADS_SCOPE))
        assert search(sandbox, ACTIONS, client=fresh)


def test_a_call_with_another_header_is_told_about_it(shared_sandbox: LocalSandbox) -> None:
    answer = requests.get(
        f"{shared_sandbox.running.running.url}/v26/customers:listAccessibleCustomers",
        headers={"Authorization": "Basic eDp5"},
        timeout=20,
    )
    (error,) = answer.json()["error"]["details"][0]["errors"]
    assert (answer.status_code, error["errorCode"]) == (401, {"authenticationError": "OAUTH_TOKEN_HEADER_INVALID"})


CREDENTIALS_MISSING = {
    "code": 401,
    "message": "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
    "other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    "status": "UNAUTHENTICATED",
    "details": [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "CREDENTIALS_MISSING",
            "domain": "googleapis.com",
        }
    ],
}


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v26/customers:listAccessibleCustomers"),
        ("POST", f"/v26/customers/{CUSTOMER}/googleAds:search"),
        ("GET", "/v1beta/accountSummaries"),
        ("POST", f"/v1beta/properties/{PROPERTY}:runReport"),
    ],
)
def test_a_call_without_credentials_is_refused_before_it_comes_to_an_api(
    shared_sandbox: LocalSandbox, verb: str, path: str
) -> None:
    answer = requests.request(verb, f"{shared_sandbox.running.running.url}{path}", timeout=20)
    assert (answer.status_code, answer.json()) == (401, {"error": CREDENTIALS_MISSING})


def test_a_stream_without_credentials_is_refused_in_an_array(shared_sandbox: LocalSandbox) -> None:
    address = f"{shared_sandbox.running.running.url}/v26/customers/{CUSTOMER}/googleAds:searchStream"
    answer = requests.post(address, timeout=20)
    assert (answer.status_code, answer.json()) == (401, [{"error": CREDENTIALS_MISSING}])


@pytest.mark.parametrize(
    "path",
    [
        "/google.ads.googleads.v26.services.GoogleAdsService/Search",
        "/google.analytics.data.v1beta.BetaAnalyticsData/RunReport",
    ],
)
def test_a_call_over_grpc_without_credentials_is_refused_alike(shared_sandbox: LocalSandbox, path: str) -> None:
    authority = (shared_sandbox.directory / "ca.pem").read_bytes()
    address = f"localhost:{shared_sandbox.running.running.ads_port}"
    # What RunReport wants first, and what Search has as well: a text that names whose numbers they are.
    named = b"\x0a" + bytes([len(SHOP)]) + SHOP.encode()
    with (
        grpc.secure_channel(address, grpc.ssl_channel_credentials(authority)) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary(path)(named, timeout=20)
    error = from_grpc_error(caught.value)
    assert isinstance(error, Unauthenticated)
    assert (error.message, error.reason, error.domain) == (
        CREDENTIALS_MISSING["message"],
        "CREDENTIALS_MISSING",
        "googleapis.com",
    )
    assert not any("googleadsfailure" in key for key, _ in caught.value.trailing_metadata())


def person(sandbox: LocalSandbox, **different: str) -> Credentials:
    document = json.loads((sandbox.directory / "authorized-user.json").read_text()) | different
    return Credentials(
        None,
        refresh_token=document["refresh_token"],
        client_id=document["client_id"],
        client_secret=document["client_secret"],
        token_uri=document["token_uri"],
    )


def test_a_person_signs_in_with_a_refresh_token(sandbox: LocalSandbox) -> None:
    client = ads_client_with(sandbox, person(sandbox))
    assert accessible(sandbox, client) == [MANAGER]
    assert search(sandbox, ACTIONS, client=client)
    for different, code in (
        ({"client_secret": "other"}, "invalid_client"),
        ({"refresh_token": "other"}, "invalid_grant"),
    ):
        with pytest.raises(RefreshError, match=code):
            person(sandbox, **different).refresh(Request())
    narrow = person(sandbox)
    narrow._scopes = [READ_SCOPE]
    narrow.refresh(Request())
    error = refusal(lambda: search(sandbox, ACTIONS, client=ads_client_with(sandbox, Credentials(narrow.token))))
    assert error_codes(error.failure) == ["authorization_error.ACTION_NOT_PERMITTED"]
    narrow._scopes = ["https://www.googleapis.com/auth/drive"]
    with pytest.raises(RefreshError, match="invalid_scope"):
        narrow.refresh(Request())
    sandbox.control.end_tokens("revoked")
    with pytest.raises(RefreshError, match="expired or revoked"):
        person(sandbox).refresh(Request())


# Files for other programs ---------------------------------------------------------------------------------------------


def test_googles_example_scripts_find_all_they_need_in_google_ads_yaml(shared_sandbox: LocalSandbox) -> None:
    with trusting((shared_sandbox.directory / "ca.pem").read_bytes()):
        client = GoogleAdsClient.load_from_storage(str(shared_sandbox.directory / "google-ads.yaml"), version="v26")
        service = client.get_service("GoogleAdsService")
    stream = service.search_stream(customer_id=CUSTOMER, query="SELECT campaign.name FROM campaign", timeout=20)
    assert [row.campaign.name for batch in stream for row in batch.results] == ["Brand", "Generic"]


def test_files_of_the_folder_are_readable_by_their_owner_only(shared_sandbox: LocalSandbox) -> None:
    for name in ("google-ads.yaml", "client-user.json", "read-only-user.json", "authorized-user.json"):
        assert (shared_sandbox.directory / name).stat().st_mode & 0o077 == 0


# The project's quota --------------------------------------------------------------------------------------------------


def used(sandbox: LocalSandbox) -> int:
    return int(sandbox.control.status()["project"]["operations_today"])


def test_a_query_a_changed_item_and_any_other_call_cost_one_operation_each(sandbox: LocalSandbox) -> None:
    search(sandbox, ACTIONS)
    assert used(sandbox) == 1
    list(ads_service(sandbox, "GoogleAdsService").search_stream(customer_id=CUSTOMER, query=ACTIONS, timeout=20))
    accessible(sandbox, ads_client(sandbox))
    assert used(sandbox) == 3
    mutate(sandbox, create(a_tag("One")), create(a_tag("Two")), create(a_tag("Three")))
    assert used(sandbox) == 6


def test_further_pages_of_a_query_cost_nothing(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adsync.sandbox.ads.reading._PAGE", 1)
    assert len(search(sandbox, ACTIONS)) > 1
    assert used(sandbox) == 1


def test_beyond_the_access_levels_quota_calls_are_refused_until_a_day_has_passed(sandbox: LocalSandbox) -> None:
    sandbox.control.set_project(access_level="explorer")
    sandbox.running.estate.project.charge(2_000, sandbox.running.estate.now)
    sandbox.running.estate.project.charge(880, sandbox.running.estate.now + 60)
    with pytest.raises(Exception, match="Too many requests") as caught:
        search(sandbox, ACTIONS)
    call = caught.value.errors[0]  # type: ignore[attr-defined]
    assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    told = dict(call.trailing_metadata())
    spoken = ads_client(sandbox).get_type("GoogleAdsFailure")
    failure = type(spoken).deserialize(told["google.ads.googleads.v26.errors.googleadsfailure-bin"])
    quota = failure.errors[0].details.quota_error_details
    assert error_codes(failure) == ["quota_error.RESOURCE_EXHAUSTED"]
    assert (quota.rate_scope.name, quota.retry_delay.total_seconds()) == ("DEVELOPER", 86_400)
    assert re.search("explorer access", quota.rate_name)
    assert used(sandbox) == 2_880, "what is refused is not counted"
    sandbox.control.advance(1)
    assert search(sandbox, ACTIONS) and used(sandbox) == 881
    sandbox.control.set_project(access_level="standard")
    assert search(sandbox, ACTIONS) and sandbox.control.status()["project"]["operations_a_day"] is None


def test_the_folder_names_its_manager(shared_sandbox: LocalSandbox) -> None:
    assert f"login_customer_id: '{MANAGER_ID}'" in (shared_sandbox.directory / "google-ads.yaml").read_text()
