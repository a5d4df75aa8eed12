"""Where Google lets nobody demote a helper that is alone in its goal, the goal is switched, by a person's word only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.changelog import past_of
from adsync.decide.outcome_windows import Applied, fixed
from adsync.decide.refusals import allowed
from adsync.model.account import Account
from adsync.model.ads import AccountState, CampaignGoal, ConversionAction, CustomGoal
from adsync.model.bidding import counting_actions
from adsync.model.capability import Capability, ManagedField
from adsync.model.change import Change, fields
from adsync.model.decision import Decision, Verb
from adsync.model.goal import GoalMember, as_flags, resting
from adsync.model.history import History
from adsync.model.log import Outcome, Past
from adsync.model.outcome_review import opens_a_review, taken_back
from adsync.model.plan import NIGHT, ROLLBACK, Consent, Plan, PlannedChange
from adsync.model.policy import APPROVAL_KINDS
from adsync.model.protected import Protected
from adsync.plan import changes_for, make_plan
from adsync.plan.outcome import state_after
from adsync.render.plan_words import bundle_row, verb
from tests.builders import (
    MACRO_ID,
    NOW,
    TODAY,
    a_campaign,
    a_change,
    a_customer,
    a_macro_action,
    a_state,
    an_account,
    an_action,
    an_entry,
)
from tests.unit.test_decide_account import CART, TRUSTED, TWICE_LOW, TWICE_SHOWN, about, decided, month
from tests.unit.test_groups import recent

PAIR = "ADD_TO_CART / WEBSITE"
OURS = Past(managed=frozenset({"200"}), counted_by=((CART, "200"),), trusted=frozenset({"200"}), reviewed=True)


def helper(**different: Any) -> Any:
    return an_action("200", **{"category": "ADD_TO_CART", "primary_for_goal": True, **different})


def other(action_id: str = "300", **different: Any) -> Any:
    return an_action(action_id, **{"category": "ADD_TO_CART", "ga4_event_name": "x", "name": "Other", **different})


def a_retirement(state: AccountState) -> Change:
    wanted = Decision(event_name=CART, because="Enough.", verb=Verb.DEMOTE, action_id="200")
    refused = Capability(
        action_id="200", field=ManagedField.PRIMARY, as_of=TODAY, asked_at=NOW, code="FieldError.IMMUTABLE_FIELD"
    )
    (change,) = changes_for(an_account(), state, [allowed(wanted, state, [refused])])
    return change


def planned(state: AccountState, change: Change | None = None, account: Account | None = None, **given: Any) -> Any:
    values = {"now": NOW, "number": 1, **given}
    plan = make_plan(account or an_account(), state, [change or a_retirement(state)], OURS, **values)
    (found,) = plan.changes
    return found


def test_a_refused_retirement_becomes_a_change_of_the_goal_with_everything_that_says_why() -> None:
    change = a_retirement(a_state(helper()))
    assert (change.verb, change.kind, change.object_id, change.title) == (
        Verb.GOAL,
        "goal",
        "ADD_TO_CART~WEBSITE",
        PAIR,
    )
    assert (change.before, change.after) == (fields(biddable=True), fields(biddable=False))
    assert change.update_mask() == ("biddable",)
    assert change.inverse().after == change.before and change.inverse().inverse().hash == change.hash
    assert 'Google does not let adsync change whether "Shop (web) add_to_cart" is primary' in change.because
    assert f"stop bidding on its goal, {PAIR}" in change.because and "yourself" in change.because


def test_a_goal_always_waits_for_a_person_whatever_the_settings_say() -> None:
    account = an_account(auto=frozenset({*APPROVAL_KINDS, "goal"}))
    found = planned(a_state(helper()), account=account)
    assert found.consent is Consent.REVIEW and "a person decides" in found.consent_because
    assert [(e.campaign, e.before, e.after) for e in found.effects] == [("Campaign 1", 0.0, 0.0)]


def proposed(found: PlannedChange) -> str:
    assert found.consent is Consent.PROPOSAL
    return found.consent_because


@pytest.mark.parametrize("primary", [True, False])
def test_it_is_never_switched_for_a_helper_that_shares_it_and_what_would_happen_is_shown(primary: bool) -> None:
    state = a_state(helper(), other(primary_for_goal=primary), other("301", status="HIDDEN", name="Hidden"))
    found = planned(state)
    assert "never switched for a helper that shares it" in proposed(found) and '"Other"' in proposed(found)
    assert found.others == (
        GoalMember(
            action_id="300",
            name="Other",
            status="ENABLED",
            primary_for_goal=primary,
            stops=("Campaign 1",) if primary else (),
        ),
        GoalMember(action_id="301", name="Hidden", status="HIDDEN", primary_for_goal=False),
    )
    beside = bundle_row([("shop-1/1", found)], {}).beside
    said = "primary: Campaign 1 would stop bidding on it" if primary else "secondary: nothing changes for it"
    assert f'Also in this goal: "Other", {said}' in beside
    assert 'Also in this goal: "Hidden", hidden, secondary: nothing changes for it' in beside


def test_what_is_hidden_stands_against_nothing_and_is_shown() -> None:
    found = planned(a_state(helper(), other(status="HIDDEN")))
    assert found.consent is Consent.REVIEW and [o.name for o in found.others] == ["Other"]
    assert "Nothing else is in this goal." in bundle_row([("x/1", planned(a_state(helper())))], {}).beside


def test_a_goal_of_the_main_conversion_is_never_switched() -> None:
    for status in ("ENABLED", "HIDDEN"):
        inside = a_macro_action(category="ADD_TO_CART", status=status)
        state = replace(a_state(helper()), actions=(inside, a_macro_action("101", name="x"), helper()))
        assert "main conversion" in proposed(planned(state))


def test_what_still_counts_by_goals_of_its_own_is_not_called_retired() -> None:
    own = a_campaign("2", goal_level="CAMPAIGN")
    pairs = [
        CampaignGoal(campaign_id="2", category=c, origin="WEBSITE", biddable=True) for c in ("ADD_TO_CART", "PURCHASE")
    ]
    state = a_state(helper(), campaigns=[a_campaign(), own], campaign_goals=tuple(pairs))
    assert 'Campaign "Campaign 2" would go on bidding on it' in proposed(planned(state))
    custom = CustomGoal(id="9", name="All", status="ENABLED", action_ids=("200", MACRO_ID))
    state = a_state(helper(), campaigns=[a_campaign(), a_campaign("2", custom_goal_id="9")], custom_goals=(custom,))
    assert "would go on bidding on it" in proposed(planned(state))


def test_other_guards_stand_before_a_goal_as_before_a_helper() -> None:
    fixed = a_state(helper(), campaigns=[a_campaign(target_cpa_micros=20_000_000)])
    assert proposed(planned(fixed))
    learning = a_state(helper(), campaigns=[a_campaign(system_status="LEARNING_SETTING_CHANGE")])
    assert "still learning" in proposed(planned(learning))
    alone = replace(a_state(helper()), actions=(helper(), a_macro_action(primary_for_goal=False)))
    assert "no conversion left to learn from" in proposed(planned(alone))
    theirs = a_state(helper(), customer=a_customer(conversion_customer_id="9999999999"))
    assert "belong to account 9999999999" in proposed(planned(theirs))
    kept = an_account(protected=Protected(actions=("200",)))
    assert "protected.actions" in proposed(planned(a_state(helper()), account=kept))


def test_where_a_campaign_has_a_fixed_target_the_goal_goes_with_its_steps_and_waits_as_a_whole() -> None:
    fixed = a_campaign("1", strategy="TARGET_CPA", target_cpa_micros=20_000_000)
    state = a_state(helper(), other(status="HIDDEN"), campaigns=[fixed])
    changes, known = [a_retirement(state)], recent([fixed], 7.0)
    group = make_plan(an_account(), state, changes, OURS, now=NOW, number=1, recent=known).changes
    verbs = [p.change.verb for p in group]
    assert verbs[-1] is Verb.GOAL and set(verbs[:-1]) == {Verb.TARGET} and {p.group for p in group} != {""}
    assert {p.consent for p in group} == {Consent.REVIEW} and [o.name for o in group[-1].others] == ["Other"]
    shared = replace(state, actions=(*state.actions, other("301")))
    alone = make_plan(an_account(), shared, changes, OURS, now=NOW, number=1, recent=known).changes
    assert [(p.change.verb, p.consent) for p in alone] == [(Verb.GOAL, Consent.PROPOSAL)]


def test_switching_it_on_brings_nothing_else_in() -> None:
    off = state_after(a_state(helper()), a_retirement(a_state(helper())))
    back = a_retirement(a_state(helper())).inverse()
    assert planned(off, back, origin=ROLLBACK).consent is Consent.REVIEW
    joined = replace(off, actions=(*off.actions, other(primary_for_goal=True)))
    found = planned(joined, back, origin=ROLLBACK)
    assert "never switched" in proposed(found)
    assert found.others[0].begins == ("Campaign 1",)
    beside = replace(off, actions=(*off.actions, other(), other("302", status="HIDDEN", primary_for_goal=True)))
    found = planned(beside, back, origin=ROLLBACK)
    assert found.consent is Consent.REVIEW and not any(each.begins for each in found.others), (
        "secondary, or not recording"
    )
    # Nobody waits for bidding to learn before a signal comes back.
    learning = replace(off, campaigns=(a_campaign(system_status="LEARNING_SETTING_CHANGE"),))
    assert planned(learning, back, origin=NIGHT).consent is Consent.REVIEW


# What comes after ----------------------------------------------------------------------------------------------------


def switched(state: AccountState) -> tuple[AccountState, Past]:
    """The goal is off, and adsync has done it on a person's word."""
    change = a_retirement(state)
    entry = an_entry(7, change, outcome=Outcome.APPLIED, approved_by="erika")
    past = past_of([an_entry(6, _enabling(), outcome=Outcome.APPLIED), entry], "UTC")
    return state_after(state, change), past


