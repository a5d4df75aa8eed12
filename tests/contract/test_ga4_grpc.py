"""GA4 over gRPC, which is what Google's clients speak unless told otherwise: the same answers as over REST."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta import types as admin
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1alpha import types as alpha
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions as core
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from adsync.sandbox.ga4.api import Ga4
from adsync.sandbox.ga4.data_api import DataApi
from adsync.sandbox.ga4.methods import METHODS
from adsync.sandbox.ga4.quota import Limits
from adsync.sandbox.users import SERVICE_ACCOUNT
from tests.contract.clients import ADS_SCOPE, EDIT_SCOPE, PROPERTY, READ_SCOPE, ga4_client, ga4_grpc_client
from tests.contract.ga4 import FIRST, LAST, SHOP, Shop, asked, days, exactly, step
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


@pytest.fixture(scope="module")
def both(shared_sandbox: LocalSandbox) -> tuple[Shop, Shop]:
    return Shop(shared_sandbox, ga4_client, EDIT_SCOPE), Shop(shared_sandbox, ga4_grpc_client, EDIT_SCOPE)


def funnel_asked() -> alpha.RunFunnelReportRequest:
    return alpha.RunFunnelReportRequest(
        property=SHOP,
        date_ranges=[alpha.DateRange(start_date=str(FIRST), end_date=str(LAST))],
        funnel=alpha.Funnel(steps=[step("session_start"), step("purchase")]),
        funnel_visualization_type=alpha.RunFunnelReportRequest.FunnelVisualizationType.TRENDED_FUNNEL,
    )


# The same answers ----------------------------------------------------------------------------------------------------

READS: dict[str, Callable[[Shop], Any]] = {
    "report": lambda shop: shop.beta.run_report(asked(), timeout=20),
    "totals of two ranges": lambda shop: shop.beta.run_report(
        asked(
            date_ranges=[*days("2026-02-02", "2026-02-04"), *days("2026-02-05", "2026-02-07")],
            metric_aggregations=["TOTAL", "MAXIMUM"],
            dimension_filter=exactly("purchase"),
            keep_empty_rows=True,
            limit=3,
            offset=1,
        ),
        timeout=20,
    ),
    "nothing": lambda shop: shop.beta.run_report(asked(dimension_filter=exactly("unheard_of")), timeout=20),
    "batch": lambda shop: shop.beta.batch_run_reports(
        beta.BatchRunReportsRequest(property=SHOP, requests=[asked(), asked(metrics=[{"name": "sessions"}])]),
        timeout=20,
    ),
    "metadata": lambda shop: shop.beta.get_metadata(name=f"{SHOP}/metadata", timeout=20),
    "compatibility": lambda shop: shop.beta.check_compatibility(
        beta.CheckCompatibilityRequest(property=SHOP, dimensions=[{"name": "eventName"}]), timeout=20
    ),
    "funnel": lambda shop: shop.alpha.run_funnel_report(funnel_asked(), timeout=20),
    "quotas": lambda shop: shop.alpha.get_property_quotas_snapshot(name=f"{SHOP}/propertyQuotasSnapshot", timeout=20),
    "accounts": lambda shop: list(shop.admin.list_account_summaries(timeout=20)),
    "property": lambda shop: shop.admin.get_property(name=SHOP, timeout=20),
    "streams": lambda shop: list(shop.admin.list_data_streams(parent=SHOP, timeout=20)),
    "stream": lambda shop: shop.admin.get_data_stream(
        name=next(iter(shop.admin.list_data_streams(parent=SHOP, timeout=20))).name, timeout=20
    ),
    "links": lambda shop: list(shop.admin.list_google_ads_links(parent=SHOP, timeout=20)),
    "key events": lambda shop: list(shop.admin.list_key_events(parent=SHOP, timeout=20)),
    "key event": lambda shop: shop.admin.get_key_event(name=f"{SHOP}/keyEvents/1", timeout=20),
}


@pytest.mark.parametrize("read", READS)
def test_an_answer_is_the_same_over_both_transports(both: tuple[Shop, Shop], read: str) -> None:
    rest, over_grpc = (READS[read](shop) for shop in both)
    assert rest == over_grpc and str(rest)


def test_changes_are_the_same_as_over_rest(sandbox: LocalSandbox, over_grpc: Shop) -> None:
    rest, worth = (
        Shop(sandbox, ga4_client, EDIT_SCOPE),
        admin.KeyEvent.DefaultValue(numeric_value=2.5, currency_code="EUR"),
    )
    once = admin.KeyEvent.CountingMethod.ONCE_PER_SESSION
    made = over_grpc.admin.create_key_event(
        parent=SHOP, key_event=admin.KeyEvent(event_name="scroll", default_value=worth), timeout=20
    )
    assert rest.admin.get_key_event(name=made.name, timeout=20) == made and made.default_value == worth
    changed = over_grpc.admin.update_key_event(
        key_event=admin.KeyEvent(name=made.name, counting_method=once),
        update_mask=FieldMask(paths=["counting_method", "default_value"]),
        timeout=20,
    )
    assert (changed.counting_method, bool(changed.default_value)) == (once, False)
    assert over_grpc.admin.delete_key_event(name=made.name, timeout=20) is None
    (link,) = rest.admin.list_google_ads_links(parent=SHOP, timeout=20)
    over_grpc.admin.delete_google_ads_link(name=link.name, timeout=20)
    assert list(rest.admin.list_google_ads_links(parent=SHOP, timeout=20)) == []
    wanted = admin.GoogleAdsLink(customer_id=link.customer_id)
    assert over_grpc.admin.create_google_ads_link(parent=SHOP, google_ads_link=wanted, timeout=20) == link


def test_lists_come_in_pages(over_grpc: Shop) -> None:
    for number in range(6):
        key_event = admin.KeyEvent(event_name=f"event_{number}")
        over_grpc.admin.create_key_event(parent=SHOP, key_event=key_event, timeout=20)
    pager = over_grpc.admin.list_key_events(admin.ListKeyEventsRequest(parent=SHOP, page_size=3), timeout=20)
    assert [len(page.key_events) for page in pager.pages] == [3, 3, 1]


# The same refusals ---------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[Shop], Any], int, type[Exception]]] = {
    "no such field": (
        lambda shop: shop.beta.run_report(asked(dimensions=[{"name": "moonPhase"}]), timeout=20),
        400,
        core.InvalidArgument,
    ),
    "not an id": (lambda shop: shop.admin.get_property(name="properties/UA-1", timeout=20), 400, core.InvalidArgument),
    "page size": (
        lambda shop: shop.admin.list_key_events(admin.ListKeyEventsRequest(parent=SHOP, page_size=-1), timeout=20),
        400,
        core.InvalidArgument,
    ),
    "undeletable": (
        lambda shop: shop.admin.delete_key_event(name=f"{SHOP}/keyEvents/1", timeout=20),
        400,
        core.FailedPrecondition,
    ),
    "another's": (
        lambda shop: shop.beta.run_report(asked(property="properties/123456789"), timeout=20),
        403,
        core.PermissionDenied,
    ),
    "not there": (
        lambda shop: shop.admin.get_key_event(name=f"{SHOP}/keyEvents/none", timeout=20),
        404,
        core.NotFound,
    ),
    "there already": (
        lambda shop: shop.admin.create_key_event(
            parent=SHOP, key_event=admin.KeyEvent(event_name="purchase"), timeout=20
        ),
        409,
        core.AlreadyExists,
    ),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_a_refusal_says_the_same_over_both_transports(both: tuple[Shop, Shop], refused: str) -> None:
    ask, code, wanted = REFUSED[refused]
    said = []
    for shop in both:
        with pytest.raises(core.GoogleAPICallError) as caught:
            ask(shop)
        said.append(caught.value)
    rest, over_grpc = said
    assert rest.code == over_grpc.code == code and type(over_grpc) is wanted
    assert over_grpc.message and rest.message.rstrip().endswith(over_grpc.message)


@pytest.mark.parametrize(
    ("scope", "words"), [(READ_SCOPE, "insufficient authentication scopes"), (ADS_SCOPE, "scopes")]
)
def test_a_token_without_the_scope_is_forbidden(shared_sandbox: LocalSandbox, scope: str, words: str) -> None:
    shop = Shop(shared_sandbox, ga4_grpc_client, scope)
    with pytest.raises(core.PermissionDenied, match=words):
        shop.admin.create_key_event(parent=SHOP, key_event=admin.KeyEvent(event_name="scroll"), timeout=20)


def test_quotas_are_those_of_rest(sandbox: LocalSandbox, over_grpc: Shop) -> None:
    sandbox.running.estate.properties[PROPERTY].quotas.limits = Limits(tokens_per_day=2)
    Shop(sandbox, ga4_client).beta.run_report(asked(), timeout=20)
    answer = over_grpc.beta.run_report(asked(return_property_quota=True), timeout=20)
    assert answer.property_quota.tokens_per_day.consumed == 2
    with pytest.raises(core.ResourceExhausted, match="Exhausted property tokens per day") as refused:
        over_grpc.beta.run_report(asked(), timeout=20)
    assert refused.value.code == 429


# What a client never sends, or hides ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw(shared_sandbox: LocalSandbox) -> Iterator[Callable[..., Any]]:
    """Calls a method by its path with any message or bytes; raises grpc's own error."""
    address = f"localhost:{shared_sandbox.running.running.ads_port}"
    authority = (shared_sandbox.directory / "ca.pem").read_bytes()
    token = shared_sandbox.running.tokens._issue(SERVICE_ACCOUNT.email, frozenset({EDIT_SCOPE}))

    def call(path: str, message: Any = b"", bearer: str = f"Bearer {token['access_token']}") -> bytes:
        content = message if isinstance(message, bytes) else type(message).pb(message).SerializeToString()
        metadata = [("authorization", bearer)] if bearer else []
        answer: bytes = channel.unary_unary(path)(content, metadata=metadata, timeout=20)
        return answer

    with grpc.secure_channel(address, grpc.ssl_channel_credentials(authority)) as channel:
        yield call


