"""The thresholds of one account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adsync.model.policy import APPROVAL_KINDS, DEFAULT_AUTO, Policy


def test_bidding_by_value_needs_more_conversions_than_bidding_by_count() -> None:
    assert Policy().for_bidding(on_value=False).demand == 30
    assert Policy().for_bidding(on_value=True).demand == 50


@pytest.mark.parametrize("on_value", [True, False])
def test_a_configured_demand_stands_however_campaigns_bid(on_value: bool) -> None:
    assert Policy(demand_per_30_days=40).for_bidding(on_value=on_value).demand == 40


def test_only_the_demand_depends_on_bidding() -> None:
    policy = Policy(demote_checks=5, minimum_share=0.4)
    assert replace(policy.for_bidding(on_value=True), demand_per_30_days=None) == policy


def test_the_return_line_stays_well_under_the_demand_line() -> None:
    assert Policy().return_per_30_days <= Policy().demand * 2 / 3


def test_promotions_corrections_and_key_events_are_never_automatic_unless_somebody_says_so() -> None:
    assert set(APPROVAL_KINDS) - DEFAULT_AUTO == {"key_event", "update", "promote", "value", "target"}
    assert set(APPROVAL_KINDS) >= DEFAULT_AUTO
