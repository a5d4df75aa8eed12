"""The account as it is now: the copy, and what the change log adds to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adsync.changelog.current import with_changes
from adsync.model.analytics import KeyEvent
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.model.pulled import Snapshot
from tests.builders import NOW, a_change, a_state, an_action, an_entry

COPIED = Snapshot(taken_at=NOW, state=a_state(actions=(an_action(primary_for_goal=True),)), key_events=())
DEMOTION = a_change(Verb.DEMOTE)


def mark(verb: Verb) -> Change:
    marked = fields(counting_method="ONCE_PER_SESSION")
    made = verb is Verb.KEY_EVENT
    return a_change(
        verb, kind=KEY_EVENT, object_id="add_to_cart", before=None if made else marked, after=marked if made else None
    )


def primary(snapshot: Snapshot) -> bool:
    (action,) = snapshot.state.actions
    return action.primary_for_goal


def test_a_change_after_the_copy_is_seen_in_it_and_the_copy_stays() -> None:
    later = an_entry(1, DEMOTION, closed_at=NOW + timedelta(hours=1))
    now = with_changes(COPIED, [later])
    assert not primary(now) and primary(COPIED)
    assert (now.taken_at, now.state.as_of) == (COPIED.taken_at, COPIED.state.as_of)


def test_what_was_done_before_the_copy_is_in_it_and_may_have_been_undone_by_others() -> None:
    earlier = an_entry(1, DEMOTION, closed_at=NOW - timedelta(seconds=1))
    assert with_changes(COPIED, [earlier]) == COPIED


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.is_done])
def test_what_is_not_known_to_be_done_is_not_seen(outcome: Outcome) -> None:
    entry = an_entry(1, DEMOTION, outcome=outcome, closed_at=NOW + timedelta(hours=1))
    assert with_changes(COPIED, [entry]) == COPIED


def test_later_entries_win() -> None:
    back = a_change(Verb.RESTORE)
    entries = [an_entry(n, c, closed_at=NOW + timedelta(hours=n)) for n, c in enumerate((DEMOTION, back), start=1)]
    assert primary(with_changes(COPIED, entries))


def test_what_was_created_is_there_once() -> None:
    after = fields(
        name="adsync: Cart",
        type="WEBPAGE",
        category="ADD_TO_CART",
        counting_type="ONE_PER_CLICK",
        status="ENABLED",
        primary_for_goal=False,
    )
    made = an_entry(1, a_change(Verb.CREATE, object_id="777", before=None, after=after))
    once = with_changes(COPIED, [made])
    assert [a.id for a in once.state.actions] == [COPIED.state.actions[0].id, "777"]
    assert with_changes(once, [made]) == once


def test_a_key_event_is_there_until_it_is_unmarked() -> None:
    marked = an_entry(1, mark(Verb.KEY_EVENT))
    now = with_changes(COPIED, [marked])
    assert [(k.event_name, k.counting_method) for k in now.key_events] == [("add_to_cart", "ONCE_PER_SESSION")]
    assert with_changes(now, [marked]) == now
    assert with_changes(now, [an_entry(2, mark(Verb.UNMARK))]).key_events == ()


def test_other_key_events_stay() -> None:
    other = KeyEvent(resource_name="r", event_name="purchase", counting_method="ONCE_PER_EVENT", deletable=False)
    copied = Snapshot(taken_at=NOW, state=COPIED.state, key_events=(other,))
    assert with_changes(copied, [an_entry(1, mark(Verb.UNMARK))]).key_events == (other,)
