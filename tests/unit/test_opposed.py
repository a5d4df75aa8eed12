"""Which of two wishes for one object is stale once the other is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adsync.model.change import Change, Fields, fields
from adsync.model.decision import Verb
from adsync.model.opposed import opposed, overtaken, rules_out
from tests.builders import a_change, a_mark, an_account

HIDDEN, ENABLED = fields(status="HIDDEN", primary_for_goal=False), fields(status="ENABLED", primary_for_goal=False)


def change(verb: Verb, before: Fields | None = None, after: Fields | None = None, **different: object) -> Change:
    sides = {"before": before, "after": after} if before else {}
    return a_change(verb, **sides, **different)


HIDE, ENABLE = change(Verb.HIDE, ENABLED, HIDDEN), change(Verb.ENABLE, HIDDEN, ENABLED)
DEMOTE, RESTORE, PROMOTE = (change(verb) for verb in (Verb.DEMOTE, Verb.RESTORE, Verb.PROMOTE))
VALUES = [change(Verb.VALUE, fields(default_value=4.0), fields(default_value=value)) for value in (2.0, 9.0)]


@pytest.mark.parametrize(
    ("earlier", "newer"),
    [(ENABLE, HIDE), (RESTORE, DEMOTE), (PROMOTE, DEMOTE), (RESTORE, PROMOTE), (VALUES[0], VALUES[1]), (RESTORE, HIDE)],
)
def test_of_what_is_about_the_same_or_cannot_be_made_beside_it_the_newer_is_meant(
    earlier: Change, newer: Change
) -> None:
    assert overtaken(earlier, newer) and overtaken(newer, earlier)


@pytest.mark.parametrize(
    ("earlier", "newer"),
    [
        (DEMOTE, HIDE),
        (HIDE, DEMOTE),
        (ENABLE, VALUES[0]),
        (DEMOTE, change(Verb.RESTORE, object_id="201")),
        (DEMOTE, change(Verb.RESTORE, customer_id="9999999999")),
        (a_mark(an_account()), replace(a_mark(an_account()).inverse(), customer_id="9999999999")),
    ],
)
def test_what_goes_together_stays(earlier: Change, newer: Change) -> None:
    assert not overtaken(earlier, newer)
    of_another_account = replace(newer, customer_id="8888888888")
    assert not opposed(earlier, of_another_account) and not rules_out(earlier, of_another_account)


@pytest.mark.parametrize(
    ("action", "event", "stale"),
    [("200", "begin_checkout", True), ("201", "add_to_cart", True), ("201", "begin_checkout", False)],
    ids=["one action stands for one event", "one event is counted by one action", "another action for another event"],
)
def test_one_action_is_adopted_for_one_event(action: str, event: str, stale: bool) -> None:
    adopting = change(Verb.ADOPT, fields(stands_for=""), fields(stands_for="add_to_cart"))
    newer = change(Verb.ADOPT, fields(stands_for=""), fields(stands_for=event), object_id=action, event_name=event)
    assert overtaken(adopting, newer) is stale
