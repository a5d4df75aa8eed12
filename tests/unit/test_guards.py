"""Guards hold decisions or take days out of evidence: settings, stale numbers, double counts, outages, sudden ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from adsync.decide.episodes import NOTHING_SEEN, Watched
from adsync.decide.guards import evidence, holds_of, inspect, usable_until
from adsync.model.account import Macro
from adsync.model.ads import AccountState, CampaignGoal, ConversionGoal, CustomGoal
from adsync.model.decision import Hold
from adsync.model.freeze import Freeze
from adsync.model.history import History
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import (
    MACRO_ID,
    TODAY,
    a_campaign,
    a_history,
    a_macro_action,
    a_series,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

YESTERDAY = TODAY - timedelta(days=1)


class Found(NamedTuple):
    """What the guards hold, and which days are no evidence."""

    holds: Sequence[Hold] = ()
    flagged: frozenset[date] = frozenset()


def found(
    macro: DailySeries | None = None,
    companion: DailySeries | None = None,
    *,
    clicks: DailySeries | None = None,
    state: AccountState | None = None,
    history: History | None = None,
    macros: Sequence[str] = ("Purchase (web)",),
) -> Found:
    series = macro or a_steady_series(60)
    account = an_account(macro=Macro(event_name="purchase", actions=tuple(macros)))
    night = history or a_history(series, clicks=clicks)
    watched = Watched(macro=series, companion=companion, clicks=night.clicks)
    health = inspect(account, Policy(), a_snapshot(state), night, watched, YESTERDAY)
    return Found(health.holds, evidence(Policy(), watched, health.seen, YESTERDAY).set_aside)


def codes(health: Found) -> list[str]:
    return [hold.code for hold in health.holds]


def then(before: float, days: int, after: float) -> DailySeries:
    """A daily count for long, then another one on the newest days."""
    return a_series(*[before] * (200 - days), *[after] * days)


# Settings and staleness ----------------------------------------------------------------------------------------------


def test_a_healthy_account_is_held_by_nothing() -> None:
    assert found(companion=a_steady_series(240), clicks=a_steady_series(3000)) == Found()


def test_a_macro_that_is_not_in_the_account_holds() -> None:
    health = found(macros=["Purchase (web)", "Sale"])
    assert codes(health) == ["macro_missing"]
    assert '"Sale"' in health.holds[0].saw and "adsync init" in health.holds[0].todo


@pytest.mark.parametrize(
    ("different", "words"),
    [({"status": "HIDDEN"}, "hidden and primary"), ({"primary_for_goal": False}, "enabled and secondary")],
)
def test_a_macro_that_does_not_count_holds(different: dict[str, Any], words: str) -> None:
    state = a_state(actions=(a_macro_action(**different),))
    health = found(state=state)
    assert codes(health) == ["macro_not_counting"]
    assert words in health.holds[0].saw


PURCHASES = ConversionGoal(category="PURCHASE", origin="WEBSITE", biddable=True)
NOT_PURCHASES = replace(PURCHASES, biddable=False)


@pytest.mark.parametrize(
    ("different", "held"),
    [
        ({"goals": (NOT_PURCHASES,)}, True),
        ({"goals": ()}, True),
        ({"goals": (NOT_PURCHASES,), "campaigns": ()}, False),
        ({"goals": (NOT_PURCHASES,), "campaigns": (a_campaign("1", strategy="MANUAL_CPC"),)}, False),
        ({"goals": (NOT_PURCHASES,), "campaigns": (a_campaign("1"), a_campaign("2", custom_goal_id="7"))}, False),
        ({"campaigns": (a_campaign("2", custom_goal_id="8"),)}, True),
        ({"campaigns": (a_campaign("1"), a_campaign("2", custom_goal_id="8"))}, False),
        ({"campaigns": (a_campaign("3", goal_level="CAMPAIGN"),)}, True),
        (
            {
                "goals": (NOT_PURCHASES,),
                "campaigns": (a_campaign("3", goal_level="CAMPAIGN"),),
                "campaign_goals": (
                    CampaignGoal(campaign_id="3", category="PURCHASE", origin="WEBSITE", biddable=True),
                ),
            },
            False,
        ),
    ],
)
def test_a_macro_that_no_campaign_would_bid_on_holds_everything(different: dict[str, Any], held: bool) -> None:
    customs = (
        CustomGoal(id="7", name="Sales", status="ENABLED", action_ids=(MACRO_ID,)),
        CustomGoal(id="8", name="Leads", status="ENABLED", action_ids=("999",)),
    )
    health = found(state=a_state(**{"goals": (PURCHASES,), "custom_goals": customs, **different}))
    assert codes(health) == ["macro_not_bid_on"] * held
    for hold in health.holds:
        assert hold.returns_too and "PURCHASE / WEBSITE" in hold.saw and "biddable" in hold.todo


def test_numbers_of_another_night_hold() -> None:
    health = found(history=a_history(conversions_as_of=YESTERDAY))
    assert codes(health) == ["stale"]
    assert health.holds[0].since == YESTERDAY and health.holds[0].todo == "Run: adsync pull"


def test_an_account_of_which_nothing_was_copied_holds() -> None:
    [hold] = found(history=a_history(conversions_as_of=None)).holds
    assert (hold.code, hold.since, hold.saw) == ("stale", TODAY, "No conversions are stored yet.")


# Two actions for one sale --------------------------------------------------------------------------------------------


def two_macros(first: DailySeries, second: DailySeries) -> Found:
    state = a_state(a_macro_action("101", name="Sale (GA4)"))
    history = a_history(conversions={MACRO_ID: first, "101": second})
    return found(state=state, history=history, macros=["Purchase (web)", "Sale (GA4)"])


def varied(per_30_days: float) -> DailySeries:
    """Good and bad days, of which none comes again after whole weeks."""
    return a_series(*[per_30_days / 30 * (0.5 + n % 11 / 10) for n in range(200)])


def test_two_macros_that_run_one_to_one_hold_until_a_person_names_one() -> None:
    health = two_macros(varied(60), varied(54))
    assert codes(health) == ["double_count"]
    assert '"Purchase (web)" (169 in 12 weeks) and "Sale (GA4)" (152) go one to one' in health.holds[0].saw


@pytest.mark.parametrize(
    ("different", "held"),
    [
        ({"ga4_event_name": "purchase"}, True),
        ({"ga4_event_name": "purchase", "primary_for_goal": False}, False),
        ({"ga4_event_name": "purchase", "status": "HIDDEN"}, False),
        ({"ga4_event_name": "", "category": "PURCHASE", "type": "WEBPAGE"}, True),
        ({"ga4_event_name": "add_payment_info"}, False),
    ],
)
def test_a_sale_that_bidding_counts_twice_holds_though_one_action_is_named(
    different: dict[str, Any], held: bool
) -> None:
    state = a_state(an_action("300", **{"primary_for_goal": True, **different}))
    history = a_history(conversions={MACRO_ID: varied(60), "300": varied(56)})
    health = found(state=state, history=history)
    assert codes(health) == ["double_count"] * held
    if held:
        assert "secondary" in health.holds[0].todo


def test_pairs_that_a_person_has_looked_at_do_not_hide_others() -> None:
    state = a_state(a_macro_action("101", name="Sale (GA4)"), a_macro_action("102", name="Sale (shop)"))
    history = a_history(conversions=dict.fromkeys((MACRO_ID, "101", "102"), varied(60)))
    account = an_account(macro=Macro(event_name="purchase", actions=("Purchase (web)", "Sale (GA4)")))

    def names(*cleared: str) -> list[str]:
        watched, ended = Watched(macro=varied(120)), {(name, TODAY) for name in cleared}
        health = inspect(account, Policy(), a_snapshot(state), history, watched, YESTERDAY, ended)
        return [hold.name for hold in health.holds]

    assert names() == ["double_count 100+101", "double_count 100+102", "double_count 101+102"]
    assert names("double_count 100+101") == ["double_count 100+102", "double_count 101+102"]


def test_two_macros_on_different_days_are_two_kinds_of_sale() -> None:
    even = a_series(*[2.0, 0.0] * 100)
    odd = a_series(*[0.0, 2.0] * 100)
    assert codes(two_macros(even, odd)) == []


@pytest.mark.parametrize(("second", "held"), [(41.4, False), (42.6, True)])
def test_macros_go_one_to_one_when_seven_in_ten_are_shared(second: float, held: bool) -> None:
    assert codes(two_macros(varied(60), varied(second))) == ["double_count"] * held


@pytest.mark.parametrize(("first", "held"), [(3.5, False), (3.6, True)])
def test_fewer_than_ten_in_twelve_weeks_are_not_compared(first: float, held: bool) -> None:
    assert codes(two_macros(varied(first), varied(4.2))) == ["double_count"] * held


def test_days_that_one_of_the_macros_does_not_know_are_not_shared() -> None:
    partly = varied(60).without(TODAY - timedelta(days=n) for n in range(1, 21))
    for pair in ((partly, varied(60)), (varied(60), partly)):
        assert codes(two_macros(*pair)) == ["double_count"]


@pytest.mark.parametrize("known", [MACRO_ID, "101"])
def test_a_macro_without_numbers_is_not_compared(known: str) -> None:
    state = a_state(a_macro_action("101", name="Sale (GA4)"))
    history = a_history(conversions={known: a_steady_series(60)})
    assert codes(found(state=state, history=history, macros=["Purchase (web)", "Sale (GA4)"])) == []


def test_the_same_action_by_name_and_by_id_is_one_macro() -> None:
    account = an_account(macro=Macro(event_name="purchase", actions=("Purchase (web)", MACRO_ID)))
    assert [a.id for a in account.macro_actions(a_state())] == [MACRO_ID]
    assert codes(found(macros=["Purchase (web)", MACRO_ID])) == []


# Silence -------------------------------------------------------------------------------------------------------------


def test_a_silent_macro_while_the_helper_goes_on_is_a_broken_tag_and_its_days_are_no_evidence() -> None:
    health = found(then(2.0, 5, 0.0), a_steady_series(240), clicks=a_steady_series(3000))
    assert codes(health) == ["outage"]
    assert health.flagged == {TODAY - timedelta(days=n) for n in range(1, 6)}
    assert health.holds[0].since == TODAY - timedelta(days=5)
    assert "while visitors went on; this looks like a broken tag" in health.holds[0].saw
    assert health.holds[0].todo == (
        "Check the purchase tag. No helper is retired until conversions are back; helpers may come back."
    )


def test_without_a_helper_silence_is_taken_for_a_broken_tag_too() -> None:
    health = found(then(2.0, 5, 0.0))
    assert codes(health) == ["outage"]
    assert "very unlikely at the usual pace; whether visitors went on is not known. This looks" in health.holds[0].saw


def test_two_silent_days_are_no_outage() -> None:
    assert found(then(20.0, 2, 0.0), a_steady_series(240)) == Found()


@pytest.mark.parametrize(("per_30_days", "outage"), [(62, False), (63, True)])
def test_silence_is_an_outage_when_its_chance_is_under_two_in_a_thousand(per_30_days: float, outage: bool) -> None:
    # exp(-3 x 62 / 30) is 0.0020, exp(-3 x 63 / 30) is 0.0018.
    assert codes(found(then(per_30_days / 30, 3, 0.0), a_steady_series(600))) == ["outage"] * outage


def test_what_is_usual_is_read_from_the_eight_weeks_before() -> None:
    macro = a_series(*[900.0] * 139, *[1.0] * 56, *[0.0] * 5)
    assert found(macro, a_steady_series(600)) == Found()


def test_silence_that_is_likely_is_no_outage() -> None:
    # At 10 a month six silent days come by chance in 13 % of cases.
    assert found(then(1 / 3, 6, 0.0), a_steady_series(240)) == Found()


def test_silence_of_a_lumpy_account_is_less_of_an_outage() -> None:
    # exp(-2 x 4) is under 0.2 %, exp(-2 x 4 / phi) with the dispersion of such weeks is not.
    lumpy = a_series(*([0.0] * 7 + [4.0] * 7) * 14, *[0.0] * 4)
    even = a_series(*[2.0] * 196, *[0.0] * 4)
    assert codes(found(even, a_steady_series(240))) == ["outage"]
    # A helper that is as lumpy: its weeks and the macro's go together.
    assert codes(found(lumpy, a_series(*([4.0] * 7 + [12.0] * 7) * 14, *[12.0] * 4))) == []


@pytest.mark.parametrize(
    "companion",
    [
        a_series(*[8.0] * 195, *[None] * 5),
        a_series(*[None] * 195, *[8.0] * 5),
        a_series(*[0.0] * 195, *[8.0] * 5),
    ],
    ids=["unknown now", "unknown before", "none before"],
)
def test_a_helper_of_which_too_little_is_known_does_not_excuse_the_tag(companion: DailySeries) -> None:
    assert codes(found(then(2.0, 5, 0.0), companion)) == ["outage"]


def test_an_unknown_day_is_not_a_silent_one() -> None:
    macro = a_series(*[2.0] * 195, 0.0, 0.0, None, 0.0, 0.0)
    assert found(macro, a_steady_series(240)) == Found()


def test_an_outage_that_is_over_is_no_evidence_and_holds_nothing() -> None:
    macro = a_series(*[2.0] * 180, *[0.0] * 6, *[2.0] * 14)
    health = found(macro, a_steady_series(240))
    assert health.holds == ()
    assert health.flagged == {TODAY - timedelta(days=n) for n in range(15, 21)}


def test_an_outage_that_ended_before_the_evidence_begins_does_not_matter() -> None:
    macro = a_series(*[2.0] * 66, *[0.0] * 14, *[2.0] * 120)
    assert found(macro, a_steady_series(240)) == Found()


def test_silence_of_macro_and_clicks_is_a_pause_and_stays_evidence() -> None:
    health = found(then(2.0, 6, 0.0), then(8.0, 6, 1.0), clicks=then(100.0, 6, 10.0))
    assert codes(health) == ["paused"]
    assert health.flagged == frozenset()
    assert health.holds[0].since == TODAY - timedelta(days=6)


@pytest.mark.parametrize(("left", "code"), [(0.49, "paused"), (0.51, "outage")])
def test_clicks_that_fell_by_half_are_a_pause(left: float, code: str) -> None:
    clicks = then(100.0, 6, 100.0 * left)
    assert codes(found(then(2.0, 6, 0.0), a_steady_series(240), clicks=clicks)) == [code]


@pytest.mark.parametrize(("left", "code"), [(0.49, "silence"), (0.51, "outage")])
def test_a_helper_that_fell_by_half_says_that_it_is_not_the_macros_tag(left: float, code: str) -> None:
    assert codes(found(then(2.0, 6, 0.0), then(8.0, 6, 8.0 * left))) == [code]


def test_a_pause_that_is_over_holds_nothing() -> None:
    def paused(usual: float, meanwhile: float) -> DailySeries:
        return a_series(*[usual] * 180, *[meanwhile] * 6, *[usual] * 14)

    health = found(paused(2.0, 0.0), paused(8.0, 0.0), clicks=paused(100.0, 5.0))
    assert health == Found()


def test_silence_of_macro_and_helper_while_people_click_stays_evidence_and_holds_as_long_as_it_lasts() -> None:
    health = found(then(2.0, 6, 0.0), then(8.0, 6, 1.0), clicks=a_steady_series(3000))
    assert codes(health) == ["silence"]
    assert health.flagged == frozenset()
    assert health.holds[0].since == TODAY - timedelta(days=6)
    over = a_series(*[2.0] * 180, *[0.0] * 6, *[2.0] * 14)
    assert found(over, a_series(*[8.0] * 180, *[1.0] * 6, *[8.0] * 14)) == Found()


@pytest.mark.parametrize(
    ("clicks", "companion", "code"),
    [(45.0, 8.0, "paused"), (100.0, 0.38 * 8, "silence"), (45.0, 3.0, "paused")],
)
def test_less_traffic_is_how_things_are_after_three_weeks_and_helpers_may_come_back(
    clicks: float, companion: float, code: str
) -> None:
    def after(days: int) -> Found:
        macro, helper = a_series(*[2.0] * 100, *[0.0] * days), a_series(*[8.0] * 100, *[companion] * days)
        return found(macro, helper, clicks=a_series(*[100.0] * 100, *[clicks] * days))

    assert [hold.returns_too for hold in after(21).holds if hold.code == code] == [True]
    for days in (22, 40, 300):
        assert [(hold.code, hold.returns_too) for hold in after(days).holds] == [("not_recording", False)], days


@pytest.mark.parametrize(("clicks", "companion"), [(9.0, 8.0), (100.0, 0.7), (45.0, 0.0)])
def test_what_is_truly_paused_or_dead_holds_for_as_long_as_that_lasts(clicks: float, companion: float) -> None:
    macro, helper = a_series(*[2.0] * 100, *[0.0] * 300), a_series(*[8.0] * 100, *[companion] * 300)
    health = found(macro, helper, clicks=a_series(*[100.0] * 100, *[clicks] * 300))
    assert [hold.returns_too for hold in health.holds] == [True]


def test_clicks_that_are_back_after_a_long_pause_let_helpers_come_back() -> None:
    clicks = a_series(*[100.0] * 100, *[0.0] * 60, *[100.0] * 7)
    health = found(a_series(*[2.0] * 100, *[0.0] * 67), clicks=clicks)
    assert [(hold.code, hold.returns_too) for hold in health.holds] == [("not_recording", False)]


def test_a_silence_begins_with_its_first_day_however_long_it_lasts() -> None:
    macro = a_series(*[2.0] * 100, *[0.0] * 70, None, *[0.0] * 9)
    assert [(h.code, h.since) for h in found(macro).holds] == [("not_recording", TODAY - timedelta(days=80))]


# A sudden ratio ------------------------------------------------------------------------------------------------------


def test_a_macro_that_suddenly_outruns_its_helper_may_be_counted_twice() -> None:
    health = found(then(2.0, 7, 4.0), a_steady_series(240))
    assert codes(health) == ["ratio"]
    assert "Purchases rose 2.0 times faster" in health.holds[0].saw
    # It is first seen when all of the seven newest days are too high.
    assert health.holds[0].since == TODAY - timedelta(days=7)
    assert health.flagged == {TODAY - timedelta(days=n) for n in range(1, 8)}


def test_a_tag_that_counted_twice_holds_for_four_weeks_and_its_days_stay_no_evidence() -> None:
    companion = a_steady_series(240)
    week = [4.0] * 7
    held = found(a_series(*[2.0] * 166, *week, *[2.0] * 27), companion)
    assert codes(held) == ["ratio"]
    over = found(a_series(*[2.0] * 160, *week, *[2.0] * 33), companion)
    assert codes(over) == [] and {TODAY - timedelta(days=n) for n in range(34, 41)} <= over.flagged


def test_a_new_level_is_usual_after_nine_weeks() -> None:
    assert codes(found(a_series(*[2.0] * 160, *[4.0] * 40), a_steady_series(240))) == ["ratio"]
    assert codes(found(a_series(*[2.0] * 80, *[4.0] * 120), a_steady_series(240))) == []


def test_a_macro_that_rises_with_its_helper_is_welcome() -> None:
    assert found(then(2.0, 7, 4.0), then(8.0, 7, 16.0)) == Found()


def test_a_rise_that_may_be_chance_holds_nothing() -> None:
    # Twice as many, but 7 instead of 3.5 come by chance in one week of ten.
    assert found(then(0.5, 7, 1.0), a_steady_series(60)) == Found()


@pytest.mark.parametrize(("newest", "held"), [(17, False), (18, True)])
def test_a_rise_counts_when_its_chance_is_under_two_in_a_thousand(newest: int, held: bool) -> None:
    assert codes(found(then(1.0, 7, newest / 7), a_steady_series(240))) == ["ratio"] * held


@pytest.mark.parametrize(("times", "held"), [(1.38, False), (1.42, True)])
def test_a_rise_counts_when_it_is_by_two_fifths(times: float, held: bool) -> None:
    assert codes(found(then(1000.0, 7, 1000.0 * times), a_steady_series(120_000))) == ["ratio"] * held


def test_while_a_tag_is_silent_its_ratio_is_no_question() -> None:
    macro = a_series(*[2.0] * 185, *[5.0] * 10, *[0.0] * 5)
    ratio, outage = found(macro, a_steady_series(240)).holds
    assert (ratio.code, outage.code) == ("ratio", "outage")
    assert outage.since == TODAY - timedelta(days=5)


def test_a_certain_rise_by_little_holds_nothing() -> None:
    assert found(then(100.0, 7, 130.0), a_steady_series(12_000)) == Found()


def test_a_macro_that_falls_behind_its_helper_is_no_double_count() -> None:
    assert found(then(4.0, 7, 1.0), a_steady_series(240)) == Found()


def test_days_that_only_one_of_both_knows_tilt_no_ratio() -> None:
    macro, companion = a_steady_series(300), a_steady_series(1200)
    gap = [TODAY - timedelta(days=n) for n in range(2, 6)]
    assert found(macro, companion.without(gap)) == Found()
    assert found(macro.without(gap), companion) == Found()


def test_a_week_and_four_weeks_before_are_wanted_to_compare() -> None:
    known = 34
    macro = a_series(*[2.0] * (known - 7), *[6.0] * 7)
    assert codes(found(macro, a_steady_series(240))) == []
    assert codes(found(a_series(2.0, *macro.values), a_steady_series(240))) == ["ratio"]


def test_a_macro_of_nothing_has_no_ratio() -> None:
    assert found(a_steady_series(0), a_steady_series(240)) == Found()


# Which days are all in -----------------------------------------------------------------------------------------------


def test_last_click_web_tags_are_in_by_the_next_day() -> None:
    assert usable_until([a_macro_action()], TODAY) == YESTERDAY


def test_everything_else_takes_three_days() -> None:
    mirror = an_action(attribution_model="GOOGLE_ADS_LAST_CLICK")
    data_driven = a_macro_action(attribution_model="GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN")
    for actions in ([mirror], [data_driven], [a_macro_action("99"), data_driven]):
        assert usable_until(actions, TODAY) == TODAY - timedelta(days=3)


def test_the_macros_come_in_the_order_of_the_config() -> None:
    account = an_account(macro=Macro(event_name="purchase", actions=("Sale", "Purchase (web)", "Gone")))
    state = a_state(a_macro_action("90", name="Sale"))
    assert [a.id for a in account.macro_actions(state)] == ["90", MACRO_ID]


# Declared seasons -----------------------------------------------------------------------------------------------------


def season(first: date, last: date, why: str = "", *, every_year: bool = False) -> Policy:
    return Policy(freezes=(Freeze(days=Window(first, last), why=why, every_year=every_year),))


def test_a_declared_season_holds_everything_and_says_what_it_is() -> None:
    last = TODAY + timedelta(days=3)
    (hold,) = holds_of(season(TODAY, last, "Black Friday"), "purchase", NOTHING_SEEN, YESTERDAY, TODAY)
    assert (hold.code, hold.since, hold.returns_too) == ("freeze", TODAY, True)
    assert hold.saw.startswith(f"Black Friday lasts from {TODAY} to {last}: nothing changes inside.")
    assert hold.todo == "You need do nothing."
    (nameless,) = holds_of(season(TODAY, last), "purchase", NOTHING_SEEN, YESTERDAY, TODAY)
    assert nameless.saw.startswith("A declared season lasts from")


def test_a_season_holds_neither_before_nor_after() -> None:
    for days in (-1, 1):
        day = TODAY + timedelta(days=days)
        assert holds_of(season(day, day), "purchase", NOTHING_SEEN, YESTERDAY, TODAY) == []


def test_a_season_of_every_year_holds_this_year_and_takes_its_days_out_of_evidence() -> None:
    first, last = date(TODAY.year - 3, 5, 20), date(TODAY.year - 3, 5, 27)
    policy = season(first, last, every_year=True)
    watched = Watched(macro=a_steady_series(60), companion=a_steady_series(240))
    assert holds_of(policy, "purchase", NOTHING_SEEN, YESTERDAY, first.replace(year=TODAY.year)) != []
    series = evidence(policy, watched, NOTHING_SEEN, YESTERDAY)
    assert series.set_aside == frozenset(Window(first.replace(year=TODAY.year), last.replace(year=TODAY.year)))
    assert series.helper is not None and series.helper.at(first.replace(year=TODAY.year)) is None
