"""A retirement in stages on the sandbox, from night to night: value and target fall in turn, and all of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adsync.applying import apply_open_plans
from adsync.model.ads import ConversionAction
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.plan import Consent
from adsync.pull import pull_account
from adsync.review import verdicts
from adsync.rollback import plan_rollback, plan_rollback_of_plan
from tests.builders import a_change
from tests.contract.changes import BRAND, GENERIC, Changing, change_campaign
from tests.contract.test_group_nights import Shop, opened
from tests.sandboxes import local_sandbox

pytestmark = pytest.mark.slow
CAMPAIGNS = range(BRAND, GENERIC + 3)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """All campaigns bid for a return of 400 %, and on a sign-up that is worth 40."""
    with local_sandbox(tmp_path, "fixed-target") as sandbox:
        config = sandbox.directory / "adsync.yaml"
        # Of a shop this small the rule would want the helper back, and the group would wait.
        config.write_text(f"{config.read_text()}\npolicy:\n  demand_per_30_days: 5\n  return_per_30_days: 1\n")
        wanted = {"target_roas": {"target_roas": 4.0}}
        Changing(sandbox).make(*(change_campaign(c, "target_roas.target_roas", **wanted) for c in CAMPAIGNS))
        wiring = sandbox.wiring()
        shop = opened(sandbox, wiring)
        worth = {"object_id": shop.action_id, "customer_id": shop.account.customer_id, "event_name": "sign_up"}
        value = fields(default_value=40.0, always_use_default_value=True)
        none = fields(default_value=1.0, always_use_default_value=False)
        shop.ports.writer.send(a_change(Verb.VALUE, before=none, after=value, **worth))
        shop.ports.writer.send(a_change(Verb.PROMOTE, **worth))
        sandbox.control.advance(21)  # by then bidding has learnt
        yield shop
        wiring.database.close()


def helper(shop: Shop) -> ConversionAction:
    return next(a for a in shop.ports.ads.actions() if a.id == shop.action_id)


def test_value_and_target_fall_in_turn(shop: Shop) -> None:
    before = helper(shop)
    assert before.primary_for_goal and before.default_value == 40.0 and set(shop.targets().values()) == {4.0}
    # Sales of 70 and as many sign-ups of 40: of 110 that are reported 90 are left, then 80, then 70.
    plan = shop.planned(Verb.DEMOTE, sign_ups=28.0)
    assert {p.consent for p in plan.changes} == {Consent.REVIEW}, plan.changes[0].consent_because
    assert len({p.group for p in plan.changes}) == 1
    shop.agree(plan)
    seen = []
    assert apply_open_plans(shop.account, shop.ports).exit_code == 0
    for _ in range(3):
        now = helper(shop)
        seen.append((now.default_value, now.primary_for_goal, round(shop.targets()["Brand"], 2)))
        shop.night(14)
    now = helper(shop)
    seen.append((now.default_value, now.primary_for_goal, round(shop.targets()["Brand"], 2)))
    assert seen == [(40.0, True, 3.27), (20.0, True, 2.91), (10.0, True, 2.55), (40.0, False, 2.55)]

    back = plan_rollback_of_plan(plan.id, [shop.account], shop.ports.state, shop.ports.clock).plan
    assert back is not None
    shop.agree(back)
    assert apply_open_plans(shop.account, shop.ports).exit_code == 0
    for _ in range(3):
        shop.night(14)
    pull_account(shop.account, shop.ports)
    assert helper(shop) == before and set(shop.targets().values()) == {4.0}


def test_what_was_taken_back_in_part_does_not_go_on_to_the_retirement(shop: Shop) -> None:
    plan = shop.planned(Verb.DEMOTE, sign_ups=28.0)
    shop.agree(plan)
    assert apply_open_plans(shop.account, shop.ports).exit_code == 0
    for _ in range(2):
        shop.night(14)
    assert helper(shop).default_value == 10.0
    back = plan_rollback_of_plan(plan.id, [shop.account], shop.ports.state, shop.ports.clock).plan
    assert back is not None
    # Its first change is the very one that the retirement would end with; the rest of it is refused.
    assert back.changes[0].change.hash == plan.changes[-1].change.hash
    shop.agree(back)
    assert apply_open_plans(shop.account, shop.ports).exit_code == 0 and helper(shop).default_value == 40.0
    no = verdicts(back.numbered()[1:], approved=False, by="ann", now=shop.ports.clock.now())
    shop.ports.state.ledger.approve(no)
    for _ in range(2):
        night = shop.night(14)
        assert helper(shop).primary_for_goal
        assert not {p.group for p in night.plan.changes} & {p.group for p in plan.changes}
    # Who takes back what that rollback has made is not asked for the rest of it any more.
    entries = shop.ports.state.ledger.entries([shop.account.customer_id])
    (made,) = (e for e in entries if e.origin == "rollback" and e.outcome.is_done)
    again = plan_rollback(made.id, [shop.account], shop.ports.state, shop.ports.clock).plan
    assert again is not None and not {p.group for p in again.changes} & {p.group for p in back.changes}
