"""GA4's answers and the token exchange, recorded once and replayed with nothing listening.

`make cassettes` records them from an embedded sandbox, as does

    pytest tests/contract/test_cassettes.py --record

Recorded from a Google test account instead, when these are set:

    ADSYNC_CASSETTES_KEY_FILE   a service account's key; the account is Editor of the property
    ADSYNC_CASSETTES_PROPERTY   the property's id; the key event "adsync_cassette" is made in it and taken away again
    ADSYNC_CASSETTES_LAST_DAY   the last of the three days that are asked for, if not 2026-02-18

Either way everything that names somebody or opens something is scrubbed before it is written: keys, assertions, tokens,
headers, hosts and ports, ids and names of accounts. Recordings of the sandbox prove decoding, not what Google does.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import vcr
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.transport.requests import Request
from vcr.request import Request as Recorded

from adsync.errors import AccessDenied, GoogleRefused
from adsync.google import analytics as analytics_module
from adsync.google.analytics import GoogleAnalytics, PropertySummary, RestClients, visible_properties
from adsync.google.credentials import EDIT_SCOPE, READ_SCOPE, credentials
from adsync.google.faults import speaking
from adsync.google.retry import Patience
from adsync.google.writer import GoogleWriter
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.window import Window
from adsync.settings import CredentialSource, Endpoints, Environment
from tests.contract.clients import CUSTOMER, PROPERTY
from tests.sandboxes import local_sandbox

CASSETTES = Path(__file__).parent.parent.parent / "cassettes"
NOWHERE = "http://127.0.0.1:9"
"""The discard port: what is not on a cassette fails."""

SOMEBODY_ELSES = "399999999"
EVENTS = ("purchase", "add_to_cart", "unheard_of")
SCRUBBED = "SCRUBBED"
PATIENCE = Patience(attempts=1, first_wait_seconds=0.01, timeout_seconds=20)
_GOOGLE = ("analyticsdata.googleapis.com", "analyticsadmin.googleapis.com", "oauth2.googleapis.com")
_SECRET_KEYS = ("access_token", "id_token", "refresh_token", "creatorEmailAddress", "displayName")


# Scrubbing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scrubber:
    """Takes out of an exchange what is not to be kept. property_id: the one that is recorded from."""

    property_id: str

    def request(self, request: Any) -> Any:
        """The request as it is stored and compared; None for one that is none of ours."""
        uri = urlsplit(request.uri)
        if uri.hostname not in ("127.0.0.1", *_GOOGLE):
            return None
        content_type = str(request.headers.get("Content-Type", ""))
        path = self._names(uri.path) + (f"?{uri.query}" if uri.query else "")
        body = request.body
        if body and uri.path.endswith("/token"):
            form = dict(parse_qsl(body.decode()))
            body = urlencode({**form, "assertion": SCRUBBED})
        elif body:
            body = self._names(body.decode())
        headers = {"Content-Type": content_type} if content_type else {}
        return Recorded(request.method, f"{NOWHERE}{path}", body, headers)

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        text = response["body"]["string"].decode()
        scrubbed = json.dumps(self._values(_without_orders(json.loads(text))), indent=1) if text.strip() else ""
        return {
            "status": response["status"],
            "headers": {"Content-Type": ["application/json; charset=UTF-8"]},
            "body": {"string": self._names(scrubbed).encode()},
        }

    def _names(self, text: str) -> str:
        """Resource names that tell nobody whose they are."""
        text = re.sub(
            r"properties/(\d+)",
            lambda m: f"properties/{PROPERTY if m[1] == self.property_id else SOMEBODY_ELSES}",
            text,
        )
        return re.sub(r"(accounts|accountSummaries)/\d+", r"\1/1", text)

    def _values(self, found: Any) -> Any:
        if isinstance(found, list):
            return [self._values(item) for item in found]
        if not isinstance(found, dict):
            return found
        known = {key: SCRUBBED for key in found if key in _SECRET_KEYS}
        if "customerId" in found:
            known["customerId"] = CUSTOMER
        return {key: known.get(key, self._values(value)) for key, value in found.items()}


def _without_orders(answer: Any) -> Any:
    """A report by transaction id with numbers in the place of ids."""
    headers = [h["name"] for h in answer.get("dimensionHeaders", [])] if isinstance(answer, dict) else []
    if "transactionId" in headers:
        place = headers.index("transactionId")
        for number, row in enumerate(answer.get("rows", [])):
            found = row["dimensionValues"][place]
            found["value"] = found["value"] if found["value"] in ("", "(not set)") else f"order {number}"
    return answer


class _Readable(yaml.SafeDumper):
    """Writes bodies as they would be read: line by line."""


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _as_block)


class ReadableYaml:
    """A serialiser for vcrpy."""

    @staticmethod
    def serialize(document: Any) -> str:
        return yaml.dump(document, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=120)

    @staticmethod
    def deserialize(text: str) -> Any:
        return yaml.safe_load(text)


# Tapes ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Google:
    """Google as one tape knows it: the sandbox, a test account, or a recording of either."""

    where: Endpoints
    key_file: Path
    property_id: str
    last_day: date

    @property
    def window(self) -> Window:
        return Window(self.last_day - timedelta(days=2), self.last_day)

    def credentials(self, scope: str, *, revoked: bool = False) -> Any:
        key_file = _revoked(self.key_file) if revoked else self.key_file
        source = CredentialSource(key_file=key_file)
        return credentials("cassette", source, Environment.model_validate({}), self.where, scopes=[scope])

    def clients(self) -> RestClients:
        return RestClients(self.credentials(READ_SCOPE), self.where)

    def analytics(self, property_id: str = "") -> GoogleAnalytics:
        return GoogleAnalytics(self.clients(), property_id or self.property_id, PATIENCE)

    def writer(self) -> GoogleWriter:
        services: Any = None  # key events go to GA4
        return GoogleWriter(services, self.credentials(EDIT_SCOPE), self.where, PATIENCE)


Tape = Callable[[str], Any]


@pytest.fixture(scope="session")
def source(recording: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    """What the tapes are recorded from, or play as."""
    folder = tmp_path_factory.mktemp("cassettes")
    key_file = os.environ.get("ADSYNC_CASSETTES_KEY_FILE")
    last_day = date.fromisoformat(os.environ.get("ADSYNC_CASSETTES_LAST_DAY", "2026-02-18"))
    if not recording:
        where = Endpoints(ads="localhost:9", ga4=NOWHERE)
        yield Google(where, _made_up_key(folder / "key.json", f"{NOWHERE}/token"), PROPERTY, date.min)
    elif key_file:
        yield Google(Endpoints(), Path(key_file), os.environ["ADSYNC_CASSETTES_PROPERTY"], last_day)
    else:
        with local_sandbox(folder / "sandbox") as sandbox:
            yield Google(sandbox.wiring().where, sandbox.directory / "service-account.json", PROPERTY, last_day)


@pytest.fixture
def tape(source: Google, recording: bool) -> Tape:
    """Opens a cassette: records on it, or plays it, and what it does not hold fails."""

    @contextmanager
    def opened(name: str) -> Iterator[Google]:
        path = CASSETTES / f"{name}.yaml"
        if recording:
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)
        scrubber = Scrubber(source.property_id)
        recorder = vcr.VCR(
            serializer="readable",
            record_mode=vcr.mode.ALL if recording else vcr.mode.NONE,
            match_on=("method", "scheme", "host", "port", "path", "query", "body"),
            before_record_request=scrubber.request,
            before_record_response=scrubber.response,
            decode_compressed_response=True,
        )
        recorder.register_serializer("readable", ReadableYaml)
        with recorder.use_cassette(str(path)) as cassette:
            yield source if recording else _as_recorded(source, name)
            assert recording or cassette.all_played, "what is on a cassette is needed"

    return opened


def _as_recorded(source: Google, name: str) -> Google:
    """The same with the days that the recording asked for."""
    ranges = [e.asked["dateRanges"][0] for e in exchanges(name) if "dateRanges" in e.asked]
    last = date.fromisoformat(ranges[0]["endDate"]) if ranges else date.min + timedelta(days=9)
    return Google(source.where, source.key_file, source.property_id, last)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as a cassette holds them."""

    method: str
    path: str
    code: int
    asked: dict[str, Any]
    answer: dict[str, Any]


