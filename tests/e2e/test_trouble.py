"""Everything that goes wrong ends in a clear message, the right exit code, and a state from which the next run carries on."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from adsync.operations import READS_PER_NIGHT
from tests.sandboxes import Shell, shell


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The Google that suffers; every test brings its own state database."""
    with shell(tmp_path_factory.mktemp("google"), "--scenario", "starved-shop", "--seed", "7") as running:
        yield running


@pytest.fixture
def trouble(google: Shell, tmp_path: Path) -> Iterator[Shell]:
    """A shell with a fresh state database and a short timeout; no fault survives the test."""
    config = yaml.safe_load((google.directory / "adsync.yaml").read_text())
    config["limits"] |= {"timeout_seconds": 2, "attempts": 2, "first_wait_seconds": 0.05}
    config["credentials"]["default"]["key_file"] = str(google.directory / "service-account.json")
    yield configured(google, tmp_path, config)
    google.control.fault("", "none")


def configured(google: Shell, folder: Path, config: dict[str, Any]) -> Shell:
    (folder / "adsync.yaml").write_text(yaml.safe_dump(config))
    return Shell(folder, {**google.variables, "ADSYNC_CONFIG": str(folder / "adsync.yaml")}, google.control)


def edited(trouble: Shell, **account: str) -> Shell:
    """The same with other keys in its account."""
    config = yaml.safe_load((trouble.directory / "adsync.yaml").read_text())
    config["accounts"][0] |= account
    return configured(trouble, trouble.directory, config)


def reports(trouble: Shell) -> set[str]:
    """What the state database holds of tonight."""
    with sqlite3.connect(trouble.directory / "adsync.db") as connection:
        return {row[0] for row in connection.execute("SELECT report FROM coverage")}


def says(ran: subprocess.CompletedProcess[str], *words: str) -> None:
    """The message holds these words, and no traceback."""
    assert "Traceback" not in ran.stderr, ran.stderr
    for word in words:
        assert word in ran.stderr, ran.stderr


def test_a_key_that_google_does_not_know_is_named_with_what_to_do(trouble: Shell) -> None:
    key = json.loads((Path(trouble.variables["ADSYNC_ADS_CA_FILE"]).parent / "service-account.json").read_text())
    key["client_email"] = "nobody@adsync-sandbox.iam.gserviceaccount.com"
    stranger = trouble.directory / "stranger.json"
    stranger.write_text(json.dumps(key))
    config = yaml.safe_load((trouble.directory / "adsync.yaml").read_text())
    config["credentials"]["default"]["key_file"] = str(stranger)
    ran = configured(trouble, trouble.directory, config).adsync("sync")
    assert ran.returncode == 1
    says(ran, "refused the credentials", "Invalid JWT", "Make a new key", "adsync doctor")


def test_a_key_file_that_is_missing_or_no_key_is_named(trouble: Shell) -> None:
    for content in (None, "{}", "not json"):
        file = trouble.directory / "key.json"
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_text(content)
        config = yaml.safe_load((trouble.directory / "adsync.yaml").read_text())
        config["credentials"]["default"]["key_file"] = "key.json"
        ran = configured(trouble, trouble.directory, config).adsync("sync")
        assert ran.returncode in (1, 2), ran.stderr
        says(ran, 'credential "default"')


def test_an_unknown_customer_is_named_with_its_usual_cause(trouble: Shell) -> None:
    ran = edited(trouble, customer_id="5555555555").adsync("sync")
    assert ran.returncode == 1
    says(ran, "5555555555", "USER_PERMISSION_DENIED", "login_customer_id", "adsync init", "request id")


def test_a_missing_login_is_named_with_its_usual_cause(trouble: Shell) -> None:
    ran = edited(trouble, login_customer_id="1000000001").adsync("sync")
    assert ran.returncode == 1
    says(ran, "denied access", "login_customer_id")


def test_a_property_without_access_names_who_must_be_added_where(trouble: Shell) -> None:
    ran = edited(trouble, property_id="399999999").adsync("sync")
    assert ran.returncode == 1
    says(ran, "GA4 property 399999999 denied access", "Property access management", "adsync doctor")


def test_an_unlinked_property_is_a_problem_that_doctor_mends(trouble: Shell) -> None:
    trouble.control.link("300000001", "1000000001", linked=False)
    try:
        ran = trouble.here("doctor", "--json")
    finally:
        trouble.control.link("300000001", "1000000001", linked=True)
    assert ran.returncode == 1
    (problem,) = [f for f in json.loads(ran.stdout)["data"] if f["grade"] == "problem"]
    assert "is not linked to Google Ads account" in problem["saw"]
    assert "Google Ads links" in problem["remedy"]
    assert trouble.here("doctor").returncode == 0


@pytest.mark.parametrize(("call", "says_more"), [("SearchStream", "11.3 hours"), ("runReport", "tokens per day")])
def test_an_exhausted_quota_stops_at_once_and_says_what_google_said(trouble: Shell, call: str, says_more: str) -> None:
    trouble.control.fault(call, "quota", times=99, after=1)
    before = sum(trouble.control.status()["calls"].values())
    ran = trouble.here("sync")
    assert ran.returncode == 6
    says(ran, "quota is used up", says_more, "later")
    assert sum(trouble.control.status()["calls"].values()) - before < 20, "a used-up quota is not hammered"


