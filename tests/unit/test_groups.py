"""A change that fixed targets stand against goes with their steps: the order, the calendar, and what is left of it later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adsync.apply.gate import Gate
from adsync.apply.objects import Look
from adsync.changelog import net_rollback, targets_before
from adsync.groups import taking_back
from adsync.model.ads import AccountState, Campaign
from adsync.model.capability import Capability, ManagedField
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.group import bundled, group_of
from adsync.model.log import ChangeLogEntry, Outcome, Past
from adsync.model.plan import Approval, Consent, Plan, PlannedChange
from adsync.model.target import targets_of
from adsync.model.volume import ActionDay
from adsync.plan import make_plan
from adsync.plan.carry import Tonight, carried
from adsync.plan.outcome import state_after
from adsync.plan.target_steps import is_short, steps_to
from adsync.ports import State
from adsync.render.plan_words import calendar_lines
from adsync.review import choose, unsaid, verdicts
from tests.builders import MACRO_ID, NOW, TODAY, a_campaign, a_change, a_plan, a_state, an_account, an_action, an_entry

PAST = Past(managed=frozenset({"200", "201"}), trusted=frozenset({"200", "201"}), reviewed=True)
CPA = a_campaign("1", strategy="TARGET_CPA", target_cpa_micros=20_000_000)
ROAS = a_campaign("2", strategy="MAXIMIZE_CONVERSION_VALUE", target_roas=4.0)
SHARED = [a_campaign(key, strategy="TARGET_CPA", target_cpa_micros=10_000_000, portfolio_id="77") for key in ("3", "4")]


def recent(campaigns: Sequence[Campaign], carts: float = 28.0) -> list[ActionDay]:
    """In 28 days each campaign sold 28 times for 70 and had so many carts for 14."""
    return [
        ActionDay(
            date=TODAY - timedelta(days=5),
            campaign_id=c.id,
            action_id=action,
            conversions=0,
            all_conversions=count,
            value=0,
            all_value=count * each,
        )
        for c in campaigns
        for action, count, each in ((MACRO_ID, 28.0, 70.0), ("200", carts, 14.0))
        if count
    ]


def planned(verb: Verb, *campaigns: Campaign, carts: float = 28.0, past: Past = PAST, **different: object) -> Plan:
    state = a_state(an_action(primary_for_goal=verb is Verb.DEMOTE), campaigns=campaigns)
    arguments = {"now": NOW, "number": 1, "recent": recent(campaigns, carts), **different}
    return make_plan(an_account(), state, [a_change(verb)], past, **arguments)  # type: ignore[arg-type]


def calendar(plan: Plan) -> list[tuple[int, str]]:
    """Days from today, and what is made then."""
    rows = []
    for p in plan.changes:
        assert p.not_before is not None
        after = dict(p.change.after or ())
        value = next(iter(after.values()))
        rows.append(((p.not_before - TODAY).days, p.change.verb.value if isinstance(value, bool) else f"{value:g}"))
    return rows


# How it is planned ---------------------------------------------------------------------------------------------------


def test_a_retirement_follows_the_last_step_of_a_target_that_asks_less() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    assert calendar(plan) == [(0, "2.378e+07"), (14, "2.828e+07"), (28, "3.364e+07"), (42, "4e+07"), (56, "demote")]
    assert {p.group for p in plan.changes} == {f"shop-{TODAY}-1/1"}
    assert {p.consent for p in plan.changes} == {Consent.REVIEW}
    assert "the kind target wait for a person" in plan.changes[-1].consent_because
    assert plan.changes[0].change.because == "Step 1 of 4 from 20.00 to 40.00: 20.00 > 23.78."


def test_a_promotion_comes_first_and_the_target_follows() -> None:
    plan = planned(Verb.PROMOTE, CPA)
    assert calendar(plan) == [(0, "promote"), (14, "1.682e+07"), (28, "1.414e+07"), (42, "1.189e+07"), (56, "1e+07")]


def test_a_target_return_sinks_before_the_value_does() -> None:
    plan = planned(Verb.DEMOTE, ROAS)
    # Of 84 that a sale and a cart are worth, 70 are left.
    assert calendar(plan) == [(0, "3.3333"), (14, "demote")]
    assert planned(Verb.PROMOTE, ROAS).changes[0].change.verb is Verb.PROMOTE


def test_a_portfolio_has_one_target_and_those_with_fewer_steps_arrive_with_the_others() -> None:
    plan = planned(Verb.DEMOTE, CPA, ROAS, *SHARED)
    by_day: dict[int, list[str]] = {}
    for day, what in calendar(plan):
        by_day.setdefault(day, []).append(what)
    assert by_day[0] == ["1.189e+07", "2.378e+07"] and by_day[56] == ["demote"]
    assert sorted(by_day[42]) == ["2e+07", "3.3333", "4e+07"]
    shared = [p.change for p in plan.changes if p.change.kind == "bidding_strategy"]
    assert len(shared) == 4 and {c.object_id for c in shared} == {"77"}
    assert shared[0].title == "portfolio of Campaign 3 and 1 more"
    assert shared[0].update_mask() == ("target_cpa.target_cpa_micros",)


def test_the_target_of_somebody_elses_portfolio_is_only_proposed_with_all_that_needs_it() -> None:
    shared = [replace(campaign, portfolio_owner_id="9990000001") for campaign in SHARED]
    plan = planned(Verb.DEMOTE, *shared)
    assert {p.consent for p in plan.changes} == {Consent.PROPOSAL} and len(plan.changes) > 1
    (why,) = {p.consent_because for p in plan.changes}
    assert why.startswith("The portfolio of Campaign 3 and 1 more belongs to account 999-000-0001, which shares it")
    assert {p.consent for p in planned(Verb.DEMOTE, *SHARED).changes} == {Consent.REVIEW}


@pytest.mark.parametrize("campaign", [CPA, ROAS])
def test_where_nothing_was_counted_it_is_only_proposed(campaign: Campaign) -> None:
    (only,) = planned(Verb.DEMOTE, campaign, recent=()).changes
    assert only.consent is Consent.PROPOSAL and "cannot be said" in only.consent_because and only.group == ""


def test_a_target_that_its_strategy_does_not_know_is_not_moved() -> None:
    (only,) = planned(Verb.DEMOTE, replace(CPA, strategy="TARGET_ROAS")).changes
    assert only.consent is Consent.PROPOSAL


def test_a_campaign_that_counts_as_much_as_before_keeps_its_target() -> None:
    other = replace(CPA, id="5", name="Campaign 5")
    counted = [d for d in recent([CPA, other]) if d.campaign_id == "1" or d.action_id == MACRO_ID]
    plan = planned(Verb.DEMOTE, CPA, other, recent=counted)
    assert {p.change.object_id for p in plan.changes} == {"1", "200"}


def test_while_bidding_learns_the_whole_group_is_only_proposed() -> None:
    (only,) = planned(Verb.DEMOTE, replace(CPA, system_status="LEARNING_NEW")).changes
    assert only.consent is Consent.PROPOSAL and "still learning" in only.consent_because, "and not for its target"


def test_a_group_runs_by_itself_only_where_each_kind_in_it_does() -> None:
    account = an_account(auto=frozenset({"demote", "target"}))
    state = a_state(an_action(primary_for_goal=True), campaigns=[CPA])
    plan = make_plan(account, state, [a_change()], PAST, now=NOW, number=1, recent=recent([CPA]))
    assert {p.consent for p in plan.changes} == {Consent.AUTO}
    strict = make_plan(
        account, state, [a_change()], replace(PAST, trusted=frozenset()), now=NOW, number=1, recent=recent([CPA])
    )
    assert {p.consent for p in strict.changes} == {Consent.REVIEW}


def test_two_returns_of_one_night_are_one_group() -> None:
    state = a_state(an_action("200"), an_action("201", ga4_event_name="begin_checkout"), campaigns=[CPA])
    found = [*recent([CPA]), replace(recent([CPA])[1], action_id="201", all_conversions=56.0)]
    changes = [a_change(Verb.RESTORE), a_change(Verb.RESTORE, object_id="201", event_name="begin_checkout")]
    plan = make_plan(an_account(), state, changes, PAST, now=NOW, number=1, recent=found)
    assert [p.change.verb for p in plan.changes[:2]] == [Verb.RESTORE, Verb.RESTORE]
    assert len({p.group for p in plan.changes}) == 1
    # 20 become 80: the target goes to a quarter.
    assert dict(plan.changes[-1].change.after or ()) == {"target_cpa.target_cpa_micros": 5_000_000.0}


@pytest.mark.parametrize(
    ("now", "end", "values"),
    [(0.02, 0.03, ()), (20.0, 20.004, ()), (20.0, 24.0, (24.0,)), (200.0, 170.4, (170.0,)), (0.5, 0.72, (0.6, 0.72))],
)
def test_a_step_can_be_sent_and_is_never_longer_than_a_fifth(now: float, end: float, values: tuple[float, ...]) -> None:
    target = targets_of([replace(CPA, target_cpa_micros=round(now * 1e6))])["campaign", "1"]
    steps = steps_to(target, end * 1e6)
    assert [s / 1e6 for s in steps] == pytest.approx(list(values))
    assert all(is_short(a, b) for a, b in zip((target.value, *steps), steps, strict=False))


# How it is reviewed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["all", "demote", "target", f"shop-{TODAY}-1", f"shop-{TODAY}-1/3"])
def test_a_group_is_approved_or_refused_whole(word: str) -> None:
    pending = planned(Verb.DEMOTE, CPA).numbered()
    assert choose(pending, [word]) == pending
    said = verdicts(choose(pending, [word]), approved=True, by="ann", now=NOW)
    assert len({w.change_hash for w in said}) == 5
    # Each holds until the end of the seventh day after its own.
    assert [w.until for w in said[1:]] == [
        datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day + 8) for day in (14, 28, 42, 56)
    ]
    words = {w.change_hash: w for w in said}
    assert unsaid(pending, words) == ()
    assert unsaid(pending, {said[0].change_hash: said[0]}) == pending
    no = replace(said[-1], approved=False)
    assert unsaid(pending, {no.change_hash: no}) == (), "a no to one is a no to all"


def test_it_is_shown_as_one_with_its_calendar() -> None:
    pending = planned(Verb.DEMOTE, CPA).numbered()
    (bundle,) = bundled(pending)
    lines = calendar_lines(bundle)
    assert lines[0] == "2026-06-01: Campaign 1, target CPA: 20.00 > 23.78"
    assert lines[-1] == "2026-07-27: Shop (web) add_to_cart, stop using for bidding"


# What is left of it later --------------------------------------------------------------------------------------------


def lived(plan: Plan, count: int, days_late: int = 0) -> tuple[AccountState, list[ChangeLogEntry]]:
    """The account and its log after so many changes of a plan; the last of them late."""
    state, log = a_state(an_action(primary_for_goal=True), campaigns=[CPA]), []
    for number, p in enumerate(plan.changes[:count], start=1):
        state = state_after(state, p.change)
        assert p.not_before is not None
        at = datetime.combine(p.not_before, NOW.time(), tzinfo=UTC)
        at += timedelta(days=days_late if number == count else 0)
        log.append(an_entry(number, p.change, opened_at=at, closed_at=at))
    return state, log


TAKES_BACK: dict[str, Any] = {
    "origin": "rollback",
    "opened_at": NOW + timedelta(days=1),
    "change_name": f"shop-{TODAY + timedelta(days=1)}-2/1",
}


def left(
    plan: Plan, count: int, today: date, *, state: AccountState | None = None, days_late: int = 0, **tonight: object
) -> tuple[PlannedChange, ...]:
    there, log = lived(plan, count, days_late)
    group = group_of(plan.changes[0].group, plan, log, "UTC")
    rest = plan.changes[count:]
    values = {"wanted": frozenset({plan.changes[-1].change.hash}), "approved": frozenset(p.change.hash for p in rest)}
    at = replace(state or there, as_of=today)
    return carried(group, rest, Tonight(state=at, **{**values, **tonight}))  # type: ignore[arg-type]


def days(members: Sequence[PlannedChange]) -> list[int]:
    return [(p.not_before - TODAY).days for p in members if p.not_before is not None]


def test_what_was_approved_goes_on_on_its_dates_also_when_the_night_would_not_begin_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    rest = left(plan, 1, TODAY + timedelta(days=7), wanted=frozenset())
    assert [p.change for p in rest] == [p.change for p in plan.changes[1:]]
    assert days(rest) == [14, 28, 42, 56] and {p.consent for p in rest} == {Consent.REVIEW}


def test_a_step_that_came_late_moves_those_after_it() -> None:
    assert days(left(planned(Verb.DEMOTE, CPA), 2, TODAY + timedelta(days=20), days_late=5)) == [33, 47, 61]


def test_what_nobody_stands_behind_any_more_gets_new_dates() -> None:
    late = TODAY + timedelta(days=60)
    assert days(left(planned(Verb.DEMOTE, CPA), 2, late, approved=frozenset())) == [60, 74, 88]


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ({"held": "A tag is silent."}, "A tag is silent."),
        ({"starved": True}, "too low to learn from"),
        ({"taking_back": frozenset({("campaign", "1")})}, "a rollback of what it has done is planned"),
    ],
)
def test_what_holds_pauses_it(why: dict[str, Any], said: str) -> None:
    rest = left(planned(Verb.DEMOTE, CPA), 1, TODAY + timedelta(days=7), **why)
    assert {p.consent for p in rest} == {Consent.PROPOSAL} and said in rest[0].consent_because


def test_what_google_is_known_to_refuse_pauses_it_and_says_how_to_take_it_back() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    answer = Capability(action_id="200", field=ManagedField.PRIMARY, as_of=TODAY, asked_at=NOW)
    refused = replace(answer, code="FieldError.IMMUTABLE_FIELD")
    night = TODAY + timedelta(days=7)
    rest = left(plan, 1, night, capabilities=(refused,))
    assert {p.consent for p in rest} == {Consent.PROPOSAL}
    why = rest[0].consent_because
    assert 'Google does not let adsync change "Shop (web) add_to_cart" (action optimization; asked on 2026-06-01' in why
    assert why.endswith(f"adsync rollback --plan {plan.id}")
    assert {p.consent for p in left(plan, 1, night, capabilities=(answer,))} == {Consent.REVIEW}, "and goes on"
    value = replace(refused, field=ManagedField.VALUE)
    assert {p.consent for p in left(plan, 1, night, capabilities=(value,))} == {Consent.REVIEW}, "no value is written"


def test_a_helper_that_is_gone_stops_it_before_another_step() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    state, _ = lived(plan, 1)
    rest = left(plan, 1, TODAY + timedelta(days=7), state=replace(state, actions=state.actions[:1]))
    assert {p.consent for p in rest} == {Consent.PROPOSAL}
    assert '"Shop (web) add_to_cart" was changed by somebody else since' in rest[0].consent_because


def test_a_target_that_somebody_else_has_moved_stops_it_and_says_so() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    moved = a_state(an_action(primary_for_goal=True), campaigns=[replace(CPA, target_cpa_micros=30_000_000)])
    rest = left(plan, 2, TODAY + timedelta(days=21), state=moved)
    assert {p.consent for p in rest} == {Consent.PROPOSAL}
    assert f"changed by somebody else since. Take back what was done: adsync rollback --plan {plan.id}" in (
        rest[0].consent_because
    )
    assert left(plan, 2, TODAY + timedelta(days=60), state=moved, approved=frozenset()) == ()


def test_before_it_begins_it_stands_as_long_as_an_approval_would_and_the_night_asks_for_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    nobody = frozenset[str]()
    assert days(left(plan, 0, TODAY + timedelta(days=6), approved=nobody)) == [6, 20, 34, 48, 62]
    assert left(plan, 0, TODAY + timedelta(days=7), approved=nobody) == ()
    assert left(plan, 0, TODAY + timedelta(days=1), wanted=nobody) == ()


def test_what_a_person_has_taken_back_is_over() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    _, log = lived(plan, 1)
    back = an_entry(9, plan.changes[0].change.inverse(), **TAKES_BACK)
    group = group_of(plan.changes[0].group, plan, [*log, back], "UTC")
    assert group.taken_back
    tonight = Tonight(state=a_state(campaigns=[CPA]), wanted=frozenset(), approved=frozenset())
    assert carried(group, plan.changes[1:], tonight) == ()


def test_what_a_rollback_makes_ends_a_group_also_where_it_is_the_groups_own_change() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    last = plan.changes[-1].change
    _, log = lived(plan, 1)
    group = group_of(plan.changes[0].group, plan, [*log, an_entry(9, last, **TAKES_BACK)], "UTC")
    assert group.taken_back and last.hash not in group.done
    # Nor is it of the group what is made after that: the rollback of the rollback, or a later group of the same changes.
    again = an_entry(10, plan.changes[1].change, change_name=f"shop-{TODAY + timedelta(days=2)}-1/1")
    later = group_of(plan.changes[0].group, plan, [*log, an_entry(9, last, **TAKES_BACK), again], "UTC")
    assert later.done.keys() == {plan.changes[0].change.hash}
    rest = Gate(plan, {later.name: later}, TODAY + timedelta(days=99))
    assert rest.too_early(plan.changes[1], {}).startswith("The group is over")


def test_ways_back_go_on_side_by_side() -> None:
    plan = replace(planned(Verb.DEMOTE, CPA), origin="rollback")
    first = plan.changes[0].change
    own = an_entry(1, first, origin="rollback")
    hidden = fields(status="HIDDEN", primary_for_goal=False), fields(status="ENABLED", primary_for_goal=False)
    beside = an_entry(2, a_change(Verb.HIDE, before=hidden[1], after=hidden[0]), **TAKES_BACK)
    group = group_of(plan.changes[0].group, plan, [own, beside], "UTC")
    assert not group.taken_back and group.done.keys() == {first.hash}
    back = an_entry(3, first.inverse(), **TAKES_BACK)
    assert group_of(plan.changes[0].group, plan, [own, beside, back], "UTC").taken_back


def test_what_a_rollback_made_before_a_group_was_planned_is_none_of_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    name, first = plan.changes[0].group, plan.changes[0].change
    # In the very second in which it was planned.
    before: dict[str, Any] = {"origin": "rollback", "change_name": f"shop-{TODAY}-0/1"}
    assert not group_of(name, plan, [an_entry(9, first.inverse(), **before)], "UTC").taken_back
    assert not group_of(name, replace(plan, origin="rollback"), [an_entry(9, first, **before)], "UTC").has_begun


def test_nights_wait_for_a_rollback_that_has_something_to_do_and_can_do_it() -> None:
    back = planned(Verb.DEMOTE, CPA).changes[0]
    there = a_state(an_action(primary_for_goal=True), campaigns=[CPA])

    def objects(change: PlannedChange, now: AccountState = there, *words: Approval) -> frozenset[tuple[str, str]]:
        plan = a_plan(change, origin="rollback")
        said = {word.change_hash: word for word in words}
        ledger = SimpleNamespace(
            newest_plan=lambda _, origin: plan if origin == "rollback" else None,
            plan=lambda _: plan,
            approvals=lambda _: said,
            entries=lambda _: (),
        )
        return taking_back(an_account(), cast(State, SimpleNamespace(ledger=ledger)), now, NOW)

    assert objects(back) == {("campaign", "1")}
    assert objects(replace(back, consent=Consent.PROPOSAL)) == frozenset(), "nothing of it can be applied"
    assert objects(back, state_after(there, back.change)) == frozenset(), "it stands there already"
    (no,) = verdicts([("shop-1/1", back)], approved=False, by="ann", now=NOW)
    assert objects(back, there, no) == frozenset(), "a person has said no"


def again(plan: Plan, count: int, verb: Verb = Verb.RESTORE, **different: object) -> Plan:
    """Tomorrow's plan of what is left, beside another change that the same target stands against."""
    state, _ = lived(plan, count)
    other = an_action("201", ga4_event_name="begin_checkout", primary_for_goal=verb is Verb.DEMOTE)
    there = replace(state, actions=(*state.actions, other), as_of=TODAY + timedelta(days=1))
    change = a_change(verb, object_id="201", event_name="begin_checkout")
    arguments = {"now": NOW, "number": 1, "recent": recent([CPA]), "carried": plan.changes[count:], **different}
    return make_plan(an_account(), there, [change], PAST, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 4])