def _enabling() -> Change:
    before, after = fields(status="HIDDEN", primary_for_goal=False), fields(status="ENABLED", primary_for_goal=False)
    return a_change(Verb.ENABLE, object_id="200", event_name=CART, before=before, after=after)


def refusing(history: History) -> History:
    answer = Capability(
        action_id="200", field=ManagedField.PRIMARY, as_of=TODAY, asked_at=NOW, code="FieldError.IMMUTABLE_FIELD"
    )
    return replace(history, capabilities=(answer,))


def test_the_rule_asks_for_the_goal_once_and_then_for_nothing() -> None:
    state = a_state(helper())
    first = decided(state=state, history=refusing(month(60)), past=replace(TRUSTED, left=()), counters=TWICE_SHOWN)
    assert about(CART, first).verb is Verb.GOAL and first.demand.helper_holds == ()
    after, past = switched(state)
    assert past.last_change is not None and past.last_change.direction == "down" and past.trusted == {"200"}
    then = decided(state=after, history=refusing(month(60)), past=replace(past, left=()), counters=TWICE_SHOWN)
    assert about(CART, then).verb is None and "Observed." in about(CART, then).because
    assert then.demand.verdict == "keep"


def test_it_comes_back_through_its_goal_even_where_google_would_accept_the_flag_by_now() -> None:
    after, past = switched(a_state(helper()))
    past = replace(past, left=(), last_change=None)
    for history in (month(3), refusing(month(3))):
        found = decided(state=after, history=history, past=past, counters=TWICE_LOW)
        assert found.demand.verdict == "restore" and about(CART, found).verb is Verb.GOAL
        (change,) = changes_for(an_account(), after, found.each[:1])
        assert change.after == fields(biddable=True)
        assert state_after(after, change).goals == a_state(helper()).goals


