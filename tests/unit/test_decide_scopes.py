"""One decision of the answers of several scopes: a helper is primary or secondary for the whole account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adsync.decide.account import decide_account
from adsync.model.ads import Campaign, CampaignGoal, ConversionAction, ConversionGoal
from adsync.model.change import fields
from adsync.model.decision import Counters, Decisions, ScopeCounters, Verb, next_check
from adsync.model.freeze import Freeze
from adsync.model.log import LeftAs, Past
from adsync.model.policy import Policy
from adsync.model.scope import ScopeKind
from adsync.model.volume import ActionDay, CampaignVolume
from adsync.model.window import Window
from adsync.render.terminal import scope_cells, scope_columns
from adsync.score import score_candidates
from tests.builders import (
    MACRO_ID,
    NOW,
    TODAY,
    a_baseline,
    a_campaign,
    a_funnel,
    a_history,
    a_hold,
    a_last_change,
    a_series,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

SEARCH, SHOPPING = a_campaign("1", name="Search"), a_campaign("2", name="Shopping", strategy="TARGET_ROAS")
OURS = Past(managed=frozenset({"200"}))
TRUSTED = replace(OURS, trusted=frozenset({"200"}))
SHOWN = Counters(checked_on=TODAY - timedelta(days=7), above=2, below=1)


def decided(
    search: float,
    shopping: float,
    *actions: ConversionAction,
    spend: tuple[int, int] = (5, 5),
    campaigns: tuple[Campaign, ...] = (SEARCH, SHOPPING),
    past: Past = TRUSTED,
    counters: ScopeCounters | None = None,
    **history: object,
) -> tuple[Decisions, ScopeCounters]:
    """A night of two scopes with these macros a month, the first bidding for conversions, the second for value."""
    account = an_account()
    months = {"conversions": search, "value": shopping}
    volumes = [
        CampaignVolume(campaign_id=str(n), conversions=2.8 * month, cost_micros=cost)
        for n, (month, cost) in enumerate(zip(months.values(), spend, strict=True), 1)
    ]
    known = a_history(
        a_steady_series(search + shopping),
        by_scope={key: a_steady_series(month) for key, month in months.items()},
        campaigns=tuple(volumes),
        **history,
    )
    evidence = score_candidates(account, (a_baseline(), a_funnel("add_to_cart", 400, 120)))
    return decide_account(
        account,
        a_snapshot(a_state(*actions, campaigns=campaigns), ("purchase", "add_to_cart")),
        known,
        evidence,
        past,
        {"conversions": SHOWN, "value": SHOWN} if counters is None else counters,
    )


def bid_on() -> ConversionAction:
    return an_action(primary_for_goal=True)


def verbs(decisions: Decisions) -> dict[str, Verb | None]:
    return {d.event_name: d.verb for d in decisions.each}


def test_a_helper_goes_where_all_scopes_can_do_without() -> None:
    decisions, _ = decided(60, 90, bid_on())
    assert verbs(decisions)["add_to_cart"] is Verb.DEMOTE
    assert decisions.demand.needs_person == "" and decisions.demand.automatic
    assert [(s.name, s.verdict, s.spend) for s in decisions.demand.scopes] == [
        ('"Search"', "demote", 0.5),
        ('"Shopping"', "demote", 0.5),
    ]


def test_each_scope_has_the_demand_line_of_how_it_bids() -> None:
    decisions, _ = decided(45, 45, bid_on())
    assert [s.standing.demand for s in decisions.demand.scopes] == [30, 50]
    assert [s.verdict for s in decisions.demand.scopes] == ["demote", "keep"]
    assert "30 a month where campaigns bid for conversions" in decisions.demand.line
    assert "and 50 a month where they bid for value" in decisions.demand.line


def test_where_half_of_the_spend_needs_it_a_helper_stays_and_the_other_way_is_named() -> None:
    decisions, _ = decided(60, 20, bid_on())
    assert decisions.demand.verdict == "keep" and verbs(decisions)["add_to_cart"] is None
    assert (
        '"Search" could do without a helper, but that is 50 % of the spend (70 % are wanted)' in decisions.demand.reason
    )
    assert "Campaign goals can switch a category of its own off there alone." in decisions.demand.reason


@pytest.mark.parametrize(("spend", "goes"), [((7, 3), True), ((69, 31), False)])
def test_a_helper_goes_where_most_of_the_spend_can_do_without(spend: tuple[int, int], goes: bool) -> None:
    decisions, _ = decided(60, 20, bid_on(), spend=spend)
    assert (decisions.demand.verdict == "demote") == goes
    if goes:
        assert decisions.demand.needs_person == ""
        assert 'It will be missing in "Shopping" (30 % of the spend).' in decisions.demand.reason
        assert "kept there by campaign goals" in decisions.demand.reason


def test_thin_campaigns_within_scopes_that_agree_still_ask_a_person() -> None:
    towns = [a_campaign(str(n), name=f"Town {n}") for n in range(1, 6)]
    decisions, _ = decide_account(
        an_account(),
        a_snapshot(a_state(bid_on(), campaigns=towns)),
        a_history(
            a_steady_series(60),
            campaigns=tuple(CampaignVolume(campaign_id=c.id, conversions=33.6, cost_micros=1) for c in towns),
        ),
        (),
        TRUSTED,
        {"conversions": SHOWN},
    )
    assert decisions.demand.verdict == "demote" and "Only 0 % of the spend" in decisions.demand.needs_person


def test_helpers_come_back_where_more_than_the_rest_of_the_spend_starves() -> None:
    for spend, back in (((69, 31), True), ((71, 29), False)):
        decisions, _ = decided(60, 8, an_action(), spend=spend)
        assert (decisions.demand.verdict == "restore") == back
        assert (verbs(decisions)["add_to_cart"] is Verb.RESTORE) == back
    assert '"Shopping" could use the helper again, but 71 % of the spend does without' in decisions.demand.reason


def test_where_no_helper_rests_nothing_is_said_of_when_it_comes_back() -> None:
    for action, rests in ((bid_on(), False), (an_action(), True)):
        scopes = decided(60, 25, action)[0].demand.scopes
        assert [scope.helpers_rest for scope in scopes] == [rests, rests]
        columns = scope_columns(scopes)
        assert ("Helpers back at" in columns) == rests
        for scope in scopes:
            cells = scope_cells(scope, scopes)
            assert len(cells) == len(columns)
            assert any("or fewer" in cell for cell in cells) == rests
    resting, none_rests = scopes[0], replace(scopes[1], helpers_rest=False)
    by_column = dict(
        zip(scope_columns((resting, none_rests)), scope_cells(none_rests, (resting, none_rests)), strict=True)
    )
    assert by_column["Helpers back at"] == "none rests"


def test_a_week_that_was_cut_back_shows_in_the_table_as_in_the_sentence_above_it() -> None:
    scope = decided(60, 25, bid_on())[0].demand.scopes[0]
    for weekly, counted, shown in (
        ((23.0, *[13.0] * 11), 163.6, "164 of 166"),
        ((13.0,) * 12, 156.0, "156"),
        ((13.2, *[13.0] * 11), 156.0, "156"),
        ((), 0.0, "0"),
    ):
        standing = replace(scope.standing, weekly=weekly, counted=counted)
        cells = dict(
            zip(scope_columns((scope,)), scope_cells(replace(scope, standing=standing), (scope,)), strict=True)
        )
        assert cells["12 weeks"] == shown


def test_what_a_scope_does_not_bid_on_is_none_of_its_helpers() -> None:
    """Shopping has goals of its own, without the helper's: only Search decides on it."""

    cart = an_action(category="ADD_TO_CART", primary_for_goal=True)
    own = replace(SHOPPING, goal_level="CAMPAIGN")
    state = a_state(
        cart,
        campaigns=(SEARCH, own),
        goals=tuple(ConversionGoal(category=c, origin="WEBSITE", biddable=True) for c in ("PURCHASE", "ADD_TO_CART")),
        campaign_goals=(CampaignGoal(campaign_id="2", category="PURCHASE", origin="WEBSITE", biddable=True),),
    )
    key = "value on PURCHASE/WEBSITE"
    decisions, after = decide_account(
        an_account(),
        a_snapshot(state),
        a_history(
            a_steady_series(70),
            by_scope={"conversions": a_steady_series(60), key: a_steady_series(10)},
            campaigns=(
                CampaignVolume(campaign_id="1", conversions=168, cost_micros=1),
                CampaignVolume(campaign_id="2", conversions=28, cost_micros=9),
            ),
        ),
        (),
        TRUSTED,
        {"conversions": SHOWN, key: SHOWN},
    )
    assert verbs(decisions)["add_to_cart"] is Verb.DEMOTE and set(after) == {"conversions", key}
    assert "missing in" not in decisions.demand.reason


