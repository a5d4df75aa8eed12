"""What was automatic when it was planned runs by itself only while that still holds."""

from __future__ import annotations

from dataclasses import replace

from adsync.apply.agreed import agreed
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import Consent
from tests.builders import NOW, a_change, a_plan, an_account

PAST = Past(managed=frozenset({"200"}), trusted=frozenset({"200"}), reviewed=True)


def test_the_event_must_still_be_a_candidate() -> None:
    account = an_account()
    plan = a_plan(a_change(Verb.DEMOTE), made_at=NOW)
    planned = replace(plan.changes[0], consent=Consent.AUTO)
    assert agreed(plan, planned, account, {}, PAST, NOW) == (True, "")
    without = replace(account, candidates=tuple(c for c in account.candidates if c.event_name != "add_to_cart"))
    may, why = agreed(plan, planned, without, {}, PAST, NOW)
    assert not may and why.startswith("add_to_cart is no candidate in the config any more")
