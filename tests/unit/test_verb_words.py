"""What changes are called where people read of them: never by the codes of `--json` and the config."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import cast

from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.difference import THERE, Difference
from adsync.model.outcome_review import OutcomeReview
from adsync.model.outcome_words import ReviewLine
from adsync.model.verb_words import doing, verb
from adsync.render.timeline import _moved
from tests.builders import a_change


def test_every_verb_has_words_of_its_own() -> None:
    words = {verb(a_change(each)) for each in Verb}
    assert len(words) == len(Verb) and not words & {each.value for each in Verb}


def test_in_a_sentence_the_thing_stands_before_what_is_done_to_it() -> None:
    change = a_change(Verb.PROMOTE, title="Add to cart")
    assert doing(change) == '"Add to cart": use for bidding'
    off = a_change(Verb.GOAL, title="ADD_TO_CART / WEBSITE", before=fields(biddable=True), after=fields(biddable=False))
    assert doing(off) == '"ADD_TO_CART / WEBSITE": stop bidding on the goal'


def test_an_outcome_review_names_its_change_in_words() -> None:
    review = cast(OutcomeReview, SimpleNamespace(changed_on=date(2026, 2, 5)))
    line = ReviewLine(
        entry_id=5,
        verb="promote",
        title="x",
        stands="open",
        said="It is open.",
        review=review,
        what=doing(a_change(Verb.PROMOTE)),
    )
    assert line.named.startswith("Entry 5, 2026-02-05 (")
    assert "use for bidding). It is open." in line.named and "promote" not in line.named


def test_what_came_or_went_at_google_is_said_in_whole_words() -> None:
    there = Difference(kind="goal", object_id="1", title="x", field=THERE, before=False, after=True)
    assert _moved(there) == "appeared"
    assert (
        _moved(Difference(kind="goal", object_id="1", title="x", field=THERE, before=True, after=False))
        == "disappeared"
    )
