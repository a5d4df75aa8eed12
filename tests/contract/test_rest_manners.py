"""The sandbox's HTTP port answers what is no proper request, and goes on serving."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import requests

from adsync.sandbox import http_bodies
from adsync.sandbox.users import SERVICE_ACCOUNT
from tests.contract.clients import EDIT_SCOPE
from tests.contract.ga4 import SHOP
from tests.sandboxes import LocalSandbox

CLOCK = b"GET /sandbox/clock HTTP/1.1\r\nHost: x\r\n"


def said(sandbox: LocalSandbox, request: bytes) -> bytes:
    """All that comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", sandbox.running.running.http_port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: abc\r\n", b"400"),
        (b"Content-Length: -5\r\n", b"400"),
        (b"Content-Length: \xc2\xb2\r\n", b"400"),
        (b"Content-Length: 1099511627776\r\n", b"413"),
        (b"Content-Length: 99999999999999999999999\r\n", b"413"),
        (b"Transfer-Encoding: chunked\r\n", b"411"),
    ],
)
def test_a_body_of_no_known_length_is_refused(shared_sandbox: LocalSandbox, headers: bytes, status: bytes) -> None:
    answer = said(shared_sandbox, CLOCK + headers + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert said(shared_sandbox, CLOCK + b"\r\n").startswith(b"HTTP/1.1 200")


def test_an_address_that_is_none_is_refused(shared_sandbox: LocalSandbox) -> None:
    assert said(shared_sandbox, b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[" * 100_000, "JSON"),
        (b'{"dimensionFilter": ' + b'{"notExpression": ' * 40_000, "nested"),
    ],
)
def test_json_without_an_end_is_a_bad_request(shared_sandbox: LocalSandbox, body: bytes, told: str) -> None:
    status, answer = asked(shared_sandbox, body)
    assert status == 400 and answer["error"]["status"] == "INVALID_ARGUMENT", told


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        (r"(?:(?:\w*)*)*!", 200),
        (r"(.*)*$!", 200),
        (r"(?<=a)b", 400),
        (r"(?P<a>x)(?P=a)", 400),
        (r"a{99999999999}", 400),
        ("[[:foo:]]", 400),
        ("[[:alpha:][:Digit:]]", 400),
        ("[[:^cntrl:][:xdigit:]]+", 200),
        ("(?P<a>x)(?P<a>y)", 400),
        ("(?P<a>x){2}(?P<b>y)", 200),
        ("(" * 5_000 + ")" * 5_000, 400),
        (r"add_to_cart)|(purchase", 400),
    ],
)
@pytest.mark.parametrize("kind", ["FULL_REGEXP", "PARTIAL_REGEXP"])
def test_regular_expressions_are_those_of_re2_and_take_no_longer(
    shared_sandbox: LocalSandbox, kind: str, pattern: str, status: int
) -> None:
    body = {
        "dimensions": [{"name": "eventName"}],
        "metrics": [{"name": "eventCount"}],
        "dateRanges": [{"startDate": "2026-02-01", "endDate": "2026-02-02"}],
        "dimensionFilter": {
            "filter": {"fieldName": "eventName", "stringFilter": {"matchType": kind, "value": pattern}}
        },
    }
    assert asked(shared_sandbox, json.dumps(body).encode())[0] == status


