"""Guards on numbers beside the helper's ratio: traffic, a silent week, GA4's own count, values; and notes, which hold nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.decide.episodes import Episode, Watched
from adsync.decide.guards import holds_of, notes_of
from adsync.decide.watch import watch
from adsync.model.decision import Hold
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from tests.builders import TODAY, a_series, a_steady_series

YESTERDAY = TODAY - timedelta(days=1)
CLICKS = a_steady_series(3000)
BASKETS = (40.0, 60.0, 35.0, 80.0, 52.0, 47.0)


def then(before: float, days: int, after: float) -> DailySeries:
    """A daily count for long, then another one on the newest days."""
    return a_series(*[before] * (200 - days), *[after] * days)


def held(policy: Policy | None = None, **series: Any) -> list[Hold]:
    chosen = policy or Policy()
    seen = Watched(**{"macro": a_steady_series(60), **series})
    return holds_of(chosen, "purchase", watch(seen, YESTERDAY, chosen), YESTERDAY, TODAY)


def noted(policy: Policy | None = None, **series: Any) -> list[Hold]:
    chosen = policy or Policy()
    seen = Watched(**{"macro": a_steady_series(60), **series})
    return notes_of(chosen, "purchase", seen, watch(seen, YESTERDAY, chosen), YESTERDAY)


def codes(holds: list[Hold]) -> list[str]:
    return [hold.code for hold in holds]


def episodes(**series: Any) -> tuple[Episode, ...]:
    return watch(Watched(**{"macro": a_steady_series(60), **series}), YESTERDAY, Policy()).episodes


# Traffic -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0.49, 0.51])
def test_ad_clicks_of_under_half_of_the_usual_week_hold_everything(left: float) -> None:
    found = held(clicks=then(100.0, 7, 100 * left))
    assert codes(found) == ["traffic"] * (left < 0.5)
    for hold in found:
        assert hold.returns_too and hold.since == TODAY - timedelta(days=7)
        assert (
            hold.saw.startswith("Ad clicks fell to 49 % of the usual week since about")
            and "nothing if budgets" in hold.todo
        )


def test_cost_that_breaks_away_holds_as_well() -> None:
    (hold,) = held(clicks=CLICKS, cost=then(50.0, 7, 10.0))
    assert hold.code == "traffic" and hold.saw.startswith("The cost of the ads fell to 20 %")
    assert held(clicks=a_steady_series(150), cost=then(50.0, 7, 10.0)) == [], "of few clicks the cost says nothing"


def test_what_share_of_the_traffic_is_enough_and_how_much_is_asked_is_policy() -> None:
    clicks = then(10.0, 7, 4.0)
    assert codes(held(clicks=clicks)) == ["traffic"]
    assert held(Policy(traffic_share=0.3), clicks=clicks) == []
    assert held(Policy(traffic_clicks=71), clicks=clicks) == []


def test_less_traffic_is_usual_after_a_while_and_one_bad_week_changes_nothing_of_what_is_usual() -> None:
    # Clicks of under half of the usual week are first seen on the fifth day.
    assert codes(held(clicks=then(100.0, 17, 10.0))) == ["traffic"]
    for days in (21, 34, 42):
        assert held(clicks=then(100.0, days, 10.0)) == []
    assert held(Policy(traffic_hold_days=14), clicks=then(100.0, 17, 10.0)) == []
    assert held(clicks=a_series(*[100.0] * 180, *[10.0] * 7, *[100.0] * 13)) == []


def test_a_long_fall_of_traffic_is_one_hold_whatever_comes_in_between() -> None:
    clicks = a_series(*[100.0] * 150, *[30.0] * 12, *[0.0] * 12, *[30.0] * 26)
    macro = a_series(*[2.0] * 162, *[0.0] * 12, *[1.0] * 26)
    seen = watch(Watched(macro=macro, clicks=clicks), YESTERDAY, Policy()).episodes
    assert [e.code for e in seen].count("traffic") == 1 and "paused" in [e.code for e in seen]


def test_a_week_of_clicks_that_is_not_known_whole_is_no_question() -> None:
    clicks = then(100.0, 7, 10.0)
    assert held(clicks=clicks.without([YESTERDAY])) == []
    assert codes(held(clicks=clicks.without([TODAY - timedelta(days=30)]))) == ["traffic"]
    assert held(clicks=a_series(*[100.0] * 20, *[10.0] * 7)) == []


def test_a_pause_is_said_once() -> None:
    assert codes(held(macro=then(2.0, 7, 0.0), clicks=then(100.0, 7, 0.0), cost=then(50.0, 7, 0.0))) == ["paused"]


# A silent week -------------------------------------------------------------------------------------------------------


def test_a_week_without_a_sale_holds_where_a_lumpy_account_would_hide_it() -> None:
    lumpy = a_series(*([0.0] * 7 + [4.0] * 7) * 13, *[0.0] * 7)
    helper = a_series(*([4.0] * 7 + [12.0] * 7) * 13, *[12.0] * 7)
    (hold,) = held(macro=lumpy, companion=helper)
    assert (hold.code, hold.since, hold.returns_too) == ("not_recording", TODAY - timedelta(days=7), False)
    assert "No purchase on any known day since" in hold.saw and "Until it records again no helper is" in hold.todo


def test_unknown_days_in_between_do_not_hide_a_silent_week() -> None:
    macro = a_series(*[2.0] * 190, 0.0, 0.0, None, 0.0, 0.0, None, 0.0, 0.0, None, 0.0)
    (hold,) = held(macro=macro)
    assert (hold.code, hold.since) == ("not_recording", TODAY - timedelta(days=10))
    assert held(macro=macro.without([YESTERDAY])) == [], "six days are no week"


@pytest.mark.parametrize(("per_30_days", "silent"), [(29, False), (31, True)])
def test_a_silent_week_is_a_wonder_where_seven_sales_a_week_are_usual(per_30_days: float, silent: bool) -> None:
    strict = Policy(outage_chance=0.00001)
    assert codes(held(strict, macro=then(per_30_days / 30, 7, 0.0))) == ["not_recording"] * silent
    assert codes(held(replace(strict, recording_expected=2.0), macro=then(0.5, 7, 0.0))) == ["not_recording"]


def test_an_outage_is_not_said_twice() -> None:
    assert codes(held(macro=then(2.0, 9, 0.0))) == ["outage"]


# Google Ads against GA4 ----------------------------------------------------------------------------------------------


def test_a_macro_that_outruns_ga4s_own_count_is_a_tag_that_fires_twice() -> None:
    (hold,) = held(macro=then(2.0, 7, 4.0), sold=a_steady_series(180), clicks=CLICKS)
    assert (hold.code, hold.returns_too) == ("ratio_ga4", False)
    assert (
        "rose 2.0 times faster in Google Ads than the same event in GA4" in hold.saw
        and "retired until 28 days after" in hold.todo
    )
    (episode,) = episodes(macro=then(2.0, 7, 4.0), sold=a_steady_series(180))
    assert episode.flagged and episode.since == TODAY - timedelta(days=7)


def test_with_a_helper_both_broken_pairs_are_named() -> None:
    macro, helper = then(2.0, 7, 4.0), a_steady_series(240)
    assert codes(held(macro=macro, companion=helper, sold=a_steady_series(180))) == ["ratio", "ratio_ga4"]


def test_sales_that_ga4_sees_as_well_are_sales() -> None:
    macro, helper = then(2.0, 7, 4.0), a_steady_series(240)
    assert codes(held(macro=macro, companion=helper)) == ["ratio"]
    assert held(macro=macro, companion=helper, sold=then(6.0, 7, 11.0)) == []


def test_ads_that_bring_a_larger_share_of_the_sales_are_no_fault() -> None:
    more: dict[str, Any] = {"macro": then(4.0, 7, 8.0), "sold": then(12.0, 7, 14.0)}
    assert codes(held(**more)) == ["ratio_ga4"]
    assert held(**more, clicks=then(100.0, 7, 200.0)) == []
    assert held(**more, companion=then(16.0, 7, 28.0)) == []


def test_days_that_ga4_does_not_know_are_not_compared() -> None:
    sold = a_steady_series(180).without(TODAY - timedelta(days=n) for n in range(1, 8))
    assert held(macro=then(2.0, 7, 4.0), sold=sold) == []


# Values --------------------------------------------------------------------------------------------------------------


def worth(*newest: float, days: int = 200, sales: float = 2.0) -> DailySeries:
    """What two sales a day are worth, of baskets that vary; the newest days as told."""
    usual = [sales * BASKETS[n % len(BASKETS)] for n in range(days - len(newest))]
    return a_series(*usual, *(sales * each for each in newest))


ODD = {
    "value_zeros": (worth(*[0.0, *BASKETS] * 2, 0.0, 40.0), "came without a value", "worthless"),
    "value_same": (worth(*[1.0] * 14), "100 % of the purchases since about", "default"),
    "value_shift": (worth(*(3 * basket for basket in BASKETS + BASKETS)), "is worth 2.", "currency"),
}


@pytest.mark.parametrize("code", ODD)
def test_odd_values_are_noted_and_hold_where_campaigns_bid_on_value(code: str) -> None:
    value, saw, todo = ODD[code]
    note = next(n for n in noted(value=value) if n.code == code)
    assert note.note and saw in note.saw and todo in note.todo
    assert held(value=value) == []
    hold = next(h for h in held(value=value, on_value=True) if h.code == code)
    assert (hold.note, hold.returns_too, hold.saw) == (False, False, note.saw)
    assert noted(value=value, on_value=True) == []


def test_values_as_ever_are_nothing_odd() -> None:
    assert noted(value=worth()) == [] == held(value=worth(), on_value=True)


@pytest.mark.parametrize("always", [0.0, 49.0])
def test_what_has_always_been_so_is_how_the_account_is_set_up(always: float) -> None:
    assert noted(value=a_steady_series(60 * always)) == []


def test_half_as_much_is_a_shift_too_and_a_little_more_is_none() -> None:
    (less,) = noted(value=worth(*(basket / 3 for basket in BASKETS + BASKETS)))
    assert less.code == "value_shift" and "times less" in less.saw
    assert noted(value=worth(*(1.5 * basket for basket in BASKETS + BASKETS))) == []


@pytest.mark.parametrize(
    ("code", "policy"),
    [
        ("value_zeros", Policy(value_zeros=0.3)),
        ("value_same", Policy(value_same=1.0)),
        ("value_shift", Policy(value_shift=4.0)),
    ],
)
def test_how_odd_a_value_must_be_is_policy(code: str, policy: Policy) -> None:
    assert code in codes(noted(value=ODD[code][0])) and code not in codes(noted(policy, value=ODD[code][0]))


def test_few_sales_say_nothing_of_values() -> None:
    assert noted(macro=a_steady_series(15), value=worth(*[0.0] * 14, sales=0.5)) == []


# Notes ---------------------------------------------------------------------------------------------------------------


def test_a_day_that_stands_out_is_noted_for_a_week_and_holds_nothing() -> None:
    helper = a_series(*[80.0] * 196, 500.0, 80.0, 80.0, 80.0)
    macro = a_series(*[20.0] * 196, 120.0, 20.0, 20.0, 20.0)
    (note,) = noted(macro=macro, companion=helper)
    assert (note.code, note.since, note.note) == ("spike", TODAY - timedelta(days=4), True)
    assert "5.9 times as many purchases as on the same weekday" in note.saw and "policy.freezes" in note.todo
    assert held(macro=macro, companion=helper) == []
    assert noted(macro=a_series(*[20.0] * 192, 120.0, *[20.0] * 7), companion=None) == []


def test_a_day_of_hardly_any_stands_out_too() -> None:
    (note,) = noted(macro=a_series(*[100.0] * 199, 3.0))
    assert note.code == "spike" and "Hardly any purchases (3 % of what is usual" in note.saw


def test_weekends_are_compared_with_weekends_and_scatter_is_no_spike() -> None:
    week = [50.0, 52.0, 48.0, 51.0, 49.0, 5.0, 4.0]
    assert noted(macro=a_series(*week * 28)) == []
    scattered = a_series(*[10.0, 30.0, 18.0, 25.0, 14.0] * 40)
    assert noted(macro=scattered) == []


def test_how_far_a_day_must_stand_out_is_policy() -> None:
    macro = a_series(*[20.0] * 199, 60.0)
    assert codes(noted(macro=macro)) == ["spike"] and noted(Policy(spike_score=6.0), macro=macro) == []


@pytest.mark.parametrize(
    ("pairs", "behind"),
    [
        (("sold", "companion", "clicks"), "the same event in GA4"),
        (("companion", "clicks"), "the steps before them"),
        (("clicks",), "ad clicks"),
    ],
)
def test_a_macro_that_falls_behind_is_noted_with_the_pair_that_is_closest_to_the_tag(
    pairs: tuple[str, ...], behind: str
) -> None:
    others = {"sold": a_steady_series(300), "companion": a_steady_series(500), "clicks": CLICKS}
    series: dict[str, Any] = {name: others[name] for name in pairs}
    (note,) = noted(macro=then(4.0, 7, 1.0), **series)
    assert (
        note.code == "fell"
        and f"Purchases have fallen behind {behind} since" in note.saw
        and ": 3." in note.saw
        and note.todo
    )
    assert held(macro=then(4.0, 7, 1.0), **series) == []


def test_a_macro_that_falls_with_all_it_goes_along_with_is_no_fault() -> None:
    assert noted(macro=then(4.0, 7, 1.0), companion=then(16.0, 7, 4.0)) == []


def test_while_a_tag_is_silent_nothing_is_said_of_its_ratios() -> None:
    series: dict[str, Any] = {"macro": then(2.0, 7, 0.0), "companion": a_steady_series(240)}
    assert codes(held(**series)) == ["outage"] and noted(**series) == []


@pytest.mark.parametrize(("left", "seen"), [(0.69, True), (0.71, False)])
def test_fewer_sessions_from_ads_for_each_click_are_noted_and_hold_nothing(left: float, seen: bool) -> None:
    fewer: dict[str, Any] = {"clicks": CLICKS, "ad_sessions": then(80.0, 7, 80 * left)}
    notes = noted(**fewer)
    assert codes(notes) == ["ad_sessions"] * seen and held(**fewer) == []
    for note in notes:
        assert note.saw.startswith(f"Since about {TODAY - timedelta(days=7)} GA4 sees 31 % fewer sessions from ads for")
        assert all(cause in note.todo for cause in ("consent banner", "auto-tagging", "GA4 tag"))


def test_how_many_sessions_must_be_missing_is_policy() -> None:
    fewer: dict[str, Any] = {"clicks": CLICKS, "ad_sessions": then(80.0, 7, 50.0)}
    assert codes(noted(**fewer)) == ["ad_sessions"] and noted(Policy(ad_sessions_fall=0.4), **fewer) == []


@pytest.mark.parametrize(
    "series",
    [
        pytest.param({"clicks": then(100.0, 7, 30.0), "ad_sessions": then(80.0, 7, 24.0)}, id="with the clicks"),
        pytest.param({"clicks": CLICKS, "ad_sessions": then(2.0, 7, 1.2)}, id="by chance"),
        pytest.param({"clicks": CLICKS, "ad_sessions": a_steady_series(0)}, id="never any"),
        pytest.param({"clicks": CLICKS}, id="not asked"),
        pytest.param({"ad_sessions": then(80.0, 7, 10.0)}, id="clicks unknown"),
        pytest.param({"clicks": CLICKS, "ad_sessions": a_series(*[None] * 180, *[80.0] * 13, *[10.0] * 7)}, id="new"),
    ],
)
def test_sessions_from_ads_that_are_few_for_another_reason_are_no_news(series: dict[str, Any]) -> None:
    assert "ad_sessions" not in codes(noted(**series))


def test_fewer_sessions_from_ads_are_how_things_are_after_a_while() -> None:
    assert noted(clicks=CLICKS, ad_sessions=then(80.0, 70, 40.0)) == []


def test_more_sales_for_each_click_are_noted_where_nothing_closer_is_known() -> None:
    (note,) = noted(macro=then(2.0, 7, 5.0), clicks=CLICKS)
    assert note.code == "ratio_clicks" and "times as many purchases for each ad click" in note.saw
    assert held(macro=then(2.0, 7, 5.0), clicks=CLICKS) == []
    assert noted(macro=then(2.0, 7, 5.0), clicks=CLICKS, companion=then(8.0, 7, 20.0)) == []
    assert noted(macro=then(2.0, 7, 5.0), clicks=CLICKS, sold=then(8.0, 7, 20.0)) == []


def test_good_and_bad_weeks_make_a_rise_for_each_click_less_of_a_wonder() -> None:
    lumpy = a_series(*([3.5] * 14 + [0.5] * 14) * 7, *[4.0] * 7)
    assert noted(macro=lumpy, clicks=CLICKS) == []
    assert codes(noted(macro=then(2.0, 7, 4.0), clicks=CLICKS)) == ["ratio_clicks"]


def test_a_note_that_a_person_has_ended_is_not_said_again() -> None:
    macro = a_series(*[20.0] * 199, 120.0)
    seen = Watched(macro=macro)
    cleared = {("spike", YESTERDAY)}
    assert notes_of(Policy(), "purchase", seen, watch(seen, YESTERDAY, Policy()), YESTERDAY, cleared) == []


@pytest.mark.parametrize(("moved", "comes_back"), [(-8, True), (-7, False), (1, False), (7, False), (8, True)])
def test_what_a_person_has_ended_does_not_come_back_when_a_restatement_moves_its_beginning(
    moved: int, comes_back: bool
) -> None:
    seen = watch(Watched(macro=then(2.0, 9, 0.0)), YESTERDAY, Policy())
    (episode,) = seen.episodes
    ended = {("outage", episode.since + timedelta(days=moved))}
    assert bool(seen.without(ended).episodes) == comes_back
    assert seen.without({("ratio", episode.since)}) == seen