def test_each_scope_counts_its_own_checks() -> None:
    _, after = decided(60, 20, bid_on())
    assert (after["conversions"].above, after["value"].above) == (3, 0)
    assert {each.checked_on for each in after.values()} == {TODAY}


def test_counters_of_the_time_when_an_account_was_one_scope_go_on() -> None:
    decisions, after = decide_account(
        an_account(), a_snapshot(a_state(bid_on())), a_history(a_steady_series(60)), (), TRUSTED, {"": SHOWN}
    )
    assert decisions.demand.verdict == "demote" and after["conversions"].above == 3


def test_new_scopes_begin_anew_and_absent_ones_go_on_where_they_were() -> None:
    old = replace(SHOWN, checked_on=TODAY - timedelta(days=85))
    before = {"portfolio 9": SHOWN, "portfolio 8": old, "": SHOWN, "conversions": SHOWN}
    decisions, after = decided(60, 90, bid_on(), counters=before)
    assert set(after) == {"conversions", "value", "portfolio 9"} and after["value"].above == 1
    assert after["portfolio 9"] == SHOWN and next_check(after, 7) == TODAY + timedelta(days=7)
    assert decisions.demand.verdict == "keep"


def test_a_scope_that_rests_for_a_night_keeps_its_say_and_its_checks() -> None:
    resting = replace(SHOPPING, status="PAUSED")
    standing = Counters(checked_on=TODAY - timedelta(days=2), above=3, standing="demote")
    counters = {"conversions": standing, "value": replace(standing, above=0, standing="keep")}
    for campaigns in ((SEARCH, SHOPPING), (SEARCH, resting)):
        decisions, after = decided(60, 10, bid_on(), spend=(20, 80), campaigns=campaigns, counters=counters)
        assert decisions.demand.verdict == "keep" and set(after) == {"conversions", "value"}
    decisions, after = decided(60, 10, an_action(), spend=(40, 60), campaigns=(SEARCH, resting))
    assert decisions.demand.verdict == "restore" and after["value"].below == 2