def exchanges(name: str) -> list[Exchange]:
    """What is on a cassette, read without vcrpy and without any of Google's code."""
    document = yaml.safe_load((CASSETTES / f"{name}.yaml").read_text(encoding="utf-8"))
    found = []
    for each in document["interactions"]:
        request, response = each["request"], each["response"]
        body = request["body"] or "{}"
        asked = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
        answer = json.loads(response["body"]["string"] or "{}")
        path = urlsplit(request["uri"]).path
        found.append(Exchange(request["method"], path, response["status"]["code"], asked, answer))
    return found


@cache
def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _made_up_key(path: Path, token_uri: str) -> Path:
    document = {
        "type": "service_account",
        "private_key": _private_key(),
        "private_key_id": "made up",
        "client_email": "nobody@example.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _revoked(key_file: Path) -> Path:
    """The same account with a key that it does not know."""
    document = json.loads(key_file.read_text(encoding="utf-8"))
    path = key_file.with_name("revoked.json")
    path.write_text(json.dumps({**document, "private_key": _private_key()}), encoding="utf-8")
    return path


# What is recorded ----------------------------------------------------------------------------------------------------


def test_an_event_report_is_read_as_it_was_answered(tape: Tape) -> None:
    with tape("ga4_event_report") as google:
        report = google.analytics().event_report(google.window, EVENTS)
    (exchange,) = exchanges("ga4_event_report")
    assert (exchange.method, exchange.path) == ("POST", f"/v1beta/properties/{PROPERTY}:runReport")
    rows = [[v["value"] for v in (*r["dimensionValues"], *r["metricValues"])] for r in exchange.answer.get("rows", [])]
    assert [
        [f"{c.date:%Y%m%d}", c.event_name, str(c.events), str(c.sessions), str(c.users)] for c in report.counts
    ] == rows
    assert exchange.asked["dateRanges"] == [{"startDate": str(report.window.first), "endDate": str(report.window.last)}]
    assert report.quality.time_zone == exchange.answer["metadata"]["timeZone"]
    assert report.quality.is_whole


def test_orders_are_counted_and_no_id_is_on_the_cassette(tape: Tape) -> None:
    with tape("ga4_order_ids") as google:
        found = google.analytics().order_ids("purchase", google.window)
    (exchange,) = exchanges("ga4_order_ids")
    rows = [(r["dimensionValues"][0]["value"], int(r["metricValues"][0]["value"])) for r in exchange.answer["rows"]]
    assert exchange.asked["dimensionFilter"]["filter"]["stringFilter"] == {"value": "purchase"}
    assert all(re.fullmatch(r"order \d+|\(not set\)", name) for name, _ in rows)
    named = [times for name, times in rows if name != "(not set)"]
    assert (found.orders, found.repeated) == (len(named), sum(n > 1 for n in named))
    assert found.events == sum(times for _, times in rows)


def test_a_report_in_pages_is_asked_for_until_all_rows_are_there(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analytics_module, "PAGE_ROWS", 2)
    with tape("ga4_site_report_in_pages") as google:
        report = google.analytics().site_report(google.window, CUSTOMER)
    pages = exchanges("ga4_site_report_in_pages")
    everybody, by_ads = pages[:2], pages[2:]
    assert [page.asked.get("offset", "0") for page in pages] == ["0", "2", "0", "2"]
    assert {page.answer["rowCount"] for page in pages} == {3}
    named = {"fieldName": "sessionGoogleAdsCustomerId", "stringFilter": {"value": CUSTOMER}}
    assert [page.asked.get("dimensionFilter", {}).get("filter") for page in pages] == [None, None, named, named]

    def answered(pages: list[Exchange]) -> list[str]:
        return [row["metricValues"][0]["value"] for page in pages for row in page.answer["rows"]]

    assert [str(day.sessions) for day in report.days] == answered(everybody)
    assert [str(day.ad_sessions) for day in report.days] == answered(by_ads)
    assert all(0 < (day.ad_sessions or 0) < day.sessions for day in report.days)
    assert [day.date for day in report.days] == list(report.window)


def test_a_funnel_is_read_through_its_doubled_headers(tape: Tape) -> None:
    with tape("ga4_funnel") as google:
        found = google.analytics().funnel("session_start", "purchase", google.window, 14)
    (exchange,) = exchanges("ga4_funnel")
    table = exchange.answer["funnelTable"]
    assert exchange.path == f"/v1alpha/properties/{PROPERTY}:runFunnelReport"
    assert exchange.asked["funnel"]["steps"][1]["withinDurationFromPriorStep"] == "1209600s"
    users = [int(row["metricValues"][0]["value"]) for row in table["rows"]]
    assert len(table["metricHeaders"]) == 2 * len(table["rows"][0]["metricValues"])
    assert (found.entered, found.completed) == tuple(users)


def test_a_funnel_is_read_apart_by_device_with_what_is_left_of_the_quota(tape: Tape) -> None:
    with tape("ga4_funnel_parts") as google:
        parts, left = google.analytics().funnel_parts("session_start", "purchase", google.window, 14, "device")
    (exchange,) = exchanges("ga4_funnel_parts")
    assert exchange.asked["funnelBreakdown"] == {"breakdownDimension": {"name": "deviceCategory"}, "limit": "15"}
    quota = exchange.answer["propertyQuota"]
    assert left.day == quota["tokensPerDay"]["remaining"]
    assert left.project_hour == quota["tokensPerProjectPerHour"]["remaining"]
    rows = [[v["value"] for v in row["dimensionValues"]] for row in exchange.answer["funnelTable"]["rows"]]
    assert {segment for _, segment in rows} == {"RESERVED_TOTAL", *(part.segment for part in parts)}
    assert len(parts) == 3 and all(part.entered > part.completed for part in parts)


def test_a_key_event_is_made_listed_and_taken_away(tape: Tape) -> None:
    with tape("ga4_key_events") as google:
        before = google.analytics().key_events()
        made = google.writer().send(_change(google, Verb.KEY_EVENT))
        after = google.analytics().key_events()
        google.writer().send(_change(google, Verb.UNMARK))
    recorded = exchanges("ga4_key_events")
    assert [e.method for e in recorded] == ["GET", "POST", "GET", "GET", "DELETE"]
    assert [k.event_name for k in before] == [k["eventName"] for k in recorded[0].answer["keyEvents"]]
    assert made.object_id == "adsync_cassette"
    (new,) = set(after) - set(before)
    assert (new.event_name, new.counting_method) == ("adsync_cassette", "ONCE_PER_SESSION")
    assert recorded[4].path == f"/v1beta/{new.resource_name}"


def test_a_key_event_that_exists_is_a_refusal(tape: Tape) -> None:
    with tape("ga4_key_event_exists") as google:
        taken = google.analytics().key_events()[0].event_name
        with pytest.raises(GoogleRefused, match="already exists"):
            google.writer().send(_change(google, Verb.KEY_EVENT, taken))
    assert exchanges("ga4_key_event_exists")[-1].code == 409


def _change(google: Google, verb: Verb, event_name: str = "adsync_cassette") -> Change:
    marked = fields(counting_method="ONCE_PER_SESSION")
    makes = verb is Verb.KEY_EVENT
    return Change(
        customer_id=CUSTOMER,
        property_id=google.property_id,
        kind=KEY_EVENT,
        object_id=event_name,
        title=event_name,
        verb=verb,
        before=None if makes else marked,
        after=marked if makes else None,
    )


def test_links_and_properties_are_read(tape: Tape) -> None:
    with tape("ga4_links_and_properties") as google:
        links = google.analytics().ads_links()
        seen = visible_properties(google.clients(), PATIENCE)
    assert [e.path for e in exchanges("ga4_links_and_properties")] == [
        f"/v1beta/properties/{PROPERTY}/googleAdsLinks",
        "/v1beta/accountSummaries",
    ]
    assert set(links) <= {CUSTOMER}
    assert google.property_id in {summary.property_id for summary in seen}
    assert all(isinstance(summary, PropertySummary) for summary in seen)


def test_a_property_of_somebody_else_denies_access(tape: Tape) -> None:
    with tape("ga4_denied") as google, pytest.raises(AccessDenied, match="Property access management"):
        google.analytics(SOMEBODY_ELSES).site_report(google.window, CUSTOMER)
    (exchange,) = exchanges("ga4_denied")
    assert (exchange.code, exchange.answer["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_a_signed_assertion_is_exchanged_for_a_token(tape: Tape, recording: bool) -> None:
    with tape("oauth_token") as google:
        found = google.credentials(READ_SCOPE)
        found.refresh(Request())
    (exchange,) = exchanges("oauth_token")
    assert exchange.asked == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": SCRUBBED,
    }
    assert exchange.answer["access_token"] == SCRUBBED and exchange.answer["token_type"] == "Bearer"
    assert found.valid and (recording or found.token == SCRUBBED)


def test_an_assertion_signed_with_a_revoked_key_is_refused(tape: Tape) -> None:
    with tape("oauth_refused") as google:
        revoked = google.credentials(READ_SCOPE, revoked=True)
        with pytest.raises(AccessDenied, match="Invalid JWT Signature"), speaking("Reading"):
            revoked.refresh(Request())
    (exchange,) = exchanges("oauth_refused")
    assert (exchange.code, exchange.answer["error"]) == (400, "invalid_grant")


# What must not be in a cassette --------------------------------------------------------------------------------------

_NOT_TO_BE_KEPT = {
    "an authorization header": r"(?i)authorization|bearer [\w-]",
    "a signed token": r"eyJ[\w-]{10,}",
    "a token of Google's": r"ya29\.|1//0",
    "a token of the sandbox's": r"sandbox-[\w-]{16,}",
    "a key": r"PRIVATE KEY|MII[A-Za-z0-9+/]{20,}",
    "an assertion": rf"assertion\"?[:=](?!\s*\"?{SCRUBBED})",
    "a secret": rf"(?:secret|access_token|refresh_token|id_token)\"?[:=](?!\s*\"?{SCRUBBED})",
    "an address of a person": r"[\w.]+@[\w.]+",
    "a host or port": r"https?://(?!127\.0\.0\.1:9/|developers\.google\.com/)",
    "a path of this machine": r"/(?:home|root|tmp|Users|var)/",
}


def recordings() -> dict[str, str]:
    """Every file in the folder and its text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(CASSETTES.iterdir())}


@pytest.mark.parametrize("what", _NOT_TO_BE_KEPT)
def test_no_cassette_holds_what_opens_or_names_something(what: str) -> None:
    found = recordings()
    assert len(found) >= 9
    assert [name for name, text in found.items() if re.search(_NOT_TO_BE_KEPT[what], text)] == []


def test_every_cassette_is_small_and_played_by_a_test() -> None:
    played = set(re.findall(r'tape\("(\w+)"\)', Path(__file__).read_text(encoding="utf-8")))
    found = recordings()
    assert set(found) == {f"{name}.yaml" for name in played}, "a cassette nobody opens is deleted"
    assert [name for name, text in found.items() if len(text) > 8_000] == []


def test_what_is_recorded_is_scrubbed() -> None:
    scrubber = Scrubber("123456")
    headers = {"Authorization": "Bearer ya29.abc", "Content-Type": "application/json", "User-Agent": "x"}
    uri = "https://analyticsdata.googleapis.com/v1beta/properties/123456:runReport?$alt=json"
    request = scrubber.request(Recorded("POST", uri, b'{"property": "properties/123456"}', headers))
    assert request.uri == f"{NOWHERE}/v1beta/properties/{PROPERTY}:runReport?$alt=json"
    assert dict(request.headers) == {"Content-Type": "application/json"}
    assert request.body == f'{{"property": "properties/{PROPERTY}"}}'.encode()
    form = urlencode({"grant_type": "x", "assertion": "eyJhbGciOi.eyJpc3MiOi.abc"}).encode()
    token = scrubber.request(Recorded("POST", "https://oauth2.googleapis.com/token", form, headers))
    assert token.body == f"grant_type=x&assertion={SCRUBBED}".encode()
    assert scrubber.request(Recorded("GET", "https://iamcredentials.googleapis.com/v1/x", None, {})) is None
    secrets = {
        "access_token": "ya29.abc",
        "links": [{"customerId": "4445556666", "creatorEmailAddress": "erika@example.com"}],
        "account": "accounts/987654",
        "properties": ["properties/123456", "properties/777"],
    }
    answer = scrubber.response(
        {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Set-Cookie": ["a=b"]},
            "body": {"string": json.dumps(secrets).encode()},
        }
    )
    assert list(answer["headers"]) == ["Content-Type"]
    assert json.loads(answer["body"]["string"]) == {
        "access_token": SCRUBBED,
        "links": [{"customerId": CUSTOMER, "creatorEmailAddress": SCRUBBED}],
        "account": "accounts/1",
        "properties": [f"properties/{PROPERTY}", f"properties/{SOMEBODY_ELSES}"],
    }


@pytest.mark.parametrize(
    ("what", "secret"),
    [
        ("an authorization header", "authorization: [Bearer x]"),
        ("a signed token", "eyJhbGciOiJSUzI1NiJ9.e30.x"),
        ("a token of Google's", "ya29.a0Af"),
        ("a token of the sandbox's", "sandbox-Zk3_abcdefghijklmnop"),
        ("a key", "-----BEGIN PRIVATE KEY-----"),
        ("an assertion", "body: grant_type=x&assertion=abc"),
        ("a secret", '"access_token": "abc"'),
        ("an address of a person", "erika@example.com"),
        ("a host or port", "uri: http://127.0.0.1:41999/v1beta"),
        ("a host or port", "uri: https://analyticsdata.googleapis.com/v1beta"),
        ("a path of this machine", "/home/erika/adsync"),
    ],
)
def test_each_pattern_would_find_its_secret(what: str, secret: str) -> None:
    assert re.search(_NOT_TO_BE_KEPT[what], secret)