REPORT = "/google.analytics.data.v1beta.BetaAnalyticsData/RunReport"
KEY_EVENTS = "/google.analytics.admin.v1beta.AnalyticsAdminService"


@pytest.mark.parametrize("bearer", ["", "nonsense", "Bearer nonsense"])
def test_a_call_without_a_token_is_unauthenticated(raw: Callable[..., Any], bearer: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(REPORT, asked(), bearer)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    status = rpc_status.from_call(caught.value)
    assert (status.code, status.message) == (16, caught.value.details()), "the status in the trailers says the same"


def test_words_that_end_in_a_blank_end_without_it_in_the_status_message(raw: Callable[..., Any]) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(REPORT, asked(dimensions=[{"name": "moonPhase"}]))
    assert caught.value.details().endswith("api-schema"), "some clients lose words with a blank at their end"
    assert rpc_status.from_call(caught.value).message == caught.value.details(), "Python's client wants the same"


@pytest.mark.parametrize(
    "path",
    [
        "/google.analytics.data.v1beta.BetaAnalyticsData/RunPivotReport",
        "/google.analytics.admin.v1alpha.AnalyticsAdminService/ListKeyEvents",
        "/google.analytics.data.v2.Data/RunReport",
    ],
)
def test_a_method_that_is_not_served_is_unimplemented_by_name(raw: Callable[..., Any], path: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(path)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == f"The sandbox does not serve {path}."


@pytest.mark.parametrize(
    ("path", "message", "words"),
    [
        (REPORT, asked(property="300000001"), "The value for the 'property' field was invalid"),
        (REPORT, asked(property=""), "must be in format 'properties/123'"),
        (REPORT, asked(property="properties/1:x"), "Invalid property ID"),
        (f"{KEY_EVENTS}/GetKeyEvent", admin.GetKeyEventRequest(name=SHOP), "in format 'properties/123/keyEvents/123'"),
        (
            f"{KEY_EVENTS}/CreateKeyEvent",
            admin.CreateKeyEventRequest(
                parent=SHOP, key_event=admin.KeyEvent.wrap(admin.KeyEvent.pb()(create_time=Timestamp(seconds=1 << 60)))
            ),
            "The request holds what cannot be",
        ),
        (REPORT, asked(dimensions=[{"name": "moon" * 10_000}]), "moonmoon"),
    ],
    ids=["no prefix", "nothing", "two names", "another's name", "no time", "long words"],
)
def test_what_cannot_be_meant_is_an_invalid_argument(
    raw: Callable[..., Any], path: str, message: Any, words: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(path, message)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT and words in caught.value.details()


def test_what_is_no_message_is_refused_and_costs_nobody_else(raw: Callable[..., Any]) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(REPORT, b"\xff")
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert beta.RunReportResponse.deserialize(raw(REPORT, asked())).rows


def test_a_field_that_the_message_has_not_is_not_dropped_silently(
    over_grpc: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DataApi, "_quota", lambda *_: {"tokensPerMoon": {}})
    with pytest.raises(core.InternalServerError, match="tokensPerMoon"):
        over_grpc.beta.run_report(asked(return_property_quota=True), timeout=20)


# The table of methods ------------------------------------------------------------------------------------------------


CLIENTS: list[Any] = [BetaAnalyticsDataClient, AlphaAnalyticsDataClient, AnalyticsAdminServiceClient]


@pytest.mark.parametrize("path", METHODS)
def test_a_method_is_what_googles_own_client_makes_of_it(path: str) -> None:
    method, name = METHODS[path], path.rsplit("/", 1)[1]
    client = next(c for c in CLIENTS if c.__module__.split(".")[2] == method.package)
    rules = getattr(client.get_transport_class("rest").__mro__[1], f"_Base{name}")._get_http_options()
    rule = {"method": method.verb.lower(), "uri": method.uri} | ({"body": method.body} if method.body else {})
    assert rule in rules
    calls = _Calls()
    transport = client.get_transport_class("grpc")(channel=grpc.insecure_channel("localhost:1"))
    transport._logged_channel, transport._stubs = calls, {}
    getattr(transport, re.sub("(?<!^)[A-Z]", lambda m: f"_{m[0]}", name).lower())
    assert calls.made == [(path, _name(method.request_class), _name(method.response_class))]


class _Calls:
    """A channel that notes what is prepared for it."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str, str]] = []

    def unary_unary(self, path: str, *, request_serializer: Any, response_deserializer: Any) -> None:
        answer = response_deserializer(b"")
        response = type(answer).pb(answer) if hasattr(type(answer), "pb") else answer
        self.made.append((path, _name(request_serializer.__self__.pb()), _name(response)))


def _name(message: Any) -> str:
    return str(message.DESCRIPTOR.full_name)


def test_every_route_of_rest_has_its_method_and_no_other(shared_sandbox: LocalSandbox) -> None:
    routes = Ga4(shared_sandbox.running.estate).routes()
    covered = []
    for method in METHODS.values():
        path = re.sub(r"{[^=]+=([^}]+)}", r"\1", method.uri).replace("*", "1")
        covered += [r.call for r in routes if r.method == method.verb and re.fullmatch(r.pattern, path)]
    assert sorted(covered) == sorted(route.call for route in routes) and len(covered) == len(METHODS) > 15