def test_a_goal_rests_its_helper_until_somebody_else_has_switched_it_on() -> None:
    after, past = switched(a_state(helper()))
    asked = (past.switched_off, past.counted_by)
    rest = resting(after, *asked)
    assert [a.id for a in rest] == ["200"]
    assert as_flags(after, rest).goals == a_state(helper()).goals
    assert not as_flags(after, rest).actions[1].primary_for_goal
    assert resting(a_state(helper()), *asked) == ()
    assert resting(after, (), past.counted_by) == ()


@pytest.mark.parametrize("theirs", [(), (other(),), (other(primary_for_goal=True),)])
def test_said_in_flags_every_campaign_bids_on_what_it_bids_on(theirs: tuple[ConversionAction, ...]) -> None:
    after, past = switched(a_state(helper()))
    joined = replace(after, actions=(*after.actions, *theirs))
    said = as_flags(joined, resting(joined, past.switched_off, past.counted_by))
    assert not next(a for a in said.actions if a.id == "200").primary_for_goal
    for campaign in joined.campaigns:
        assert [a.id for a in counting_actions(said, campaign)] == [a.id for a in counting_actions(joined, campaign)]


def test_what_others_put_into_a_switched_goal_is_not_taken_for_their_switch() -> None:
    after, past = switched(a_state(helper()))
    second = an_action("400", name="Shop (web) begin_checkout", category="BEGIN_CHECKOUT", primary_for_goal=True)
    both = replace(after, actions=(*after.actions, replace(second, ga4_event_name="begin_checkout")))
    joined = replace(both, actions=(*both.actions, other(primary_for_goal=True)))
    past = replace(past, left=(), managed=past.managed | {"400"})
    found = decided(state=joined, history=month(60), past=past, counters=TWICE_SHOWN, then=both)
    assert [h.code for h in found.demand.holds] == [] and "Used for bidding" in about("begin_checkout", found).because
    assert "Observed." in about(CART, found).because


