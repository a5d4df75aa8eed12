"""What `adsync goals` takes for made after the open plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.goals import Goals, goals_of
from adsync.model.decision import Verb
from adsync.model.plan import Consent, PlannedChange
from adsync.review import verdicts
from tests.builders import NOW, TODAY, a_change, a_plan
from tests.contract.stored_shop import Shop, stored_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A helper that is secondary, and an open plan to promote it."""
    with stored_shop(tmp_path) as found:
        found.settings(TODAY, primary=False)
        yield found


def counts_after(found: Goals) -> bool:
    return any(each.after.counts for group in found.groups for each in group.actions if each.action.id == "200")


def test_what_was_refused_is_not_taken_for_made_until_the_no_is_over(shop: Shop) -> None:
    plan = a_plan(a_change(Verb.PROMOTE))
    shop.state.ledger.store_plan(plan)
    waiting = goals_of(shop.account, shop.state, NOW)
    assert waiting.planned == (f"{plan.id}/1",) and counts_after(waiting)
    shop.state.ledger.approve(verdicts(plan.numbered(), approved=False, by="ann", now=NOW))
    refused = goals_of(shop.account, shop.state, NOW)
    assert refused.planned == () and not counts_after(refused)
    assert goals_of(shop.account, shop.state, NOW + timedelta(days=29)).planned == waiting.planned


def test_of_a_group_nothing_is_taken_for_made_where_one_change_is_not(shop: Shop) -> None:
    promote, another = a_change(Verb.PROMOTE), a_change(Verb.PROMOTE, object_id="201")
    members = [PlannedChange(change=c, consent=Consent.REVIEW, group="shop/1") for c in (promote, another)]
    plan = a_plan(*members)
    shop.state.ledger.store_plan(plan)
    shop.state.ledger.approve(verdicts(plan.numbered()[1:], approved=False, by="ann", now=NOW))
    found = goals_of(shop.account, shop.state, NOW)
    assert found.planned == () and not counts_after(found)
