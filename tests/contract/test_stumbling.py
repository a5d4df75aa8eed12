"""What nobody foresaw: every call is answered INTERNAL with a request id, and the sandbox's stderr says where it was."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
import requests
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.api_core import exceptions as core

from adsync.sandbox.ads import rest as ads_rest
from adsync.sandbox.ads.desk import Desk
from adsync.sandbox.ga4 import data_api, grpc_calls
from tests.contract.clients import CUSTOMER, ads_service, error_codes
from tests.contract.ga4 import SHOP, Shop, asked
from tests.contract.test_ads_rest import of_customer, post
from tests.contract.test_transcoding import ga4_post
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

QUERY = "SELECT customer.id FROM customer"
SAID = "The sandbox stumbled over this: ZeroDivisionError: no reason"
RETRIES = 11
"""More than the server errors after which GA4 refuses a property."""


def stumble(*_: Any, **__: Any) -> NoReturn:
    raise ZeroDivisionError("no reason")


def traced(capsys: pytest.CaptureFixture[str]) -> bool:
    told = capsys.readouterr().err
    return "Traceback" in told and "in stumble" in told and "ZeroDivisionError: no reason" in told


@pytest.mark.parametrize("streams", [False, True])
def test_google_ads_over_grpc(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], streams: bool
) -> None:
    monkeypatch.setattr(Desk, "_answer", stumble)
    service = ads_service(sandbox, "GoogleAdsService")
    # Google's client leaves INTERNAL to its own retries, and the failure in the trailers.
    with pytest.raises(core.InternalServerError) as caught:
        list((service.search_stream if streams else service.search)(customer_id=CUSTOMER, query=QUERY, timeout=20))
    trailers = dict(caught.value.response.trailing_metadata())
    failure = GoogleAdsFailure.deserialize(trailers["google.ads.googleads.v26.errors.googleadsfailure-bin"])
    assert error_codes(failure) == ["internal_error.INTERNAL_ERROR"]
    assert failure.errors[0].message == SAID and traced(capsys)
    assert failure.request_id == trailers["request-id"] != ""


@pytest.mark.parametrize("streams", [False, True])
def test_google_ads_over_rest(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], streams: bool
) -> None:
    monkeypatch.setattr(Desk, "_answer", stumble)
    answer = post(sandbox, of_customer("googleAds:searchStream" if streams else "googleAds:search"), {"query": QUERY})
    document = answer.json()[0] if streams else answer.json()
    assert (answer.status_code, document["error"]["status"]) == (500, "INTERNAL")
    (failure,) = document["error"]["details"]
    assert failure["errors"][0]["errorCode"] == {"internalError": "INTERNAL_ERROR"}
    assert failure["requestId"] == answer.headers["request-id"] != "" and traced(capsys)


def test_what_happens_around_a_call_of_google_ads_over_rest(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ads_rest, "parsed", stumble)
    answer = post(sandbox, of_customer("googleAds:search"), {"query": QUERY})
    assert (answer.status_code, answer.json()["error"]["message"]) == (500, SAID)
    assert answer.headers["request-id"] and traced(capsys)


def test_ga4_over_rest_which_does_not_count_it_as_an_error_of_its_own(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(data_api, "run_report", stumble)
        for _ in range(RETRIES):
            answer = ga4_post(sandbox, b"{}")
            assert (answer.status_code, answer.json()["error"]["message"]) == (500, SAID)
            assert answer.headers["x-request-id"] and traced(capsys)
    good: requests.Response = ga4_post(sandbox, b"{}", "checkCompatibility")
    assert good.status_code == 200


def test_ga4_over_grpc(
    sandbox: LocalSandbox, over_grpc: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, name in ((data_api, "run_report"), (grpc_calls, "as_http")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, stumble)
            with pytest.raises(core.InternalServerError, match=SAID):
                over_grpc.beta.run_report(asked(), timeout=20, retry=None)
        assert traced(capsys)
    assert over_grpc.beta.run_report(asked(property=SHOP), timeout=20).rows
