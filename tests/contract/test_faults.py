"""Google in trouble: which error each trouble becomes, what is tried again and what never is, and who gets credentials."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core import exceptions as core
from google.auth.exceptions import RefreshError

from adsync import nightly
from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleRefused,
    GoogleUnavailable,
    OutcomeUnknown,
    QuotaExhausted,
    SettingsError,
    UnexpectedAnswer,
    VersionRetired,
)
from adsync.google.ads import GoogleAds
from adsync.google.ads_client import AdsServices
from adsync.google.analytics import GoogleAnalytics, RestClients
from adsync.google.credentials import ADS_SCOPE, EDIT_SCOPE, READ_SCOPE, credentials
from adsync.google.faults import speaking
from adsync.google.retry import Patience
from adsync.google.writer import GoogleWriter
from adsync.model.account import Account
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.window import Window
from adsync.ports import Axis
from adsync.settings import CredentialSource, Endpoints
from adsync.wiring import Wiring
from tests.builders import a_change
from tests.sandboxes import LocalSandbox

DAYS = Window(date(2026, 2, 1), date(2026, 2, 14))
MIRROR = "700000002"
ATTEMPTS = 3

# The sandbox's names of the calls that the tests make.
READ_ADS, READ_GA4 = "SearchStream", "runReport"
WRITE_ADS, WRITE_GA4 = "MutateConversionActions", "createKeyEvent"


@dataclass
class Callers:
    """The adapters of one account, with little patience."""

    sandbox: LocalSandbox
    wiring: Wiring
    account: Account
    ads: GoogleAds
    analytics: GoogleAnalytics
    writer: GoogleWriter

    def read(self, call: str) -> int:
        """Reads what ``call`` serves; how many items came."""
        if call == READ_ADS:
            return len(self.ads.conversions(Window(date(2025, 12, 1), DAYS.last), Axis.CONVERSION))
        return len(self.analytics.event_report(DAYS, ["purchase", "page_view"]).counts)

    def write(self, call: str) -> Any:
        return self.writer.send(self.change(call))

    def change(self, call: str) -> Change:
        if call == WRITE_ADS:
            hidden, enabled = (fields(status=status, primary_for_goal=False) for status in ("HIDDEN", "ENABLED"))
            values = {"customer_id": self.account.customer_id, "object_id": MIRROR}
            return a_change(Verb.ENABLE, before=hidden, after=enabled, **values)
        return Change(
            customer_id=self.account.customer_id,
            property_id=self.account.property_id,
            kind=KEY_EVENT,
            object_id="add_to_cart",
            title="add_to_cart",
            verb=Verb.KEY_EVENT,
            before=None,
            after=fields(counting_method="ONCE_PER_SESSION"),
        )

    def was_written(self, call: str) -> bool:
        if call == WRITE_ADS:
            return any(a.id == MIRROR and a.status == "ENABLED" for a in self.ads.actions())
        return any(k.event_name == "add_to_cart" for k in self.analytics.key_events())

    def calls(self, call: str) -> int:
        """How often the sandbox was asked."""
        counted = self.sandbox.control.status()["calls"]
        return sum(count for name, count in counted.items() if name.endswith(call))


def callers(sandbox: LocalSandbox, *, attempts: int = ATTEMPTS, timeout: float = 5.0) -> Callers:
    wiring, account = sandbox.wiring(), sandbox.settings.accounts[0]
    patience = Patience(attempts=attempts, first_wait_seconds=0.01, timeout_seconds=timeout)
    services = wiring.ads_services("default", account.login_customer_id)
    return Callers(
        sandbox=sandbox,
        wiring=wiring,
        account=account,
        ads=GoogleAds(services, account.customer_id, patience),
        analytics=GoogleAnalytics(
            RestClients(wiring.credentials("default", READ_SCOPE), wiring.where), account.property_id, patience
        ),
        writer=GoogleWriter(services, wiring.credentials("default", EDIT_SCOPE), wiring.where, patience),
    )


@pytest.fixture(scope="module")
def shared(shared_sandbox: LocalSandbox) -> Callers:
    return callers(shared_sandbox)


@pytest.fixture(autouse=True)
def no_faults_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that share a sandbox leave it in good health."""
    yield
    if "shared_sandbox" in request.fixturenames:
        request.getfixturevalue("shared_sandbox").control.fault("", "none")