def test_a_target_is_in_one_group_at_a_time(count: int) -> None:
    plan = planned(Verb.DEMOTE, CPA)
    *carried_on, other = again(plan, count).changes
    assert [p.change for p in carried_on] == [p.change for p in plan.changes[count:]]
    assert other.consent is Consent.PROPOSAL and "Another group" in other.consent_because
    alone = again(plan, 5, taken=frozenset({("campaign", "1")})).changes
    assert [p.consent for p in alone] == [Consent.PROPOSAL], "nor in a group and a rollback"


def test_the_last_change_of_a_group_needs_a_person_as_the_group_did() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    assert again(plan, 4).changes[0].consent is Consent.REVIEW


def test_what_google_refused_is_asked_again_with_googles_words() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    past = replace(PAST, refused=((plan.changes[1].change.hash, "on 2026-06-15. Too low."),))
    state, _ = lived(plan, 1)
    rest = make_plan(an_account(), state, [], past, now=NOW, number=1, carried=plan.changes[1:]).changes
    assert len(rest) == 4 and {p.consent for p in rest} == {Consent.REVIEW}
    assert "Google refused exactly this on 2026-06-15. Too low." in rest[0].consent_because


# When a step may be made ---------------------------------------------------------------------------------------------


def a_gate(plan: Plan, log: Sequence[ChangeLogEntry], today: date) -> Gate:
    return Gate(plan, {plan.changes[0].group: group_of(plan.changes[0].group, plan, log, "UTC")}, today)


