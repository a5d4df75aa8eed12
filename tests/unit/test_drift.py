"""A helper that somebody has switched by hand is left as it is, and a person is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.changelog import past_of
from adsync.decide.account import decide_account
from adsync.decide.drift import drifted, with_findings
from adsync.model.change import fields
from adsync.model.decision import Counters, Decision, Hold, Verb
from adsync.model.holds import KnownHold, ended_as
from adsync.model.log import LeftAs, Outcome, Past
from adsync.model.pulled import SettingsCopy
from tests.builders import (
    NOW,
    TODAY,
    a_change,
    a_history,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
    an_entry,
)

BEFORE = NOW - timedelta(days=40)
ON = BEFORE.date()


def left(**different: Any) -> LeftAs:
    values: dict[str, Any] = {
        "action_id": "200",
        "event_name": "add_to_cart",
        "fields": fields(status="ENABLED", primary_for_goal=True),
        "at": BEFORE,
        "on": ON,
    }
    return LeftAs(**{**values, **different})


def past(*them: LeftAs, **different: Any) -> Past:
    return Past(
        managed=frozenset({"200"}), trusted=frozenset({"200"}), reviewed=True, left=them or (left(),), **different
    )


def holds(action: Any, log: Past, cleared: Any = ()) -> list[Hold]:
    return [hold for _, hold in drifted(a_snapshot(a_state(action)), log, cleared)]


def test_an_action_as_adsync_left_it_is_no_drift() -> None:
    assert holds(an_action(primary_for_goal=True), past()) == []


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"primary_for_goal": False}, 'left "Shop (web) add_to_cart" enabled and primary'),
        ({"primary_for_goal": False}, "now it is secondary"),
        ({"primary_for_goal": True, "status": "HIDDEN"}, "now it is hidden"),
        ({"primary_for_goal": False, "status": "REMOVED"}, "now it is removed and secondary"),
    ],
)
def test_what_somebody_changed_is_said_and_stops_that_helper_only(flags: dict[str, Any], says: str) -> None:
    (hold,) = holds(an_action(**flags), past())
    assert says in hold.saw and str(ON) in hold.saw and "does not change it back" in hold.todo
    assert (hold.about, hold.since) == ("200", ON)


def test_a_hold_names_the_word_that_ends_it_and_the_one_that_puts_it_back() -> None:
    (hold,) = holds(an_action(primary_for_goal=False), past())
    known = KnownHold(id=4, customer_id="1", hold=hold, seen_on=TODAY)
    assert "adsync holds --clear 4" in known.todo and "adsync holds --restore 4" in known.todo
    (gone,) = holds(an_action(primary_for_goal=True, status="REMOVED"), past())
    assert "--clear 4" in replace(known, hold=gone).todo and "--restore" not in replace(known, hold=gone).todo
    assert "--restore" not in replace(known, ended_on=TODAY).todo


def test_a_person_lets_it_go_on_until_adsync_has_changed_it_again() -> None:
    flipped = an_action(primary_for_goal=False)
    (hold,) = holds(flipped, past())
    ended = [(ended_as(hold), hold.since)]
    assert holds(flipped, past(), ended) == []
    assert holds(replace(flipped, id="201"), past(left(action_id="201")), ended) != [], "another helper's"
    later = left(on=ON + timedelta(days=1))
    assert holds(flipped, past(later), ended) != [], "what was ended was about the time before"
    hidden = replace(flipped, status="HIDDEN")
    assert holds(hidden, past(), ended) != [], "what was ended was about another change by hand"


def a_copy(days_ago: int, *, primary: bool, again: int = 0) -> SettingsCopy:
    """again: on so many nights after it the same was found."""
    seen = tuple(NOW - timedelta(days=days_ago - n) for n in range(again + 1))
    snapshot = replace(a_snapshot(a_state(an_action(primary_for_goal=primary))), taken_at=seen[0])
    return SettingsCopy(snapshot=snapshot, seen=seen)


def found(*copies: SettingsCopy, cleared: Any = ()) -> list[Hold]:
    snapshot = a_snapshot(a_state(an_action(primary_for_goal=False)))
    return [hold for _, hold in drifted(snapshot, with_findings(past(), snapshot, copies), cleared)]


def test_a_switch_by_hand_began_when_the_first_copy_found_it_and_each_is_one_of_its_own() -> None:
    first = (a_copy(45, primary=False), a_copy(39, primary=True), a_copy(20, primary=False, again=4))
    (hold,) = found(*first)
    assert (hold.since, hold.seen_begin) == (TODAY - timedelta(days=20), True)
    assert f"on {ON}, and now it is secondary" in hold.saw and f"the copy of {hold.since} was the first" in hold.saw
    ended = [(ended_as(hold), hold.since)]
    assert found(*first, cleared=ended) == []
    (again,) = found(*first, a_copy(10, primary=True), a_copy(3, primary=False), cleared=ended)
    assert again.since == TODAY - timedelta(days=3) and again.name == hold.name


def test_a_change_that_is_undone_before_the_next_night_is_found_on_that_night() -> None:
    # The night of the change, the nights after it: all of them found what had been there before.
    (hold,) = found(a_copy(40, primary=False, again=5))
    assert hold.since == TODAY - timedelta(days=39)


def test_a_word_that_was_given_before_copies_were_asked_is_on_all_that_others_do() -> None:
    (then,) = holds(an_action(primary_for_goal=False), past())
    assert (then.since, then.seen_begin) == (ON, False)
    ended = [(ended_as(then), then.since)]
    assert found(a_copy(39, primary=True), a_copy(20, primary=False), cleared=ended) == []
    (other,) = found(a_copy(39, primary=True), a_copy(20, primary=False), cleared=[(then.name, ON)])
    assert other.since != ON, "a word on a switch that was found on the day of adsync's change is on that one only"


def test_a_copy_older_than_the_change_and_an_open_outcome_are_no_drift() -> None:
    flipped = an_action(primary_for_goal=False)
    assert holds(flipped, past(left(at=NOW + timedelta(minutes=1)))) == []
    assert holds(flipped, past(open=frozenset({"200"}))) == []


# What the log remembers ------------------------------------------------------------------------------------------------


def test_the_log_knows_how_each_managed_action_was_left() -> None:
    enabled = a_change(Verb.ENABLE, object_id="200", after=fields(status="ENABLED", primary_for_goal=False))
    promoted = a_change(Verb.PROMOTE, object_id="200", after=fields(primary_for_goal=True))
    failed = a_change(Verb.DEMOTE, object_id="200", after=fields(primary_for_goal=False))
    entries = [an_entry(1, enabled), an_entry(2, promoted), an_entry(3, failed, outcome=Outcome.FAILED)]
    (found,) = past_of(entries, "Europe/Berlin").left
    assert found.fields == fields(status="ENABLED", primary_for_goal=True)
    assert (found.at, found.on) == (NOW, TODAY)
    hidden = a_change(Verb.HIDE, object_id="200", after=fields(status="HIDDEN", primary_for_goal=False))
    assert past_of([*entries, an_entry(4, hidden)], "Europe/Berlin").left == (), "nobody's any more"


# What becomes of it ----------------------------------------------------------------------------------------------------


def decided(
    action: Any, log: Past, per_30_days: float, counters: Counters, cleared: Any = frozenset()
) -> list[Decision]:
    history = a_history(a_steady_series(per_30_days))
    decisions, _ = decide_account(an_account(), a_snapshot(a_state(action)), history, (), log, {"": counters}, cleared)
    return [d for d in decisions.each if d.event_name == "add_to_cart"]


LOW = Counters(below=1, before_below=1, checked_on=TODAY - timedelta(days=7))


def test_a_helper_that_was_retired_by_hand_is_not_brought_back_without_a_person() -> None:
    (found,) = decided(an_action(primary_for_goal=False), past(), 6, LOW)
    assert found.verb is Verb.RESTORE and "somebody has changed it" in found.needs_person
    (again,) = decided(
        an_action(primary_for_goal=False), past(), 6, LOW, frozenset({("drift 200 primary_for_goal=False as left", ON)})
    )
    assert again.verb is Verb.RESTORE and again.needs_person == ""


def test_a_helper_that_was_promoted_by_hand_is_not_retired_without_a_person() -> None:
    secondary = replace(left(), fields=fields(status="ENABLED", primary_for_goal=False))
    shown = Counters(above=2, before_above=2, checked_on=TODAY - timedelta(days=7))
    (found,) = decided(an_action(primary_for_goal=True), past(secondary), 60, shown)
    assert found.verb is Verb.DEMOTE and "somebody has changed it" in found.needs_person


@pytest.mark.parametrize("status", ["HIDDEN", "REMOVED"])
def test_a_helper_that_was_put_away_by_hand_is_left_alone(status: str) -> None:
    (found,) = decided(an_action(status=status, primary_for_goal=True), past(), 25, Counters())
    assert found.verb is None and f"now it is {status.lower()}" in found.because