def test_a_scope_that_has_rested_for_as_long_as_anything_counts_has_no_say() -> None:
    decisions, _ = decided(60, 10, bid_on(), spend=(20, 0), campaigns=(SEARCH, replace(SHOPPING, status="PAUSED")))
    assert [s.name for s in decisions.demand.scopes] == ['"Search"'] and decisions.demand.verdict == "demote"


def test_who_bids_on_the_helper_and_not_on_the_macro_is_asked_as_well() -> None:
    """Prospecting costs most and bids on carts alone."""
    prospecting = a_campaign("2", name="Prospecting", goal_level="CAMPAIGN")
    state = a_state(
        an_action(category="ADD_TO_CART", primary_for_goal=True),
        campaigns=(SEARCH, prospecting),
        campaign_goals=(CampaignGoal(campaign_id="2", category="ADD_TO_CART", origin="WEBSITE", biddable=True),),
    )
    for costs, goes in (((5, 95), False), ((75, 25), True)):
        decisions, _ = decide_account(
            an_account(),
            a_snapshot(state),
            a_history(
                a_steady_series(60),
                by_scope={"conversions": a_steady_series(60)},
                campaigns=[
                    CampaignVolume(campaign_id=i, conversions=168, cost_micros=c)
                    for i, c in zip("12", costs, strict=True)
                ],
            ),
            (),
            TRUSTED,
            {"conversions": SHOWN},
        )
        assert (decisions.demand.verdict == "demote") == goes
        assert not goes or 'It will be missing in "Prospecting" (25 % of the spend).' in decisions.demand.reason


def test_of_a_portfolio_only_those_count_that_bid_on_the_helper() -> None:
    big, small = (
        a_campaign(i, name=name, portfolio_id="9", strategy="TARGET_CPA", goal_level=level)
        for i, name, level in (("1", "Big", "CAMPAIGN"), ("2", "Small", "CUSTOMER"))
    )
    state = a_state(
        an_action(category="ADD_TO_CART", primary_for_goal=True),
        campaigns=(big, small, a_campaign("3", name="Own")),
        campaign_goals=(CampaignGoal(campaign_id="1", category="PURCHASE", origin="WEBSITE", biddable=True),),
    )
    decisions, _ = decide_account(
        an_account(),
        a_snapshot(state),
        a_history(
            a_steady_series(70),
            by_scope={"portfolio 9": a_steady_series(60), "conversions": a_steady_series(10)},
            campaigns=[
                CampaignVolume(campaign_id=i, conversions=90, cost_micros=c)
                for i, c in zip("123", (80, 2, 18), strict=True)
            ],
        ),
        (),
        TRUSTED,
        {"portfolio 9": SHOWN, "conversions": SHOWN},
    )
    assert decisions.demand.verdict == "keep" and "but that is 10 % of the spend" in decisions.demand.reason


