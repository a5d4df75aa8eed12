"""Where fixed targets would have to go when something else counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsync.model.ads import AccountState, Campaign
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.plan import CampaignEffect, TargetKind, TargetMove
from adsync.model.volume import ActionDay
from adsync.plan.outcome import effects, state_after
from adsync.plan.rebasing import STEP, with_targets
from adsync.render.plan_words import effect
from tests.builders import MACRO_ID, TODAY, a_campaign, a_change, a_state, an_action

figures = st.floats(0.5, 5_000)


def seen(before: float, after: float, *, value: tuple[float, float] = (0, 0), campaign: str = "1") -> CampaignEffect:
    return CampaignEffect(
        campaign_id=campaign,
        campaign=f"Campaign {campaign}",
        strategy="TARGET_CPA",
        before=before,
        after=after,
        value_before=value[0],
        value_after=value[1],
    )


def move(found: CampaignEffect, *campaigns: Campaign, beside: Sequence[CampaignEffect] = ()) -> TargetMove | None:
    (moved,) = with_targets([found], beside, campaigns)
    assert replace(moved, target=None) == found
    return moved.target


@given(figures, figures, figures)
def test_what_the_same_ads_may_cost_stays(before: float, after: float, target: float) -> None:
    found = move(seen(before, after), a_campaign("1", target_cpa_micros=round(target * 1_000_000)))
    if before == after:
        assert found is None
        return
    assert found is not None and found.kind is TargetKind.CPA
    assert found.fair * after == pytest.approx(found.now * before)


@given(figures, figures, st.floats(0.1, 50))
def test_a_target_return_follows_the_value_that_is_reported(before: float, after: float, target: float) -> None:
    found = move(seen(9, 9, value=(before, after)), a_campaign("1", target_roas=target))
    if before == after:
        assert found is None
        return
    assert found is not None and found.kind is TargetKind.ROAS
    assert found.fair / found.now == pytest.approx(after / before)


@given(figures, figures)
def test_as_many_steps_as_it_takes_and_no_more(before: float, after: float) -> None:
    found = move(seen(before, after), a_campaign("1", target_cpa_micros=20_000_000))
    if found is not None:
        step = 1 + STEP if found.fair > found.now else 1 - STEP
        short, there = found.now * step ** (found.steps - 1), found.now * step**found.steps
        nearly = 1 + 1e-6
        if found.fair > found.now:
            assert short < found.fair * nearly and found.fair <= there * nearly
        else:
            assert short * nearly > found.fair and found.fair * nearly >= there


def test_a_retirement_of_nine_in_ten_conversions_takes_thirteen_steps_to_ten_times_the_target() -> None:
    # 4,000 spent for 20 sales and 180 carts: 20.00 each; for the sales alone 200.00.
    found = move(seen(200, 20), a_campaign("1", target_cpa_micros=20_000_000))
    assert found == TargetMove(kind=TargetKind.CPA, now=20.0, fair=200.0, steps=13)
    # Downwards 20 % is more: 0.8 to the power of eleven is 0.086.
    back = move(seen(20, 200), a_campaign("1", target_cpa_micros=20_000_000))
    assert back is not None and back.steps == 11 and back.fair == pytest.approx(2.0)


@pytest.mark.parametrize(("before", "after"), [(0, 20), (20, 0), (0, 0)])
def test_nothing_is_said_where_nothing_was_counted(before: float, after: float) -> None:
    assert move(seen(before, after), a_campaign("1", target_cpa_micros=20_000_000)) is None


def test_without_a_target_none_has_to_move() -> None:
    assert move(seen(200, 20), a_campaign("1")) is None


def test_a_portfolio_has_one_target_and_all_its_campaigns_decide() -> None:
    shared = {"portfolio_id": "9", "target_cpa_micros": 10_000_000}
    campaigns = [a_campaign("1", **shared), a_campaign("2", **shared), a_campaign("3", target_cpa_micros=10_000_000)]
    found = move(seen(30, 10), *campaigns, beside=[seen(30, 30, campaign="2"), seen(500, 500, campaign="3")])
    assert found is not None and found.shared_by == 2 and found.fair == pytest.approx(10 * 60 / 40)


def recorded(state: AccountState, verb: Verb, **change: object) -> list[CampaignEffect]:
    """The effects where in 28 days each campaign sold 14 times for 70 and had 56 carts that said 40 each."""
    days = [
        ActionDay(
            date=TODAY - timedelta(days=5), campaign_id=c.id, action_id=action,
            conversions=0, all_conversions=count, value=0, all_value=count * each,
        )
        for c in state.campaigns
        for action, count, each in ((MACRO_ID, 14.0, 70.0), ("200", 56.0, 40.0))
    ]  # fmt: skip
    return list(effects(state, state_after(state, a_change(verb, **change)), days))


def test_a_cart_that_is_promoted_with_the_sites_own_value_moves_a_target_return_by_it() -> None:
    state = a_state(an_action(), campaigns=[a_campaign(strategy="TARGET_ROAS", target_roas=3.5)])
    [found] = recorded(state, Verb.PROMOTE)
    assert (found.value_before, found.value_after) == (1_050.0, 3_450.0)
    assert found.target is not None and found.target.fair == pytest.approx(3.5 * 3_450 / 1_050)
    assert effect(found) == (
        "Campaign 1: bidding sees 15 conversions a month now, 75 after; a value of 1,050 a month now, 3,450 after. Its target "
        "ROAS of 350 % would have to be 1150 % to ask the same: 7 steps of at most 20 %, with stage_gap_days between them"
    )


VALUED = fields(default_value=5.0, always_use_default_value=True)


def test_a_value_that_is_written_is_seen_by_who_bids_for_value_alone() -> None:
    campaigns = [a_campaign("1", strategy="MAXIMIZE_CONVERSION_VALUE"), a_campaign("2")]
    state = a_state(an_action(primary_for_goal=True), campaigns=campaigns)
    [found] = recorded(
        state, Verb.VALUE, before=fields(default_value=0.0, always_use_default_value=False), after=VALUED
    )
    assert (found.campaign_id, found.before, found.after) == ("1", 75.0, 75.0)
    assert (found.value_before, found.value_after) == (3_450.0, 1_350.0)
    assert effect(found) == "Campaign 1: bidding sees a value of 3,450 a month now, 1,350 after"


def test_what_was_recorded_before_a_value_was_set_counts_as_what_bidding_will_see() -> None:
    """Four weeks hold conversions from before the change; they said 40 each, and will say 5."""
    helper = an_action(default_value=5.0, always_use_default_value=True)
    state = a_state(helper, campaigns=[a_campaign(strategy="TARGET_ROAS", target_roas=3.5)])
    [found] = recorded(state, Verb.PROMOTE)
    assert (found.value_before, found.value_after) == (1_050.0, 1_350.0)
    assert found.target is not None and found.target.fair == pytest.approx(4.5)


def test_the_value_of_what_nobody_bids_on_is_seen_by_nobody() -> None:
    state = a_state(an_action(), campaigns=[a_campaign("1", strategy="MAXIMIZE_CONVERSION_VALUE")])
    assert recorded(state, Verb.VALUE, before=None, after=VALUED) == []


def test_taking_a_value_back_is_seen_as_well() -> None:
    helper = an_action(primary_for_goal=True, default_value=5.0, always_use_default_value=True)
    state = a_state(helper, campaigns=[a_campaign("1", strategy="MAXIMIZE_CONVERSION_VALUE")])
    [found] = recorded(
        state, Verb.VALUE, before=VALUED, after=fields(default_value=0.0, always_use_default_value=False)
    )
    assert found.campaign_id == "1"