def test_no_step_comes_before_its_day_nor_sooner_than_a_cycle_after_the_one_before() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    first, second, *_ = plan.changes
    assert a_gate(plan, [], TODAY).too_early(first, {}) == ""
    assert a_gate(plan, [], TODAY - timedelta(days=1)).too_early(first, {}) == "Not before 2026-06-01."
    _, log = lived(plan, 1, days_late=6)
    assert a_gate(plan, log, TODAY + timedelta(days=14)).too_early(second, {}) == "Not before 2026-06-21."
    assert a_gate(plan, log, TODAY + timedelta(days=20)).too_early(second, {}) == ""


def test_what_this_very_run_has_made_counts_when_several_dates_have_passed() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    (name, first), (_, second), *_ = plan.numbered()
    gate = a_gate(plan, [], TODAY + timedelta(days=30))
    assert gate.too_early(second, {}) == "" and gate.too_soon(second, frozenset()) == "", "its day has passed"
    assert gate.too_soon(first, frozenset()) == ""
    assert gate.too_soon(second, frozenset({name})) == f"Not before {TODAY + timedelta(days=44)}."
    _, log = lived(plan, 1)
    assert a_gate(plan, log, TODAY + timedelta(days=30)).too_soon(second, frozenset({name})) == "", "made a month ago"