def test_the_way_back_is_a_persons_once_others_have_put_something_into_a_switched_goal() -> None:
    after, past = switched(a_state(helper()))
    past = replace(past, left=(), last_change=None)
    joined = replace(after, actions=(*after.actions, other(primary_for_goal=True)))
    found = about(CART, decided(state=joined, history=month(3), past=past, counters=TWICE_LOW, then=after))
    assert found.verb is None
    assert f"Campaigns bid on its goal, {PAIR}, again only when you let them in Google Ads" in found.because
    back = a_retirement(a_state(helper())).inverse()
    assert "let campaigns bid on that goal in Google Ads yourself" in proposed(planned(joined, back, origin=ROLLBACK))


def test_a_goal_that_was_off_already_when_adsync_would_have_switched_it_is_not_adsyncs() -> None:
    change = a_retirement(a_state(helper()))
    enabled = an_entry(6, _enabling(), outcome=Outcome.APPLIED)
    off, found = (an_entry(n, change, outcome=o) for n, o in ((7, Outcome.APPLIED), (9, Outcome.ALREADY)))
    on = an_entry(8, change.inverse(), outcome=Outcome.ALREADY)
    assert past_of([enabled, off], "UTC").switched_off == ((change.object_id, CART),)
    for entries in ([enabled, off, on], [enabled, off, on, found], [enabled, found]):
        assert past_of(entries, "UTC").switched_off == ()


def test_a_goal_that_somebody_switches_on_again_is_an_outside_change() -> None:
    after, past = switched(a_state(helper()))
    found = decided(
        state=a_state(helper()),
        history=refusing(month(60)),
        past=replace(past, left=()),
        counters=TWICE_SHOWN,
        then=after,
    )
    assert [hold.code for hold in found.demand.holds] == ["settings"]
    assert f"the goal {PAIR} is bid on" in found.demand.holds[0].saw


