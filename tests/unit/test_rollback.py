"""Taking an entry back: the inverse change, with its reason; and when that is not possible."""

from __future__ import annotations

import pytest

from adsync.changelog import rollback_changes
from adsync.errors import CannotBeUndone
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from tests.builders import a_change, an_entry


def test_a_demotion_is_taken_back_by_a_return_that_names_the_entry() -> None:
    [back] = rollback_changes(an_entry(17, a_change(Verb.DEMOTE)))
    assert back.verb is Verb.RESTORE
    assert (back.before, back.after) == (a_change().after, a_change().before)
    assert back.because == 'Takes back entry 17 of 2026-06-01: "Shop (web) add_to_cart": stop using for bidding.'


def test_what_somebody_else_had_done_is_not_adsyncs_to_take_back() -> None:
    with pytest.raises(CannotBeUndone, match="somebody else had done it"):
        rollback_changes(an_entry(outcome=Outcome.ALREADY))


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.UNKNOWN])
def test_an_entry_without_a_known_outcome_waits_for_the_next_run(outcome: Outcome) -> None:
    with pytest.raises(CannotBeUndone, match=r"not known whether Google made the change.*adsync sync"):
        rollback_changes(an_entry(outcome=outcome))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.DRIFTED])
def test_an_entry_that_changed_nothing_has_nothing_to_take_back(outcome: Outcome) -> None:
    with pytest.raises(CannotBeUndone, match=r"Entry 3 cannot be undone.*nothing was changed"):
        rollback_changes(an_entry(3, outcome=outcome))


def test_a_removal_cannot_be_taken_back() -> None:
    with pytest.raises(CannotBeUndone, match="Removing"):
        rollback_changes(an_entry(change=a_change(Verb.REMOVE, after=None)))
