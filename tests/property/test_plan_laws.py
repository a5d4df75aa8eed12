"""Laws of plans over accounts of every shape: bidding is never left without a signal, and a person keeps the last word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adsync.errors import Refused
from adsync.model.ads import AccountState
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import Consent, Plan, PlannedChange
from adsync.model.protected import Protected
from adsync.plan import changes_for, make_plan
from adsync.plan.outcome import state_after
from tests.builders import MACRO_ID, NOW, a_change
from tests.property.generated import Night, learned_from, mixed, nights, shuffles, signal, smart

LAWS = settings(max_examples=250)


def planned(night: Night, *, state: AccountState | None = None, changes: Sequence[Change] | None = None) -> Plan:
    return make_plan(
        night.account,
        state or night.state,
        night.changes if changes is None else changes,
        night.past,
        now=NOW,
        number=1,
        origin=night.origin,
    )


def steps(night: Night) -> Iterator[tuple[AccountState, PlannedChange, AccountState]]:
    """The account before and after every change that may be applied, if all are."""
    before = night.state
    for change in planned(night).changes:
        if change.consent is not Consent.PROPOSAL:
            after = state_after(before, change.change)
            yield before, change, after
            before = after


@LAWS
@given(nights())
def test_no_plan_leaves_a_campaign_without_anything_to_learn_from(night: Night) -> None:
    for before, _, after in steps(night):
        for campaign in smart(night.state):
            assert not learned_from(before, campaign) or learned_from(after, campaign)


@LAWS
@given(nights())
def test_no_plan_touches_the_macro(night: Night) -> None:
    for before, planned_change, after in steps(night):
        assert planned_change.change.object_id != MACRO_ID
        assert after.action(MACRO_ID) == before.action(MACRO_ID)


@LAWS
@given(nights(), st.data())
def test_what_the_config_protects_stays_as_it_is(night: Night, data: st.DataObject) -> None:
    names = st.lists(st.sampled_from(["200", "201", "202", "203", "1", "2", "3"]), max_size=3).map(tuple)
    protected = Protected(actions=data.draw(names), campaigns=data.draw(names))
    guarded = replace(night, account=replace(night.account, protected=protected))
    for before, planned_change, after in steps(guarded):
        assert planned_change.change.object_id not in protected.actions
        for campaign in night.state.campaigns:
            if campaign.id in protected.campaigns:
                assert signal(after, campaign) == signal(before, campaign)


@LAWS
@given(nights())
def test_whatever_is_new_or_enabled_is_secondary_and_learned_from_by_nobody(night: Night) -> None:
    for _, planned_change, after in steps(night):
        if planned_change.change.verb in (Verb.CREATE, Verb.ENABLE):
            action = after.action(planned_change.change.object_id)
            assert action is not None and action.status == "ENABLED"
            assert not action.primary_for_goal
            assert all(action.id not in learned_from(after, campaign) for campaign in smart(after))


@LAWS
@given(nights())
def test_what_a_campaign_with_a_fixed_target_learns_from_stays(night: Night) -> None:
    for before, _, after in steps(night):
        for campaign in smart(night.state):
            if campaign.target_cpa_micros or campaign.target_roas:
                assert signal(after, campaign) == signal(before, campaign)


@LAWS
@given(nights())
def test_what_a_learning_campaign_learns_from_is_not_moved_again(night: Night) -> None:
    assume(night.origin != "rollback")  # what a person takes back does not wait
    for before, planned_change, after in steps(night):
        for campaign in smart(night.state):
            if not campaign.system_status.startswith("LEARNING"):
                continue
            moved = signal(after, campaign) != signal(before, campaign)
            if planned_change.change.verb in (Verb.PROMOTE, Verb.DEMOTE, Verb.VALUE):
                assert not moved
            elif planned_change.change.verb is Verb.RESTORE:
                # Bidding that starves may never be done learning: a person may say yes, and nothing runs by itself.
                assert not moved or planned_change.consent is not Consent.AUTO


@LAWS
@given(nights())
def test_what_may_be_demoted_is_learned_from_by_nobody_afterwards(night: Night) -> None:
    for _, planned_change, after in steps(night):
        if planned_change.change.verb is Verb.DEMOTE:
            for campaign in smart(after):
                assert planned_change.change.object_id not in learned_from(after, campaign)


@LAWS
@given(nights())
def test_a_campaign_whose_signal_moves_is_shown_and_no_other(night: Night) -> None:
    for before, planned_change, after in steps(night):
        moved = {c.id for c in smart(night.state) if signal(before, c) != signal(after, c)}
        assert {e.campaign_id for e in planned_change.effects} == moved


@LAWS
@given(nights(), shuffles)
def test_the_order_of_actions_and_changes_changes_nothing(night: Night, random: Random) -> None:
    state = replace(
        night.state,
        actions=mixed(random, night.state.actions),
        campaigns=mixed(random, night.state.campaigns),
        goals=mixed(random, night.state.goals),
    )
    assert planned(night, state=state, changes=mixed(random, night.changes)) == planned(night)


@LAWS
@given(nights())
def test_every_change_is_planned_once(night: Night) -> None:
    assert sorted(p.change.hash for p in planned(night).changes) == sorted(c.hash for c in night.changes)


@LAWS
@given(nights())
def test_what_runs_by_itself_was_allowed_to(night: Night) -> None:
    for planned_change in planned(night).changes:
        if planned_change.consent is Consent.AUTO:
            change = planned_change.change
            assert night.past.reviewed and night.origin != "rollback"
            assert change.verb.value in night.account.auto
            assert change.object_id not in night.past.taken_back | night.past.open
            assert change.verb not in (Verb.DEMOTE, Verb.RESTORE) or change.object_id in night.past.trusted
        else:
            assert planned_change.consent_because


@LAWS
@given(nights())
def test_an_object_whose_last_change_is_unsettled_is_only_proposed(night: Night) -> None:
    for planned_change in planned(night).changes:
        if planned_change.change.object_id in night.past.open:
            assert planned_change.consent is Consent.PROPOSAL


@LAWS
@given(nights())
def test_planning_again_after_applying_finds_only_what_was_not_applied(night: Night) -> None:
    final = [night.state, *(after for _, _, after in steps(night))][-1]
    left = {c.object_id for c in changes_for(night.account, final, night.decisions)}
    # Created actions and key events are not asked for again: the decision sees them.
    new = {c.object_id for c in night.changes if c.verb in (Verb.CREATE, Verb.KEY_EVENT)}
    proposed = {p.change.object_id for p in planned(night).changes if p.consent is Consent.PROPOSAL}
    assert left - new <= proposed


@LAWS
@given(nights(), st.data())
def test_one_change_of_somebody_elses_action_refuses_the_plan(night: Night, data: st.DataObject) -> None:
    owned = [c for c in night.changes if c.object_id in night.past.managed and c.verb is not Verb.ENABLE]
    assume(owned)
    stranger = data.draw(st.sampled_from(owned)).object_id
    past = Past(managed=night.past.managed - {stranger}, reviewed=True)
    with pytest.raises(Refused, match="was not made by adsync"):
        planned(replace(night, past=past))


@settings(max_examples=30)
@given(nights(), st.sampled_from(sorted(Verb)))
def test_one_change_of_the_macro_refuses_the_plan(night: Night, verb: Verb) -> None:
    past = replace(night.past, managed=night.past.managed | {MACRO_ID})
    with pytest.raises(Refused, match="main conversion"):
        planned(replace(night, past=past), changes=[*night.changes, a_change(verb, object_id=MACRO_ID)])