# Reads ---------------------------------------------------------------------------------------------------------------

# kind -> what becomes of a read at Google Ads and at GA4, and whether trying again is worth it.
READS: dict[str, tuple[type[AdsyncError], type[AdsyncError], bool, bool]] = {
    "unavailable": (GoogleUnavailable, GoogleUnavailable, True, True),
    "internal": (GoogleUnavailable, GoogleUnavailable, True, True),
    "cut": (GoogleUnavailable, GoogleUnavailable, True, True),
    "lost": (GoogleUnavailable, GoogleUnavailable, True, True),
    "garbled": (GoogleUnavailable, UnexpectedAnswer, True, False),
    "quota": (QuotaExhausted, QuotaExhausted, False, False),
    "forbidden": (AccessDenied, AccessDenied, False, False),
}


@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
@pytest.mark.parametrize("kind", READS)
def test_a_read_in_lasting_trouble_ends_in_the_right_error(shared: Callers, kind: str, call: str) -> None:
    for_ads, for_ga4, ads_again, ga4_again = READS[kind]
    wanted, again = (for_ads, ads_again) if call == READ_ADS else (for_ga4, ga4_again)
    before = shared.calls(call)
    shared.sandbox.control.fault(call, kind, times=50)
    with pytest.raises(wanted) as caught:
        shared.read(call)
    assert type(caught.value) is wanted
    assert shared.calls(call) - before == (ATTEMPTS if again else 1), "one retry layer, and only where it helps"
    about = shared.account.customer_id if call == READ_ADS else shared.account.property_id
    assert about in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
@pytest.mark.parametrize("kind", ["unavailable", "internal", "cut", "lost"])
def test_a_read_recovers_when_the_trouble_passes_and_has_everything_once(shared: Callers, kind: str, call: str) -> None:
    healthy = shared.read(call)
    before = shared.calls(call)
    shared.sandbox.control.fault(call, kind, times=ATTEMPTS - 1)
    assert shared.read(call) == healthy > 10
    assert shared.calls(call) - before == ATTEMPTS


@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
def test_a_read_that_hangs_is_given_up_after_its_timeout_and_tried_again(sandbox: LocalSandbox, call: str) -> None:
    impatient = callers(sandbox, timeout=0.5)
    impatient.read(call)
    before = impatient.calls(call)
    sandbox.control.fault(call, "hang")
    assert impatient.read(call) > 10
    assert impatient.calls(call) - before == 2
    sandbox.control.fault(call, "hang", times=50)
    with pytest.raises(GoogleUnavailable):
        impatient.read(call)
    assert impatient.calls(call) - before == 2 + ATTEMPTS


@pytest.mark.parametrize("kind", ["internal", "quota", "forbidden"])
def test_googles_request_id_comes_along_where_there_is_one(shared: Callers, kind: str) -> None:
    shared.sandbox.control.fault(READ_ADS, kind, times=50)
    with pytest.raises(AdsyncError) as caught:
        shared.read(READ_ADS)
    assert caught.value.request_id and caught.value.request_id in str(caught.value)


def test_a_quota_says_how_long_google_asks_to_wait(shared: Callers) -> None:
    shared.sandbox.control.fault(READ_ADS, "quota")
    with pytest.raises(QuotaExhausted, match=r"11\.3 hours") as caught:
        shared.read(READ_ADS)
    assert caught.value.retry_after_seconds == 40_591


def test_a_property_that_is_closed_to_the_credential_says_what_to_do(shared: Callers) -> None:
    shared.sandbox.control.fault(READ_GA4, "forbidden")
    with pytest.raises(AccessDenied, match="Property access management"):
        shared.read(READ_GA4)


