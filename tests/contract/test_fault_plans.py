"""Faults on demand: the plan's file, what each kind does to a call, and that Google Ads and GA4 suffer alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from google.ads.googleads.errors import GoogleAdsException
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.types import DateRange, Metric, RunReportRequest
from google.api_core import exceptions as core

from adsync.cli.sandbox import command
from adsync.errors import UsageError
from adsync.sandbox.call_names import ga4_call
from adsync.sandbox.fault_kinds import HTTP_OF_STATUS, NAMED, STATUS_OF_HTTP, When, trouble
from adsync.sandbox.fault_plan import BadFaultPlan, read_plan, rules_of
from adsync.sandbox.faults import FaultRule, Faults
from adsync.sandbox.ga4.api import Ga4
from tests.contract.clients import CUSTOMER, PROPERTY, ads_client, ads_service, error_codes, ga4_client, search
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

NAMES = "SELECT campaign.id, campaign.name FROM campaign"
RENAME = "adsync: from a test"


@pytest.fixture(autouse=True)
def in_good_health(shared_sandbox: LocalSandbox) -> Iterator[None]:
    yield
    shared_sandbox.control.fault("", "none")


def report(sandbox: LocalSandbox, **options: Any) -> Any:
    request = RunReportRequest(
        property=f"properties/{PROPERTY}",
        metrics=[Metric(name="sessions")],
        date_ranges=[DateRange(start_date="2026-02-01", end_date="2026-02-02")],
    )
    return ga4_client(sandbox, BetaAnalyticsDataClient).run_report(request, timeout=5, **options)


def create(sandbox: LocalSandbox, name: str) -> Any:
    service = ads_service(sandbox, "ConversionActionService")
    operation = {"create": {"name": name, "type_": "WEBPAGE", "category": "SIGNUP"}}
    return service.mutate_conversion_actions(request={"customer_id": CUSTOMER, "operations": [operation]}, timeout=5)


def exists(sandbox: LocalSandbox, name: str) -> bool:
    return any(a.name == name for a in sandbox.running.estate.accounts[CUSTOMER].actions.values())


# Which call ----------------------------------------------------------------------------------------------------------


def test_a_rule_lets_calls_pass_and_then_hits_as_many_as_it_says() -> None:
    faults = Faults()
    faults.add([FaultRule("Search", trouble("hang"), 2, after=1)])
    assert [faults.next("GoogleAdsService/Search") is not None for _ in range(4)] == [False, True, True, False]


def test_rules_count_the_calls_that_fit_them_each_for_itself() -> None:
    faults = Faults()
    first, second = trouble("cut"), trouble("lost")
    faults.add([FaultRule("Search", first, after=1), FaultRule("Search", second, after=3)])
    assert [faults.next("Search") for _ in range(5)] == [None, first, None, second, None]


def test_a_rule_may_want_the_whole_name_and_last_for_ever() -> None:
    faults = Faults()
    faults.add([FaultRule("runReport", trouble("cut"), None, exact=True)])
    assert faults.next("ga4 batchRunReports") is faults.next("ads GoogleAdsService/Search") is None
    assert all(faults.next("ga4 runReport") for _ in range(20))
    faults.clear()
    assert faults.next("ga4 runReport") is None


@pytest.mark.parametrize("name", ["Search", "GoogleAdsService/Search", "ads GoogleAdsService/Search"])
def test_a_whole_name_is_the_methods_its_services_or_the_printed_one(shared_sandbox: LocalSandbox, name: str) -> None:
    shared_sandbox.control.faults([{"call": name, "exact": True, "kind": "unavailable"}])
    service = ads_service(shared_sandbox, "GoogleAdsService")
    assert list(service.search_stream(customer_id=CUSTOMER, query=NAMES, timeout=5)), (
        "another method, and a longer name"
    )
    with pytest.raises(core.ServiceUnavailable):
        search(shared_sandbox, NAMES)
    assert search(shared_sandbox, NAMES)


def test_every_name_that_is_printed_may_be_planned(shared_sandbox: LocalSandbox) -> None:
    search(shared_sandbox, NAMES)
    report(shared_sandbox)
    rest = shared_sandbox.running.running.url
    ga4 = {ga4_call(route.call) for route in Ga4(shared_sandbox.running.estate).routes()}
    printed = shared_sandbox.control.status()["calls"]
    assert requests.get(f"{rest}/v1beta/accountSummaries", timeout=5).status_code == 401
    assert {"ads GoogleAdsService/Search", "ga4 runReport", "oauth token"} <= printed.keys()
    for name in {*printed, *ga4}:
        for exact in (True, False):
            shared_sandbox.control.faults([{"call": name, "exact": exact, "kind": "cut"}])


@pytest.mark.parametrize(
    ("name", "exact", "told"),
    [
        ("serch", False, "Search"),
        ("RunReport", True, "runReport"),
        ("GoogleAdsService/SearchStreams", False, "GoogleAdsService/SearchStream"),
        ("GoogleAdsField", True, "GetGoogleAdsField, SearchGoogleAdsFields"),
        ("tokens", False, "token"),
        ("ga4 runreport", False, "ga4 runReport"),
        ("moon", False, "SearchStream, runReport, token"),
    ],
)
def test_a_name_that_no_call_has_is_refused_with_those_near_it(
    shared_sandbox: LocalSandbox, name: str, exact: bool, told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        shared_sandbox.control.faults([{"call": name, "exact": exact, "kind": "cut"}])
    assert name in str(caught.value) and told in str(caught.value)


def test_calls_are_told_in_their_order(shared_sandbox: LocalSandbox) -> None:
    search(shared_sandbox, NAMES)
    report(shared_sandbox)
    assert shared_sandbox.control.calls()[-2:] == ("ads GoogleAdsService/Search", "ga4 runReport")


# What it suffers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", HTTP_OF_STATUS)
def test_every_status_ends_a_call_of_google_ads_before_anything_is_done(
    shared_sandbox: LocalSandbox, status: str
) -> None:
    shared_sandbox.control.fault("MutateConversionActions", status)
    with pytest.raises((core.GoogleAPICallError, GoogleAdsException)) as caught:
        create(shared_sandbox, f"{RENAME} {status} before")
    assert _status(caught.value) == status
    assert not exists(shared_sandbox, f"{RENAME} {status} before")


@pytest.mark.parametrize("status", HTTP_OF_STATUS)
def test_every_status_ends_a_call_of_google_ads_after_it_was_done(shared_sandbox: LocalSandbox, status: str) -> None:
    shared_sandbox.control.fault("MutateConversionActions", status, when="after")
    with pytest.raises((core.GoogleAPICallError, GoogleAdsException)) as caught:
        create(shared_sandbox, f"{RENAME} {status} after")
    assert _status(caught.value) == status
    assert exists(shared_sandbox, f"{RENAME} {status} after")


@pytest.mark.parametrize("status", [s for s in HTTP_OF_STATUS if s != "UNAUTHENTICATED"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_every_status_ends_a_call_of_ga4(shared_sandbox: LocalSandbox, status: str, when: str) -> None:
    shared_sandbox.control.fault("runReport", status, when=when)
    with pytest.raises(core.GoogleAPICallError) as caught:
        report(shared_sandbox)
    assert caught.value.response.json()["error"]["status"] == status
    assert caught.value.code == HTTP_OF_STATUS[status]


def test_a_stream_that_breaks_has_delivered_a_part(shared_sandbox: LocalSandbox) -> None:
    service = ads_service(shared_sandbox, "GoogleAdsService")
    query = "SELECT segments.date, metrics.clicks FROM campaign WHERE segments.date DURING LAST_30_DAYS"
    whole = sum(len(m.results) for m in service.search_stream(customer_id=CUSTOMER, query=query, timeout=5))
    shared_sandbox.control.fault("SearchStream", "DEADLINE_EXCEEDED", when="middle")
    stream = service.search_stream(customer_id=CUSTOMER, query=query, timeout=5)
    rows = len(next(stream).results)
    with pytest.raises(core.DeadlineExceeded):
        list(stream)
    assert 0 < rows < whole


@pytest.mark.parametrize("call", ["GoogleAdsService/Search", "runReport"])
def test_a_slow_answer_comes_whole(shared_sandbox: LocalSandbox, call: str) -> None:
    shared_sandbox.control.fault(call, "slow", seconds=0.4)
    began = time.monotonic()
    assert search(shared_sandbox, NAMES) if "Search" in call else report(shared_sandbox).rows
    assert time.monotonic() - began >= 0.4


def test_a_quota_asks_to_wait_for_as_long_as_the_plan_says(shared_sandbox: LocalSandbox) -> None:
    shared_sandbox.control.fault("GoogleAdsService/Search", "RESOURCE_EXHAUSTED", seconds=17)
    with pytest.raises(core.ResourceExhausted, match="Retry in 17 seconds"):
        search(shared_sandbox, NAMES)


@pytest.mark.parametrize("level", ["basic", "explorer"])
@pytest.mark.parametrize("kind", ["quota", "quota-short"])
def test_a_quota_is_that_of_the_projects_access_level(sandbox: LocalSandbox, kind: str, level: str) -> None:
    sandbox.control.set_project(access_level=level)
    sandbox.control.fault("GoogleAdsService/Search", kind)
    with pytest.raises(core.ResourceExhausted) as caught:
        search(sandbox, NAMES)
    told = dict(caught.value.errors[0].trailing_metadata())
    failure = type(ads_client(sandbox).get_type("GoogleAdsFailure")).deserialize(
        told["google.ads.googleads.v26.errors.googleadsfailure-bin"]
    )
    assert failure.errors[0].details.quota_error_details.rate_name == f"Number of operations for {level} access"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("forbidden", 403, "access_denied"),
        ("unavailable", 503, "temporarily_unavailable"),
        ("internal", 500, "internal_failure"),
        ("quota", 429, "rate_limit_exceeded"),
        ("INVALID_ARGUMENT", 400, "invalid_request"),
    ],
)
def test_the_token_endpoint_fails_in_oauths_form(
    shared_sandbox: LocalSandbox, kind: str, status: int, code: str
) -> None:
    shared_sandbox.control.fault("token", kind)
    answer = requests.post(f"{shared_sandbox.running.running.url}/token", timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (status, code) and answer.json()["error_description"]


def test_tokens_that_expire_are_refused_until_there_are_new_ones(sandbox: LocalSandbox) -> None:
    search(sandbox, NAMES)
    sandbox.control.fault("GoogleAdsService/Search", "expired")
    for _ in range(2):
        # Google's own client for Google Ads goes on with the token it has; that for GA4 asks for a new one.
        with pytest.raises(GoogleAdsException) as caught:
            search(sandbox, NAMES)
        assert error_codes(caught.value.failure) == ["authentication_error.OAUTH_TOKEN_EXPIRED"]
        assert caught.value.failure.errors[0].message == "The OAuth token in the header has expired."
    sandbox.control.fault("runReport", "expired")
    assert report(sandbox).rows
    assert sandbox.control.calls().count("ga4 runReport") >= 2


@pytest.mark.parametrize(("kind", "code"), [("conflict", "database_error.CONCURRENT_MODIFICATION")])
def test_a_conflict_is_googles_own_error(shared_sandbox: LocalSandbox, kind: str, code: str) -> None:
    shared_sandbox.control.fault("MutateConversionActions", kind)
    with pytest.raises(GoogleAdsException) as caught:
        create(shared_sandbox, f"{RENAME} {kind}")
    assert error_codes(caught.value.failure) == [code]


@pytest.mark.parametrize(("kind", "status"), [("page", 200), ("502", 502), ("404", 404)])
def test_a_page_is_html_with_its_status(shared_sandbox: LocalSandbox, kind: str, status: int) -> None:
    shared_sandbox.control.fault("listAccountSummaries", kind)
    answer = requests.get(f"{shared_sandbox.running.running.url}/v1beta/accountSummaries", timeout=5)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html") and answer.text.startswith("<!DOCTYPE html>")


def test_an_answer_about_something_else_is_well_formed(shared_sandbox: LocalSandbox) -> None:
    shared_sandbox.control.fault("GoogleAdsService/Search", "elsewhere")
    rows = search(shared_sandbox, NAMES)
    assert rows and all(row.label.resource_name and not row.campaign.id for row in rows)
    shared_sandbox.control.fault("runReport", "elsewhere")
    assert [h.name for h in report(shared_sandbox).dimension_headers] == ["country"]


def test_an_empty_answer_is_well_formed(shared_sandbox: LocalSandbox) -> None:
    shared_sandbox.control.fault("GoogleAdsService/Search", "empty")
    assert search(shared_sandbox, NAMES) == []
    shared_sandbox.control.fault("runReport", "empty")
    assert not report(shared_sandbox).metric_headers


def _status(error: Any) -> str:
    if isinstance(error, GoogleAdsException):
        return str(error.error.code().name)
    return str(error.grpc_status_code.name)


# The plan ------------------------------------------------------------------------------------------------------------

PLAN = """
faults:
  - call: SearchStream
    kind: UNAVAILABLE
    when: middle
    after: 2
    times: 3
  - {call: token, kind: 503, times: always}
  - {call: runReport, exact: true, kind: slow, seconds: 0.5}
