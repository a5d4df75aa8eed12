"""A night's plan over several nights: the same while nothing changes, and never too old to act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adsync.model.decision import Verb
from adsync.model.freeze import Freeze
from adsync.model.presets import preset
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.overview import overview
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


def test_a_plan_of_a_clock_that_ran_ahead_is_made_anew_when_the_clock_is_right(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    sandbox.running.estate.now += 30 * 86_400
    ahead = run_night(account, ports, apply=False).plan
    sandbox.running.estate.now -= 30 * 86_400
    tonight = run_night(account, ports, apply=False).plan
    assert tonight.changes and tonight.made_at < ahead.made_at
    assert ports.state.ledger.newest_plan(account.customer_id, "night") == tonight


def test_a_plan_keeps_the_policy_that_led_to_it_and_another_policy_makes_another_plan(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    tomorrow = sandbox.control.now().date() + timedelta(days=1)
    declared = Freeze(
        days=Window(tomorrow + timedelta(days=30), tomorrow + timedelta(days=40)), why="Sale", every_year=True
    )
    careful = replace(account, policy=replace(preset("cautious"), freezes=(declared,)))
    first, second = (run_night(owner, ports, apply=False) for owner in (account, careful))
    assert second.plan.id != first.plan.id and second.news == (), "the same change under another policy is no news"
    for night, owner in ((first, account), (second, careful)):
        stored = ports.state.ledger.plan(night.plan.id)
        applied = owner.policy.for_bidding(on_value=False)
        assert stored is not None and stored.policy == applied and applied.demand_per_30_days == 30
    concluded = ports.state.memory.conclusion(account.customer_id)
    assert concluded is not None and concluded.demand.policy == careful.policy.for_bidding(on_value=False)


def test_an_overview_says_which_line_applies_and_which_season_begins_soon(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    night = run_night(account, ports, apply=False).pulled.as_of
    seen = overview(account, ports.state, ports.clock)
    assert seen.line.startswith(
        "The demand line is 30 a month, because campaigns bid for conversions; showing it takes ab"
    )
    assert seen.soon == ""
    for days, names in ((0, []), (1, ["Sale"]), (14, ["Sale"]), (15, [])):
        begins = night + timedelta(days=days)
        sale = Freeze(days=Window(begins, begins + timedelta(days=3)), why="Sale")
        declaring = replace(account, policy=replace(account.policy, freezes=(sale,)))
        soon = overview(declaring, ports.state, ports.clock).soon
        assert [
            name for name in ("Sale",) if f"{name} begins on {begins} and lasts until {sale.days.last}" in soon
        ] == names
