"""What Google is known to refuse is not planned; the way out is said once, as a hold of that helper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adsync.decide.refusals import REFUSED, allowed
from adsync.model.capability import Capability, ManagedField
from adsync.model.decision import Decision, Decisions, Hold, Verb
from adsync.model.history import History
from adsync.model.holds import HoldNews, KnownHold
from adsync.render.holds import hold_lines
from tests.builders import NOW, TODAY, a_state, an_action
from tests.unit.test_decide_account import (
    CART,
    CHECKOUT,
    TRUSTED,
    TWICE_LOW,
    about,
    cart,
    checkout,
    decided,
    month,
)

ACTION = an_action("200")
STATE = a_state(ACTION, goals=())


def answer(field: ManagedField, action_id: str = "200", code: str = "FieldError.IMMUTABLE_FIELD") -> Capability:
    return Capability(action_id=action_id, field=field, as_of=TODAY, asked_at=NOW, code=code)


def a_decision(verb: Verb, **different: Any) -> Decision:
    return Decision(**{"event_name": CART, "because": "It fits.", "verb": verb, "action_id": "200", **different})


def refusing(history: History, *action_ids: str) -> History:
    return replace(history, capabilities=tuple(answer(ManagedField.PRIMARY, a) for a in action_ids))


@pytest.mark.parametrize(
    ("verb", "field", "way_out"),
    [
        (Verb.PROMOTE, ManagedField.PRIMARY, "Make it primary in Google Ads"),
        (Verb.RESTORE, ManagedField.PRIMARY, "Make it primary again in Google Ads"),
        (Verb.DEMOTE, ManagedField.PRIMARY, "Make it secondary in Google Ads"),
        (Verb.ENABLE, ManagedField.STATUS, "Switch it on in Google Ads"),
        (Verb.VALUE, ManagedField.VALUE, "Give each of its conversions the value 12.5"),
    ],
)
def test_each_refusal_names_what_is_left_to_do(verb: Verb, field: ManagedField, way_out: str) -> None:
    wanted = a_decision(verb, value=12.5)
    found = allowed(wanted, STATE, [answer(field)])
    assert found.verb is None and found.hold is not None
    assert found.because.startswith("It fits. Google does not let adsync change")
    assert way_out in found.hold.todo and "route: tag" in found.hold.todo and found.hold.about == "200"
    assert "asked on 2026-06-01: FieldError.IMMUTABLE_FIELD" in found.hold.saw
    others = [answer(f) for f in ManagedField if f is not field]
    assert allowed(wanted, STATE, others) == wanted, "what the change does not write may be refused"
    assert allowed(wanted, STATE, [answer(field, "201")]) == wanted, "another action's"
    assert allowed(wanted, STATE, [answer(field, code="RangeError.TOO_LOW")]) == wanted, "no word on the field"
    assert allowed(wanted, STATE, [answer(field, code="")]) == wanted


def test_a_hidden_mirror_that_somebody_made_primary_needs_both_fields() -> None:
    refused = [answer(ManagedField.PRIMARY)]
    assert allowed(a_decision(Verb.ENABLE), STATE, refused).verb is Verb.ENABLE
    assert allowed(a_decision(Verb.ENABLE), a_state(replace(ACTION, primary_for_goal=True)), refused).verb is None


def starving(*refused: str) -> Decisions:
    history = refusing(month(10, a200=60, a201=50), *refused)
    return decided(cart(), checkout(), history=history, past=TRUSTED_BY_NOBODY)


TRUSTED_BY_NOBODY = replace(TRUSTED, trusted=frozenset())


def test_a_helper_that_google_lets_nobody_promote_comes_after_the_others() -> None:
    promoted = [d.event_name for d in starving().each if d.verb is Verb.PROMOTE]
    assert promoted == [CHECKOUT]
    assert [d.event_name for d in starving("201").each if d.verb] == [CART]
    assert starving("201").demand.helper_holds == (), "nobody needs to know"
    none_left = starving("200", "201")
    assert [d.verb for d in none_left.each] == [None, None]
    (hold,) = none_left.demand.helper_holds
    assert (hold.code, hold.about) == ("refused", "201") and hold.todo in none_left.demand.reason


def test_a_refused_return_is_said_and_not_planned() -> None:
    up = decided(cart(), history=refusing(month(3), "200"), past=TRUSTED, counters=TWICE_LOW)
    assert up.demand.verdict == "restore" and about(CART, up).verb is None
    assert [h.detail for h in up.demand.helper_holds] == ["restore"]


def test_what_a_hold_said_that_has_ended_is_told_as_what_it_said() -> None:
    hold = Hold(code=REFUSED, since=TODAY, saw="Google does not let adsync change it.", todo="Do it yourself.")
    known = KnownHold(id=1, customer_id="1", hold=hold, seen_on=TODAY, ended_on=TODAY)
    (line,) = hold_lines(HoldNews(ended=(known,)))
    assert "due no more or Google accepts it. It said: Google does not let" in line
