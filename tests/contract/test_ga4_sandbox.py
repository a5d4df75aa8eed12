"""The sandbox's GA4 as Google's unmodified clients see it: reports, funnels, key events, links, and who may ask."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta.types import KeyEvent
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1alpha import types as alpha
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from adsync.sandbox.world import Log
from tests.contract.clients import (
    ADS_SCOPE,
    CUSTOMER,
    EDIT_SCOPE,
    PROPERTY,
    READ_SCOPE,
    ga4_client,
    service_account_credentials,
)
from tests.contract.ga4 import FIRST, LAST, SHOP, by, cells, days, exactly, named, report
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


def reported(sandbox: LocalSandbox) -> tuple[Log, list[int]]:
    """The log, and the indexes of what GA4 may report of these days, found one by one."""
    shop = sandbox.running.estate.properties[PROPERTY]
    log, now = shop.log, sandbox.running.estate.now
    first, last = (int(f"{day:%Y%m%d}") for day in (FIRST, LAST))
    mine = [
        i
        for i in range(len(log.time))
        if first <= log.day[i] <= last and log.measured[i] and int(log.arrival[i]) <= now
    ]
    return log, mine


# Reports -------------------------------------------------------------------------------------------------------------


def test_a_report_by_day_and_event_counts_what_happened(shared_sandbox: LocalSandbox) -> None:
    log, mine = reported(shared_sandbox)
    counted: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, set(), set()])
    for i in mine:
        cell = counted[str(log.day[i]), log.names[log.name[i]]]
        cell[0] += 1
        cell[1].add(int(log.session[i]))
        cell[2].add(int(log.visitor[i]))
    by_hand = [(*key, str(n), str(len(sessions)), str(len(users))) for key, (n, sessions, users) in counted.items()]
    answer = report(shared_sandbox, order_bys=[by("date"), by("eventName")])
    assert cells(answer) == sorted(by_hand)
    assert answer.row_count == len(by_hand) > 100
    assert [h.name for h in answer.metric_headers] == ["eventCount", "sessions", "totalUsers"]


def test_a_report_without_events_counts_visitors_of_a_day_once(shared_sandbox: LocalSandbox) -> None:
    log, mine = reported(shared_sandbox)
    users = defaultdict(set)
    for i in mine:
        users[str(log.day[i])].add(int(log.visitor[i]))
    answer = report(shared_sandbox, dimensions=["date"], metrics=["totalUsers"], order_bys=[by("date")])
    assert cells(answer) == [(day, str(len(who))) for day, who in sorted(users.items())]


def test_a_report_tells_the_propertys_time_zone_and_currency(shared_sandbox: LocalSandbox) -> None:
    metadata = report(shared_sandbox).metadata
    assert (metadata.time_zone, metadata.currency_code) == ("America/Los_Angeles", "EUR")
    assert not metadata.subject_to_thresholding and not metadata.sampling_metadatas


def test_filters_choose_events(shared_sandbox: LocalSandbox) -> None:
    def events(expression: beta.FilterExpression) -> set[str]:
        answer = report(shared_sandbox, dimensions=["eventName"], dimension_filter=expression)
        return {name for name, *_ in cells(answer)}

    every = events(beta.FilterExpression())
    both = beta.FilterExpressionList(expressions=[named("purchase", "scroll"), named("scroll", "page_view")])
    assert events(named("purchase", "page_view", "unheard_of")) == {"purchase", "page_view"}
    assert events(exactly("scroll")) == {"scroll"}
    assert events(beta.FilterExpression(and_group=both)) == {"scroll"}
    assert events(beta.FilterExpression(or_group=both)) == {"purchase", "scroll", "page_view"}
    assert events(beta.FilterExpression(not_expression=exactly("scroll"))) == every - {"scroll"}


def test_pages_add_up_to_the_report_and_each_tells_the_whole_number_of_rows(shared_sandbox: LocalSandbox) -> None:
    orders = [by("date"), by("eventName")]
    whole = report(shared_sandbox, order_bys=orders)
    pages = [
        report(shared_sandbox, order_bys=orders, limit=50, offset=start) for start in range(0, whole.row_count, 50)
    ]
    assert [cell for page in pages for cell in cells(page)] == cells(whole)
    assert {page.row_count for page in pages} == {whole.row_count}
    assert [len(page.rows) for page in pages[:-1]] == [50] * (len(pages) - 1)
    beyond = report(shared_sandbox, order_bys=orders, limit=50, offset=whole.row_count)
    assert (len(beyond.rows), beyond.row_count) == (0, whole.row_count)


def test_an_empty_report_has_no_rows_key_at_all(shared_sandbox: LocalSandbox) -> None:
    credentials = service_account_credentials(shared_sandbox, READ_SCOPE)
    credentials.refresh(Request())
    answer = requests.post(
        f"{shared_sandbox.running.running.url}/v1beta/{SHOP}:runReport",
        headers={"Authorization": f"Bearer {credentials.token}"},
        json={
            "dimensions": [{"name": "date"}],
            "metrics": [{"name": "eventCount"}],
            "dateRanges": [{"startDate": "2019-01-01", "endDate": "2019-01-31"}],
            "limit": "250000",
        },
        timeout=20,
    ).json()
    assert "rows" not in answer and "rowCount" not in answer
    assert answer["kind"] == "analyticsData#runReport" and answer["metadata"]["timeZone"] == "America/Los_Angeles"
    assert answer["metricHeaders"] == [{"name": "eventCount", "type": "TYPE_INTEGER"}]


def test_relative_dates_are_days_of_the_property(shared_sandbox: LocalSandbox) -> None:
    # The sandbox's clock says 4:00 UTC on 2 March; in Los Angeles it is still the evening of the 1st.
    asked = {"dimensions": ["date"], "metrics": ["eventCount"], "order_bys": [by("date")]}
    relative = report(shared_sandbox, date_ranges=days("3daysAgo", "yesterday"), **asked)
    assert [day for day, _ in cells(relative)] == ["20260226", "20260227", "20260228"]


def test_numbers_of_the_newest_days_still_grow(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {
        "dimensions": ["date"],
        "metrics": ["eventCount"],
        "date_ranges": days(date(2026, 2, 20), date(2026, 2, 28)),
        "order_bys": [by("date")],
    }

    def by_day() -> dict[str, int]:
        return {day: int(count) for day, count in cells(report(sandbox, **asked))}

    first = by_day()
    sandbox.control.advance(4)
    second = by_day()
    grown = {day for day in second if second[day] > first.get(day, 0)}
    assert "20260228" in grown
    assert grown <= {"20260226", "20260227", "20260228"}, "hits come in up to three days late, not later"
    sandbox.control.advance(4)
    assert by_day() == second


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"dimensions": ["date", "moonPhase"]}, "moonPhase is not a valid dimension"),
        ({"metrics": ["happiness"]}, "happiness is not a valid metric"),
        ({"dimensions": [], "metrics": []}, "Requests require dimensions and/or metrics"),
        ({"dimensions": ["date"] * 10}, "9 dimensions within a nested request"),
        ({"limit": -1}, "limit must be positive. The API received limit = -1"),
        ({"offset": -1}, "offset must be positive"),
        ({"date_ranges": []}, "A dateRange is required"),
        ({"date_ranges": days("2026-02-30", "2026-03-01")}, "Invalid startDate : 2026-02-30"),
        ({"date_ranges": days("2026-02-02", "2026-02-01")}, "start_date must be less than or equal to end_date"),
    ],
)
def test_a_report_that_cannot_be_is_a_bad_request(
    shared_sandbox: LocalSandbox, different: dict[str, Any], words: str
) -> None:
    with pytest.raises(core.BadRequest, match=words):
        report(shared_sandbox, **different)


def test_somebody_elses_property_is_forbidden(shared_sandbox: LocalSandbox) -> None:
    with pytest.raises(core.Forbidden, match="sufficient permissions"):
        report(shared_sandbox, property="properties/123456789")


# Funnels -------------------------------------------------------------------------------------------------------------


def funnel(sandbox: LocalSandbox, *events: str, within: timedelta | None = None, **different: Any) -> Any:
    steps = [
        alpha.FunnelStep(
            name=event,
            filter_expression=alpha.FunnelFilterExpression(
                funnel_event_filter=alpha.FunnelEventFilter(event_name=event)
            ),
            within_duration_from_prior_step=within if number else None,
        )
        for number, event in enumerate(events)
    ]
    request = alpha.RunFunnelReportRequest(
        property=SHOP,
        date_ranges=[alpha.DateRange(start_date=str(FIRST), end_date=str(LAST))],
        funnel=alpha.Funnel(steps=steps, **different),
    )
    return ga4_client(sandbox, AlphaAnalyticsDataClient).run_funnel_report(request, timeout=20)


def test_a_funnel_names_its_metrics_twice_and_gives_them_once(shared_sandbox: LocalSandbox) -> None:
    table = funnel(shared_sandbox, "session_start", "purchase").funnel_table
    names = ["activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments", "funnelStepAbandonmentRate"]
    assert [header.name for header in table.metric_headers] == names * 2
    assert {header.type_.name for header in table.metric_headers} == {"TYPE_INTEGER"}
    assert [len(row.metric_values) for row in table.rows] == [4, 4]
    assert [row.dimension_values[0].value for row in table.rows] == ["1. session_start", "2. purchase"]


@pytest.mark.parametrize(
    ("events", "within"),
    [
        (("add_to_cart", "purchase"), timedelta(days=14)),
        (("add_to_cart", "purchase"), timedelta(minutes=5)),
        (("session_start", "begin_checkout"), timedelta(days=1)),
        (("view_item", "add_to_cart", "begin_checkout"), timedelta(hours=1)),
        (("page_view", "page_view"), timedelta(minutes=2)),
    ],
)
def test_a_closed_funnel_counts_users_who_went_through_its_steps_in_time(
    shared_sandbox: LocalSandbox, events: tuple[str, ...], within: timedelta
) -> None:
    log, mine = reported(shared_sandbox)
    path: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for i in mine:
        path[int(log.visitor[i])].append((int(log.time[i]), log.names[log.name[i]]))
    seconds = within.total_seconds()
    by_hand = [0] * len(events)
    for happened in path.values():
        reached = [at for at, name in happened if name == events[0]]
        for step, wanted in enumerate(events):
            if step:
                before = reached
                reached = [at for at, n in happened if n == wanted and any(0 < at - b <= seconds for b in before)]
            by_hand[step] += bool(reached)
    rows = funnel(shared_sandbox, *events, within=within).funnel_table.rows
    assert [int(row.metric_values[0].value) for row in rows] == by_hand
    assert by_hand[0] > by_hand[-1] > 0
    completed, abandoned = (float(rows[0].metric_values[k].value) for k in (1, 2))
    assert completed == pytest.approx(by_hand[1] / by_hand[0]) and abandoned == by_hand[0] - by_hand[1]


def test_a_funnel_of_an_event_that_never_happens_is_empty_but_has_its_rows(shared_sandbox: LocalSandbox) -> None:
    rows = funnel(shared_sandbox, "unheard_of", "purchase").funnel_table.rows
    assert [row.metric_values[0].value for row in rows] == ["0", "0"]


# Key events, links, summaries ----------------------------------------------------------------------------------------


def test_key_events_are_made_listed_and_deleted(sandbox: LocalSandbox) -> None:
    admin = ga4_client(sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    once = KeyEvent.CountingMethod.ONCE_PER_SESSION
    made = admin.create_key_event(
        parent=SHOP, key_event=KeyEvent(event_name="add_to_cart", counting_method=once), timeout=20
    )
    assert (made.event_name, made.counting_method, made.deletable) == ("add_to_cart", once, True)
    listed = {k.event_name: k for k in admin.list_key_events(parent=SHOP, timeout=20)}
    assert set(listed) == {"purchase", "add_to_cart"} and listed["add_to_cart"] == made
    admin.delete_key_event(name=made.name, timeout=20)
    assert [k.event_name for k in admin.list_key_events(parent=SHOP, timeout=20)] == ["purchase"]
    with pytest.raises(core.NotFound):
        admin.delete_key_event(name=made.name, timeout=20)


def test_a_key_event_that_exists_is_a_conflict(shared_sandbox: LocalSandbox) -> None:
    admin = ga4_client(shared_sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    with pytest.raises(core.Conflict, match="already exists"):
        admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="purchase"), timeout=20)


@pytest.mark.parametrize("name", ["", "add to cart", "1st_visit", "x" * 41])
def test_a_key_event_has_an_events_name(shared_sandbox: LocalSandbox, name: str) -> None:
    admin = ga4_client(shared_sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    with pytest.raises(core.BadRequest, match="not valid"):
        admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name=name), timeout=20)


def test_the_purchase_stays_a_key_event(shared_sandbox: LocalSandbox) -> None:
    admin = ga4_client(shared_sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    with pytest.raises(core.BadRequest, match="cannot be deleted"):
        admin.delete_key_event(name=f"{SHOP}/keyEvents/1", timeout=20)


def test_a_property_holds_thirty_key_events(sandbox: LocalSandbox) -> None:
    admin = ga4_client(sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    for number in range(29):
        admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name=f"event_{number}"), timeout=20)
    with pytest.raises(core.BadRequest, match="limit of 30"):
        admin.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="one_more"), timeout=20)


def test_links_name_the_ads_account(sandbox: LocalSandbox) -> None:
    admin = ga4_client(sandbox, AnalyticsAdminServiceClient)
    assert [link.customer_id for link in admin.list_google_ads_links(parent=SHOP, timeout=20)] == [CUSTOMER]
    sandbox.control.link(PROPERTY, CUSTOMER, linked=False)
    assert list(admin.list_google_ads_links(parent=SHOP, timeout=20)) == []


def test_account_summaries_show_the_property(shared_sandbox: LocalSandbox) -> None:
    admin = ga4_client(shared_sandbox, AnalyticsAdminServiceClient)
    summaries = list(admin.list_account_summaries(timeout=20))
    assert [(p.property, p.display_name) for s in summaries for p in s.property_summaries] == [(SHOP, "Sandbox shop")]


# Who may ask ---------------------------------------------------------------------------------------------------------


def test_a_token_for_reading_cannot_make_a_key_event(shared_sandbox: LocalSandbox) -> None:
    reader = ga4_client(shared_sandbox, AnalyticsAdminServiceClient, READ_SCOPE)
    with pytest.raises(core.Forbidden, match="insufficient authentication scopes"):
        reader.create_key_event(parent=SHOP, key_event=KeyEvent(event_name="scroll"), timeout=20)
    with pytest.raises(core.Forbidden, match="insufficient authentication scopes"):
        reader.delete_key_event(name=f"{SHOP}/keyEvents/1", timeout=20)
    assert [k.event_name for k in reader.list_key_events(parent=SHOP, timeout=20)] == ["purchase"]


def test_a_token_for_ads_reads_no_analytics(shared_sandbox: LocalSandbox) -> None:
    stranger = ga4_client(shared_sandbox, AnalyticsAdminServiceClient, ADS_SCOPE)
    with pytest.raises(core.Forbidden, match="insufficient authentication scopes"):
        list(stranger.list_key_events(parent=SHOP, timeout=20))


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Bearer a.b.c"])
def test_a_call_without_a_token_of_the_sandbox_is_unauthenticated(shared_sandbox: LocalSandbox, token: str) -> None:
    url = f"{shared_sandbox.running.running.url}/v1beta/{SHOP}/keyEvents"
    answer = requests.get(url, headers={"Authorization": token}, timeout=20)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_the_token_endpoint_refuses_a_key_that_it_did_not_hand_out(shared_sandbox: LocalSandbox) -> None:
    document = json.loads((shared_sandbox.directory / "service-account.json").read_text(encoding="utf-8"))
    document["private_key"] = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
    stranger = service_account.Credentials.from_service_account_info(document, scopes=[READ_SCOPE])
    with pytest.raises(RefreshError, match="invalid_grant"):
        stranger.refresh(Request())
    assert not stranger.token


def test_the_token_endpoint_knows_two_ways_of_signing_in(shared_sandbox: LocalSandbox) -> None:
    answer = requests.post(
        f"{shared_sandbox.running.running.url}/token",
        data={"grant_type": "password", "username": "x"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/sandbox/advance", {"days": -1}, 400),
        ("/sandbox/advance", {"days": "two"}, 400),
        ("/sandbox/advance", {}, 400),
        ("/sandbox/advance", {"days": 5_000}, 400),
        ("/sandbox/faults", {"call": "runReport", "kind": "nonsense"}, 400),
        ("/sandbox/tags", {"customer_id": CUSTOMER, "action_id": "1", "event_name": "scroll"}, 404),
        ("/sandbox/links", {"property_id": "1", "customer_id": CUSTOMER, "linked": True}, 404),
        ("/sandbox/links", {}, 400),
    ],
)
def test_a_control_that_cannot_be_obeyed_is_answered_and_moves_nothing(
    shared_sandbox: LocalSandbox, path: str, body: dict[str, Any], code: int
) -> None:
    before = shared_sandbox.control.status()
    answer = requests.post(f"{shared_sandbox.running.running.url}{path}", json=body, timeout=20)
    assert answer.status_code == code and answer.json()["error"]["message"]
    assert shared_sandbox.control.status() == before


def test_a_method_that_is_not_served_is_unimplemented_by_name(shared_sandbox: LocalSandbox) -> None:
    answer = requests.get(f"{shared_sandbox.running.running.url}/v1beta/{SHOP}/audiences", timeout=20)
    assert answer.status_code == 501 and "/audiences" in answer.json()["error"]["message"]


@pytest.mark.parametrize("field", ["region", "landingPage", "nthDay", "itemName", "itemId"])
def test_a_field_that_google_has_and_the_world_has_not_is_said_to_be_so(
    shared_sandbox: LocalSandbox, field: str
) -> None:
    with pytest.raises(core.BadRequest, match=f"does not play {field}, although Google does"):
        report(shared_sandbox, dimensions=(field,), metrics=("eventCount",))


@pytest.mark.parametrize("field", ["itemsPurchased", "itemsViewed", "itemRevenue"])
def test_numbers_of_items_which_the_world_has_not_are_no_zeros(shared_sandbox: LocalSandbox, field: str) -> None:
    with pytest.raises(core.BadRequest, match=f"does not play {field}, although Google does"):
        report(shared_sandbox, dimensions=("date",), metrics=(field,))


def test_a_client_that_signs_its_own_token_for_the_api_is_let_in(shared_sandbox: LocalSandbox) -> None:
    key_file = str(shared_sandbox.directory / "service-account.json")
    client = BetaAnalyticsDataClient.from_service_account_file(
        key_file, transport="rest", client_options={"api_endpoint": shared_sandbox.running.running.url}
    )
    assert client.get_metadata(name=f"{SHOP}/metadata", timeout=20).dimensions
