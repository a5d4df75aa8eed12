"""A disk that takes nothing more: every call says so in words, and what it could not write down was not done."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta.types import KeyEvent
from google.api_core import exceptions as core

from adsync.errors import UsageError
from adsync.sandbox.coding import encoded
from adsync.sandbox.home import Home
from adsync.sandbox.kept_keys import kept_identities
from adsync.sandbox.saved import NotWritten, SavedState
from adsync.sandbox.serve import RunningSandbox, set_project
from tests.contract.clients import CUSTOMER, EDIT_SCOPE, PROPERTY, ads_client, ads_service, ga4_client, search
from tests.contract.ga4 import SHOP
from tests.contract.test_ads_rest import of_customer, token
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

QUERY = "SELECT conversion_action.name FROM conversion_action"
SAID = r"could not be written down to disk, so it was not done: .*sandbox\.db"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LocalSandbox]:
    """A sandbox with a folder, in this process."""
    home = Home(tmp_path)
    estate = home.estate({"scenario": "starved-shop", "seed": 7, "history_days": 40, "future_days": 62})
    running = RunningSandbox(tmp_path, estate, identities=kept_identities(tmp_path))
    yield LocalSandbox(running, tmp_path)
    running.stop()
    home.close()


def fill(sandbox: LocalSandbox, when: str = "true") -> None:
    """From now on the disk takes no more, or no more of those parts of the state of which this SQL is true."""
    connection(sandbox).execute(
        f"CREATE TRIGGER full BEFORE INSERT ON part WHEN {when} "
        "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )


def make_room(sandbox: LocalSandbox) -> None:
    connection(sandbox).execute("DROP TRIGGER full")


def connection(sandbox: LocalSandbox) -> sqlite3.Connection:
    saved = sandbox.running.estate.saved
    assert saved is not None
    return saved._connection


def state(sandbox: LocalSandbox) -> str:
    """All that calls change, but for the revisions, which only rise."""
    estate = sandbox.running.estate
    accounts = [encoded(account, ("clicks", "property", "revision")) for account in estate.accounts.values()]
    shops = [encoded(shop, ("log",)) for shop in estate.properties.values()]
    return json.dumps([estate.now, encoded(estate.switches), accounts, shops])


def create_action(sandbox: LocalSandbox) -> Any:
    operation = {"create": {"name": "Newsletter", "type_": "WEBPAGE", "category": "SIGNUP"}}
    service = ads_service(sandbox, "ConversionActionService")
    return service.mutate_conversion_actions(request={"customer_id": CUSTOMER, "operations": [operation]}, timeout=5)


def create_key_event(sandbox: LocalSandbox) -> Any:
    client = ga4_client(sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
    event = KeyEvent(event_name="sign_up", counting_method="ONCE_PER_EVENT")
    return client.create_key_event(parent=SHOP, key_event=event, timeout=5)


CHANGES: list[tuple[Callable[[LocalSandbox], Any], type[Exception]]] = [
    (create_action, core.InternalServerError),
    (create_key_event, core.InternalServerError),
    (lambda sandbox: sandbox.control.advance(3), UsageError),
    (lambda sandbox: sandbox.control.turn("mirror_primary_for_goal", "refused"), UsageError),
    (lambda sandbox: sandbox.control.link(PROPERTY, CUSTOMER, linked=False), UsageError),
    (lambda sandbox: sandbox.control.install_tag(CUSTOMER, "700000001", "sign_up"), UsageError),
    (lambda sandbox: sandbox.control.lack_declaration(CUSTOMER, missing=True), UsageError),
]


@pytest.mark.parametrize(("change", "error"), CHANGES)
def test_a_change_that_cannot_be_written_down_is_not_made(
    kept: LocalSandbox, change: Callable[[LocalSandbox], Any], error: type[Exception]
) -> None:
    before = state(kept)
    fill(kept, "NEW.name NOT IN ('project', 'tokens')")
    with pytest.raises(error, match=SAID):
        change(kept)
    assert state(kept) == before
    make_room(kept)
    change(kept)
    assert state(kept) != before


def test_numbers_are_those_from_before_the_change_that_was_not_made(kept: LocalSandbox) -> None:
    query = "SELECT metrics.conversions, metrics.all_conversions FROM campaign"
    numbers = [str(row) for row in search(kept, query)]
    fill(kept, "NEW.name = 'estate'")
    with pytest.raises(UsageError, match=SAID):
        kept.control.advance(20)
    assert [str(row) for row in search(kept, query)] == numbers
    make_room(kept)
    kept.control.advance(20)
    assert [str(row) for row in search(kept, query)] != numbers


def test_without_any_room_every_call_that_leaves_a_trace_says_so(kept: LocalSandbox) -> None:
    where, bearer = kept.running.running, {"Authorization": f"Bearer {token(kept)}"}
    search(kept, QUERY)
    fill(kept)
    with pytest.raises(core.InternalServerError, match=SAID) as caught:
        search(kept, QUERY)
    assert dict(caught.value.errors[0].trailing_metadata())["request-id"]
    rest = requests.post(
        f"{where.url}/{of_customer('googleAds:search')}", json={"query": QUERY}, headers=bearer, timeout=20
    )
    assert (rest.status_code, rest.json()["error"]["status"]) == (500, "INTERNAL")
    tokens = len(kept.running.tokens._tokens)
    form = {
        "grant_type": "refresh_token",
        "client_id": kept.running.tokens.grant.client_id,
        "client_secret": kept.running.tokens.grant.client_secret,
        "refresh_token": kept.running.tokens.grant.refresh_token,
    }
    refused = requests.post(f"{where.url}/token", data=form, timeout=20)
    assert refused.status_code == 500 and "so it was not done" in refused.json()["error"]["message"]
    assert len(kept.running.tokens._tokens) == tokens
    assert kept.control.status()["accounts"], "what leaves no trace is answered"
    make_room(kept)
    assert search(kept, QUERY) and requests.post(f"{where.url}/token", data=form, timeout=20).status_code == 200


def test_analytics_does_not_count_it_as_an_error_of_its_own(kept: LocalSandbox) -> None:
    fill(kept)
    for _ in range(11):
        with pytest.raises(core.InternalServerError, match=SAID):
            create_key_event(kept)
    make_room(kept)
    assert create_key_event(kept).name


def test_a_disk_that_is_really_full_ends_no_later_write(tmp_path: Path) -> None:
    saved = SavedState(tmp_path / "sandbox.db")
    saved.save({"one": "1"})
    (pages,) = saved._connection.execute("PRAGMA page_count").fetchone()
    saved._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotWritten, match=SAID):
        saved.save({"one": "2", "many": "x" * 100_000})
    assert saved.documents() == {"one": "1"}
    saved.save({"one": "3"})
    assert SavedState(tmp_path / "sandbox.db").documents() == {"one": "3"}


def test_the_access_level_of_the_command_is_written_down(kept: LocalSandbox) -> None:
    search(kept, QUERY)
    set_project(kept.running.estate, "explorer")
    fill(kept)
    with pytest.raises(core.InternalServerError):
        search(kept, QUERY)
    assert kept.running.estate.project.level == "explorer"


def test_tokens_that_expired_by_a_fault_stay_so(kept: LocalSandbox) -> None:
    search(kept, QUERY, client=ads_client(kept))
    kept.control.fault("GoogleAdsService/Search", "expired")
    with pytest.raises(Exception, match="expired"):
        search(kept, QUERY)
    fill(kept)
    with pytest.raises(UsageError, match=SAID):
        kept.control.advance(1)
    assert all(token.ended for token in kept.running.tokens._tokens.values())