def asked(sandbox: LocalSandbox, body: bytes) -> tuple[int, dict[str, dict[str, str]]]:
    """Status and answer of a runReport with this body."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.running.running.http_port, timeout=20)
    try:
        connection.request("POST", f"/v1beta/{SHOP}:runReport", body, {"Authorization": f"Bearer {token(sandbox)}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def token(sandbox: LocalSandbox) -> str:
    answer = sandbox.running.tokens._issue(SERVICE_ACCOUNT.email, frozenset({EDIT_SCOPE}))
    return str(answer["access_token"])


@pytest.mark.parametrize(
    "path", ["sandbox/clock", f"v1beta/{SHOP}:runReport", "v26/customers/1/googleAds:search", "nowhere"]
)
@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused_in_googles_form(shared_sandbox: LocalSandbox, method: str, path: str) -> None:
    answer = requests.request(method, f"{shared_sandbox.running.running.url}/{path}", data=b"x" * 100_000, timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json; charset=UTF-8")
    if method == "HEAD":
        assert answer.content == b""
        return
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (405, "UNIMPLEMENTED")
    assert f"does not serve {method} /{path}; the methods are GET" in error["message"]


@pytest.mark.parametrize("line", [b"GET /x HTTP/9.9", b"GET", b"A B C D E", b"GET /" + b"x" * 70_000 + b" HTTP/1.1"])
def test_what_is_no_request_is_refused_in_googles_form(shared_sandbox: LocalSandbox, line: bytes) -> None:
    answer = said(shared_sandbox, line + b"\r\n\r\n")
    error = json.loads(answer.rpartition(b"\r\n")[2])["error"]
    assert error["status"] == "INVALID_ARGUMENT" and error["code"] in (400, 414, 505)


# Bodies that do not come ---------------------------------------------------------------------------------------------


HALF = b"POST /sandbox/advance HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n" + b'{"days"'


def waiting(sandbox: LocalSandbox, sent: bytes = HALF) -> socket.socket:
    """A connection that has sent so much, and no more."""
    connection = socket.create_connection(("127.0.0.1", sandbox.running.running.http_port), timeout=20)
    connection.sendall(sent)
    return connection


def test_a_body_that_ends_early_is_refused(shared_sandbox: LocalSandbox) -> None:
    answer = said(shared_sandbox, HALF)
    assert answer.startswith(b"HTTP/1.1 400") and b"ended after 7 of its 11 bytes" in answer


def test_a_body_that_stops_coming_is_given_up_with_a_word(
    shared_sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_bodies, "PATIENCE_SECONDS", 0.2)
    with waiting(shared_sandbox) as connection:
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 408") and b"Nothing more of the request's body came for 0.2 seconds" in answer


def test_a_crowd_of_half_sent_bodies_is_gone_soon_and_the_first_may_take_their_time(
    shared_sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_bodies, "CROWDED_SECONDS", 0.3)
    before = threading.active_count()
    with ExitStack() as open_:
        first = open_.enter_context(waiting(shared_sandbox))
        time.sleep(0.3)  # it is being read by the time the crowd comes
        crowd = [open_.enter_context(waiting(shared_sandbox)) for _ in range(400)]
        assert said(shared_sandbox, CLOCK + b"\r\n").startswith(b"HTTP/1.1 200"), "others are served meanwhile"
        until(lambda: threading.active_count() <= before + http_bodies.FEW + 2)
        answers = [connection.recv(65_536) for connection in crowd[-300:]]
        assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
        first.sendall(b": 0}")
        assert first.recv(65_536).startswith(b"HTTP/1.1 200")
        # Slow but never silent for long: honest, even in a crowd.
        slow = open_.enter_context(waiting(shared_sandbox))
        for byte in b": 0}":
            time.sleep(0.15)
            slow.sendall(bytes([byte]))
        assert slow.recv(65_536).startswith(b"HTTP/1.1 200")


def test_a_client_that_hangs_up_leaves_no_traceback(
    shared_sandbox: LocalSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    where = shared_sandbox.running.running
    for port in (where.http_port, where.https_port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(HALF)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
    said(shared_sandbox, CLOCK + b"\r\n")
    time.sleep(0.3)
    assert capfd.readouterr().err == ""


def until(true: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    given_up = time.monotonic() + 15
    while not true():
        assert time.monotonic() < given_up
        time.sleep(0.02)


# The sandbox's own controls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "body", "status", "says"),
    [
        ("links", "{}", 400, "linked: found None; true or false."),
        ("links", '{"linked": true}', 404, "There is no property 'None'; there are: "),
        (
            "links",
            f'{{"property_id": "{SHOP.partition("/")[2]}", "linked": 1}}',
            400,
            "linked: found 1; true or false.",
        ),
        ("links", f'{{"property_id": "{SHOP.partition("/")[2]}", "linked": true}}', 404, "no account 'None'"),
        (
            "links",
            f'{{"property_id": "{SHOP.partition("/")[2]}", "customer_id": [], "linked": true}}',
            404,
            "account '[]'",
        ),
        ("declaration", '{"customer_id": "1000000001"}', 400, "missing: found None; true or false."),
        ("project", '{"access_level": []}', 400, "access_level: found []; it is one of test"),
        ("project", '{"access_level": {}}', 400, "access_level: found {}"),
        ("project", '{"retired_versions": 5}', 400, "retired_versions: found 5; a list of some of v"),
        ("project", '{"retired_versions": [[]]}', 400, "retired_versions: found [[]]"),
        ("project", '{"retired_versions": "v26"}', 400, "retired_versions: found 'v26'"),
        ("advance", '{"days": true}', 400, "days: found True; the clock goes forward by whole days."),
        ("advance", "{}", 400, "days: found None"),
        ("advance", '{"days": 1e999}', 400, "days: found inf"),
        ("tokens", '{"state": []}', 400, "state: found []; tokens become expired or revoked."),
        ("tags", "{}", 404, "no account 'None'"),
        ("switches", '{"mirror_name": []}', 400, "mirror_name can be accepted or refused"),
        ("faults", '{"faults": {}}', 400, "faults: there are none."),
    ],
)
def test_a_control_says_what_is_wrong_with_what_it_was_sent(
    shared_sandbox: LocalSandbox, control: str, body: str, status: int, says: str
) -> None:
    before = shared_sandbox.control.status()
    address = ("127.0.0.1", shared_sandbox.running.running.http_port)
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request("POST", f"/sandbox/{control}", body)
    answer = connection.getresponse()
    assert answer.status == status and says in json.loads(answer.read())["error"]["message"]
    connection.close()
    assert shared_sandbox.control.status() == before
