"""An event log in the night: its evidence in the plan, and nights that go on without it."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from adsync.errors import UsageError
from tests.sandboxes import Shell, shell

LOG = "export"


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A starved shop whose config names the log that its sandbox has exported."""
    directory = tmp_path_factory.mktemp("logged")
    with shell(directory, "--scenario", "starved-shop", "--seed", "7") as running:
        exported = running.here("sandbox", "export-events", "--to", LOG, "--days", "90")
        assert exported.returncode == 0, exported.stderr
        name_log(running, LOG)
        yield running


def name_log(shop: Shell, log: str) -> None:
    file = shop.directory / "adsync.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["accounts"][0]["events"] = log
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def night(shop: Shell) -> dict[str, Any]:
    ran = shop.here("sync", "--no-apply", "--json")
    assert ran.returncode == 0, ran.stderr
    (account,) = json.loads(ran.stdout)["data"]["accounts"]
    found: dict[str, Any] = account
    return found


def report(shop: Shell) -> str:
    ran = shop.here("report", "--account", "shop", "--out", "shop.html")
    assert ran.returncode == 0, ran.stderr
    return (shop.directory / "shop.html").read_text(encoding="utf-8")


def why_no_ways(shop: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the page would say, which is not drawn."""
    with monkeypatch.context() as patched:
        patched.setattr("adsync.render.report.report_html", lambda pages: pages[0].no_ways)
        return report(shop)


def stored(directory: Path, what: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(directory / "adsync.db") as connection:
        return connection.execute(what).fetchall()


def test_a_night_goes_by_the_log_where_it_speaks_and_on_without_it_where_it_is_gone(
    logged: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = night(logged)
    evidence = {e["event"]: e for e in first["evidence"]}
    cart = evidence["add_to_cart"]
    assert (cart["grade"], cart["verdict"], cart["weaker"]["grade"]) == ("A", "good", "B")
    assert cart["lift"]["low"] > 1 and "equally active" in cart["because"] and "not cause" in cart["cannot_know"]
    # Too few were seen to say anything by single events in this time: the funnels speak, and say what would tell more.
    checkout = evidence["begin_checkout"]
    assert checkout["grade"] == "B" and "Not enough yet" in checkout["raised_by"]
    assert first["event_log"] is None
    changes = [planned["change"] for planned in first["plan"]["changes"]]
    assert dict(changes[0]["numbers"])["grade"] == "A" and changes[0]["event_name"] == "add_to_cart"
    rows = stored(logged.directory, "SELECT event, exposed, converted, verdict FROM log_score")
    assert ("add_to_cart", cart["exposed"], cart["converted"], "good") in rows

    written = report(logged)
    # Both funnels of the page name the days that they count.
    assert re.search(r">Visitors from 2025-\d\d-\d\d to 2026-\d\d-\d\d, as GA4", written)
    # Grade A is explained under the candidates, and not once more under the changes.
    assert written.count("prediction, not cause") == 1
    for heading in ("The way to purchase", "Incidents", "What is different", "By device", "What each channel brings"):
        assert f"<h2>{heading}</h2>" in written
    assert (
        "Visitors who did &quot;Added to cart&quot; by first and last touch" in written
        and "Visitors, 2026-0" in written
    )

    (logged.directory / LOG).rename(logged.directory / "elsewhere")
    logged.control.advance(8)
    ran = logged.here("sync", "--no-apply")
    assert ran.returncode == 0 and "Traceback" not in ran.stderr
    told = " ".join(ran.stdout.split())  # where lines break depends on how long the folder's name is
    assert "The event log could not be read. There is no file" in told
    assert "What it said on 2026-03-02 is used" in told and "correct `events`" in told
    assert len(stored(logged.directory, "SELECT DISTINCT as_of FROM log_score")) == 1
    assert why_no_ways(logged, monkeypatch).startswith("The log of single events says nothing here. There is no file")
    said = " ".join(logged.here("status", "--account", "shop").stdout.split())
    assert "could not be read" in said and "Evidence of grade A" in said and "scored on 2026-03-02: " in said
    name_log(logged, "bigquery://shop-1/analytics_371001")
    assert "lies in BigQuery, where each reading is billed. To read it: `adsync funnel" in why_no_ways(
        logged, monkeypatch
    )


def test_ctrl_c_ends_a_report_at_once_while_a_log_is_read(logged: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[Any] = []

    def page_of(*_: Any, **__: Any) -> NoReturn:
        handlers.append(signal.getsignal(signal.SIGINT))
        raise UsageError("Seen.")

    monkeypatch.setattr("adsync.reporting.page_of", page_of)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert logged.here("report", "--account", "shop", "--out", "none.html").returncode == 2
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert [handler.__module__ for handler in handlers] == ["adsync.cli.interrupts"]
