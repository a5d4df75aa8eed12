"""Goals and targets that somebody has changed since adsync's last change are asked about before anybody is retired."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.changelog import with_own_settings
from adsync.decide.account import decide_account
from adsync.decide.settings_drift import moved_settings, settings_changed
from adsync.model.ads import AccountState, CampaignGoal, ConversionGoal, CustomGoal
from adsync.model.change import TARGET_FIELDS, fields
from adsync.model.decision import Hold, LastChange, Verb
from adsync.model.log import Outcome, Past
from adsync.model.target import CAMPAIGN
from tests.builders import (
    TODAY,
    a_campaign,
    a_change,
    a_history,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
    an_entry,
)

ON = TODAY - timedelta(days=40)
BEFORE = a_state(
    an_action(primary_for_goal=True),
    campaigns=[a_campaign("1", name="Brand"), a_campaign("2", name="Own", goal_level="CAMPAIGN")],
    goals=(ConversionGoal(category="PURCHASE", origin="WEBSITE", biddable=True),),
    campaign_goals=(CampaignGoal(campaign_id="2", category="PURCHASE", origin="WEBSITE", biddable=True),),
    custom_goals=(CustomGoal(id="7", name="Sales", status="ENABLED", action_ids=("100",)),),
)


def now(campaign: str = "", /, **different: Any) -> AccountState:
    if not campaign:
        return replace(BEFORE, **different)
    return replace(
        BEFORE, campaigns=tuple(replace(c, **different) if c.id == campaign else c for c in BEFORE.campaigns)
    )


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (now("1", target_cpa_micros=20_000_000), '"Brand": target CPA none > 20.00'),
        (now("1", strategy="TARGET_ROAS", target_roas=3.0), '"Brand": bids by TARGET_ROAS, target ROAS none > 300 %'),
        (now("1", custom_goal_id="7"), '"Brand": follows other goals'),
        (
            now(goals=(ConversionGoal(category="PURCHASE", origin="WEBSITE", biddable=False),)),
            "the goal PURCHASE / WEBSITE is not bid on any more",
        ),
        (
            now(campaign_goals=(CampaignGoal(campaign_id="2", category="PURCHASE", origin="WEBSITE", biddable=False),)),
            '"Own": the goal PURCHASE / WEBSITE is not bid on any more',
        ),
        (
            now(custom_goals=(CustomGoal(id="7", name="Sales", status="ENABLED", action_ids=("100", "200")),)),
            'the custom goal "Sales" holds other conversion actions',
        ),
    ],
)
def test_what_was_changed_is_said(state: AccountState, says: str) -> None:
    (hold,) = settings_changed(BEFORE, state, ON)
    assert says in hold.saw and str(ON) in hold.saw
    assert (hold.since, hold.returns_too) == (ON, False)


def test_what_stays_what_is_new_and_what_only_google_observes_is_no_change() -> None:
    assert settings_changed(BEFORE, BEFORE, ON) == []
    grown = replace(
        BEFORE,
        campaigns=(*BEFORE.campaigns, a_campaign("3")),
        goals=(*BEFORE.goals, ConversionGoal(category="SIGNUP", origin="WEBSITE", biddable=False)),
    )
    assert settings_changed(BEFORE, grown, ON) == []
    assert settings_changed(BEFORE, now("1", system_status="LEARNING_NEW", name="Renamed"), ON) == []
    assert settings_changed(BEFORE, now("1", status="PAUSED", target_cpa_micros=5), ON) == [], "it bids no more"


def held(state: AccountState, cleared: frozenset[Any] = frozenset()) -> list[Hold]:
    past = Past(managed=frozenset({"200"}), last_change=LastChange(on=ON, direction="first"))
    decisions, _ = decide_account(
        an_account(), a_snapshot(state), a_history(a_steady_series(25)), (), past, {}, cleared, BEFORE
    )
    return [hold for hold in decisions.demand.holds if hold.code == "settings"]


def test_a_person_ends_it_for_these_settings_and_for_no_others() -> None:
    (hold,) = held(now("1", target_cpa_micros=20_000_000))
    ended = frozenset({(hold.name, hold.since)})
    assert held(now("1", target_cpa_micros=20_000_000), ended) == []
    assert held(now("1", target_cpa_micros=30_000_000), ended) != []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (now("1", target_cpa_micros=20_500_000), '"Brand": target CPA 0 is 20.5'),
        (
            now("1", strategy="TARGET_ROAS", target_roas=3.9618),
            '"Brand": bids by TARGET_ROAS, target ROAS 0 is 3.9618',
        ),
    ],
)
def test_what_a_person_has_ended_in_earlier_words_stays_ended(state: AccountState, words: str) -> None:
    (hold,) = settings_changed(BEFORE, state, ON)
    assert words not in hold.saw
    assert hold.detail == hashlib.sha256(words.encode()).hexdigest()[:8]


def test_nobody_is_asked_where_no_helper_could_be_retired() -> None:
    secondary = replace(now("1", target_cpa_micros=20_000_000), actions=a_state(an_action()).actions)
    assert held(secondary) == []


def test_targets_that_adsync_has_moved_meanwhile_are_nobodys_change() -> None:
    micros = TARGET_FIELDS["TARGET_CPA"]
    one, two = (a_campaign(n, strategy="TARGET_CPA", target_cpa_micros=10_000_000) for n in "12")
    moved = a_change(
        Verb.TARGET, kind=CAMPAIGN, object_id="1", before=fields(**{micros: 10e6}), after=fields(**{micros: 9e6})
    )
    entry = an_entry(change=moved)
    then = a_state(campaigns=(one, two))
    now = a_state(campaigns=(replace(one, target_cpa_micros=9_000_000), replace(two, target_cpa_micros=8_000_000)))
    assert list(moved_settings(with_own_settings(then, [entry], entry.opened_at), now)) == [
        '"Campaign 2": target CPA 10.00 > 8.00'
    ]
    later = entry.opened_at + timedelta(seconds=1)
    assert len(list(moved_settings(with_own_settings(then, [entry], later), now))) == 2
    failed = replace(entry, outcome=Outcome.FAILED)
    assert len(list(moved_settings(with_own_settings(then, [failed], entry.opened_at), now))) == 2
