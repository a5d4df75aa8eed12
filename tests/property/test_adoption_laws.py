"""Adopting and releasing leaves what adsync manages as it was; what is adopted is never the main conversion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from adsync.changelog import net_rollback, past_of
from adsync.model.account import Macro
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.plan import make_plan
from adsync.plan.adoption import adoption, twins
from adsync.plan.guard import not_ours
from adsync.plan.outcome import state_after
from tests.builders import MACRO_ID, NOW, a_candidate, an_account, an_action, an_entry
from tests.property.generated import EVENTS, Dice, a_random_state, thrown
from tests.property.test_rollback_laws import lived

LAWS = settings(max_examples=100)
CANDIDATES = tuple(a_candidate(event, category="SIGNUP") for event in EVENTS)


@LAWS
@given(thrown(90))
def test_what_was_adopted_and_released_is_managed_as_before(dice: Dice) -> None:
    states, log = lived(dice)
    account = an_account(candidates=CANDIDATES)
    tag = an_action("300", type="WEBPAGE", ga4_event_name="", primary_for_goal=dice.pick(True, False))
    before = past_of(log, "UTC")
    adopted = an_entry(50, adoption(account, tag, dice.pick(*CANDIDATES), "why"), approved_by="ann", origin="asked")
    during = past_of([*log, adopted], "UTC")
    assert during.managed == before.managed | {"300"}
    assert [left.action_id for left in during.left if left.action_id == "300"] == ["300"], "a change by hand shows"
    (back,), left_out = net_rollback([adopted])
    assert left_out == () and back.verb is Verb.RELEASE
    state = replace(states[-1], actions=(*states[-1].actions, tag))
    plan = make_plan(account, state, [back], during, now=NOW, number=1, origin="rollback")
    released = an_entry(51, plan.changes[0].change, approved_by="ann", origin="rollback")
    after = past_of([*log, adopted, released], "UTC")
    assert after == replace(before, taken_back=before.taken_back | {"300"})
    assert net_rollback([adopted, released]) == ((), ()), "it stands as it did"
    (again,), _ = net_rollback([released])
    assert (again.verb, again.before, again.after) == (Verb.ADOPT, adopted.change.before, adopted.change.after)
    assert state_after(state, adopted.change) == state, "at Google nothing moves"


@LAWS
@given(thrown(140))
def test_what_may_be_adopted_records_is_nobody_elses_and_never_the_macro(dice: Dice) -> None:
    drawn = a_random_state(dice)
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"type": "WEBPAGE", "ga4_event_name": ""},
        {"type": "UPLOAD_CALLS"},
        {"owner_customer_id": "9"},
    )
    actions = tuple(replace(action, **dice.pick(*kinds)) for action in drawn.actions)
    state = replace(drawn, actions=actions)
    macro = Macro(event_name=dice.pick("purchase", "view_item"), actions=(MACRO_ID, *dice.some(("200", "201"))))
    account = an_account(macro=macro, candidates=tuple(c for c in CANDIDATES if c.event_name != macro.event_name))
    managed = frozenset(dice.some(("200", "202")))
    past = Past(managed=managed)
    offered = twins(account, state, managed)
    for action in state.actions:
        for candidate in account.candidates:
            if not_ours(adoption(account, action, candidate, "why"), account, state, past) is None:
                assert action.id not in (*macro.actions, *managed) and action.ga4_event_name != macro.event_name
                assert action.status == "ENABLED" and not action.owner_customer_id
    assert all(t.action.id not in (*macro.actions, *managed) for t in offered)
    assert len({t.action.id for t in offered}) == len(offered)
