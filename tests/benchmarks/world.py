"""How long a large world takes to draw, what it weighs, and how fast the sandbox is back and answers on it."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from adsync.sandbox.process import sandbox_process

# 50 accounts x 400 days x 200 sessions a day: four million sessions.
ACCOUNTS, DAYS, SESSIONS = 50, 400, 200
AFTERWARDS = 31
STARTS = 5
SEARCHES, CALLERS = 1200, 4


def world(folder: Path, _: int) -> None:
    """Draws the world once, kills the sandbox, starts it on the same world, and asks it small questions."""
    folder.mkdir(parents=True)
    options = (
        "--scenario",
        "growing-shop",
        "--accounts",
        str(ACCOUNTS),
        "--sessions-per-day",
        str(SESSIONS),
        "--history-days",
        str(DAYS - AFTERWARDS),
        "--future-days",
        str(AFTERWARDS),
    )
    began = time.perf_counter()
    with sandbox_process(folder, *options) as sandbox:
        drawn = time.perf_counter() - began
        peak = _resident(sandbox.process.pid)
        os.kill(sandbox.process.pid, signal.SIGKILL)
        sandbox.process.wait()
    weight = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    print(f"a world of {ACCOUNTS} accounts x {DAYS} days x {SESSIONS} sessions a day:")
    print(
        f"  drawn in {drawn:.1f} s (goal: 60), peak memory {peak:.0f} MB (goal: 1000), on disk {weight:.0f} MB (goal: 500)"
    )
    starts, libraries = [], []
    bare = [sys.executable, "-c", "import adsync.sandbox.home, adsync.sandbox.serve"]
    for _again in range(STARTS):
        starts.append(_timed(lambda: _start_and_stop(folder)))
        libraries.append(_timed(lambda: subprocess.run(bare, check=True)))
    ratio = statistics.median(a / b for a, b in zip(starts, libraries, strict=True))
    print(f"  back after kill -9 in {statistics.median(starts):.2f} s (goal: 1), importing its libraries alone")
    print(f"  {statistics.median(libraries):.2f} s, ratio {ratio:.1f}")
    with sandbox_process(folder) as sandbox:
        rate = _searches_a_second(sandbox.variables())
        print(f"  {rate:.0f} small Search calls a second from {CALLERS} threads of one client (goal: 300)")
        print(f"  peak memory while they were answered: {_resident(sandbox.process.pid):.0f} MB (goal: 1000)\n")


def _start_and_stop(folder: Path) -> None:
    """Until it answers; it is killed, since how long an orderly end takes is not asked."""
    with sandbox_process(folder) as sandbox:
        os.kill(sandbox.process.pid, signal.SIGKILL)
        sandbox.process.wait()


def _searches_a_second(variables: dict[str, str]) -> float:
    """Asked by a process of its own, so that the two share the machine as they do in life."""
    code = f"""
import sys, time
from concurrent.futures import ThreadPoolExecutor
import google.auth.transport.requests, grpc
from google.oauth2 import service_account
from google.ads.googleads.v26.services.services.google_ads_service.transports import GoogleAdsServiceGrpcTransport
from google.ads.googleads.v26.services.types import SearchGoogleAdsRequest
key, manager, endpoint, authority = sys.argv[1:5]
scopes = ["https://www.googleapis.com/auth/adwords"]
credentials = service_account.Credentials.from_service_account_file(key, scopes=scopes)
credentials.refresh(google.auth.transport.requests.Request())
trusted = grpc.ssl_channel_credentials(open(authority, "rb").read())
channel = grpc.secure_channel(endpoint, trusted)
search = channel.unary_unary(
    "/google.ads.googleads.v26.services.GoogleAdsService/Search",
    request_serializer=lambda m: SearchGoogleAdsRequest.pb(m).SerializeToString(),
    response_deserializer=bytes,
)
metadata = (("authorization", f"Bearer {{credentials.token}}"), ("login-customer-id", manager), ("developer-token", "x"))
def ask(number):
    query = "SELECT conversion_action.id, conversion_action.name, conversion_action.status FROM conversion_action"
    customer = str(1_000_000_001 + number % {ACCOUNTS})
    search(SearchGoogleAdsRequest(customer_id=customer, query=query), metadata=metadata, timeout=30)
with ThreadPoolExecutor({CALLERS}) as callers:
    list(callers.map(ask, range(100)))
    began = time.perf_counter()
    list(callers.map(ask, range({SEARCHES})))
    print({SEARCHES} / (time.perf_counter() - began))
"""
    arguments = [
        variables["GOOGLE_ADS_JSON_KEY_FILE_PATH"],
        variables["GOOGLE_ADS_LOGIN_CUSTOMER_ID"],
        variables["GOOGLE_ADS_ENDPOINT"],
        variables["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"],
    ]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The searches failed: {done.stderr}")
    return float(done.stdout)


def _resident(pid: int) -> float:
    """Largest resident size so far of a running process, in MB; Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / 1024
    return 0.0


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
