"""What the change log says of an account: what is ours, who is trusted, what moved last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adsync.changelog import past_of
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import SHARE_THAT_BUYS, LastChange, Verb
from adsync.model.log import ChangeLogEntry, Outcome, Past
from tests.builders import NOW, a_change, an_entry


def past(*entries: ChangeLogEntry, time_zone: str = "Europe/Berlin") -> Past:
    return past_of(entries, time_zone)


def done(verb: Verb, number: int = 1, object_id: str = "200", **different: Any) -> ChangeLogEntry:
    return an_entry(number, a_change(verb, object_id=object_id), **different)


def marking(verb: Verb = Verb.KEY_EVENT, event: str = "add_to_cart") -> Change:
    return a_change(verb, kind=KEY_EVENT, object_id=event, event_name=event)


def test_an_empty_log_says_nothing() -> None:
    assert past() == Past()


def test_of_each_event_the_log_knows_the_action_that_counts_it_by_its_id() -> None:
    mirror, tag = done(Verb.ENABLE), done(Verb.CREATE, 2, object_id="300")
    assert past(mirror).counted_by == (("add_to_cart", "200"),)
    assert past(mirror, tag).counted_by == (("add_to_cart", "300"),), "the newer one"
    assert past(mirror, tag, done(Verb.REMOVE, 3, object_id="300")).counted_by == (("add_to_cart", "200"),)


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.ENABLE])
def test_what_adsync_made_or_enabled_is_its_own(verb: Verb) -> None:
    assert past(done(verb)).managed == {"200"}


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.REMOVE])
def test_what_was_taken_away_is_nobodys_any_more(verb: Verb) -> None:
    assert past(done(Verb.ENABLE), done(verb, 2)).managed == frozenset()
    assert past(done(Verb.ENABLE), done(verb, 2), done(Verb.ENABLE, 3)).managed == {"200"}


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.UNKNOWN, Outcome.FAILED, Outcome.DRIFTED])
def test_what_is_not_known_to_be_done_counts_for_nothing(outcome: Outcome) -> None:
    found = past(done(Verb.ENABLE, outcome=outcome, approved_by="ana"))
    assert (found.managed, found.reviewed) == (frozenset(), False)


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.ENABLE, Verb.PROMOTE])
def test_what_somebody_else_had_done_is_neither_adsyncs_nor_trusted(verb: Verb) -> None:
    found = past(done(verb, outcome=Outcome.ALREADY, approved_by="ana"))
    assert (found.managed, found.trusted) == (frozenset(), frozenset())
    assert found.reviewed, "a person has let adsync apply a plan"


def test_what_a_person_wanted_back_is_taken_back_even_where_it_was_so_already() -> None:
    assert past(done(Verb.ENABLE), done(Verb.HIDE, 2, outcome=Outcome.ALREADY, origin="rollback")).taken_back == {"200"}


def test_what_was_removed_again_is_taken_back_by_its_name_too() -> None:
    # It would be created again under its name, as an action of another id.
    removal = done(Verb.REMOVE, 2, origin="rollback")
    found = past(done(Verb.CREATE), removal)
    assert found.taken_back == {"200", removal.change.title}
    assert past(done(Verb.CREATE), removal, done(Verb.CREATE, 3, "201", approved_by="ana")).taken_back == {"200"}


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.UNKNOWN])
def test_an_object_with_an_open_entry_is_open(outcome: Outcome) -> None:
    assert past(done(Verb.DEMOTE, outcome=outcome)).open == {"200"}
    assert past(done(Verb.DEMOTE, outcome=Outcome.FAILED)).open == frozenset()


def test_a_person_who_promotes_a_helper_trusts_it() -> None:
    assert past(done(Verb.PROMOTE, approved_by="ana")).trusted == {"200"}
    assert past(done(Verb.RESTORE, approved_by="ana")).trusted == {"200"}


def test_a_promotion_that_ran_by_itself_is_no_persons_word() -> None:
    assert past(done(Verb.PROMOTE)).trusted == frozenset()


def test_a_retirement_by_the_night_keeps_the_trust() -> None:
    entries = [done(Verb.PROMOTE, approved_by="ana"), done(Verb.DEMOTE, 2), done(Verb.RESTORE, 3)]
    assert past(*entries[:2]).trusted == {"200"}
    assert past(*entries).trusted == {"200"}


def test_a_person_who_takes_a_promotion_back_takes_the_trust_back() -> None:
    entries = [done(Verb.PROMOTE, approved_by="ana"), done(Verb.DEMOTE, 2, approved_by="ana", origin="rollback")]
    assert past(*entries).trusted == frozenset()


def test_a_promotion_keeps_the_share_that_bought_until_the_next_one() -> None:
    first, second = (
        an_entry(n, a_change(Verb.PROMOTE, object_id="200", numbers=(("wanted", 39.0), (SHARE_THAT_BUYS, share))))
        for n, share in ((1, 0.4), (4, 0.3))
    )
    moved = (done(Verb.DEMOTE, 2), done(Verb.RESTORE, 3))
    assert [(p.action_id, p.share.point) for p in past(first, *moved).promoted] == [("200", 0.4)]
    assert [(p.action_id, p.share.point) for p in past(first, *moved, second).promoted] == [("200", 0.3)]
    assert past(replace(first, outcome=Outcome.ALREADY), done(Verb.PROMOTE, 2, "201")).promoted == ()


def test_an_account_is_reviewed_once_a_person_has_approved_something_that_was_done() -> None:
    assert past(done(Verb.ENABLE, approved_by="ana")).reviewed
    assert not past(done(Verb.ENABLE)).reviewed


def test_a_marked_event_waits_for_its_mirror_until_that_is_enabled() -> None:
    marked = an_entry(1, marking())
    assert past(marked).waiting == (("add_to_cart", NOW),)
    assert past(marked, done(Verb.ENABLE, 2)).waiting == ()


def test_an_event_whose_mark_was_taken_away_waits_for_nothing() -> None:
    assert past(an_entry(1, marking()), an_entry(2, marking(Verb.UNMARK))).waiting == ()


def test_events_wait_in_alphabetical_order() -> None:
    found = past(an_entry(1, marking(event="view_cart")), an_entry(2, marking(event="add_to_cart")))
    assert [event for event, _ in found.waiting] == ["add_to_cart", "view_cart"]


@pytest.mark.parametrize(("verb", "direction"), [(Verb.DEMOTE, "down"), (Verb.RESTORE, "up"), (Verb.PROMOTE, "first")])
def test_the_last_change_has_a_direction(verb: Verb, direction: str) -> None:
    found = past(done(Verb.PROMOTE), done(verb, 2))
    assert found.last_change == LastChange(on=date(2026, 6, 1), direction=direction)


def test_observing_is_no_change_of_who_is_primary() -> None:
    assert past(done(Verb.ENABLE)).last_change is None
    found = past(done(Verb.DEMOTE), done(Verb.ENABLE, 2, "201"), done(Verb.UPDATE, 3, "201"))
    assert found.last_change is not None and found.last_change.direction == "down"


def test_a_change_is_dated_when_it_was_closed_in_the_accounts_own_time() -> None:
    entry = done(
        Verb.DEMOTE, opened_at=datetime(2026, 5, 30, 1, tzinfo=UTC), closed_at=datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
    )
    berlin, los_angeles = past(entry), past(entry, time_zone="America/Los_Angeles")
    assert berlin.last_change is not None and berlin.last_change.on == date(2026, 6, 1)
    assert los_angeles.last_change is not None and los_angeles.last_change.on == date(2026, 5, 31)


def test_a_change_that_was_never_closed_in_time_is_dated_when_it_was_opened() -> None:
    found = past(done(Verb.DEMOTE, closed_at=None))
    assert found.last_change is not None and found.last_change.on == NOW.date()


def test_a_refusal_is_dated_in_the_accounts_own_time() -> None:
    entry = done(Verb.DEMOTE, outcome=Outcome.REFUSED, opened_at=datetime(2026, 5, 31, 14, 30, tzinfo=UTC), note="No.")
    [(_, said)] = past(entry, time_zone="Pacific/Auckland").refused
    assert said == "on 2026-06-01. No."


def test_what_a_person_took_back_stays_so_until_it_is_changed_again() -> None:
    back = done(Verb.RESTORE, 2, approved_by="ana", origin="rollback")
    assert past(done(Verb.DEMOTE), back).taken_back == {"200"}
    assert past(done(Verb.DEMOTE), back, done(Verb.DEMOTE, 3, "201")).taken_back == {"200"}
    assert past(done(Verb.DEMOTE), back, done(Verb.DEMOTE, 3, approved_by="ana")).taken_back == frozenset()


def test_a_rollback_that_failed_took_nothing_back() -> None:
    failed = done(Verb.RESTORE, 2, origin="rollback", outcome=Outcome.FAILED)
    assert past(done(Verb.DEMOTE), failed).taken_back == frozenset()


def test_what_google_refused_is_known_until_the_same_is_sent_again() -> None:
    refused = done(Verb.DEMOTE, outcome=Outcome.REFUSED, note="FieldError.IMMUTABLE_FIELD: No.")
    ((digest, told),) = past(refused).refused
    assert digest == refused.change.hash
    assert told == f"on {NOW:%Y-%m-%d}. FieldError.IMMUTABLE_FIELD: No."
    assert past(refused, done(Verb.DEMOTE, 2, "201")).refused == past(refused).refused
    assert past(refused, done(Verb.DEMOTE, 2)).refused == ()
    assert past(refused).managed == frozenset() and past(refused).last_change is None