def test_a_report_in_pages_repeats_only_the_page_that_failed(shared: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shared.analytics.event_report(DAYS, ["purchase", "page_view", "scroll"])
    monkeypatch.setattr("adsync.google.analytics.PAGE_ROWS", 10)
    before, requests = shared.calls(READ_GA4), shared.analytics.requests
    shared.sandbox.control.fault(READ_GA4, "unavailable", after=1)
    paged = shared.analytics.event_report(DAYS, ["purchase", "page_view", "scroll"])
    pages = -(-len(whole.counts) // 10)
    assert paged == whole and pages > 2
    assert shared.calls(READ_GA4) - before == shared.analytics.requests - requests == pages + 1


def test_every_attempt_is_counted_as_an_operation(shared: Callers) -> None:
    before = shared.ads.operations
    shared.sandbox.control.fault(READ_ADS, "unavailable", times=2)
    shared.ads.customer()
    assert shared.ads.operations - before == 3


# A version that is gone --------------------------------------------------------------------------------------------


def test_a_retired_version_says_what_happened_and_what_to_do(sandbox: LocalSandbox) -> None:
    reading = callers(sandbox)
    sandbox.running.estate.project.retired = {"v26"}
    with pytest.raises(VersionRetired) as caught:
        reading.ads.customer()
    said = str(caught.value)
    assert "Google has retired the version of the Ads API that this adsync speaks" in said
    assert "UNSUPPORTED_VERSION" in said and "pip install --upgrade adsync" in said
    assert caught.value.request_id in said and caught.value.exit_code == 1
    assert reading.ads.operations == 1, "trying again does not help"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        *((READ_ADS, kind) for kind in ("UNIMPLEMENTED", "404", "retired")),
        *((READ_GA4, kind) for kind in ("404", "retired")),
    ],
)
def test_a_version_that_was_taken_away_says_the_same(shared: Callers, call: str, kind: str) -> None:
    before = shared.calls(call)
    shared.sandbox.control.fault(call, kind, times=50)
    with pytest.raises(VersionRetired, match="Install a newer adsync") as caught:
        shared.read(call)
    assert shared.calls(call) - before == 1
    assert "<" not in str(caught.value), "no HTML"
    assert call == READ_ADS or "v26" not in str(caught.value), "that is a version of Google Ads"


# Changes -------------------------------------------------------------------------------------------------------------

# kind -> what becomes of a change, and whether the sandbox made it all the same, at Google Ads and at GA4.
WRITES: dict[str, tuple[type[AdsyncError], bool, bool]] = {
    "unavailable": (OutcomeUnknown, False, False),
    "internal": (OutcomeUnknown, False, False),
    "cut": (OutcomeUnknown, True, True),
    "lost": (OutcomeUnknown, True, True),
    "garbled": (OutcomeUnknown, True, True),
    "quota": (QuotaExhausted, False, False),
    "forbidden": (AccessDenied, False, False),
}


@pytest.mark.parametrize("call", [WRITE_ADS, WRITE_GA4])
@pytest.mark.parametrize("kind", WRITES)
def test_a_change_in_trouble_is_sent_once_and_ends_in_the_right_error(
    sandbox: LocalSandbox, kind: str, call: str
) -> None:
    wanted, made_in_ads, made_in_ga4 = WRITES[kind]
    changing = callers(sandbox)
    sandbox.control.fault(call, kind)
    with pytest.raises(wanted) as caught:
        changing.write(call)
    assert type(caught.value) is wanted
    assert changing.calls(call) == 1, "a change is never sent twice"
    assert changing.was_written(call) is (made_in_ads if call == WRITE_ADS else made_in_ga4)


@pytest.mark.parametrize("call", [WRITE_ADS, WRITE_GA4])
def test_a_change_that_hangs_is_sent_once_and_its_outcome_is_unknown(sandbox: LocalSandbox, call: str) -> None:
    changing = callers(sandbox, timeout=0.5)
    sandbox.control.fault(call, "hang")
    with pytest.raises(OutcomeUnknown):
        changing.write(call)
    assert changing.calls(call) == 1


def test_an_unknown_outcome_carries_googles_request_id(shared: Callers) -> None:
    shared.sandbox.control.fault(WRITE_ADS, "internal")
    with pytest.raises(OutcomeUnknown) as caught:
        shared.write(WRITE_ADS)
    assert caught.value.request_id and caught.value.request_id in str(caught.value)


def test_a_change_that_google_refuses_is_a_refusal_with_code_and_request_id(shared: Callers) -> None:
    with pytest.raises(GoogleRefused) as caught:
        shared.writer.send(_counting_of_a_mirror(shared))
    assert caught.value.code == "FieldError.IMMUTABLE_FIELD"
    assert caught.value.request_id


