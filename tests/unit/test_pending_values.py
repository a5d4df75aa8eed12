"""A value that waits for a person stays the one that was shown, while the figures hardly move."""

from __future__ import annotations

import pytest

from adsync.changelog import with_stored_values
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from tests.builders import a_change, a_plan


def valued(value: float, now: float = 0.0, **different: object) -> Change:
    before = fields(default_value=now, always_use_default_value=False)
    after = fields(default_value=value, always_use_default_value=True)
    return a_change(Verb.VALUE, before=before, after=after, **different)


@pytest.mark.parametrize(("tonight", "stays"), [(18.0, True), (21.0, True), (15.0, True), (22.0, False), (14.0, False)])
def test_it_stays_while_it_is_off_by_a_fifth_at_most(tonight: float, stays: bool) -> None:
    shown = valued(18.0, because="As shown.")
    (change,) = with_stored_values([valued(tonight)], a_plan(shown))
    assert (change.hash == shown.hash) is (stays or tonight == 18.0)
    assert (change.because == "As shown.") is stays


def test_what_has_moved_at_google_since_or_is_another_action_is_planned_anew() -> None:
    for other in (valued(19.0, now=5.0), valued(19.0, object_id="201")):
        assert with_stored_values([other], a_plan(valued(18.0))) == (other,)


def test_a_stage_of_a_retirement_is_no_value_that_the_night_asked_for() -> None:
    plan = a_plan(valued(13.0, now=26.0), a_change(Verb.DEMOTE))
    tonight = valued(14.0, now=26.0)
    assert with_stored_values([tonight], plan) == (tonight,)
    assert with_stored_values([tonight], None) == (tonight,)