def test_a_declared_sale_makes_no_campaign_strong() -> None:
    """Five campaigns of ten a month, and 33 days of three times as many that are declared."""
    sale = Window.ending(TODAY - timedelta(days=20), days=33)
    towns = [a_campaign(str(n), name=f"Town {n}") for n in range(1, 6)]
    days = [(5 if day in sale else 5 / 3) for day in Window.ending(TODAY - timedelta(days=1), days=400)]
    each = sum(days[-84:]) / 5
    for freezes in ((), (Freeze(days=sale, why="sale"),)):
        decisions, _ = decide_account(
            an_account(policy=Policy(freezes=freezes)),
            a_snapshot(a_state(bid_on(), campaigns=towns)),
            a_history(
                a_series(*days),
                campaigns=tuple(CampaignVolume(campaign_id=c.id, conversions=each, cost_micros=1) for c in towns),
            ),
            (),
            TRUSTED,
            {"conversions": SHOWN},
        )
        if freezes:
            assert "Only 0 % of the spend" in decisions.demand.needs_person


def test_after_a_helper_was_switched_by_hand_a_person_is_asked_about_the_next() -> None:
    two = Past(managed=frozenset({"200", "201"}), trusted=frozenset({"200", "201"}), left=(
        LeftAs(action_id="201", event_name="begin_checkout", fields=fields(primary_for_goal=True), at=NOW - timedelta(days=60),
               on=TODAY - timedelta(days=60)),
    ))  # fmt: skip
    decisions, _ = decided(60, 90, bid_on(), an_action("201", ga4_event_name="begin_checkout"), past=two)
    assert decisions.demand.verdict == "demote" and "by hand" in decisions.demand.needs_person


def test_a_hold_is_said_once() -> None:
    decisions, _ = decided(60, 90, bid_on(), conversions_as_of=TODAY - timedelta(days=2))
    assert decisions.demand.verdict == "hold"
    assert decisions.demand.reason.count("The conversions were last copied on") == 1
    assert a_hold().code != decisions.demand.holds[0].code == "stale"


def test_one_change_within_a_cycle_waits_for_a_person_whichever_scope_asks() -> None:
    past = replace(TRUSTED, last_change=a_last_change(60, "up"))
    decisions, _ = decided(60, 90, bid_on(), past=past)
    assert decisions.demand.verdict == "demote" and "a person decides" in decisions.demand.needs_person


def test_a_first_helper_is_offered_where_more_than_the_rest_of_the_spend_starves() -> None:
    recent = tuple(
        ActionDay(
            date=TODAY - timedelta(days=5), campaign_id=campaign, action_id="200",
            conversions=0, all_conversions=count, value=0, all_value=0,
        )
        for campaign, count in (("1", 60.0), ("2", 40.0))
    )  # fmt: skip
    known = {MACRO_ID: a_steady_series(80), "200": a_steady_series(300)}
    # Campaigns that bid for value know what it is worth.
    helper = an_action(default_value=5.0, always_use_default_value=True)
    for spend, offered in (((69, 31), True), ((71, 29), False)):
        decisions, _ = decided(
            72,
            8,
            helper,
            past=OURS,
            spend=spend,
            conversions=known,
            values={MACRO_ID: a_steady_series(8_000)},
            recent=recent,
        )
        move = next(d for d in decisions.each if d.event_name == "add_to_cart")
        assert (move.verb is Verb.PROMOTE) == offered
        if offered:
            # 40 % of what the helper records comes from where the macro is too rare.
            assert "gives bidding 120 conversions a month to learn from (65 are wanted)" in move.because


def test_many_scopes_are_told_in_short() -> None:
    campaigns = tuple(a_campaign(str(n), name=f"Town {n}") for n in range(1, 7))
    account = an_account(scope=ScopeKind.CAMPAIGN)
    each = {f"campaign {c.id}": a_steady_series(9) for c in campaigns}
    decisions, _ = decide_account(
        account,
        a_snapshot(a_state(bid_on(), campaigns=campaigns)),
        a_history(a_steady_series(54), by_scope=each),
        (),
        TRUSTED,
        {},
    )
    assert len(decisions.demand.scopes) == 6
    assert decisions.demand.reason.startswith('"Town 1": Helpers stay. 25 purchases in the last 12 weeks')
    assert '"Town 4"' not in decisions.demand.reason and "And 3 more: adsync status" in decisions.demand.reason
