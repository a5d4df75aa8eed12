"""All decisions of one night: who is observed, who is bid on, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adsync.decide.account import decide_account
from adsync.model.account import Account, Macro
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.analytics import Funnel
from adsync.model.decision import Counters, Decision, Decisions, Verb
from adsync.model.evidence import Interval
from adsync.model.history import History
from adsync.model.log import Past, Promoted
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.score import score_candidates
from tests.builders import (
    MACRO_ID,
    TODAY,
    a_baseline,
    a_campaign,
    a_candidate,
    a_customer,
    a_funnel,
    a_history,
    a_last_change,
    a_macro_action,
    a_series,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

CART, CHECKOUT = "add_to_cart", "begin_checkout"
GOOD_FUNNELS = (a_baseline(), a_funnel(CART, 400, 120), a_funnel(CHECKOUT, 250, 100))


def cart(**different: Any) -> ConversionAction:
    return an_action("200", **different)


def checkout(**different: Any) -> ConversionAction:
    return an_action("201", ga4_event_name=CHECKOUT, **different)


def decided(
    *actions: ConversionAction,
    account: Account | None = None,
    state: AccountState | None = None,
    funnels: Sequence[Funnel] = GOOD_FUNNELS,
    history: History | None = None,
    key_events: Sequence[str] | None = None,
    past: Past | None = None,
    counters: Counters | None = None,
    then: AccountState | None = None,
) -> Decisions:
    chosen = account or an_account()
    decisions, _ = decide_account(
        chosen,
        a_snapshot(state or a_state(*actions), key_events),
        history or a_history(),
        score_candidates(chosen, funnels),
        past or Past(),
        {"": counters or Counters()},
        then=then,
    )
    return decisions


def about(event: str, decisions: Decisions) -> Decision:
    return next(d for d in decisions.each if d.event_name == event)


def month(per_30_days: float, **actions: float) -> History:
    """Conversions a month of the macro, and of the actions by their id (as a200=40)."""
    series: dict[str, DailySeries] = {MACRO_ID: a_steady_series(per_30_days)}
    series |= {name.removeprefix("a"): a_steady_series(count) for name, count in actions.items()}
    return a_history(conversions=series)


OURS = Past(managed=frozenset({"200", "201"}))
TRUSTED = replace(OURS, trusted=frozenset({"200", "201"}))
TWICE_SHOWN = Counters(checked_on=TODAY - timedelta(days=7), above=2)
TWICE_LOW = Counters(checked_on=TODAY - timedelta(days=7), below=1)


# Who is observed -----------------------------------------------------------------------------------------------------


def test_every_candidate_gets_one_decision_in_the_accounts_order() -> None:
    assert [d.event_name for d in decided().each] == [CART, CHECKOUT]


def test_a_good_event_is_first_marked_as_key_event() -> None:
    found = about(CART, decided())
    assert found.verb is Verb.KEY_EVENT
    assert "30 % go on to buy" in found.because and "secondary" in found.because
    assert found.evidence is not None


def test_a_marked_event_waits_for_its_mirror() -> None:
    past = Past(waiting=((CART, datetime(2026, 5, 31, 20, tzinfo=UTC)),))
    found = about(CART, decided(key_events=("purchase", CART), past=past))
    assert found.verb is None
    assert "waiting for Google to make its conversion action" in found.because


def test_a_mirror_that_has_not_come_after_a_day_is_a_hold_that_says_what_to_look_at() -> None:
    past = Past(waiting=((CART, datetime(2026, 5, 31, 3, 59, tzinfo=UTC)),))
    decisions = decided(key_events=("purchase", CART), past=past)
    (hold,) = decisions.demand.helper_holds
    assert (hold.code, hold.about, hold.since.isoformat()) == ("mirror_missing", CART, "2026-05-31")
    assert "Google Ads links" in hold.todo and "not made again" in hold.todo
    assert about(CART, decisions).because == f"{hold.saw} {hold.todo}" and hold.saw in decisions.demand.reason
    assert about(CART, decisions).verb is None, "nothing is tried again"
    assert about(CHECKOUT, decisions).verb is Verb.KEY_EVENT, "others go on"


@pytest.mark.parametrize(
    "different",
    [
        {"key_events": ("purchase",)},
        {"account": an_account(candidates=(a_candidate(CHECKOUT),))},
        {"account": an_account(candidates=(a_candidate(CART, route="tag"), a_candidate(CHECKOUT)))},
        {"state": a_state(cart(status="HIDDEN"))},
    ],
)
def test_a_mirror_that_nobody_waits_for_is_not_missed(different: dict[str, Any]) -> None:
    past = Past(waiting=((CART, datetime(2026, 5, 29, 20, tzinfo=UTC)),))
    assert decided(**{"key_events": ("purchase", CART), "past": past, **different}).demand.helper_holds == ()


def test_an_event_that_somebody_else_marked_waits_for_its_mirror() -> None:
    assert "waiting for Google" in about(CART, decided(key_events=("purchase", CART))).because


def test_a_key_event_that_a_better_look_leaves_over_is_accounted_for() -> None:
    past = Past(waiting=((CART, datetime(2026, 5, 31, 20, tzinfo=UTC)),))
    poor = (a_baseline(), a_funnel(CART, 8000, 120))
    left, says = decided(key_events=(CART,), past=past, funnels=poor), "The key event that adsync marked"
    assert about(CART, left).verb is None and says in about(CART, left).because
    assert says not in about(CART, decided(key_events=(CART,), funnels=poor)).because, "somebody else's"
    assert says not in about(CART, decided(key_events=(), past=past, funnels=poor)).because, "taken away since"


@pytest.mark.parametrize(
    ("zone", "marked", "says"),
    [
        ("Pacific/Auckland", datetime(2026, 5, 31, 4, tzinfo=UTC), "waiting for Google"),
        ("America/Los_Angeles", datetime(2026, 5, 31, 3, tzinfo=UTC), "marked as a key event in GA4 on 2026-05-30"),
    ],
)
def test_a_mirror_is_waited_for_a_whole_day_and_the_mark_dated_by_the_accounts_own(
    zone: str, marked: datetime, says: str
) -> None:
    state, past = a_state(customer=a_customer(time_zone=zone)), Past(waiting=((CART, marked),))
    assert says in about(CART, decided(state=state, key_events=(CART,), past=past)).because


def test_a_hidden_mirror_is_enabled() -> None:
    found = about(CART, decided(cart(status="HIDDEN"), key_events=(CART,)))
    assert (found.verb, found.action_id) == (Verb.ENABLE, "200")


def test_on_the_tag_route_the_action_is_created() -> None:
    account = an_account(candidates=(a_candidate(CART, route="tag"),))
    assert about(CART, decided(account=account)).verb is Verb.CREATE


def test_on_the_tag_route_the_mirror_of_the_event_is_no_answer() -> None:
    account = an_account(candidates=(a_candidate(CART, route="tag"),))
    found = about(CART, decided(cart(), account=account, past=OURS))
    assert found.verb is Verb.CREATE


def a_tag_action(account: Account, **different: Any) -> ConversionAction:
    values = {"name": account.tag_name(account.candidates[0]), "type": "WEBPAGE", "ga4_event_name": ""}
    return an_action("200", **{**values, **different})


def test_an_action_of_ours_that_counts_every_event_is_corrected_on_the_tag_route() -> None:
    account = an_account(candidates=(a_candidate(CART, route="tag"),))
    found = about(CART, decided(a_tag_action(account, counting_type="MANY_PER_CLICK"), account=account, past=OURS))
    assert (found.verb, found.action_id) == (Verb.UPDATE, "200")
    assert about(CART, decided(a_tag_action(account), account=account, past=OURS)).verb is None


def test_a_tag_of_ours_that_a_person_has_renamed_or_hidden_is_no_reason_for_a_second_one() -> None:
    account = an_account(candidates=(a_candidate(CART, route="tag"),))
    past = replace(OURS, counted_by=((CART, "200"),))
    renamed = about(CART, decided(a_tag_action(account, name="Cart, new"), account=account, past=past))
    assert (renamed.verb, renamed.because) == (None, "Observed.")
    hidden = about(CART, decided(a_tag_action(account, name="Cart", status="HIDDEN"), account=account, past=past))
    assert (hidden.verb, hidden.action_id) == (Verb.ENABLE, "200")


def test_an_adopted_tag_counts_like_one_of_adsyncs_own() -> None:
    past = replace(OURS, counted_by=((CART, "200"),))
    tag = cart(type="WEBPAGE", ga4_event_name="", name="Cart", counting_type="MANY_PER_CLICK")
    found = about(CART, decided(tag, past=past))
    assert (found.verb, found.action_id) == (Verb.UPDATE, "200")
    assert about(CART, decided(replace(tag, counting_type="ONE_PER_CLICK"), past=past)).because == "Observed."


def test_a_mirror_is_left_to_count_as_google_set_it_up() -> None:
    assert about(CART, decided(cart(counting_type="MANY_PER_CLICK"), past=OURS)).verb is None


def test_somebody_elses_action_is_left_alone() -> None:
    found = about(CART, decided(cart(primary_for_goal=True)))
    assert found.verb is None
    assert "was not made by adsync: it is left alone" in found.because


def test_an_observed_action_of_ours_says_so() -> None:
    assert about(CART, decided(cart(), past=OURS)).because == "Observed."
    assert about(CART, decided(cart(primary_for_goal=True), past=OURS)).because == "Used for bidding."


@pytest.mark.parametrize(
    ("funnel", "words"),
    [
        (a_funnel(CART, 50, 20), "Not enough yet: 50 visitors did it, 100 are needed"),
        (a_funnel(CART, 9000, 130), "No better than other visitors"),
        (a_funnel(CART, 1000, 100), "Too early in the funnel"),
        (a_funnel(CART, 400, 120, sampled_share=0.5), "Unknown: GA4 read only 50 %"),
    ],
)
def test_an_event_that_is_not_good_gets_no_action_and_a_reason(funnel: Funnel, words: str) -> None:
    found = about(CART, decided(funnels=(a_baseline(), funnel)))
    assert found.verb is None
    assert words in found.because


def test_an_event_that_nobody_did_gets_a_reason_too() -> None:
    assert (
        about(CART, decided(funnels=(a_baseline(),))).because == "Nobody did it in the days that GA4's funnels look at."
    )


def test_no_more_are_observed_than_the_policy_allows_those_that_announce_most_first() -> None:
    decisions = decided(account=an_account(policy=Policy(observe_at_most=1)))
    assert about(CART, decisions).verb is Verb.KEY_EVENT
    assert about(CHECKOUT, decisions).verb is None
    assert "1 are observed already (observe_at_most)" in about(CHECKOUT, decisions).because


def chosen(cart_funnel: Funnel, checkout_funnel: Funnel) -> list[str]:
    """The one event that is observed where only one may be."""
    account = an_account(policy=Policy(observe_at_most=1))
    decisions = decided(account=account, funnels=(a_baseline(), cart_funnel, checkout_funnel))
    return [d.event_name for d in decisions.each if d.verb is not None]


def test_those_come_first_that_announce_the_most_sales() -> None:
    assert chosen(a_funnel(CART, 200, 60), a_funnel(CHECKOUT, 400, 140)) == [CHECKOUT]
    # Likelier, but so much rarer that fewer sales are announced.
    assert chosen(a_funnel(CART, 600, 140), a_funnel(CHECKOUT, 110, 60)) == [CART]
    assert chosen(a_funnel(CART, 700, 140), a_funnel(CHECKOUT, 300, 140)) == [CHECKOUT]


# Holds ---------------------------------------------------------------------------------------------------------------


def test_a_hold_stops_new_observations_and_says_what_to_do() -> None:
    decisions = decided(history=a_history(conversions_as_of=TODAY - timedelta(days=2)))
    assert decisions.demand.verdict == "hold"
    assert decisions.demand.reason == "Held: The conversions were last copied on 2026-05-30. Run: adsync pull"
    assert [d.verb for d in decisions.each] == [None, None]
    assert about(CART, decisions).because == "Held, as said above."


def test_a_hold_stops_a_promotion() -> None:
    history = replace(month(8, a200=60), conversions_as_of=TODAY - timedelta(days=1))
    assert about(CART, decided(cart(), past=OURS, history=history)).verb is None


def test_a_broken_tag_is_no_low_volume() -> None:
    silent = a_series(*[2.0] * 380, *[0.0] * 20)
    history = a_history(silent, users={CART: a_steady_series(600)})
    decisions = decided(cart(), history=history, past=TRUSTED, counters=TWICE_LOW)
    assert decisions.demand.verdict == "hold"
    assert decisions.demand.standing.recent_days == 8
    assert about(CART, decisions).verb is None


def test_a_note_is_told_with_the_reason_and_stops_nothing() -> None:
    macro = a_series(*[20.0] * 398, 120.0, 20.0)
    decisions = decided(cart(primary_for_goal=True), history=a_history(macro), past=TRUSTED, counters=TWICE_SHOWN)
    (note,) = decisions.demand.notes
    assert decisions.demand.holds == () and decisions.demand.verdict == "demote"
    assert decisions.demand.reason.endswith(f" Worth a look: {note.saw} {note.todo}")
    assert note.code == "spike" and note.saw in about(CART, decisions).because


@pytest.mark.parametrize(
    ("strategy", "always_default", "held"),
    [
        ("MAXIMIZE_CONVERSIONS", False, False),
        ("MAXIMIZE_CONVERSION_VALUE", False, True),
        ("MAXIMIZE_CONVERSION_VALUE", True, False),
    ],
)
def test_values_that_vanish_hold_a_retirement_where_bidding_is_by_value(
    strategy: str, always_default: bool, held: bool
) -> None:
    macro = a_steady_series(120)
    value = a_series(*[200.0, 320.0, 240.0, 180.0] * 96, *[0.0] * 16)
    state = replace(
        a_state(cart(primary_for_goal=True), campaigns=[a_campaign(strategy=strategy)]),
        actions=(a_macro_action(always_use_default_value=always_default), cart(primary_for_goal=True)),
    )
    history = replace(a_history(macro), values={MACRO_ID: value})
    demand = decided(state=state, history=history, past=TRUSTED, counters=TWICE_SHOWN).demand
    assert demand.verdict == ("hold" if held else "demote")
    assert ("value_zeros" in [n.code for n in demand.notes]) == (not held and not always_default)
    assert [h.code for h in demand.holds] == ["value_zeros"] * held


def test_ga4s_own_count_and_the_cost_of_ads_are_watched() -> None:
    history = a_history(a_series(*[4.0] * 393, *[8.0] * 7), users={"purchase": a_steady_series(600)})
    assert [h.code for h in decided(history=history).demand.holds] == ["ratio_ga4"]
    cost = a_series(*[90.0] * 393, *[9.0] * 7)
    history = replace(a_history(), clicks=a_steady_series(3000), cost=cost)
    assert [h.code for h in decided(history=history).demand.holds] == ["traffic"]


# Retiring and coming back --------------------------------------------------------------------------------------------


def test_a_shown_volume_retires_the_helper_of_least_worth() -> None:
    decisions = decided(
        cart(primary_for_goal=True),
        checkout(primary_for_goal=True),
        history=month(60),
        past=TRUSTED,
        counters=TWICE_SHOWN,
    )
    found = about(CART, decisions)
    assert (found.verb, found.action_id, found.needs_person) == (Verb.DEMOTE, "200", "")
    assert about(CHECKOUT, decisions).verb is None
    assert "168 purchases in the last 12 weeks; 100 are needed to be 95 % sure of 30 a month" in found.because
    assert "Shown on 3 weekly checks in a row" in found.because
    assert dict(found.numbers)["macros in 12 weeks"] == 168
    assert dict(found.numbers)["needed"] == 100


def test_worth_is_the_share_that_goes_on_to_buy_and_not_the_place_in_the_alphabet() -> None:
    decisions = decided(
        cart(primary_for_goal=True),
        checkout(primary_for_goal=True),
        funnels=(a_baseline(), a_funnel(CART, 250, 100), a_funnel(CHECKOUT, 400, 120)),
        history=month(60),
        past=TRUSTED,
        counters=TWICE_SHOWN,
    )
    assert [d.verb for d in decisions.each] == [None, Verb.DEMOTE]


def test_after_a_full_cycle_the_decision_says_that_a_person_is_needed() -> None:
    past = replace(TRUSTED, last_change=a_last_change(60, "up"))
    decisions = decided(cart(primary_for_goal=True), history=month(60), past=past, counters=TWICE_SHOWN)
    found = about(CART, decisions)
    assert found.verb is Verb.DEMOTE
    assert found.needs_person == "It came back within the last 365 days, so this time a person decides."
    assert found.needs_person not in found.because and decisions.demand.stands.endswith(found.needs_person)


def test_too_few_macros_bring_every_resting_helper_back() -> None:
    decisions = decided(cart(), checkout(), history=month(10), past=TRUSTED, counters=TWICE_LOW)
    assert [(d.verb, d.action_id) for d in decisions.each] == [(Verb.RESTORE, "200"), (Verb.RESTORE, "201")]
    assert "9 purchases in the last four weeks: 80 % sure of fewer than 20 a month" in decisions.each[0].because


def test_what_somebody_else_made_primary_is_not_retired() -> None:
    decisions = decided(cart(primary_for_goal=True), history=month(60), counters=TWICE_SHOWN)
    assert decisions.demand.verdict == "keep"


def test_a_hidden_action_is_no_helper() -> None:
    decisions = decided(
        cart(status="HIDDEN", primary_for_goal=True), history=month(60), past=TRUSTED, counters=TWICE_SHOWN
    )
    assert decisions.demand.verdict == "keep"


def test_bidding_by_value_asks_for_more() -> None:
    def needed(*strategies: str) -> float:
        state = a_state(campaigns=[a_campaign(str(n), strategy=s) for n, s in enumerate(strategies)])
        each = {"conversions": a_steady_series(60)}
        return decided(state=state, history=replace(month(60), by_scope=each)).demand.standing.demand

    assert needed("MAXIMIZE_CONVERSIONS") == 30
    assert needed("TARGET_ROAS", "MAXIMIZE_CONVERSION_VALUE") == 50
    assert needed("MAXIMIZE_CONVERSIONS", "MANUAL_CPC") == 30


# The first helper ----------------------------------------------------------------------------------------------------


def test_a_starved_account_is_offered_the_deepest_helper_that_brings_enough() -> None:
    decisions = decided(cart(), checkout(), history=month(8, a200=60, a201=45), past=OURS)
    assert about(CART, decisions).verb is None
    found = about(CHECKOUT, decisions)
    assert (found.verb, found.action_id) == (Verb.PROMOTE, "201")
    assert "purchases in the last four weeks are too few to learn from" in found.because
    assert "gives bidding 45 conversions a month to learn from (39 are wanted)" in found.because
    assert dict(found.numbers)["wanted"] == 39


def test_a_deep_helper_that_brings_too_little_gives_way_to_one_that_brings_enough() -> None:
    decisions = decided(cart(), checkout(), history=month(8, a200=60, a201=20), past=OURS)
    assert about(CART, decisions).verb is Verb.PROMOTE


def test_where_none_brings_enough_the_most_frequent_is_offered_and_it_says_so() -> None:
    decisions = decided(cart(), checkout(), history=month(8, a200=20, a201=12), past=OURS)
    assert about(CART, decisions).verb is Verb.PROMOTE
    assert "the most of all helpers, though 39 are wanted" in about(CART, decisions).because


def test_one_helper_is_offered_at_a_time() -> None:
    history = month(8, a200=60, a201=45)
    for past, primary in ((OURS, True), (replace(OURS, trusted=frozenset({"200"})), False)):
        decisions = decided(cart(primary_for_goal=primary), checkout(), history=history, past=past)
        assert about(CHECKOUT, decisions).verb is None


def test_an_account_that_is_not_starved_is_offered_none() -> None:
    assert about(CART, decided(cart(), history=month(30, a200=60), past=OURS)).verb is None


def test_a_helper_that_is_not_good_is_not_offered() -> None:
    funnels = (a_baseline(), a_funnel(CART, 1000, 100))
    assert about(CART, decided(cart(), funnels=funnels, history=month(8, a200=60), past=OURS)).verb is None


def test_a_helper_of_which_too_little_is_known_is_not_offered() -> None:
    funnels = (a_baseline(), a_funnel(CART, 50, 20))
    assert about(CART, decided(cart(), funnels=funnels, history=month(8, a200=60), past=OURS)).verb is None


def test_a_helper_whose_share_only_might_reach_the_minimum_is_observed_and_not_offered() -> None:
    funnels = (a_baseline(), a_funnel(CART, 200, 36))
    assert about(CART, decided(cart(), funnels=funnels, history=month(8, a200=60), past=OURS)).verb is None


def observed_for(days: int) -> Decision:
    """Of a helper whose first conversion came this many days before the last complete one."""
    # Three days ago is the last day that is complete.
    helper = a_series(*[0.0] * (398 - days), *[2.0] * (days + 2))
    history = a_history(conversions={MACRO_ID: a_steady_series(8), "200": helper})
    return about(CART, decided(cart(), history=history, past=OURS))


def test_a_helper_is_observed_for_four_weeks_before_it_is_offered() -> None:
    assert observed_for(27).verb is None
    assert "Before it is bid on it is observed for 28 days" in observed_for(27).because
    assert observed_for(28).verb is Verb.PROMOTE


def test_that_it_is_observed_first_does_not_keep_a_wrong_count_from_being_corrected() -> None:
    account = an_account(candidates=(a_candidate(CART, route="tag"),))
    young = a_series(*[0.0] * 390, *[2.0] * 10)
    history = a_history(conversions={MACRO_ID: a_steady_series(8), "200": young})
    tag = a_tag_action(account, counting_type="MANY_PER_CLICK")
    assert about(CART, decided(tag, account=account, history=history, past=OURS)).verb is Verb.UPDATE


def test_a_helper_that_never_fired_is_not_offered() -> None:
    assert about(CART, decided(cart(), history=month(8, a200=0), past=OURS)).verb is None
    assert about(CART, decided(cart(), history=month(8), past=OURS)).verb is None


# What the rule reads -------------------------------------------------------------------------------------------------


def test_two_macros_are_added_up_and_unknown_where_one_of_them_is() -> None:
    account = an_account(macro=Macro(event_name="purchase", actions=("Purchase (web)", "Call")))
    state = a_state(a_macro_action("101", name="Call"))
    calls = a_series(*[None, 0.0, 0.5, 0.0, 0.5, 0.0, 0.0] * 60)
    web = a_series(*[1.0] * 420)
    found = decided(account=account, state=state, history=a_history(conversions={MACRO_ID: web, "101": calls}))
    assert found.demand.standing.effective_days == 72
    assert found.demand.standing.recent == 4 * 7
    assert found.demand.standing.recent_days == 24


def test_a_macro_without_numbers_is_unknown_and_not_zero() -> None:
    found = decided(cart(), history=a_history(conversions={}), past=TRUSTED, counters=TWICE_LOW)
    assert found.demand.verdict == "keep"
    assert found.demand.standing.effective_days == 0


def thermometer(**users: DailySeries) -> list[str]:
    account = an_account(
        candidates=(a_candidate("scroll", depth=1), a_candidate(CART, depth=4), a_candidate(CHECKOUT, depth=6))
    )
    decisions = decided(account=account, history=a_history(a_steady_series(30), users=users))
    return [name for name, _, _ in decisions.demand.standing.gates]


def test_the_deepest_event_that_is_twice_as_frequent_is_the_thermometer() -> None:
    gates = thermometer(
        scroll=a_steady_series(9000), add_to_cart=a_steady_series(120), begin_checkout=a_steady_series(50)
    )
    assert "add_to_cart, 2 weeks against 6" in gates
    gates = thermometer(add_to_cart=a_steady_series(120), begin_checkout=a_steady_series(61))
    assert "begin_checkout, 2 weeks against 6" in gates


def test_without_a_frequent_event_there_is_no_thermometer() -> None:
    assert thermometer(begin_checkout=a_steady_series(50))[1] == "macro, 2 weeks against 6"


def test_the_thermometer_is_chosen_by_the_last_twelve_weeks() -> None:
    inside, outside = a_series(*[0.0] * 116, 500.0, *[0.0] * 83), a_series(*[0.0] * 115, 500.0, *[0.0] * 84)
    assert thermometer(begin_checkout=inside)[1] == "begin_checkout, 2 weeks against 6"
    assert thermometer(begin_checkout=outside)[1] == "macro, 2 weeks against 6"


def test_ga4_days_that_still_fill_up_are_not_believed() -> None:
    # Yesterday and the day before have hardly arrived; the macro, a web tag, has.
    late = a_series(*[400 / 30] * 398, 2.0, 0.0)
    whole = a_steady_series(400)
    macro = a_steady_series(150)

    def stands(users: DailySeries) -> Decisions:
        return decided(history=a_history(macro, users={CHECKOUT: users}))

    assert stands(late) == stands(whole)


def test_of_ga4_the_day_three_days_ago_is_believed() -> None:
    # On that day the steps before the macro stopped as well, so it is not the macro's tag.
    macro, users = a_series(*[10.0] * 397, 0.0, 0.0, 0.0), a_series(*[40.0] * 397, 0.0, 0.0, 0.0)
    decisions = decided(history=a_history(macro, users={CHECKOUT: users}))
    assert [hold.code for hold in decisions.demand.holds] == ["silence"]


@pytest.mark.parametrize(
    ("past", "primary", "begins"),
    [
        (TRUSTED, True, "Helpers stay."),
        (TRUSTED, False, "Helpers rest."),
        (OURS, False, "No helper is used for bidding."),
        (Past(), True, "No helper is used for bidding."),
    ],
)
def test_the_reason_says_whether_helpers_stay_or_rest(past: Past, primary: bool, begins: str) -> None:
    decisions = decided(cart(primary_for_goal=primary), history=month(30), past=past)
    assert decisions.demand.reason.startswith(begins)


def test_a_mirror_as_macro_is_read_up_to_three_days_ago() -> None:
    state = a_state(actions=(a_macro_action(type="GOOGLE_ANALYTICS_4_PURCHASE"),))
    assert decided(state=state).demand.standing.last_day == TODAY - timedelta(days=3)
    assert decided().demand.standing.last_day == TODAY - timedelta(days=1)


# A helper that is bid on ---------------------------------------------------------------------------------------------


LONG_AGO = TODAY - timedelta(days=100)
PROMOTED = replace(
    TRUSTED,
    promoted=(
        Promoted(action_id="200", on=LONG_AGO, share=Interval(0.30, 0.26, 0.35)),
        Promoted(action_id="201", on=LONG_AGO, share=Interval(0.40, 0.34, 0.46)),
    ),
)


def shared(funnel: Funnel, past: Past = PROMOTED, *, primary: bool = True) -> Decisions:
    return decided(cart(primary_for_goal=primary), funnels=(a_baseline(), funnel), past=past)


def test_a_helper_that_announces_a_third_less_than_at_its_promotion_is_named_with_both_shares() -> None:
    found = shared(a_funnel(CART, 1000, 190))
    said = about(CART, found)
    assert said.verb is None and said.because.startswith(
        "Used for bidding. add_to_cart announces less than it did: 19 %"
    )
    assert "it was 30 % when it was promoted" in said.because and "adsync rollback" in said.because
    assert said.because.removeprefix("Used for bidding.") in found.demand.reason, "status says it as well"


@pytest.mark.parametrize(
    ("funnel", "past", "primary"),
    [
        (a_funnel(CART, 1000, 215), PROMOTED, True),
        (a_funnel(CART, 1000, 400), PROMOTED, True),
        (a_funnel(CART, 40, 7), PROMOTED, True),
        (a_funnel(CART, 1000, 190, sampled_share=0.4), PROMOTED, True),
        (a_funnel(CART, 1000, 190), PROMOTED, False),
        (a_funnel(CART, 1000, 190), TRUSTED, True),
    ],
    ids=["a little less", "more", "few visitors", "sampled", "not bid on", "promoted before shares were kept"],
)
def test_nothing_is_said_of_a_helper_that_may_be_as_good_as_it_was(funnel: Funnel, past: Past, primary: bool) -> None:
    found = shared(funnel, past, primary=primary)
    assert "announces less" not in about(CART, found).because + found.demand.reason
