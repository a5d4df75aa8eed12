"""Laws of states and changes: order, masks, hashes, and the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import CannotBeUndone
from adsync.model.ads import AccountState
from adsync.model.change import MASKS, Change, Fields, fields
from adsync.model.decision import Verb
from tests.builders import a_change
from tests.property.generated import mixed, shuffles, states

_VALUES = st.one_of(st.booleans(), st.sampled_from(["ENABLED", "HIDDEN", "ONE_PER_CLICK", ""]), st.just(0.0))


def _fields(names: tuple[str, ...]) -> st.SearchStrategy[Fields]:
    return st.fixed_dictionaries(dict.fromkeys(names, _VALUES)).map(lambda values: fields(**values))


@st.composite
def updates(draw: st.DrawFn) -> Change:
    """A change of an object that is there, within what its verb may touch."""
    verb = draw(st.sampled_from(sorted(MASKS)))
    both = _fields(MASKS[verb])
    return a_change(verb, before=draw(both), after=draw(both), because=draw(st.text(max_size=5)))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Any change that has a way back."""
    if draw(st.booleans()):
        return draw(updates())
    made = draw(_fields(("name", "status")))
    if draw(st.booleans()):
        return a_change(draw(st.sampled_from([Verb.CREATE, Verb.KEY_EVENT])), before=None, after=made)
    return a_change(Verb.UNMARK, before=made, after=None)


@settings(max_examples=60)
@given(states(), shuffles)
def test_the_order_of_reading_never_changes_a_fingerprint(state: AccountState, random: Random) -> None:
    other = replace(
        state,
        actions=mixed(random, state.actions),
        goals=mixed(random, state.goals),
        campaign_goals=mixed(random, state.campaign_goals),
        custom_goals=mixed(random, state.custom_goals),
        campaigns=mixed(random, state.campaigns),
    )
    assert other.fingerprint == state.fingerprint
    assert other == state


@settings(max_examples=60)
@given(states(), st.integers(-400, 400))
def test_a_fingerprint_outlives_the_night(state: AccountState, days: int) -> None:
    assert replace(state, as_of=state.as_of + timedelta(days=days)).fingerprint == state.fingerprint


@settings(max_examples=60)
@given(states(), states())
def test_states_with_one_fingerprint_are_the_same_but_for_learning(one: AccountState, other: AccountState) -> None:
    def without_learning(state: AccountState) -> AccountState:
        return replace(state, campaigns=tuple(replace(c, system_status="") for c in state.campaigns))

    assert (one.fingerprint == other.fingerprint) == (without_learning(one) == without_learning(other))


@given(updates())
def test_a_mask_names_exactly_the_fields_that_move_and_never_loses_a_false(change: Change) -> None:
    before, after = dict(change.before or ()), dict(change.after or ())
    mask = change.update_mask()
    assert len(mask) == len(set(mask))
    assert set(mask) == {name for name, value in after.items() if value != before[name]}


@given(changes())
def test_undoing_an_undo_restores_before_and_after(change: Change) -> None:
    try:
        again = change.inverse().inverse()
    except CannotBeUndone:
        # What was created is removed, and that is for good.
        assert change.verb is Verb.CREATE
        return
    assert (again.before, again.after) == (change.before, change.after)
    assert (again.object_id, again.kind, again.customer_id) == (change.object_id, change.kind, change.customer_id)


@given(updates())
def test_the_way_back_sends_the_same_fields(change: Change) -> None:
    assert set(change.inverse().update_mask()) == set(change.update_mask())


@given(changes(), changes())
def test_an_approval_fits_one_change_only(one: Change, other: Change) -> None:
    def key(change: Change) -> str:
        return repr((change.verb, change.before, change.after))

    assert (one.hash == other.hash) == (key(one) == key(other))
