"""What helpers are worth to campaigns that bid for value, and when it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsync.decide.account import decide_account
from adsync.decide.value import worth_of_macro
from adsync.model.ads import ConversionAction
from adsync.model.change import Change, fields
from adsync.model.decision import Decision, Verb
from adsync.model.evidence import Verdict
from adsync.model.history import History
from adsync.model.log import Past
from adsync.plan import changes_for
from adsync.score import drawn_shares, score_candidates
from adsync.score.values import Followed, rising
from tests.builders import (
    MACRO_ID,
    TODAY,
    a_baseline,
    a_campaign,
    a_funnel,
    a_history,
    a_macro_action,
    a_series,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

PAST = Past(managed=frozenset({"200"}), reviewed=True)
ON_VALUE = a_campaign(strategy="MAXIMIZE_CONVERSION_VALUE")
EVIDENCE = score_candidates(an_account(), (a_baseline(), a_funnel("add_to_cart", 400, 120)))
"""30 % of those who put something into the cart buy, 80 % of all buyers among them."""


def a_value(value: float) -> dict[str, Any]:
    return {"default_value": value, "always_use_default_value": True}


def a_shop(each: float | None = 70.0, per_30_days: float = 12) -> History:
    """With a purchase worth so much, and ten carts a day."""
    values = {} if each is None else {MACRO_ID: a_steady_series(per_30_days * each)}
    conversions = {MACRO_ID: a_steady_series(per_30_days), "200": a_steady_series(300)}
    return replace(a_history(values=values), conversions=conversions)


def decided(
    action: ConversionAction, history: History | None = None, campaign: Any = ON_VALUE, past: Past = PAST
) -> Decision:
    """About the cart."""
    snapshot = a_snapshot(a_state(action, campaigns=[campaign]))
    found, _ = decide_account(
        an_account(), snapshot, history or a_shop(), EVIDENCE, past, {}, shares=drawn_shares(EVIDENCE)
    )
    return next(d for d in found.each if d.event_name == "add_to_cart")


def written(decision: Decision, action: ConversionAction) -> Change:
    (change,) = changes_for(an_account(), a_state(action), [decision])
    return change


def test_before_a_helper_is_bid_on_for_value_its_value_is_written() -> None:
    found = decided(an_action())
    # 30 % of 70, and no less: a lone helper that 80 % of the buyers passed is less than half of what is reported.
    assert (found.verb, found.value) == (Verb.VALUE, 21.0)
    assert found.because == (
        "Where campaigns bid for value, add_to_cart should be worth 21 EUR, whatever the site says it is worth: 30 % of those "
        "who do it go on to buy (26 % to 34 %), and one purchase is worth 70.00 EUR. All conversions together then report 1.8 "
        "times what is sold."
    )
    assert dict(found.numbers)["reported value, times what was sold"] == 1.8


@pytest.mark.parametrize("primary", [False, True])
def test_a_fixed_target_moves_by_the_value_that_is_written_first(primary: bool) -> None:
    held = a_campaign(strategy="TARGET_ROAS", target_roas=3.5)
    assert decided(an_action(primary_for_goal=primary), campaign=held).verb is Verb.VALUE
    assert decided(an_action(**a_value(21.0)), campaign=held).verb is Verb.PROMOTE


def test_once_it_has_its_value_it_is_promoted() -> None:
    assert decided(an_action(**a_value(21.0))).verb is Verb.PROMOTE


def test_who_bids_for_conversions_looks_at_no_value() -> None:
    assert decided(an_action(), campaign=a_campaign()).verb is Verb.PROMOTE
    assert decided(an_action(primary_for_goal=True), campaign=a_campaign()).verb is None


def test_the_sites_own_values_are_overruled() -> None:
    action = an_action(primary_for_goal=True, default_value=21.0)
    change = written(decided(action), action)
    assert change.before == fields(default_value=21.0, always_use_default_value=False)
    assert change.after == fields(default_value=21.0, always_use_default_value=True)
    assert change.update_mask() == ("always_use_default_value",)
    assert change.inverse().after == change.before


def test_a_value_in_another_currency_is_told_in_the_accounts() -> None:
    action = an_action(primary_for_goal=True, default_currency="USD")
    assert dict(written(decided(action), action).after or ())["default_currency"] == "EUR"
    same = an_action(primary_for_goal=True, default_currency="EUR")
    assert "default_currency" not in dict(written(decided(same), same).after or ())


@pytest.mark.parametrize(
    ("value", "due"),
    [
        (21.0, False),
        (18.0, False),  # 17 % away, though outside the interval
        (24.0, False),  # inside the interval
        (40.0, True),
        (10.0, True),
    ],
)
def test_a_value_is_written_again_only_when_it_is_clearly_another(value: float, due: bool) -> None:
    found = decided(an_action(primary_for_goal=True, **a_value(value)))
    assert (found.verb is Verb.VALUE) == due


@pytest.mark.parametrize(("days_ago", "due"), [(29, False), (30, True)])
def test_a_value_rests_for_a_month(days_ago: int, due: bool) -> None:
    past = replace(PAST, valued=(("200", TODAY - timedelta(days=days_ago)),))
    assert (decided(an_action(primary_for_goal=True, **a_value(40.0)), past=past).verb is Verb.VALUE) == due


@pytest.mark.parametrize("history", [a_shop(None), a_shop(0.0), a_shop(per_30_days=1.5)])
def test_without_knowing_what_a_macro_is_worth_a_helper_waits(history: History) -> None:
    found = decided(an_action(), history)
    assert found.verb is None and "what one purchase is worth is not known" in found.because
    assert decided(an_action(primary_for_goal=True), history).verb is None
    assert decided(an_action(**a_value(5.0)), history).verb is Verb.PROMOTE


def test_a_macro_that_always_has_one_value_has_that() -> None:
    lead = a_macro_action(default_value=50.0, always_use_default_value=True)
    state = replace(a_state(), actions=(lead,))
    assert worth_of_macro(an_account(), state, a_shop(None)) == pytest.approx(50.0)


def test_one_huge_order_is_not_the_mean_of_all() -> None:
    counts = a_series(*[2.0] * 182)
    values = a_series(*[100.0] * 181, 200_000.0)
    history = replace(a_history(values={MACRO_ID: values}), conversions={MACRO_ID: counts})
    assert worth_of_macro(an_account(), a_state(), history) == pytest.approx(50.0)


def test_days_whose_value_is_unknown_count_neither_way() -> None:
    counts, values = a_series(*[2.0] * 182), a_series(*[None, 100.0] * 91)
    history = replace(a_history(values={MACRO_ID: values}), conversions={MACRO_ID: counts})
    assert worth_of_macro(an_account(), a_state(), history) == pytest.approx(50.0)


def test_when_the_tag_is_in_doubt_no_value_is_written() -> None:
    silent = replace(a_shop(), conversions_as_of=TODAY - timedelta(days=9))
    assert decided(an_action(primary_for_goal=True), silent).verb is None


# Shares --------------------------------------------------------------------------------------------------------------


def test_only_good_candidates_have_a_share_and_it_lies_in_its_interval() -> None:
    poor = replace(EVIDENCE[0], event_name="scroll", verdict=Verdict.NOT_BETTER)
    shares = drawn_shares([*EVIDENCE, poor])
    assert shares.keys() == {"add_to_cart"}
    share = shares["add_to_cart"]
    assert share.point == pytest.approx(0.3) and share.low < 0.3 < share.high
    # At 90 %: within that of 95 %.
    assert EVIDENCE[0].share.low < share.low and share.high < EVIDENCE[0].share.high


counted = st.tuples(st.integers(1, 5_000), st.floats(0, 1)).map(lambda c: (c[0], int(c[0] * c[1])))


@given(counted, counted, counted)
def test_shares_never_fall_along_the_funnel(
    early: tuple[int, int], middle: tuple[int, int], late: tuple[int, int]
) -> None:
    each = {"view_item": early, "add_to_cart": middle, "begin_checkout": late}
    drawn = rising([Followed(name, *numbers) for name, numbers in each.items()])
    assert (
        drawn["view_item"] <= drawn["add_to_cart"] + 1e-12 and drawn["add_to_cart"] <= drawn["begin_checkout"] + 1e-12
    )


def test_the_day_of_the_last_value_is_that_of_the_log() -> None:
    from adsync.changelog import past_of
    from tests.builders import NOW, a_change, an_entry

    entries = [an_entry(n, a_change(Verb.VALUE), closed_at=NOW + timedelta(days=n)) for n in (1, 2)]
    assert past_of(entries, "UTC").valued == (("200", date(2026, 6, 3)),)
