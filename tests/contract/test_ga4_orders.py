"""Transaction ids: each order comes once, unless the site's tag sends it twice; what is no order has none."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adsync.model.analytics import NOT_ASKED, OrderIds
from adsync.model.policy import Policy
from adsync.model.pulled import Report
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.pull import pull_account
from adsync.sandbox.export import export_events
from adsync.sandbox.stored import Recipe
from tests.contract.ga4 import cells, days, exactly, report
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    with local_sandbox(tmp_path_factory.mktemp("double"), "double-tag") as running:
        yield running


def month(sandbox: LocalSandbox) -> Window:
    """The four weeks up to yesterday."""
    today = datetime.fromtimestamp(sandbox.running.estate.now, UTC).date()
    return Window.ending(today - timedelta(days=1), days=28)


def ids(sandbox: LocalSandbox, event: str, *metrics: str) -> dict[str, tuple[str, ...]]:
    window = month(sandbox)
    answer = report(
        sandbox,
        dimensions=["transactionId"],
        metrics=metrics or ("eventCount",),
        dimension_filter=exactly(event),
        date_ranges=days(window.first, window.last),
    )
    return {row[0]: row[1:] for row in cells(answer)}


def test_each_order_comes_once(shared_sandbox: LocalSandbox) -> None:
    found = ids(shared_sandbox, "purchase")
    assert len(found) > 5 and set(found.values()) == {("1",)}
    assert all(name.startswith("T") for name in found)


def test_what_is_no_order_has_no_id(shared_sandbox: LocalSandbox) -> None:
    assert list(ids(shared_sandbox, "add_to_cart")) == ["(not set)"]


def test_a_tag_that_fires_twice_sends_each_order_twice_by_the_same_visitor(double: LocalSandbox) -> None:
    found = ids(double, "purchase", "eventCount", "keyEvents", "totalUsers", "transactions")
    assert len(found) > 5 and set(found.values()) == {("2", "2", "1", "2")}
    assert set(ids(double, "begin_checkout", "eventCount")) == {"(not set)"}


def test_the_export_holds_the_same_orders(double: LocalSandbox, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    window, estate = month(double), double.running.estate
    export_events(
        Recipe(scenario="double-tag", seed=7),
        estate,
        next(iter(estate.accounts)),
        tmp_path,
        file_format="ndjson",
        first=window.first,
        last=window.last,
    )
    rows = [json.loads(line) for path in tmp_path.glob("*.ndjson") for line in path.read_text().splitlines()]
    known = [r for r in rows if r["event_name"] == "purchase" and r["user_pseudo_id"]]
    counted = Counter(r["ecommerce"]["transaction_id"] for r in known)
    assert counted == {name: int(count) for name, (count,) in ids(double, "purchase").items()}


# What adsync makes of them -------------------------------------------------------------------------------------------


def counted(sandbox: LocalSandbox, event: str = "purchase") -> OrderIds:
    account = sandbox.settings.accounts[0]
    return sandbox.wiring().ports(account).analytics.order_ids(event, month(sandbox))


def test_adsync_counts_orders_and_keeps_no_id(shared_sandbox: LocalSandbox, double: LocalSandbox) -> None:
    once, twice = counted(shared_sandbox), counted(double)
    assert (once.repeated, once.without_id, once.quality.is_whole) == (0, 0, True)
    assert once.events == once.orders == len(ids(shared_sandbox, "purchase"))
    assert twice.repeated == twice.orders and twice.events == 2 * twice.orders
    nameless = counted(shared_sandbox, "add_to_cart")
    assert (nameless.orders, nameless.repeated) == (0, 0) and nameless.without_id == nameless.events > 5


def test_the_first_night_names_the_orders_that_came_twice_and_stores_only_counts(double: LocalSandbox) -> None:
    account = double.settings.accounts[0]
    night = run_night(account, double.wiring().ports(account), apply=False)
    (hold,) = (h for h in night.decisions.demand.holds if h.code == "orders_repeated")
    orders = counted(double).orders
    assert f"{orders} of {orders} orders" in hold.saw and "100 %" in hold.saw and "transaction id" in hold.saw
    with closing(sqlite3.connect(double.directory / "adsync.db")) as state:
        assert [row[4:] for row in state.execute("select * from order_ids")] == [(2 * orders, orders, orders, 0)]
        dump = "\n".join(state.iterdump())
    assert not [name for name in ids(double, "purchase") if f"{name}'" in dump or f'"{name}"' in dump]


def test_answers_that_leave_rows_out_prove_nothing(double: LocalSandbox) -> None:
    account, state = double.settings.accounts[0], double.wiring().state
    double.control.turn("ga4_thresholding", "10")
    try:
        double.control.advance(1)
        pull_account(account, double.wiring().ports(account))
    finally:
        double.control.turn("ga4_thresholding", "off")
    tonight = double.control.now().date()
    copy = state.numbers.newest_copies(account.customer_id, tonight)[Report.ORDERS]
    assert not copy.whole and "thresholded" in copy.fault
    assert tonight not in dict(state.numbers.orders(account.customer_id, tonight))


def test_where_there_are_too_many_orders_ga4_is_not_asked_for_each(tmp_path: Path) -> None:
    with local_sandbox(tmp_path, "double-tag") as sandbox:
        few = replace(sandbox.settings.accounts[0], policy=Policy(orders_at_most=5))
        ports = sandbox.wiring().ports(few)
        pull_account(few, ports)
        tonight = sandbox.control.now().date()
        copy = ports.state.numbers.newest_copies(few.customer_id, tonight)[Report.ORDERS]
        assert copy.fault == NOT_ASKED and ports.state.numbers.orders(few.customer_id, tonight) == ()
        # Asked for or not: the pull is complete, and nothing is left to be done again.
        assert {Report.ORDERS, Report.COST} <= set(pull_account(few, ports).reports)