def test_a_promotion_in_a_goal_that_nobody_bids_on_is_only_proposed() -> None:
    after, past = switched(a_state(helper()))
    second = other(primary_for_goal=False)
    state = replace(after, actions=(*after.actions, second))
    past = replace(past, managed=past.managed | {second.id}, trusted=past.trusted | {second.id}, reviewed=True)
    values = {"object_id": second.id, "before": fields(primary_for_goal=False), "after": fields(primary_for_goal=True)}
    change = a_change(Verb.PROMOTE, **values)

    def planned_in(state: AccountState, past: Past, origin: str = NIGHT) -> PlannedChange:
        return make_plan(an_account(), state, [change], past, now=NOW, number=1, origin=origin).changes[0]

    assert f"its goal, {PAIR}, which adsync has switched off" in proposed(planned_in(state, past))
    assert f"its goal, {PAIR}, is none" in proposed(planned_in(state, replace(past, switched_off=())))
    bid_on = replace(state, goals=tuple(replace(g, biddable=True) for g in state.goals))
    own = CampaignGoal(campaign_id="1", category=second.category, origin=second.origin, biddable=True)
    of_campaign = replace(state, campaigns=(a_campaign(goal_level="CAMPAIGN"),), campaign_goals=(own,))
    for fine in (bid_on, of_campaign):
        assert planned_in(fine, past).consent is not Consent.PROPOSAL
    assert planned_in(state, past, ROLLBACK).consent is Consent.REVIEW, "it was without effect before as well"


def test_a_switched_goal_opens_an_outcome_review_of_the_campaigns_that_bid_on_it_and_its_return_closes_it() -> None:
    own = a_campaign("2", goal_level="CAMPAIGN")
    state = a_state(helper(), campaigns=[a_campaign(), own])
    change = a_retirement(state)
    entry = an_entry(7, change, outcome=Outcome.APPLIED, approved_by="erika")
    assert opens_a_review(entry)
    review = fixed(Applied(entry=entry, on=TODAY, state=state), [MACRO_ID], (), late=False, days_behind=1)
    assert review is not None and review.campaigns == ("1",)
    back = an_entry(8, change.inverse(), outcome=Outcome.APPLIED)
    assert taken_back(entry, [entry, back]) == back and taken_back(entry, [entry]) is None


def test_what_becomes_of_a_goal_is_said_as_what_bidding_does() -> None:
    off = a_change(
        Verb.GOAL,
        kind="goal",
        object_id="ADD_TO_CART~WEBSITE",
        before=fields(biddable=True),
        after=fields(biddable=False),
    )
    assert verb(off) == "Stop bidding on the goal"
    back = off.inverse()
    assert back is not None and verb(back) == "Bid on the goal again"


# Who has to be alone there -------------------------------------------------------------------------------------------

CPA = a_campaign("1", strategy="TARGET_CPA", target_cpa_micros=20_000_000)


def the_rest(plan: Plan, *others: ConversionAction, **different: Any) -> tuple[PlannedChange, ...]:
    """Tomorrow's plan of what is left of a group after its first step."""
    first, *rest = plan.changes
    state = state_after(a_state(helper(), campaigns=[CPA]), first.change)
    there = replace(state, actions=(*state.actions, *others), as_of=TODAY + timedelta(days=1), **different)
    arguments: dict[str, Any] = {"now": NOW, "number": 2, "recent": recent([CPA]), "carried": rest}
    return make_plan(an_account(), there, [], OURS, **arguments).changes