def test_a_target_goes_on_no_sooner_because_another_plan_asks_for_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    first, second, *_ = (p.change for p in plan.changes)
    steps = {("campaign", "1"): (first, TODAY)}
    lone, back = (PlannedChange(change=c, consent=Consent.REVIEW) for c in (second, first.inverse()))
    gate = Gate(a_plan(lone, back), {}, TODAY + timedelta(days=13), steps, 14)
    assert gate.too_early(lone, {}) == f"Not before {TODAY + timedelta(days=14)}."
    assert gate.too_early(back, {}) == "", "the way back is open"
    assert replace(gate, today=TODAY + timedelta(days=14)).too_early(lone, {}) == ""
    assert replace(gate, steps={}).too_early(lone, {}) == ""
    again = replace(plan, id=f"shop-{TODAY}-2")
    group = group_of(plan.changes[0].group, again, [], "UTC")
    assert Gate(again, {group.name: group}, TODAY, steps, 7).too_early(again.changes[0], {}) == "Not before 2026-06-15."


def test_nothing_goes_before_what_is_in_front_of_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    (name, first), (second_name, second), *_ = plan.numbered()
    gate = a_gate(plan, [], TODAY)
    assert gate.behind(name, first, frozenset()) == ""
    assert gate.behind(second_name, second, frozenset()).startswith(f"Waits for {name}")
    assert gate.behind(second_name, second, frozenset({name})) == ""