def _counting_of_a_mirror(shared: Callers) -> Change:
    before, after = (fields(counting_type=kind) for kind in ("MANY_PER_CLICK", "ONE_PER_CLICK"))
    values = {"customer_id": shared.account.customer_id, "object_id": MIRROR}
    return a_change(Verb.UPDATE, before=before, after=after, **values)


def test_a_dry_run_asks_google_and_changes_nothing(shared: Callers) -> None:
    shared.writer.send(shared.change(WRITE_ADS), validate_only=True)
    assert not shared.was_written(WRITE_ADS)
    before = shared.calls(WRITE_GA4)
    shared.writer.send(shared.change(WRITE_GA4), validate_only=True)
    assert shared.calls(WRITE_GA4) == before and not shared.was_written(WRITE_GA4)


def test_a_change_that_was_made_carries_googles_request_id(sandbox: LocalSandbox) -> None:
    receipt = callers(sandbox).write(WRITE_ADS)
    assert receipt.object_id == MIRROR and len(receipt.request_id) > 10


# Answers about something else --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["empty", "elsewhere"])
@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
def test_a_well_formed_answer_to_another_question_is_not_believed(shared: Callers, call: str, kind: str) -> None:
    shared.sandbox.control.fault(call, kind)
    with pytest.raises(UnexpectedAnswer, match=r"answered something else|answered with .* instead of"):
        shared.read(call)


# Tokens --------------------------------------------------------------------------------------------------------------


def a_stranger(sandbox: LocalSandbox, folder: Path) -> CredentialSource:
    """A key that the sandbox did not hand out, as after a key was revoked."""
    document = json.loads((sandbox.directory / "service-account.json").read_text(encoding="utf-8"))
    document["private_key"] = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
    path = folder / "revoked.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return CredentialSource(key_file=path)


def test_a_revoked_key_is_denied_access_and_not_tried_again(shared: Callers, tmp_path: Path) -> None:
    source, where = a_stranger(shared.sandbox, tmp_path), shared.wiring.where
    environment = shared.sandbox.settings.environment
    patience = Patience(attempts=3, first_wait_seconds=0.01, timeout_seconds=5)
    for_ads = credentials("revoked", source, environment, where, scopes=[ADS_SCOPE])
    for_ga4 = credentials("revoked", source, environment, where, scopes=[READ_SCOPE])
    services = AdsServices(for_ads, where, shared.account.login_customer_id)
    before = shared.calls("oauth token")
    with pytest.raises(AccessDenied, match=r"refused the credentials\..*Invalid JWT Signature"):
        GoogleAds(services, shared.account.customer_id, patience).actions()
    assert shared.calls("oauth token") - before == 1
    with pytest.raises(AccessDenied, match="does not accept the credentials"):
        GoogleAnalytics(RestClients(for_ga4, where), shared.account.property_id, patience).key_events()


@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
def test_a_token_that_ends_early_is_renewed_and_the_read_goes_on(sandbox: LocalSandbox, call: str) -> None:
    reading = callers(sandbox)
    healthy = reading.read(call)
    sandbox.control.fault(call, "expired")
    assert reading.read(call) == healthy
    assert reading.read(call) == healthy


def test_a_token_that_google_never_accepts_is_renewed_once_only(sandbox: LocalSandbox) -> None:
    reading = callers(sandbox)
    sandbox.control.fault(READ_ADS, "UNAUTHENTICATED", times=50)
    with pytest.raises(AccessDenied):
        reading.read(READ_ADS)
    assert reading.calls(READ_ADS) == 2


def test_a_revoked_key_changes_nothing_and_adsync_knows_it(sandbox: LocalSandbox, tmp_path: Path) -> None:
    changing = callers(sandbox)
    source, where = a_stranger(sandbox, tmp_path), changing.wiring.where
    stranger = credentials("revoked", source, sandbox.settings.environment, where, scopes=[ADS_SCOPE])
    services = AdsServices(stranger, where, changing.account.login_customer_id)
    writer = GoogleWriter(services, stranger, where, Patience(timeout_seconds=5))
    with pytest.raises(AccessDenied):
        writer.send(changing.change(WRITE_ADS))
    assert changing.calls(WRITE_ADS) == 0