def test_a_google_that_hangs_is_given_up_and_the_next_run_carries_on(trouble: Shell) -> None:
    trouble.control.fault("SearchStream", "hang", times=99, after=READS_PER_NIGHT - 1)
    began = time.monotonic()
    ran = trouble.here("pull")
    assert time.monotonic() - began < 30
    assert ran.returncode == 6
    says(ran, "cannot answer right now")
    half = reports(trouble)
    assert "account" in half
    assert "events" not in half
    trouble.control.fault("", "none")
    calls = trouble.control.status()["calls"]["ads GoogleAdsService/SearchStream"]
    ran = trouble.here("pull")
    assert ran.returncode == 0, ran.stderr
    assert "events" in reports(trouble)
    repeated = trouble.control.status()["calls"]["ads GoogleAdsService/SearchStream"] - calls
    assert repeated < READS_PER_NIGHT, "what was stored is not asked for again"


def test_a_stream_that_breaks_half_way_stores_nothing_of_it(trouble: Shell) -> None:
    trouble.control.fault("SearchStream", "cut", times=99, after=READS_PER_NIGHT - 3)
    ran = trouble.here("pull")
    assert ran.returncode == 6
    says(ran, "cannot answer", "broke half-way")
    with sqlite3.connect(trouble.directory / "adsync.db") as connection:
        assert connection.execute("SELECT count(*) FROM action_day").fetchone()[0] == 0
    trouble.control.fault("", "none")
    assert trouble.here("pull").returncode == 0
    with sqlite3.connect(trouble.directory / "adsync.db") as connection:
        assert connection.execute("SELECT count(*) FROM action_day").fetchone()[0] > 50


def test_one_passing_fault_is_not_even_noticed(trouble: Shell) -> None:
    trouble.control.fault("SearchStream", "cut", after=4)
    trouble.control.fault("runReport", "unavailable")
    ran = trouble.here("pull")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_answer_that_means_nothing_is_said_to_be_so(trouble: Shell) -> None:
    trouble.control.fault("runReport", "garbled", times=9)
    ran = trouble.here("pull")
    assert ran.returncode == 1
    says(ran, "cannot be read")


@contextmanager
def small_disk(folder: Path) -> Iterator[str]:
    """A file system with room for half a night; where mounting is not allowed, what a shell has to run to limit files."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)], capture_output=True)
    try:
        yield "" if mounted.returncode == 0 else "ulimit -f 500; "
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_and_the_next_run_completes_the_night(trouble: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as limit:
        state = f"sqlite:///{folder / 'adsync.db'}"
        command = f"{limit}exec {Path(sys.executable).parent / 'adsync'} pull"
        variables = {**trouble.variables, "ADSYNC_STATE": state, "PATH": "/usr/bin:/bin"}
        ran = subprocess.run(["sh", "-c", command], env=variables, capture_output=True, text=True, check=False)
        assert ran.returncode == 1
        says(ran, "disk", "Make room")
        with closing(sqlite3.connect(folder / "adsync.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        kept = tmp_path / "adsync.db"
        for suffix in ("", "-wal"):
            source = folder / f"adsync.db{suffix}"
            if source.exists():
                (tmp_path / f"adsync.db{suffix}").write_bytes(source.read_bytes())
    done = reports(trouble)
    again = trouble.here("pull", ADSYNC_STATE=f"sqlite:///{kept}")
    assert again.returncode == 0, again.stderr
    assert done < reports(trouble)


def test_a_state_database_of_a_newer_version_is_refused_untouched(trouble: Shell) -> None:
    assert trouble.here("status").returncode == 0
    state = trouble.directory / "adsync.db"
    with sqlite3.connect(state) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = trouble.here("sync")
    assert ran.returncode == 1
    says(ran, "9999", "newer adsync")
    with sqlite3.connect(state) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone()[0] == "9999"


def test_two_syncs_at_once_do_one_night(trouble: Shell) -> None:
    trouble.here("status")
    before = trouble.control.status()["calls"].get("ga4 runFunnelReport", 0)
    command = [str(Path(sys.executable).parent / "adsync"), "sync"]
    both = [
        subprocess.Popen(command, env={**trouble.variables, "PATH": "/usr/bin:/bin"}, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes == [0, 6], said
    assert "Another adsync is at work" in "".join(said)
    funnels = trouble.control.status()["calls"]["ga4 runFunnelReport"] - before
    assert funnels < 14, "one night's funnels, not two"


def test_a_sync_that_is_killed_leaves_a_lease_that_the_next_one_takes_over(trouble: Shell) -> None:
    trouble.control.fault("SearchStream", "hang", times=99, after=3)
    command = [str(Path(sys.executable).parent / "adsync"), "sync"]
    process = subprocess.Popen(command, env={**trouble.variables, "PATH": "/usr/bin:/bin"}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not holders(trouble) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holders(trouble) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    trouble.control.fault("", "none")
    assert holders(trouble) == 1, "nobody could give it back"
    ran = trouble.here("sync")
    assert ran.returncode == 0, ran.stderr
    assert holders(trouble) == 0


def holders(trouble: Shell) -> int:
    state = trouble.directory / "adsync.db"
    if not state.exists():
        return 0
    with sqlite3.connect(state, timeout=10) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM lease").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def test_an_endpoint_that_is_not_of_this_machine_is_refused(trouble: Shell) -> None:
    ran = trouble.here("sync", ADSYNC_GA4_ENDPOINT="http://analytics.example.com")
    assert ran.returncode == 2
    says(ran, "ADSYNC_GA4_ENDPOINT", "only be on this machine")


def test_no_secret_reaches_the_log_lines(trouble: Shell) -> None:
    key = json.loads((Path(trouble.variables["ADSYNC_ADS_CA_FILE"]).parent / "service-account.json").read_text())
    ran = trouble.adsync("-vv", "sync")
    assert ran.returncode == 0
    assert "SearchStream" in ran.stderr, "the client's own log lines go through"
    for secret in (key["private_key"][40:90], "Bearer ey", "sandbox-"):
        assert secret not in ran.stderr.replace("adsync-sandbox-", "")
