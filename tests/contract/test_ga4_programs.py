"""Programs on Google's GA4 clients run against the sandbox as they are, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.ga4 import FIRST, LAST, SHOP, cells, report
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

PROGRAM = f"""
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.types import DateRange, Dimension, Metric, RunReportRequest

client = BetaAnalyticsDataClient(OPTIONS)
request = RunReportRequest(
    property="{SHOP}",
    dimensions=[Dimension(name="eventName")],
    metrics=[Metric(name="eventCount")],
    date_ranges=[DateRange(start_date="{FIRST}", end_date="{LAST}")],
)
for row in client.run_report(request).rows:
    print(row.dimension_values[0].value, row.metric_values[0].value)
print(client.transport.kind, [p.event_name for p in AnalyticsAdminServiceClient(OPTIONS).list_key_events(parent="{SHOP}")])
"""


def _printed(sandbox: LocalSandbox, script: str, options: str = "") -> list[str]:
    """What the program prints in a shell that has done what the script says."""
    program = PROGRAM.replace("OPTIONS", options)
    done = subprocess.run(
        ["sh", "-c", f'{script}; exec "$0" -c "$1"', sys.executable, program],
        cwd=sandbox.directory,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "key_file", ["", "export GOOGLE_APPLICATION_CREDENTIALS=$PWD/service-account.json"], ids=["person", "service"]
)
def test_an_unmodified_program_runs_through_the_proxy(shared_sandbox: LocalSandbox, key_file: str) -> None:
    printed = _printed(shared_sandbox, f". ./proxy-env; {key_file or ':'}")
    assert printed[:-1] == _counts(shared_sandbox) and len(printed) > 5
    assert printed[-1] == "grpc ['purchase']"


def test_a_program_that_takes_an_endpoint_needs_no_proxy(shared_sandbox: LocalSandbox) -> None:
    endpoint = f'client_options={{"api_endpoint": "127.0.0.1:{shared_sandbox.running.running.ads_port}"}}'
    assert _printed(shared_sandbox, ". ./env", endpoint)[:-1] == _counts(shared_sandbox)


def _counts(sandbox: LocalSandbox) -> list[str]:
    answer = report(sandbox, dimensions=["eventName"], metrics=["eventCount"])
    return [" ".join(row) for row in cells(answer)]


def test_a_sandbox_that_nobody_asks_for_ga4_loads_no_client_of_it(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from adsync.sandbox.serve import RunningSandbox, build_estate;"
        f"running = RunningSandbox(pathlib.Path({str(tmp_path)!r}), build_estate('starved-shop', 7)); running.stop();"
        "print([name for name in sys.modules if name.startswith('google.analytics')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
