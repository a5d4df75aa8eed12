"""What people agree to is the stored text of a change: older versions' plans apply, and edited ones do not."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.applying import apply_open_plans
from adsync.changelog import pending_changes
from adsync.errors import Refused
from adsync.model.account import Account
from adsync.model.change import fields
from adsync.model.log import Outcome
from adsync.model.plan import Approval
from adsync.nightly import run_night
from adsync.ports import Ports
from adsync.review import choose
from tests.builders import a_change, a_mark, a_plan
from tests.sandboxes import LocalSandbox

# As versions before the hash was stored beside the change have written it, on 2026-03-02 at 04:00.
OLD_HASH = "c3c55a652752176228ede060d43e01bd538f4a04af9f3ac017f957dace793cea"
OLD_PLAN = {
    "id": "example-shop-2026-03-02-1",
    "account": "example-shop",
    "customer_id": "1000000001",
    "made_on": "2026-03-02",
    "made_at": "2026-03-02T04:00:00Z",
    "fingerprint": "0" * 64,
    "changes": [
        {
            "change": {
                "customer_id": "1000000001",
                "kind": "conversion_action",
                "object_id": "700000002",
                "title": "Example Shop (web) purchase",
                "verb": "enable",
                "before": [["primary_for_goal", False], ["status", "HIDDEN"]],
                "after": [["primary_for_goal", False], ["status", "ENABLED"]],
                "event_name": "purchase_mirror",
            },
            "consent": "review",
        }
    ],
}


class Stored:
    """An account whose plans are written and edited behind adsync's back."""

    def __init__(self, sandbox: LocalSandbox) -> None:
        self.sandbox = sandbox
        self.account: Account = sandbox.settings.accounts[0]
        self.ports: Ports = sandbox.wiring().ports(self.account)

    def sql(self, statement: str, *values: object) -> list[Any]:
        with sqlite3.connect(self.sandbox.directory / "adsync.db") as connection:
            return connection.execute(statement, values).fetchall()

    def document(self) -> dict[str, Any]:
        (row,) = self.sql("select document from plan order by made_at desc, id desc limit 1")
        found: dict[str, Any] = json.loads(row[0])
        return found

    def write(self, document: dict[str, Any]) -> None:
        self.sql("update plan set document = ? where id = ?", json.dumps(document), document["id"])

    def approve(self, *hashes: str) -> None:
        now = self.ports.clock.now()
        words = [
            Approval(
                change_hash=each,
                customer_id=self.account.customer_id,
                change_name="x",
                approved=True,
                by="erika",
                at=now,
                until=now + timedelta(days=7),
            )
            for each in hashes
        ]
        self.ports.state.ledger.approve(words)


@pytest.fixture
def stored(sandbox: LocalSandbox) -> Stored:
    return Stored(sandbox)


def test_a_plan_that_was_approved_before_an_upgrade_is_applied_with_the_very_same_hash(stored: Stored) -> None:
    assert stored.ports.state.ledger.newest_plan(stored.account.customer_id) is None
    stored.sql(
        "insert into plan values (?, ?, ?, '2026-03-02', '2026-03-02 04:00:00.000000', 'night', ?)",
        *(OLD_PLAN[key] for key in ("id", "customer_id", "account")),
        json.dumps(OLD_PLAN),
    )
    stored.approve(OLD_HASH)
    applied = apply_open_plans(stored.account, stored.ports)
    assert [r.outcome for r in applied.results] == [Outcome.APPLIED], applied
    assert stored.sql("select distinct change_hash, approved_by from change_log") == [(OLD_HASH, "erika")]
    assert stored.ports.state.ledger.approvals(stored.account.customer_id) == {}, "the word is used up"


def test_the_hash_is_that_of_the_text_which_is_stored_beside_the_change(stored: Stored) -> None:
    plan = a_plan(a_change(before=fields(default_value=12.0, always_use_default_value=True)))
    stored.ports.state.ledger.store_plan(plan)
    (one,) = stored.document()["changes"]
    assert hashlib.sha256(one["change"]["canonical"].encode()).hexdigest() == one["hash"] == plan.changes[0].change.hash


