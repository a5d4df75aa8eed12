"""Transaction ids: each order comes once, unless the site's tag sends it twice; what is no order has none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adsync.model.window import Window
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