def test_a_group_whose_goal_cannot_be_switched_any_more_waits_and_says_how_to_take_it_back() -> None:
    state = a_state(helper(), campaigns=[CPA])
    plan = make_plan(an_account(), state, [a_retirement(state)], OURS, now=NOW, number=1, recent=recent([CPA]))
    assert [p.change.verb for p in plan.changes] == [*[Verb.TARGET] * 4, Verb.GOAL]
    assert {p.consent for p in the_rest(plan)} == {Consent.REVIEW}
    learning = (replace(state_after(state, plan.changes[0].change).campaigns[0], system_status="LEARNING_NEW"),)
    assert {p.consent for p in the_rest(plan, campaigns=learning)} == {Consent.REVIEW}, "by then it has learnt"

    waits = the_rest(plan, other())
    assert {p.consent for p in waits} == {Consent.PROPOSAL} and len(waits) == 4, "no step on the way there either"
    (why,) = {p.consent_because for p in waits}
    assert why.startswith(
        f'The group waits, for its end cannot be made: "Other" (secondary) records in the goal {PAIR} as well'
    )
    assert why.endswith(f"to take back what was made of it instead: adsync rollback --plan {plan.id}")
    assert {p.consent for p in the_rest(plan, other(status="HIDDEN"))} == {Consent.REVIEW}, "and goes on"


def joining(**different: Any) -> Change:
    return a_change(
        Verb.ENABLE, object_id="300", event_name="begin_checkout",
        before=fields(status="HIDDEN", primary_for_goal=False), after=fields(status="ENABLED", primary_for_goal=False),
        **different,
    )  # fmt: skip


@pytest.mark.parametrize("why", ["resting", "asked tonight", "under way", "taken back"])
def test_what_would_join_a_helper_that_has_to_be_alone_waits_for_a_person(why: str) -> None:
    hidden = other(status="HIDDEN", ga4_event_name="begin_checkout")
    state = a_state(helper(), hidden)
    retired = a_retirement(state)
    past, changes = OURS, [joining()]
    arguments: dict[str, Any] = {"now": NOW, "number": 1}
    assert make_plan(an_account(), state, changes, past, **arguments).changes[0].consent is Consent.AUTO
    if why == "resting":
        state, past = state_after(state, retired), replace(past, switched_off=((retired.object_id, CART),))
    elif why == "asked tonight":
        changes.append(retired)
    elif why == "under way":
        arguments["carried"] = [PlannedChange(change=retired, consent=Consent.REVIEW, group="shop-1/1")]
    else:
        arguments["taken"] = frozenset({("goal", retired.object_id)})
    plan = make_plan(an_account(), state, changes, past, **arguments)
    joins = next(p for p in plan.changes if p.change.verb is Verb.ENABLE)
    assert (
        joins.consent is Consent.REVIEW
        and f"the goal {PAIR}, which is to hold one helper alone" in joins.consent_because
    )
    elsewhere = replace(state, actions=(*state.actions[:2], replace(hidden, category="SIGNUP")))
    assert (
        next(
            p
            for p in make_plan(an_account(), elsewhere, [joining()], past, **arguments).changes
            if p.change.verb is Verb.ENABLE
        ).consent
        is Consent.AUTO
    )


def test_a_tag_of_that_category_waits_for_a_person_too() -> None:
    state = a_state(helper())
    retired = a_retirement(state)
    past = replace(OURS, switched_off=((retired.object_id, CART),))
    values = {"name": "x", "type": "WEBPAGE", "counting_type": "ONE_PER_CLICK", "status": "ENABLED"}
    tag = a_change(
        Verb.CREATE, object_id="x", title="x", event_name="begin_checkout", before=None,
        after=fields(category="ADD_TO_CART", primary_for_goal=False, **values),
    )  # fmt: skip
    (there,) = make_plan(an_account(), state, [tag], past, now=NOW, number=1).changes
    assert there.consent is Consent.AUTO, "the goal is bid on again"
    (there,) = make_plan(an_account(), state_after(state, retired), [tag], past, now=NOW, number=1).changes
    assert there.consent is Consent.REVIEW and "adsync has switched it off for add_to_cart" in there.consent_because