def rewritten(document: dict[str, Any]) -> list[str]:
    """The same changes in the words of another version, which puts blanks between them; their hashes."""
    for one in document["changes"]:
        one["change"]["canonical"] = json.dumps(json.loads(one["change"]["canonical"]))
        one["hash"] = hashlib.sha256(one["change"]["canonical"].encode()).hexdigest()
    return [one["hash"] for one in document["changes"]]


@pytest.mark.slow
def test_what_was_approved_in_the_words_of_another_version_is_applied_by_the_next_night(stored: Stored) -> None:
    first = run_night(stored.account, stored.ports, apply=False)
    document = stored.document()
    hashes = rewritten(document)
    assert hashes and not set(hashes) & {p.change.hash for p in first.plan.changes}
    stored.write(document)
    stored.approve(*hashes)
    again = run_night(stored.account, stored.ports)
    assert again.plan.id == first.plan.id, "it is the same plan"
    assert again.applied is not None
    assert [r.change.hash for r in again.applied.done] == hashes
    assert {row[0] for row in stored.sql("select change_hash from change_log")} == set(hashes)


EDITS: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("what it wants", lambda one: one["change"].update(after=[["counting_method", "ONCE_PER_EVENT"]])),
    ("its object", lambda one: one["change"].update(object_id="purchase")),
    ("its text", lambda one: one["change"].update(canonical="[]")),
    ("its text to nonsense", lambda one: one["change"].update(canonical="[")),
    ("its hash", lambda one: one.update(hash="0" * 64)),
]


@pytest.mark.parametrize("edit", [edit for _, edit in EDITS], ids=[name for name, _ in EDITS])
def test_a_plan_that_was_edited_is_refused(stored: Stored, edit: Callable[[dict[str, Any]], object]) -> None:
    ledger = stored.ports.state.ledger
    plan = a_plan(a_mark(stored.account), customer_id=stored.account.customer_id)
    ledger.store_plan(plan)
    stored.approve(*(p.change.hash for p in plan.changes))
    document = stored.document()
    edit(document["changes"][0])
    stored.write(document)
    before = stored.sandbox.control.status()["calls"]
    applied = apply_open_plans(stored.account, stored.ports)
    assert isinstance(applied.stopped_by, Refused) and applied.exit_code == 4
    assert str(applied.stopped_by) == (
        f"Plan {plan.id} was not applied. What is stored of {plan.id}/1 is not what was planned: it was changed in the state "
        "database afterwards. Make a fresh one: adsync plan"
    )
    assert stored.sandbox.control.status()["calls"] == before and ledger.entries() == ()
    with pytest.raises(Refused, match="is not what was planned"):
        choose(pending_changes(stored.account, stored.ports.state), [f"{plan.id}/1"])


@pytest.mark.slow
def test_the_next_night_plans_anew_what_was_edited_and_an_edited_rollback_does_not_stop_it(stored: Stored) -> None:
    ledger = stored.ports.state.ledger
    change = a_change(customer_id=stored.account.customer_id)
    before = stored.ports.clock.now() - timedelta(days=1)
    ledger.store_plan(a_plan(change, customer_id=stored.account.customer_id, origin="rollback", made_at=before))
    document = stored.document()
    document["changes"][0]["change"]["after"] = [["primary_for_goal", True]]
    stored.write(document)
    edited = run_night(stored.account, stored.ports, apply=False).plan
    document = stored.document()
    document["changes"][0]["change"]["object_id"] = "purchase"
    stored.write(document)
    stored.approve(*(p.change.hash for p in edited.changes))
    night = run_night(stored.account, stored.ports)
    assert night.plan.id != edited.id and night.plan.edited == ()
    assert night.applied is not None
    assert isinstance(night.applied.stopped_by, Refused) and "adsync rollback" in str(night.applied.stopped_by)
    assert [r.outcome for r in night.applied.results] == [Outcome.APPLIED] * len(edited.changes) != []


def test_a_copy_of_a_change_with_another_field_has_a_hash_of_its_own() -> None:
    change = a_change()
    other = replace(change, object_id="201")
    assert other == a_change(object_id="201") and other.hash == a_change(object_id="201").hash != change.hash
