"""Laws of the sandbox's Google Ads, whatever is changed: history grows, what is refused or only checked changes nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from google.ads.googleads.v26.services.types.google_ads_service import MutateOperation
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.bidding import counting_pairs
from adsync.sandbox.ads.errors import Fault
from adsync.sandbox.ads.mutate import Wishes, mutate
from adsync.sandbox.estate import Estate
from adsync.sandbox.serve import build_estate
from adsync.sandbox.switches import Switches
from tests.contract.changes import (
    BRAND,
    GENERIC,
    MACRO,
    MIRROR,
    Operation,
    a_tag,
    change_action,
    change_campaign,
    change_config,
    create,
    name_of,
    update,
)
from tests.contract.clients import CUSTOMER

actions = st.sampled_from([MACRO, MIRROR, 700_000_003, 700_000_004])
campaigns = st.sampled_from([BRAND, GENERIC])
biddable = st.booleans()


def _campaign_goal(campaign: int, on: bool) -> Operation:
    name = name_of("campaignConversionGoals", f"{campaign}~PURCHASE~WEBSITE")
    return update("campaign_conversion_goal", name, ["biddable"], biddable=on)


def _customer_goal(on: bool) -> Operation:
    name = name_of("customerConversionGoals", "PURCHASE~WEBSITE")
    return update("customer_conversion_goal", name, ["biddable"], biddable=on)


operations = st.one_of(
    st.builds(lambda name, on: a_tag(name, primary_for_goal=on), st.sampled_from("AB"), biddable),
    st.builds(lambda a, on: change_action(a, "primary_for_goal", primary_for_goal=on), actions, biddable),
    st.builds(lambda a, s: change_action(a, "status", status=s), actions, st.sampled_from(["ENABLED", "HIDDEN", "REMOVED"])),
    st.builds(lambda a, c: change_action(a, "category", category=c), actions, st.sampled_from(["SIGNUP", "PURCHASE"])),
    st.builds(_campaign_goal, campaigns, biddable),
    st.builds(_customer_goal, biddable),
    st.builds(
        lambda a: create("custom_conversion_goal", name="C", conversion_actions=[name_of("conversionActions", a)]), actions
    ),
    st.builds(
        lambda c, level: change_config(c, "goal_config_level", goal_config_level=level),
        campaigns,
        st.sampled_from(["CUSTOMER", "CAMPAIGN"]),
    ),
    st.builds(
        lambda c, g: change_config(
            c, "custom_conversion_goal", custom_conversion_goal=name_of("customConversionGoals", g)
        ),
        campaigns,
        st.integers(700_000_003, 700_000_006),
    ),
    st.builds(lambda c, s: change_campaign(c, "status", status=s), campaigns, st.sampled_from(["ENABLED", "PAUSED"])),
)  # fmt: skip
requests = st.lists(st.lists(operations, min_size=1, max_size=3), max_size=6)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate("starved-shop", 7)


def _fresh(estate: Estate) -> AdsAccount:
    account = estate.accounts[CUSTOMER]
    return copy.deepcopy(account, {id(account.clicks): account.clicks, id(account.property): account.property})


def _send(account: AdsAccount, now: int, request: list[Operation], **wishes: Any) -> bool:
    """Whether the request was accepted."""
    messages = [MutateOperation(operation)._pb for operation in request]
    raw = [getattr(message, message.WhichOneof("operation")) for message in messages]
    outcome = mutate([account], CUSTOMER, raw, Wishes(**wishes), switches=Switches(), now=now)
    return not any(isinstance(result, Fault) for result in outcome.results)


def _state(account: AdsAccount) -> str:
    return repr((account.tracking, account.campaigns, account.counting, account.edits, account.revision))


@settings(max_examples=40)
@given(sent=requests)
def test_what_counts_is_written_down_as_it_is_and_the_past_stays(estate: Estate, sent: list[list[Operation]]) -> None:
    account = _fresh(estate)
    now = estate.now
    for request in sent:
        now += 1
        past = list(account.counting)
        _send(account, now, request)
        assert account.counting[: len(past)] == past and len(account.counting) <= len(past) + 1
        assert account.counted_pairs == counting_pairs(account)
        assert set(account.goals) >= {action.pair for action in account.actions.values()}


@settings(max_examples=40)
@given(sent=requests)
def test_what_is_refused_or_only_validated_changes_nothing_and_validation_foretells(
    estate: Estate, sent: list[list[Operation]]
) -> None:
    account = _fresh(estate)
    now = estate.now
    for request in sent:
        before = _state(account)
        foretold = _send(account, now, request, validate_only=True)
        assert _state(account) == before
        assert _send(account, now, request) is foretold
        assert foretold or _state(account) == before
