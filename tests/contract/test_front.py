"""Programs whose hosts are fixed reach the sandbox through its proxy, and nothing else through it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import google.auth.transport.requests
import grpc
import pytest
import requests
from google.oauth2 import credentials

from adsync.sandbox.ads.protocol import OURS, protocol
from adsync.sandbox.tls import make_identities
from tests.contract.clients import CUSTOMER, MANAGER
from tests.sandboxes import LocalSandbox

ADS = "googleads.googleapis.com"
QUERY = "SELECT customer.id FROM customer"


@pytest.fixture(scope="module")
def proxy(shared_sandbox: LocalSandbox) -> str:
    return f"http://127.0.0.1:{shared_sandbox.running.running.proxy_port}"


@pytest.fixture(scope="module")
def browser(shared_sandbox: LocalSandbox, proxy: str) -> requests.Session:
    session = requests.Session()
    session.proxies, session.verify = {"https": proxy}, str(shared_sandbox.directory / "ca.pem")
    session.trust_env = False
    return session


@pytest.fixture(scope="module")
def token(shared_sandbox: LocalSandbox, browser: requests.Session) -> str:
    """By the flow of a person who signed in once: its address at Google cannot be changed."""
    document = json.loads((shared_sandbox.directory / "authorized-user.json").read_text(encoding="utf-8"))
    document["token_uri"] = "https://oauth2.googleapis.com/token"
    person = credentials.Credentials.from_authorized_user_info(document)
    person.refresh(google.auth.transport.requests.Request(session=browser))
    assert isinstance(person.token, str)
    return person.token


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "login-customer-id": MANAGER}


def test_rest_goes_to_googles_own_host_name(browser: requests.Session, token: str) -> None:
    answer = browser.post(
        f"https://{ADS}/{OURS}/customers/{CUSTOMER}/googleAds:search", json={"query": QUERY}, headers=headers(token)
    )
    assert answer.json()["results"][0]["customer"]["id"] == CUSTOMER


def test_grpc_goes_to_googles_own_host_name(shared_sandbox: LocalSandbox, proxy: str, token: str) -> None:
    authority = (shared_sandbox.directory / "ca.pem").read_bytes()
    with grpc.secure_channel(
        f"{ADS}:443", grpc.ssl_channel_credentials(authority), options=[("grpc.http_proxy", proxy)]
    ) as channel:
        message = protocol().message
        search = channel.unary_unary(
            f"/google.ads.googleads.{OURS}.services.GoogleAdsService/Search",
            request_serializer=lambda asked: asked.SerializeToString(),
            response_deserializer=message("services.SearchGoogleAdsResponse").FromString,
        )
        metadata = [(name.lower(), value) for name, value in headers(token).items()]
        asked = message("services.SearchGoogleAdsRequest")(customer_id=CUSTOMER, query=QUERY)
        assert search(asked, metadata=metadata, timeout=20).results[0].customer.id == int(CUSTOMER)


def test_a_client_that_sends_whole_urls_to_a_proxy_is_answered(shared_sandbox: LocalSandbox, token: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared_sandbox.running.running.proxy_port, timeout=20)
    connection.request(
        "POST",
        f"https://{ADS}/{OURS}/customers/{CUSTOMER}/googleAds:search",
        json.dumps({"query": QUERY}),
        {**headers(token), "Content-Type": "application/json"},
    )
    assert json.loads(connection.getresponse().read())["results"][0]["customer"]["id"] == CUSTOMER
    connection.close()


@pytest.mark.parametrize("host", ["example.com", "googleads.googleapis.com.example.com", "localhost"])
def test_it_leads_nowhere_else(browser: requests.Session, host: str) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        browser.get(f"https://{host}/", timeout=20)


def test_a_peer_that_says_nothing_sensible_costs_nobody_else(
    shared_sandbox: LocalSandbox, browser: requests.Session, token: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared_sandbox.running.running.proxy_port, timeout=20)
    connection.connect()
    connection.sock.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
    assert connection.sock.recv(1) == b""
    connection.close()
    test_rest_goes_to_googles_own_host_name(browser, token)


PLAIN_PYTHON = f"""
import os, urllib.request
asked = urllib.request.Request("https://{ADS}/{OURS}/customers:listAccessibleCustomers")
asked.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
print(urllib.request.urlopen(asked, timeout=20).read().decode())
"""
CURL = f'curl -sS -m 20 -H "Authorization: Bearer $TOKEN" https://{ADS}/{OURS}/customers:listAccessibleCustomers'


@pytest.mark.parametrize("program", [CURL, f"{sys.executable} -c '{PLAIN_PYTHON}'"], ids=["curl", "python"])
def test_a_program_in_a_shell_with_the_proxys_environment_needs_nothing_more(
    shared_sandbox: LocalSandbox, token: str, program: str
) -> None:
    if shutil.which(program.split()[0]) is None:
        pytest.skip(f"{program.split()[0]} is not installed here")
    ran = in_shell(f". {shared_sandbox.directory}/proxy-env; {program}", TOKEN=token)
    assert f"customers/{MANAGER}" in ran.stdout, ran.stderr


@pytest.mark.parametrize("variable", ["CURL_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"])
def test_curl_trusts_the_sandbox_in_a_shell_that_trusted_others(
    shared_sandbox: LocalSandbox, token: str, tmp_path: Path, variable: str
) -> None:
    others = tmp_path / "others.pem"
    others.write_bytes(make_identities().authority_pem)
    where = tmp_path if variable == "SSL_CERT_DIR" else others
    ran = in_shell(f". {shared_sandbox.directory}/proxy-env; {CURL}", TOKEN=token, **{variable: str(where)})
    assert f"customers/{MANAGER}" in ran.stdout, ran.stderr


def test_the_proxys_environment_leaves_no_other_place_to_look_for_authorities(shared_sandbox: LocalSandbox) -> None:
    told = f". {shared_sandbox.directory}/proxy-env; echo ${{SSL_CERT_DIR-none}}"
    assert in_shell(told, SSL_CERT_DIR="elsewhere").stdout.strip() == "none"


def test_adsync_works_in_a_shell_that_has_read_both_environments(shared_sandbox: LocalSandbox) -> None:
    adsync = Path(sys.executable).parent / "adsync"
    both = f". {shared_sandbox.directory}/env; . {shared_sandbox.directory}/proxy-env"
    ran = in_shell(f"{both}; {adsync} init --list --key-file {shared_sandbox.directory}/service-account.json")
    assert ran.returncode == 0 and CUSTOMER in ran.stdout, ran.stderr


def in_shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