@pytest.mark.parametrize(("retryable", "wanted"), [(True, GoogleUnavailable), (False, AccessDenied)])
def test_a_token_endpoint_in_trouble_is_not_a_refused_credential(retryable: bool, wanted: type[AdsyncError]) -> None:
    with pytest.raises(wanted) as caught, speaking("Reading"):
        raise RefreshError("server_error", {"error": "server_error"}, retryable=retryable)
    assert type(caught.value) is wanted


@pytest.mark.parametrize(
    "error",
    [core.Cancelled("the stream was reset"), core.Unknown("?"), core.DeadlineExceeded("late"), grpc.RpcError()],
    ids=lambda error: type(error).__name__,
)
def test_a_call_that_somebody_broke_off_may_have_been_carried_out(error: Exception) -> None:
    with pytest.raises(GoogleUnavailable), speaking("Changing"):
        raise error


# What a 403 means ----------------------------------------------------------------------------------------------------


def test_a_token_endpoint_that_says_403_is_not_about_the_key(shared: Callers, tmp_path: Path) -> None:
    source, where = CredentialSource(key_file=shared.sandbox.directory / "service-account.json"), shared.wiring.where
    found = credentials("x", source, shared.sandbox.settings.environment, where, scopes=[ADS_SCOPE])
    services = AdsServices(found, where, shared.account.login_customer_id)
    shared.sandbox.control.fault("token", "forbidden", times=50)
    with pytest.raises(AccessDenied, match="Account restricted") as caught:
        GoogleAds(services, shared.account.customer_id, Patience(attempts=1)).actions()
    said = str(caught.value)
    assert "A new key would not help" in said and "Make a new key" not in said and "property" not in said


@pytest.mark.parametrize("call", [READ_ADS, READ_GA4])
def test_a_proxy_that_says_403_is_not_about_googles_permissions(shared: Callers, call: str) -> None:
    shared.sandbox.control.fault(call, "403", times=50)
    with pytest.raises(AccessDenied, match="denied on the way to Google") as caught:
        shared.read(call)
    assert "proxy" in caught.value.next_step and "Property access" not in str(caught.value)


def test_a_credential_without_a_scope_is_told_the_scopes(shared: Callers) -> None:
    source, where = CredentialSource(key_file=shared.sandbox.directory / "service-account.json"), shared.wiring.where
    for_ads = credentials("x", source, shared.sandbox.settings.environment, where, scopes=[ADS_SCOPE])
    for_ads._always_use_jwt_access = False
    reading = GoogleAnalytics(RestClients(for_ads, where), shared.account.property_id, Patience(attempts=1))
    with pytest.raises(AccessDenied, match="not given the scopes") as caught:
        reading.key_events()
    assert "analytics.readonly" in caught.value.next_step


@pytest.mark.parametrize("ga4_property", ["", "300000001"])
def test_an_api_that_is_switched_off_says_where_to_switch_it_on(ga4_property: str) -> None:
    where = "https://console.developers.google.com/apis/api/analyticsdata.googleapis.com/overview?project=1"
    reason = {"reason": "SERVICE_DISABLED", "metadata": {"activationUrl": where}}
    said = "Google Analytics Data API has not been used in project 1 before or it is disabled."
    with pytest.raises(AccessDenied) as caught, speaking("Reading", ga4_property=ga4_property):
        raise core.Forbidden(said, error_info=reason)
    assert where in caught.value.next_step and "Property access" not in caught.value.next_step


IMPERSONATION = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
EARLY = "Invalid JWT: Token must be a short-lived token (60 minutes). Check your iat and exp values in the JWT claim."