def test_a_target_that_a_person_sets_later_does_not_go_along() -> None:
    free = a_campaign("5", strategy="TARGET_CPA")
    plan = planned(Verb.DEMOTE, CPA, free)
    retired = plan.changes[-1]
    fixed = replace(free, target_cpa_micros=8_000_000)
    now = replace(lived(plan, 4)[0], campaigns=(CPA, fixed), as_of=retired.not_before or TODAY)
    assert a_gate(plan, [], TODAY).moving(retired, now) == {("campaign", "1")}
    (rest,) = make_plan(
        an_account(), now, [], PAST, now=NOW, number=1, recent=recent([CPA, fixed]), carried=plan.changes[-1:]
    ).changes
    assert rest.consent is Consent.PROPOSAL and '"Campaign 5" bids to a fixed target' in rest.consent_because


def test_a_no_to_one_of_it_stops_all_of_it() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    (no,) = verdicts(plan.numbered()[-1:], approved=False, by="ann", now=NOW)
    words: dict[str, Approval] = {no.change_hash: no}
    assert a_gate(plan, [], TODAY).too_early(plan.changes[0], words) == "Refused by ann, with its whole group."


def test_nothing_of_a_group_is_sent_once_something_that_it_will_move_stands_elsewhere() -> None:
    plan = planned(Verb.PROMOTE, CPA, *SHARED)
    first, there = plan.changes[0], a_state(an_action(), campaigns=[CPA, *SHARED])
    gate = a_gate(plan, [], TODAY)

    def fallen(*campaigns: Campaign) -> str:
        return gate.fallen(first, Look.at(replace(there, campaigns=campaigns), ()), frozenset())

    assert fallen(CPA, *SHARED) == ""
    halved = replace(CPA, target_cpa_micros=10_000_000)
    assert '"Campaign 1" was changed by somebody else since' in fallen(halved, *SHARED)
    moved = replace(CPA, portfolio_id="88")
    assert 'the target of "Campaign 1" is held by something else' in fallen(moved, *SHARED)
    assert 'the target of "Campaign 4" is held by something else' in fallen(
        CPA, SHARED[0], replace(SHARED[1], portfolio_id="")
    )
    # The helper itself: where somebody has removed it, no target is to follow.
    gone = replace(there, actions=there.actions[:1])
    assert '"Shop (web) add_to_cart" was changed' in gate.fallen(plan.changes[1], Look.at(gone, ()), frozenset())


