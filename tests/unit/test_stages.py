"""Where bidding is by value a helper is retired in stages: it is worth less and less, and targets follow each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pytest

from adsync.changelog import net_rollback
from adsync.model.ads import AccountState, Campaign, ConversionAction
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.group import bundled, group_of
from adsync.model.plan import Consent, Plan, PlannedChange
from adsync.plan import make_plan
from adsync.plan.carry import Tonight, carried
from adsync.plan.outcome import state_after
from adsync.render.plan_words import bundle_row, calendar_lines
from tests.builders import NOW, TODAY, a_change, a_state, an_account, an_action, an_entry
from tests.unit.test_groups import CPA, PAST, ROAS, recent

HELPER = an_action(primary_for_goal=True, always_use_default_value=True, default_value=28.0)


def retired(*campaigns: Campaign, helper: ConversionAction = HELPER, carts: float = 28.0) -> Plan:
    return planned([a_change(Verb.DEMOTE)], a_state(helper, campaigns=campaigns), carts=carts)


def planned(changes: Sequence[Change], state: AccountState, carts: float = 28.0, origin: str = "night") -> Plan:
    seen = recent(state.campaigns, carts)
    return make_plan(an_account(), state, changes, PAST, now=NOW, number=1, recent=seen, origin=origin)


def said(plan: Plan) -> list[tuple[int, str, object]]:
    """Days from today, what is done, and the figure that is written."""
    return [
        ((p.not_before - TODAY).days, p.change.verb.value, dict(p.change.after or ()).get(field_of(p.change)))
        for p in plan.changes
        if p.not_before is not None
    ]


def field_of(change: Change) -> str:
    return next(name for name, _ in change.after or () if name != "always_use_default_value")


def verbs(plan: Plan) -> list[Verb]:
    return [p.change.verb for p in plan.changes]


def test_each_stage_waits_for_the_target_that_makes_way_for_it() -> None:
    # Sales of 70 and carts of 28: of 98 that are reported 84 are left, then 77, then 70.
    assert said(retired(ROAS)) == [
        (0, "target", 3.4286),
        (14, "value", 14.0),
        (14, "target", 3.1429),
        (28, "value", 7.0),
        (28, "target", 2.8572),
        (42, "demote", False),
        (42, "value", 28.0),
    ]


def test_each_step_says_how_far_it_leads() -> None:
    steps = [p.change.because for p in retired(ROAS).changes if p.change.verb is Verb.TARGET]
    assert [s.partition(":")[0] for s in steps] == [f"Step {n} of 3 from 400 % to 286 %" for n in (1, 2, 3)]


def test_a_person_sees_one_retirement_with_its_calendar() -> None:
    (bundle,) = bundled(retired(ROAS).numbered())
    row = bundle_row(bundle, {})
    assert (row.what, row.moved) == ("Stop using for bidding", "in stages, with 3 steps of targets")
    lines = calendar_lines(bundle)
    assert lines == (
        f"{TODAY}: Campaign 2, target ROAS: 400 % > 343 %",
        f"{TODAY + timedelta(days=14)}: Shop (web) add_to_cart, value: 28 > 14; Campaign 2, target ROAS: 343 % > 314 %",
        f"{TODAY + timedelta(days=28)}: Shop (web) add_to_cart, value: 14 > 7; Campaign 2, target ROAS: 314 % > 286 %",
        f"{TODAY + timedelta(days=42)}: Shop (web) add_to_cart, stop using for bidding; Shop (web) add_to_cart, value: 7 > 28",
    )


@pytest.mark.parametrize(
    ("campaigns", "helper"),
    [
        ((ROAS, CPA), HELPER),
        ((ROAS,), replace(HELPER, always_use_default_value=False)),
    ],
    ids=["somebody counts conversions", "the site says what a cart is worth"],
)
def test_where_its_value_is_not_all_that_bidding_sees_it_goes_at_once(
    campaigns: tuple[Campaign, ...], helper: ConversionAction
) -> None:
    plan = retired(*campaigns, helper=helper)
    assert Verb.VALUE not in verbs(plan) and verbs(plan)[-1] is Verb.DEMOTE


def test_where_one_step_is_enough_it_goes_at_once() -> None:
    assert said(retired(ROAS, carts=12.0)) == [(0, "target", 3.4146), (14, "demote", False)]
    assert Verb.VALUE in verbs(retired(ROAS, carts=18.0))


# What is left of it, and how it is taken back ------------------------------------------------------------------------


def left(plan: Plan, count: int, today: date, wanted: frozenset[str], *, approved: bool) -> tuple[PlannedChange, ...]:
    made = plan.changes[:count]
    moments = [datetime.combine(p.not_before or TODAY, NOW.time(), tzinfo=UTC) for p in made]
    log = [
        an_entry(n, p.change, opened_at=at, closed_at=at)
        for n, (p, at) in enumerate(zip(made, moments, strict=True), start=1)
    ]
    state = reduce(state_after, (p.change for p in made), a_state(HELPER, campaigns=[ROAS]))
    rest = plan.changes[count:]
    words = frozenset(p.change.hash for p in rest) if approved else frozenset[str]()
    tonight = Tonight(state=replace(state, as_of=today), wanted=wanted, approved=words)
    return carried(group_of(plan.changes[0].group, plan, log, "UTC"), rest, tonight)


def test_it_waits_for_a_person_while_the_night_asks_for_the_retirement() -> None:
    plan = retired(ROAS)
    asks = frozenset({a_change(Verb.DEMOTE).hash})
    tomorrow = TODAY + timedelta(days=1)
    assert [p.change for p in left(plan, 0, tomorrow, asks, approved=False)] == [p.change for p in plan.changes]
    assert left(plan, 0, tomorrow, frozenset(), approved=False) == ()


@pytest.mark.parametrize("count", range(1, 7))
def test_begun_it_goes_on_stage_by_stage(count: int) -> None:
    plan = retired(ROAS)
    last = plan.changes[count - 1].not_before
    assert last is not None
    rest = left(plan, count, last + timedelta(days=1), frozenset(), approved=True)
    assert [p.change for p in rest] == [p.change for p in plan.changes[count:]]
    assert {p.consent for p in rest} == {Consent.REVIEW}


@pytest.mark.parametrize("count", range(1, 8))
def test_from_every_stage_it_can_be_taken_back(count: int) -> None:
    plan = retired(ROAS)
    before = a_state(HELPER, campaigns=[ROAS])
    log, now = [], before
    for number, member in enumerate(plan.changes[:count], start=1):
        log.append(an_entry(number, member.change))
        now = state_after(now, member.change)
    changes, kept = net_rollback(log)
    back = planned(changes, now, origin="rollback")
    assert kept == () and Consent.PROPOSAL not in {p.consent for p in back.changes}
    after = reduce(state_after, (p.change for p in back.changes), now)
    assert (after.actions, after.campaigns) == (before.actions, before.campaigns)
