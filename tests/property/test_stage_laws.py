"""Laws of a retirement in stages: at no time is more asked than before, and it ends where one at once ends."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from adsync.model.ads import AccountState
from adsync.model.decision import Verb
from adsync.plan.outcome import effects, state_after
from adsync.plan.target_steps import is_short
from tests.builders import a_change, a_state
from tests.unit.test_groups import ROAS, recent
from tests.unit.test_stages import HELPER, planned, verbs

LAWS = settings(max_examples=100)
WORTH = st.floats(1.0, 60.0).map(lambda value: round(value, 1))
CARTS = st.floats(5.0, 100.0).map(round)
TARGETS = st.floats(0.5, 20.0).map(lambda value: round(value, 2))


def asked(state: AccountState, carts: float) -> float:
    """What bidding is asked to return of what a sale is really worth: its target for each unit of value that is reported."""
    campaign = state.campaigns[0]
    nothing = replace(state, actions=tuple(replace(a, primary_for_goal=False) for a in state.actions))
    (seen,) = effects(state, nothing, recent(state.campaigns, carts))
    return (campaign.target_roas or 0.0) / seen.value_before


@LAWS
@given(WORTH, CARTS, TARGETS)
def test_nothing_is_asked_that_was_not_asked_before_and_in_the_end_the_same(
    worth: float, carts: float, target: float
) -> None:
    state = a_state(replace(HELPER, default_value=worth), campaigns=[replace(ROAS, target_roas=target)])
    plan = planned([a_change(Verb.DEMOTE)], state, carts)
    event("in stages" if Verb.VALUE in verbs(plan) else "at once")
    before = asked(state, carts)
    now = state
    for member in plan.changes:
        if member.change.verb is Verb.TARGET:
            [(_, old)], [(_, new)] = member.change.before or (), member.change.after or ()
            assert is_short(float(old), float(new))
        now = state_after(now, member.change)
        assert asked(now, carts) <= before * 1.001
    if len(plan.changes) > 1:
        assert asked(now, carts) == pytest.approx(before, rel=0.006)


@LAWS
@given(WORTH, CARTS)
def test_it_ends_where_a_retirement_at_once_ends(worth: float, carts: float) -> None:
    state = a_state(replace(HELPER, default_value=worth), campaigns=[ROAS])
    plan = planned([a_change(Verb.DEMOTE)], state, carts)
    after = reduce(state_after, (p.change for p in plan.changes), state)
    assert after.actions == state_after(state, a_change(Verb.DEMOTE)).actions
