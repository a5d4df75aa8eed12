"""A night's plan over several nights: the same while nothing changes, and never too old to act on."""

from __future__ import annotations

from adsync.model.decision import Verb
from adsync.nightly import run_night
from tests.sandboxes import LocalSandbox


def test_a_plan_is_kept_while_nothing_changes_and_made_anew_before_it_is_too_old(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    first = run_night(account, ports, apply=False)
    assert [p.change.verb for p in first.plan.changes] == [Verb.KEY_EVENT]
    assert [name for name, _ in first.news] == [f"{first.plan.id}/1"]
    sandbox.control.advance(1)
    second = run_night(account, ports, apply=False)
    assert second.plan == first.plan and second.news == ()
    sandbox.control.advance(6)
    weekly = run_night(account, ports, apply=False)
    assert weekly.plan.id != first.plan.id and weekly.plan.made_on == sandbox.control.now().date()
    assert [p.change.hash for p in weekly.plan.changes] == [p.change.hash for p in first.plan.changes]
    assert weekly.news == (), "the same change under a new name is no news"
