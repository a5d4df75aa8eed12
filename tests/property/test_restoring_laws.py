"""Whatever others have made of an action, restoring brings back what adsync had set of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from adsync.decide.drift import drifted
from adsync.model.change import fields
from adsync.model.log import LeftAs, Past
from adsync.model.plan import Consent
from adsync.plan import make_plan
from adsync.plan.outcome import state_after
from adsync.plan.restoring import restoring
from tests.builders import NOW, TODAY, a_snapshot, a_state, an_account, an_action
from tests.property.generated import Dice, thrown


@settings(max_examples=100)
@given(thrown(12))
def test_restoring_is_the_way_back_to_what_was_left(dice: Dice) -> None:
    was = an_action(primary_for_goal=dice.pick(True, False), default_value=dice.pick(0.0, 3.0))
    flags = fields(status="ENABLED", primary_for_goal=was.primary_for_goal)
    kept = flags if dice.pick(True, False) else fields(primary_for_goal=was.primary_for_goal)
    left = LeftAs(action_id=was.id, event_name="add_to_cart", fields=kept, at=NOW.replace(day=1, hour=1), on=TODAY)
    now = replace(was, status=dice.pick("ENABLED", "HIDDEN"), primary_for_goal=dice.pick(True, False), name="New name")
    state, past = a_state(now), Past(managed=frozenset({was.id}), left=(left,), reviewed=True)
    changes = restoring(an_account(), now, left)
    assert bool(changes) == bool(list(drifted(a_snapshot(state), past)))
    plan = make_plan(an_account(), state, changes, past, now=NOW, number=1, origin="asked")
    for planned in plan.changes:
        assert planned.consent is Consent.REVIEW and planned.change.update_mask()
        state = state_after(state, planned.change)
    back = state.action(was.id)
    assert back is not None and restoring(an_account(), back, left) == ()
    if dict(kept).get("status"):
        assert back == replace(was, name="New name")
