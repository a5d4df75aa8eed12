"""Pages of a Search, their tokens, and what else can be asked of an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import grpc
import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsRequest, SearchSettings
from google.api_core import exceptions as core
from google.auth.transport.requests import Request

from tests.contract.clients import ADS_SCOPE, CUSTOMER, ads_service, error_codes, service_account_credentials
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

DAYS = "SELECT segments.date, metrics.clicks FROM campaign WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-07'"
Asks = Callable[..., Any]


@pytest.fixture
def ask(shared_sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> Asks:
    """One page of a query, of five rows at most."""
    monkeypatch.setattr("adsync.sandbox.ads.reading._PAGE", 5)
    service = ads_service(shared_sandbox, "GoogleAdsService")

    def answered(query: str, page_token: str = "", *, validate_only: bool = False, **settings: bool) -> Any:
        request = SearchGoogleAdsRequest(
            customer_id=CUSTOMER,
            query=query,
            page_token=page_token,
            validate_only=validate_only,
            search_settings=SearchSettings(**settings),
        )
        return next(service.search(request=request, timeout=20).pages)

    return answered


def refused(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(GoogleAdsException) as caught:
        call()
    return error_codes(caught.value.failure)


def test_a_page_token_belongs_to_its_query(ask: Asks) -> None:
    first = ask(DAYS)
    second = ask(DAYS, first.next_page_token)
    assert len(first.results) == len(second.results) == 5 and first.results[0] != second.results[0]
    for query, token in (
        (DAYS.replace("'2026-02-07'", "'2026-02-08'"), first.next_page_token),
        (DAYS, first.next_page_token.replace("5", "6", 1)),
        (DAYS, "5"),
        (DAYS, "..."),
        (DAYS, "\u0665.0.x"),
    ):
        assert refused(partial(ask, query, token)) == ["request_error.INVALID_PAGE_TOKEN"]


def test_the_total_counts_what_the_limit_cuts_off(ask: Asks) -> None:
    whole = ask(f"{DAYS} LIMIT 7", return_total_results_count=True)
    following = ask(f"{DAYS} LIMIT 7", whole.next_page_token)
    assert whole.total_results_count == following.total_results_count > 7
    assert (len(whole.results), len(following.results), following.next_page_token) == (5, 2, "")
    plain = ask(DAYS)
    assert plain.total_results_count == 0
    late = refused(lambda: ask(DAYS, plain.next_page_token, return_total_results_count=True))
    assert late == ["request_error.TOTAL_RESULTS_COUNT_NOT_ORIGINALLY_REQUESTED"]


def test_results_can_be_left_out_and_a_query_only_checked(ask: Asks) -> None:
    left_out = ask(DAYS, omit_results=True, return_total_results_count=True)
    checked = ask(DAYS, validate_only=True)
    assert not left_out.results and left_out.total_results_count > 7 and not left_out.next_page_token
    assert not checked.results and list(checked.field_mask.paths) == ["segments.date", "metrics.clicks"]
    assert refused(lambda: ask("SELECT a.b FROM campaign", validate_only=True)) == ["query_error.UNRECOGNIZED_FIELD"]
    token = ask(DAYS).next_page_token
    assert refused(lambda: ask(DAYS, token, validate_only=True)) == [
        "request_error.VALIDATE_ONLY_REQUEST_HAS_PAGE_TOKEN"
    ]


def test_a_summary_row_is_not_served_and_that_is_said(ask: Asks, shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(core.MethodNotImplemented, match="return_summary_row"):
        ask(DAYS, return_summary_row=True)
    service = ads_service(shared_sandbox, "GoogleAdsService")
    request = {"customer_id": CUSTOMER, "query": DAYS, "summary_row_setting": "SUMMARY_ROW_WITH_RESULTS"}
    with pytest.raises(core.MethodNotImplemented, match="summary_row_setting"):
        list(service.search_stream(request=request, timeout=20))


def test_both_answers_say_what_the_query_consumed(ask: Asks, shared_sandbox: LocalSandbox) -> None:
    (batch, *_) = ads_service(shared_sandbox, "GoogleAdsService").search_stream(
        customer_id=CUSTOMER, query=DAYS, timeout=20
    )
    assert batch.query_resource_consumption == ask(DAYS).query_resource_consumption > 0


def test_the_request_id_comes_first_and_last(shared_sandbox: LocalSandbox) -> None:
    trusted = grpc.ssl_channel_credentials((shared_sandbox.directory / "ca.pem").read_bytes())
    credentials = service_account_credentials(shared_sandbox, ADS_SCOPE)
    credentials.refresh(Request())
    good = [("authorization", f"Bearer {credentials.token}")]
    with grpc.secure_channel(f"localhost:{shared_sandbox.running.running.ads_port}", trusted) as channel:
        ask = channel.unary_unary("/google.ads.googleads.v26.services.CustomerService/ListAccessibleCustomers")
        _, answered = ask.with_call(b"", metadata=good, timeout=20)
        with pytest.raises(grpc.RpcError) as caught:
            ask(b"", timeout=20)
    for call in (answered, caught.value):
        first, last = dict(call.initial_metadata()), dict(call.trailing_metadata())
        assert first["request-id"] == last["request-id"] != ""