def test_a_target_that_something_else_holds_by_now_stops_a_group_and_drops_one_that_has_not_begun() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    moved = a_state(an_action(primary_for_goal=True), campaigns=[replace(CPA, portfolio_id="88")])
    assert left(plan, 0, TODAY, state=moved) == ()
    free = replace(ROAS, id="5", name="Campaign 5")
    staying = planned(Verb.DEMOTE, CPA, free, recent=[*recent([CPA]), *recent([free], carts=0.0)])
    state, _ = lived(staying, 1)
    there = replace(state, campaigns=(*state.campaigns, replace(free, portfolio_id="88")))
    rest = left(staying, 1, TODAY + timedelta(days=7), state=there)
    assert {p.consent for p in rest} == {Consent.PROPOSAL}
    assert (
        'the target of "Campaign 5" is held by something else since. Take back what was done:'
        in rest[0].consent_because
    )


def test_a_target_that_was_set_back_keeps_the_retirement_away() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    state, log = lived(plan, 4)
    gate, done = a_gate(plan, log, TODAY + timedelta(days=56)), frozenset[str]()
    assert gate.fallen(plan.changes[-1], Look.at(state, ()), done) == ""
    set_back = a_state(an_action(primary_for_goal=True), campaigns=[CPA])
    assert "was changed by somebody else" in gate.fallen(plan.changes[-1], Look.at(set_back, ()), done)
    assert gate.moving(plan.changes[-1], state) == {("campaign", "1")}