"""


def test_a_plan_says_which_calls_suffer_what(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(PLAN, encoding="utf-8")
    first, second, third = rules_of(read_plan(path))
    assert (first.call, first.after, first.times) == ("SearchStream", 2, 3)
    assert (first.trouble.status, first.trouble.when) == ("UNAVAILABLE", When.MIDDLE)
    assert (second.times, second.trouble.http) == (None, 503)
    assert (third.exact, third.trouble.seconds) == (True, 0.5)


@pytest.mark.parametrize("kind", [*NAMED, *HTTP_OF_STATUS, *map(str, STATUS_OF_HTTP)])
def test_every_kind_can_be_planned(kind: str) -> None:
    assert rules_of([{"call": "Search", "kind": kind}])[0].trouble == trouble(kind)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("faults: []", "faults: there are none"),
        ("faults: [{call: Search}]", r"faults\[0\]\.kind: found None.*unavailable, internal.*UNAVAILABLE.*502"),
        ("faults: [{call: Search, kind: UNAVAILBLE}]", r"faults\[0\]\.kind: found 'UNAVAILBLE'"),
        ("faults: [{kind: cut}]", r"faults\[0\]\.call: found None"),
        ("faults: [{call: a, kind: cut}, {call: a, kind: cut, wen: after}]", r"faults\[1\]\.wen: .*no such key"),
        ("faults: [{call: a, kind: INTERNAL, when: later}]", r"when: found 'later'.*before, middle, after"),
        ("faults: [{call: a, kind: cut, when: after}]", r"when: found 'after'.*Cut has none"),
        ("faults: [{call: a, kind: hang, when: middle}]", "hangs before or after"),
        ("faults: [{call: a, kind: slow, seconds: -1}]", r"seconds: found -1.*from 0 to 604,800"),
        ("faults: [{call: a, kind: slow, seconds: .inf}]", r"seconds: found inf.*from 0 to"),
        ("faults: [{call: a, kind: quota-short, seconds: .nan}]", r"seconds: found nan.*from 0 to"),
        ("faults: [{call: a, kind: RESOURCE_EXHAUSTED, seconds: 1.0e+300}]", r"seconds: found 1e\+300.*from 0 to"),
        ("faults: [{call: a, kind: INTERNAL, seconds: 3}]", r"seconds: found 3.*has none"),
        ("faults: [{call: a, kind: cut, times: 0}]", r"times: found 0.*1 to 1,000,000, or always"),
        ("faults: [{call: a, kind: cut, times: 1000001}]", r"times: found 1000001.*1 to 1,000,000, or always"),
        ("faults: [{call: a, kind: cut, after: -1}]", r"after: found -1"),
        ("faults: [{call: a, kind: cut, after: 99999999999999999999}]", "after: found 9+.*0 to 1,000,000"),
        ("faults: [{call: ' ', kind: cut}]", r"call: found ' '.*SearchStream"),
        ("faults: [{call: a, kind: cut, exact: maybe}]", r"exact: found 'maybe'"),
        ("faults: [cut]", r"faults\[0\]: found 'cut'"),
        ("- call: a", "does not begin with `faults:`"),
        ("faults: [", "is not YAML"),
        ("faults: [{call: a, call: b, kind: cut}]", "stands twice"),
    ],
)
def test_a_plan_that_cannot_be_followed_says_where_what_and_what_is_allowed(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFaultPlan, match=told) as caught:
        read_plan(path)
    assert str(path) in str(caught.value) and caught.value.exit_code == UsageError.exit_code


def test_a_missing_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFaultPlan, match=r"none\.yaml cannot be read"):
        read_plan(tmp_path / "none.yaml")


def test_a_plan_is_put_in_force_by_a_command(shared_sandbox: LocalSandbox, tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("faults: [{call: runReport, kind: UNAVAILABLE}]", encoding="utf-8")
    run = CliRunner()
    done = run.invoke(command, ["fault", "--dir", str(shared_sandbox.directory), "--plan", str(path)])
    assert done.exit_code == 0 and "1 fault of" in done.output
    with pytest.raises(core.ServiceUnavailable):
        report(shared_sandbox)
    assert report(shared_sandbox).rows


def test_the_simple_form_still_does(shared_sandbox: LocalSandbox) -> None:
    done = CliRunner().invoke(
        command, ["fault", "--dir", str(shared_sandbox.directory), "--call", "runReport", "--kind", "lost"]
    )
    assert done.exit_code == 0
    with pytest.raises(core.ServiceUnavailable):
        report(shared_sandbox)


@pytest.mark.parametrize(
    "options", [[], ["--call", "Search"], ["--kind", "cut"], ["--plan", "x.yaml", "--kind", "cut"]]
)
def test_half_a_fault_is_wrong_usage(shared_sandbox: LocalSandbox, options: list[str]) -> None:
    done = CliRunner().invoke(command, ["fault", "--dir", str(shared_sandbox.directory), *options])
    assert done.exit_code == 2


def test_a_control_call_with_a_bad_fault_is_refused_in_words(shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(UsageError, match=r"kind: found 'nonsense'.*unavailable"):
        shared_sandbox.control.fault("Search", "nonsense")
    with pytest.raises(UsageError, match="there are none"):
        shared_sandbox.control.faults([])
    assert search(shared_sandbox, NAMES)
