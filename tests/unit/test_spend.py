"""Five campaigns of eight purchases are not forty: whose campaigns can learn from the macro alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from statistics import fmean, variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaincc

from adsync.decide.account import decide_account
from adsync.decide.spend import chances_of_enough, names_of_units, pooled, sustained_spend
from adsync.model.decision import Counters
from adsync.model.log import Past
from adsync.model.policy import Policy
from adsync.model.volume import CampaignVolume
from tests.builders import (
    TODAY,
    a_campaign,
    a_funnel,
    a_history,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

DAYS = 84.0
POLICY = Policy()


def campaigns(*counted: float, cost: int = 1_000_000) -> list[CampaignVolume]:
    """Campaigns that cost the same, with these macros in twelve weeks."""
    return [CampaignVolume(campaign_id=str(n), conversions=c, cost_micros=cost) for n, c in enumerate(counted, 1)]


def test_five_campaigns_of_eight_a_month_are_not_forty() -> None:
    spend = sustained_spend(campaigns(*[22.4] * 5), DAYS, 1.2, POLICY)
    assert (spend.share, len(spend.others)) == (0.0, 5)


def test_two_campaigns_of_twenty_two_are() -> None:
    assert sustained_spend(campaigns(61, 61), DAYS, 1.2, POLICY).share == 1


def test_what_counts_is_where_the_money_goes() -> None:
    strong = CampaignVolume(campaign_id="strong", conversions=120, cost_micros=7)
    weak = CampaignVolume(campaign_id="weak", conversions=3, cost_micros=3)
    spend = sustained_spend([strong, weak], DAYS, 1.2, POLICY)
    assert (spend.share, spend.others) == (0.7, ("weak",))


def test_what_a_campaign_must_keep_is_a_number_of_the_policy() -> None:
    for policy, share in ((POLICY, 1.0), (replace(POLICY, sustained_per_30_days=20), 0.0)):
        assert sustained_spend(campaigns(56), DAYS, 1.2, policy).share == share


def test_a_portfolio_is_one_campaign() -> None:
    together = [a_campaign("1", name="Generic", portfolio_id="9"), a_campaign("2", name="Brand", portfolio_id="9")]
    alone = a_campaign("3", name="Shopping")
    units = pooled([*together, alone], [*campaigns(30, 40, 5), *campaigns(1, 1, 1, 90)[3:]])
    assert [(u.campaign_id, u.conversions, u.cost_micros) for u in units] == [("9", 70, 2_000_000), ("3", 5, 1_000_000)]
    assert names_of_units([*together, alone]) == {"9": "Generic and Brand", "3": "Shopping"}


def test_a_single_campaign_is_judged_by_its_own_numbers() -> None:
    [chance] = chances_of_enough(campaigns(42), DAYS, 1.0, 15)
    assert chance == pytest.approx(gammaincc(42.5, 42.0))


def test_where_nothing_is_spent_there_is_nothing_to_protect() -> None:
    for found in ([], campaigns(0, 0, cost=0)):
        assert sustained_spend(found, DAYS, 1.2, POLICY).share == 1


def test_campaigns_lend_each_other_what_they_have_in_common() -> None:
    counted, phi = [60.0, 40.0, 10.0], 1.5
    rates = [c / DAYS for c in counted]
    mean = fmean(rates)
    spread = variance(rates) - mean / DAYS
    shape, rate = mean**2 / spread, mean / spread
    expected = [gammaincc(shape + c / phi, (rate + DAYS / phi) / 2) for c in counted]
    assert chances_of_enough(campaigns(*counted), DAYS, phi, 15) == pytest.approx(expected)


@settings(max_examples=100)
@given(st.floats(0, 300), st.floats(0.1, 50), st.integers(1, 6), st.floats(1, 4))
def test_more_macros_in_all_campaigns_make_nobody_less_sure(
    count: float, more: float, how_many: int, phi: float
) -> None:
    before, after = (chances_of_enough(campaigns(*[c] * how_many), DAYS, phi, 15)[0] for c in (count, count + more))
    assert 0 <= before <= after + 1e-9 <= 1 + 1e-9


def test_an_account_of_thin_campaigns_is_asked_before_its_helper_goes() -> None:
    names = {str(n): f"Town {n}" for n in range(1, 6)}
    state = a_state(an_action(primary_for_goal=True), campaigns=[a_campaign(i, name=name) for i, name in names.items()])
    macro = a_steady_series(60)
    past = Past(managed=frozenset({"200"}), trusted=frozenset({"200"}))
    for volumes, person in ((campaigns(*[33.6] * 5), True), (campaigns(168), False)):
        history = a_history(
            macro,
            users={"add_to_cart": a_steady_series(240)},
            funnels=(a_funnel(),),
            campaigns=tuple(volumes),
        )
        counters = Counters(checked_on=TODAY - timedelta(days=3), above=3, standing="demote")
        decisions, _ = decide_account(an_account(), a_snapshot(state), history, (), past, {"": counters})
        assert decisions.demand.verdict == "demote"
        [move] = [d for d in decisions.each if d.verb is not None]
        assert bool(move.needs_person) == person
        assert ("Town 1, Town 2, Town 3 and 2 more" in move.needs_person) == person