# How it is taken back ------------------------------------------------------------------------------------------------


def taken_back(count: int) -> Plan:
    plan = planned(Verb.DEMOTE, CPA)
    state, log = lived(plan, count)
    changes, kept = net_rollback(log)
    assert kept == ()
    there = replace(state, as_of=TODAY + timedelta(days=70))
    return make_plan(an_account(), there, changes, PAST, now=NOW, number=2, recent=recent([CPA]), origin="rollback")


def test_all_of_it_is_taken_back_in_reverse_and_no_faster() -> None:
    back = taken_back(5)
    assert [p.change.verb for p in back.changes] == [Verb.RESTORE, *[Verb.TARGET] * 4]
    assert dict(back.changes[-1].change.after or ()) == {"target_cpa.target_cpa_micros": 20_000_000.0}
    assert days(back.changes) == [70, 84, 98, 112, 126]
    assert {p.consent for p in back.changes} == {Consent.REVIEW}


def test_a_plan_that_is_made_on_an_old_copy_begins_today() -> None:
    _, log = lived(planned(Verb.DEMOTE, CPA), 3)
    state, _ = lived(planned(Verb.DEMOTE, CPA), 3)
    today = TODAY + timedelta(days=60)
    back = make_plan(
        an_account(), state, net_rollback(log)[0], PAST, now=NOW, number=2, recent=[], origin="rollback", today=today
    )
    assert state.as_of == TODAY and days(back.changes) == [60, 74, 88]