@pytest.mark.parametrize(
    ("answered", "next_step"),
    [
        ({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "Make a new key"),
        ({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, "Make a new key"),
        ({"error": "invalid_grant", "error_description": EARLY}, "Set this machine's clock"),
        ({"error": "invalid_client", "error_description": "The OAuth client was not found."}, "client_id"),
        ({"error": "unauthorized_client", "error_description": "Client is unauthorized."}, "domain-wide delegation"),
        ({"error": "access_denied", "error_description": "Account restricted"}, "A new key would not help"),
        ({"error": {"code": 403, "message": "Blocked.", "status": "PERMISSION_DENIED"}}, "A new key would not help"),
        (json.dumps({"error": {"code": 403, "message": IMPERSONATION}}), "Service Account Token Creator"),
    ],
)
def test_each_refusal_of_a_token_says_what_would_help(answered: Any, next_step: str) -> None:
    with pytest.raises(AccessDenied, match="refused the credentials") as caught, speaking("Reading"):
        raise RefreshError("no token", answered)
    assert next_step in caught.value.next_step and caught.value.because != "no token"


# Where credentials go ------------------------------------------------------------------------------------------------


def test_a_sandboxs_credential_never_goes_to_google(shared: Callers) -> None:
    source = CredentialSource(key_file=shared.sandbox.directory / "service-account.json")
    with pytest.raises(SettingsError, match="is a sandbox's"):
        credentials("toy", source, shared.sandbox.settings.environment, Endpoints(), scopes=[ADS_SCOPE])


@pytest.mark.parametrize(
    "token_uri",
    ["https://oauth2.googleapis.com/token", "http://127.0.0.1.example.com/token", "http://localhost@example.com/token"],
)
def test_a_real_credential_never_goes_to_a_sandbox(shared: Callers, tmp_path: Path, token_uri: str) -> None:
    document = json.loads((shared.sandbox.directory / "service-account.json").read_text(encoding="utf-8"))
    path = tmp_path / "real.json"
    path.write_text(json.dumps({**document, "token_uri": token_uri}), encoding="utf-8")
    source, environment = CredentialSource(key_file=path), shared.sandbox.settings.environment
    with pytest.raises(SettingsError, match="is a real one"):
        credentials("real", source, environment, shared.wiring.where, scopes=[ADS_SCOPE])


def test_a_refresh_token_never_goes_to_a_sandbox(shared: Callers, tmp_path: Path) -> None:
    path = tmp_path / "google-ads.yaml"
    path.write_text("client_id: a\nclient_secret: b\nrefresh_token: c\n", encoding="utf-8")
    source, environment = CredentialSource(google_ads_yaml=path), shared.sandbox.settings.environment
    with pytest.raises(SettingsError, match="is a real one"):
        credentials("real", source, environment, shared.wiring.where, scopes=[ADS_SCOPE])


def test_a_whole_night_connects_to_this_machine_only(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    peers: list[Any] = []
    names: list[Any] = []
    _note_calls(monkeypatch, socket.socket, "connect", lambda arguments: peers.append(arguments[1]))
    _note_calls(monkeypatch, socket.socket, "connect_ex", lambda arguments: peers.append(arguments[1]))
    _note_calls(monkeypatch, socket, "getaddrinfo", lambda arguments: names.append(arguments[0]))
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    nightly.run_night(account, ports)
    with suppress(AdsyncError):
        ports.writer.send(callers(sandbox).change(WRITE_GA4))
    assert len(peers) > 3
    assert {address[0] for address in peers if isinstance(address, tuple)} == {"127.0.0.1"}
    assert set(names) <= {"127.0.0.1", "localhost"}
    # gRPC connects without Python's sockets; the kernel knows its peers.
    remote = _remote_addresses()
    assert sandbox.running.running.ads_port in {port for _, port in remote}, "gRPC's connection is among those seen"
    assert [peer for peer in remote if not ip_address(peer[0]).is_loopback] == []


def _note_calls(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, note: Callable[[tuple[Any, ...]], None]
) -> None:
    original = getattr(owner, name)

    def noting(*arguments: Any, **named: Any) -> Any:
        note(arguments)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, noting)


def _remote_addresses() -> set[tuple[str, int]]:
    """Peers of this process's TCP connections."""
    if not Path("/proc/self/net/tcp").exists():
        pytest.skip("needs Linux's /proc to see gRPC's connections")
    mine = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            mine.add(str(descriptor.readlink()).removeprefix("socket:[").rstrip("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            address, _, port = columns[2].partition(":")
            if columns[9] in mine and int(port, 16):
                found.add((_address(address), int(port, 16)))
    return found


def _address(text: str) -> str:
    """An address as the kernel prints it: 32-bit words, each with its bytes reversed."""
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    found = ip_address(b"".join(words))
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
