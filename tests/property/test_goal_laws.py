"""A goal that may be switched for a helper does to bidding just what demoting it would, and nothing to anything else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from adsync.decide.refusals import allowed
from adsync.model.ads import AccountState
from adsync.model.capability import Capability, ManagedField
from adsync.model.change import Change
from adsync.model.decision import Decision, Verb
from adsync.model.goal import as_flags, resting
from adsync.model.log import Past
from adsync.plan import changes_for
from adsync.plan.goal_control import members, not_alone
from adsync.plan.outcome import state_after
from tests.builders import NOW, TODAY, a_candidate, an_account
from tests.property.generated import EVENTS, learned_from, states

ACCOUNT = an_account(candidates=tuple(a_candidate(event) for event in EVENTS))


def retirements(state: AccountState) -> list[tuple[str, str, tuple[Change, ...], tuple[Change, ...]]]:
    """Of each helper its id, its event, and the retirement that Google would accept beside what is left where it refuses it."""
    found = []
    for action in state.actions[1:]:
        refused = Capability(
            action_id=action.id,
            field=ManagedField.PRIMARY,
            as_of=TODAY,
            asked_at=NOW,
            code="FieldError.IMMUTABLE_FIELD",
        )
        wanted = Decision(event_name=action.ga4_event_name, because="Enough.", verb=Verb.DEMOTE, action_id=action.id)
        flag, goal = (changes_for(ACCOUNT, state, [allowed(wanted, state, known)]) for known in ((), (refused,)))
        found.append((action.id, action.ga4_event_name, flag, goal))
    return found


def past_of(action_id: str, event: str) -> Past:
    return Past(managed=frozenset({action_id}), counted_by=((event, action_id),))


@given(states())
def test_switching_a_goal_does_to_every_campaign_what_demoting_does(state: AccountState) -> None:
    for action_id, event, flag, goal in retirements(state):
        assert {c.verb for c in flag} <= {Verb.DEMOTE} and {c.verb for c in goal} <= {Verb.GOAL}
        past = past_of(action_id, event)
        if not flag or not goal or not_alone(goal[0], ACCOUNT, state, state_after(state, goal[0]), past):
            continue
        demoted, switched = state_after(state, flag[0]), state_after(state, goal[0])
        for campaign in state.smart_campaigns():
            assert learned_from(switched, campaign) == learned_from(demoted, campaign)
            assert learned_from(switched, campaign) == learned_from(state, campaign) - {action_id}
        assert not any(other.begins or other.stops for other in members(goal[0], state, switched, past))


@given(states())
def test_taking_a_goal_back_restores_it_and_switching_it_twice_is_nothing(state: AccountState) -> None:
    for action_id, event, _, goal in retirements(state):
        for change in goal:
            switched = state_after(state, change)
            assert state_after(switched, change.inverse()) == state
            assert state_after(switched, change) == switched
            rest = resting(switched, ((change.object_id, event),), ((event, action_id),))
            if rest:
                said = as_flags(switched, rest)
                beside = [
                    a for a in said.actions if a.status == "ENABLED" and a.primary_for_goal and a.goal == rest[0].goal
                ]
                assert said.goals == (switched.goals if beside else state.goals)
                flags = {a.id: a.primary_for_goal for a in said.actions}
                assert not flags[action_id], "nothing is left to retire"


@given(states())
def test_every_other_action_of_the_goal_is_listed_with_each_campaign_for_which_it_changes(state: AccountState) -> None:
    for action_id, event, _, goal in retirements(state):
        for change in goal:
            past, switched = past_of(action_id, event), state_after(state, change)
            pair = tuple(change.object_id.split("~"))
            helper = {action_id} if state.action(action_id).status == "ENABLED" else set()  # type: ignore[union-attr]
            inside = {a.id for a in state.actions if a.goal == pair and a.status != "REMOVED"} - helper
            listed = members(change, state, switched, past)
            assert {other.action_id for other in listed} == inside
            for other in listed:
                stops = [
                    c.name
                    for c in state.smart_campaigns()
                    if other.action_id in learned_from(state, c) - learned_from(switched, c)
                ]
                assert (list(other.stops), other.begins) == (sorted(stops), ())
            if any(a.id == "100" for a in state.actions if a.goal == pair):
                assert not_alone(change, ACCOUNT, state, switched, past), "the main conversion is never touched"
            no_helper = replace(past, counted_by=())
            assert not_alone(change, ACCOUNT, state, switched, no_helper), "nobody else's helper"