def test_steps_without_the_retirement_are_taken_back_step_by_step() -> None:
    back = taken_back(3)
    values = [20_000_000.0 * 1.6818 ** (n / 3) for n in (2, 1, 0)]
    assert [dict(p.change.after or ())["target_cpa.target_cpa_micros"] for p in back.changes] == pytest.approx(
        values, rel=1e-3
    )
    (one,) = taken_back(1).changes
    assert one.group == "" and one.not_before is None and one.consent is Consent.REVIEW


STOOD = {("campaign", "1"): fields(**{"target_cpa.target_cpa_micros": 20_000_000.0})}


@pytest.mark.parametrize("origin", ["rollback", "asked"])
def test_nothing_moves_a_target_that_stands_where_it_stood_before_what_is_taken_back(origin: str) -> None:
    (only,) = planned(Verb.DEMOTE, CPA, origin=origin, stood=STOOD).changes
    assert only.change.verb is Verb.DEMOTE and only.consent is Consent.REVIEW and not only.group
    assert [(e.goes_along, e.stays_at) for e in only.effects] == [(True, 20_000_000.0)]
    plan = a_plan(only, origin=origin)
    now = a_state(an_action(primary_for_goal=True), campaigns=[CPA])
    assert (
        Gate(plan, {}, TODAY).moving(only, now) == {("campaign", "1")} and Gate(plan, {}, TODAY).astray(only, now) == ""
    )
    moved = replace(now, campaigns=(replace(CPA, target_cpa_micros=19_000_000),))
    assert '"Campaign 1" has been moved since' in Gate(plan, {}, TODAY).astray(only, moved)


def test_a_target_that_others_have_moved_since_goes_back_as_well_and_one_that_is_new_follows() -> None:
    moved = replace(CPA, target_cpa_micros=16_000_000)
    assert calendar(planned(Verb.DEMOTE, moved, origin="rollback", stood=STOOD)) == [
        (0, "1.789e+07"), (14, "2e+07"), (28, "demote"),
    ]  # fmt: skip
    other = replace(CPA, id="5", name="Campaign 5")
    both = planned(Verb.DEMOTE, CPA, other, origin="rollback", stood=STOOD)
    assert {p.change.object_id for p in both.changes} == {"5", "200"}, "that was set while the helper counted"
    assert [e.stays_at for e in both.changes[-1].effects] == [20_000_000.0, 0.0]


def test_where_targets_stood_is_told_by_the_steps_since_and_else_by_the_copy() -> None:
    plan = planned(Verb.DEMOTE, CPA, ROAS)
    _, log = lived(plan, 3)
    copied = a_state(campaigns=[CPA, ROAS])
    of_1 = [fields(**{"target_cpa.target_cpa_micros": value}) for value in (20_000_000.0, 23_780_000.0)]
    of_2 = fields(**{"maximize_conversion_value.target_roas": 4.0})
    before = targets_before(copied, log, log[0].opened_at, "UTC")
    assert before == {("campaign", "1"): of_1[0], ("campaign", "2"): of_2}
    assert targets_before(None, log, log[1].opened_at, "UTC") == {("campaign", "1"): of_1[1]}
    assert targets_before(copied, log[:1], NOW + timedelta(hours=1), "UTC")["campaign", "1"] == of_1[1], "the same day"
    newer = replace(copied, as_of=TODAY + timedelta(days=1))
    assert targets_before(newer, log[:1], NOW + timedelta(days=2), "UTC")["campaign", "1"] == of_1[0], "others since"


def test_a_failed_step_is_not_done() -> None:
    plan = planned(Verb.DEMOTE, CPA)
    entry = an_entry(1, plan.changes[0].change, outcome=Outcome.FAILED)
    assert not group_of(plan.changes[0].group, plan, [entry], "UTC").has_begun
