"""What Google says outright comes before what numbers suggest: silent tags, repeated orders, key events that are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adsync.decide.checks import helpers_off, key_event_off, order_ids, silent_tags
from adsync.decide.episodes import Watched
from adsync.decide.guards import Health, inspect
from adsync.model.account import Macro
from adsync.model.ads import ConversionAction
from adsync.model.analytics import OrderIds
from adsync.model.holds import CLEARABLE, Cleared
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import (
    MACRO_ID,
    NOW,
    PROPERTY_ID,
    TODAY,
    a_customer,
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
MONTH = Window.ending(YESTERDAY, days=28)


def heard(ago: timedelta, *, zone: str = "Europe/Berlin", **different: object) -> Snapshot:
    """A night on which the macro's tag was last heard of so long ago, in the account's own time."""
    last = (NOW - ago).astimezone(ZoneInfo(zone))
    action = replace(a_macro_action(), last_request=f"{last:%Y-%m-%d %H:%M:%S}", **different)  # type: ignore[arg-type]
    state = a_state()
    return a_snapshot(replace(state, actions=(action,), customer=replace(a_customer(), time_zone=zone)))


def silent(snapshot: Snapshot, per_30_days: float, clicks: DailySeries | None = None) -> list[str]:
    history = a_history(a_steady_series(per_30_days), clicks=clicks)
    return [s.hold.saw for s in silent_tags(an_account(), Policy(), snapshot, history)]


# The tag's heartbeat -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_30_days", "hours"),
    [
        (3000, 24),  # hundreds a day: a day and a night are never too long
        (180, 24),  # six gaps of four hours are a day
        (60, 72),
        (30, 144),
    ],
)
def test_a_tag_is_silent_after_a_day_or_six_of_its_usual_gaps(per_30_days: float, hours: int) -> None:
    assert silent(heard(timedelta(hours=hours - 1)), per_30_days) == []
    (said,) = silent(heard(timedelta(hours=hours + 1)), per_30_days)
    assert "Purchase (web)" in said and "broken tag" in said


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_the_moment_is_in_the_accounts_own_time(zone: str) -> None:
    assert silent(heard(timedelta(hours=71), zone=zone), 60) == []
    assert len(silent(heard(timedelta(hours=73), zone=zone), 60)) == 1


@pytest.mark.parametrize(
    ("taken", "last", "hours"),
    [
        # Clocks go forward on 29 March 2026: what they show is an hour more than what has passed.
        (datetime(2026, 3, 29, 4, 0, tzinfo=UTC), "2026-03-28 05:30:00", 23.5),
        # They go back on 25 October.
        (datetime(2026, 10, 25, 5, 0, tzinfo=UTC), "2026-10-24 06:30:00", 24.5),
        (datetime(2026, 10, 26, 1, 15, tzinfo=UTC), "2026-10-25 02:30:00", 23.75),
    ],
)
def test_hours_are_hours_on_nights_on_which_clocks_change(taken: datetime, last: str, hours: float) -> None:
    action = replace(a_macro_action(), last_request=last)
    snapshot = replace(a_snapshot(replace(a_state(), actions=(action,))), taken_at=taken)
    assert snapshot.state.customer.time_zone == "Europe/Berlin"
    sales = a_steady_series(3000, last=taken.date())
    found = list(silent_tags(an_account(), Policy(), snapshot, a_history(sales, as_of=taken.date())))
    assert bool(found) == (hours > 24)


def test_what_is_not_heard_of_by_requests_is_not_called_silent() -> None:
    long_ago = timedelta(days=60)
    assert silent(heard(long_ago, type="GOOGLE_ANALYTICS_4_PURCHASE"), 60) == []
    assert silent(heard(long_ago, status="HIDDEN"), 60) == []
    assert silent(a_snapshot(), 60) == [], "an action of which Google tells no moment"
    assert silent(heard(long_ago), 0) == [], "a tag whose pace is unknown"


def test_a_pause_is_no_silent_tag() -> None:
    clicks = a_series(*[100.0] * 390, *[5.0] * 10)
    assert silent(heard(timedelta(days=8)), 60, clicks) == []
    assert len(silent(heard(timedelta(days=8)), 60, a_steady_series(3000))) == 1


def found(snapshot: Snapshot, macro: DailySeries, cleared: Sequence[Cleared] = (), helper: float = 240.0) -> Health:
    history = a_history(macro, clicks=a_steady_series(3000))
    companion = a_steady_series(240) if helper == 240.0 else a_series(*[8.0] * 392, *[helper] * 8)
    watched = Watched(macro=macro, companion=companion, clicks=history.clicks)
    return inspect(an_account(), Policy(), snapshot, history, watched, YESTERDAY, cleared)


def test_a_silent_tag_is_named_once_and_its_days_are_no_evidence() -> None:
    health = found(heard(timedelta(days=7)), a_series(*[2.0] * 394, *[0.0] * 6))
    (hold,) = health.holds
    assert (hold.code, hold.returns_too) == ("tag_silent", False)
    assert health.seen.flagged(MONTH) == frozenset(Window.ending(YESTERDAY, days=6))


def test_the_numbers_alone_still_tell_where_google_says_nothing() -> None:
    health = found(a_snapshot(), a_series(*[2.0] * 394, *[0.0] * 6))
    assert [hold.code for hold in health.holds] == ["outage"]


def test_where_the_steps_before_are_missing_as_well_nobody_is_brought_back() -> None:
    (hold,) = found(heard(timedelta(days=9)), a_series(*[2.0] * 392, *[0.0] * 8), helper=0.0).holds
    assert (hold.code, hold.returns_too) == ("tag_silent", True)


def test_a_silence_that_a_person_has_ended_holds_nothing_and_its_days_are_evidence() -> None:
    snapshot, macro = heard(timedelta(days=7)), a_series(*[2.0] * 394, *[0.0] * 6)
    (hold,) = found(snapshot, macro).holds
    ended = found(snapshot, macro, [(hold.name, hold.since)])
    assert ended.holds == () and not ended.seen.flagged(MONTH)


SECOND = a_macro_action("101", name="Sale (shop)")


def two_tags(*, first_silent: bool, second_silent: bool, macro: DailySeries, cleared: Sequence[Cleared] = ()) -> Health:
    """Two tags of the macro that are silent for a week, or heard of an hour ago."""
    long_ago, lately = (
        f"{(NOW - ago).astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M:%S}"
        for ago in (timedelta(days=7), timedelta(hours=1))
    )
    first = replace(a_macro_action(), last_request=long_ago if first_silent else lately)
    second = replace(SECOND, last_request=long_ago if second_silent else lately)
    part = a_series(*[n % 3 / 1.0 for n in range(200)]), a_series(*[(n + 1) % 3 / 1.0 for n in range(200)])
    history = a_history(conversions={MACRO_ID: part[0], "101": part[1]}, clicks=a_steady_series(3000))
    account = an_account(macro=Macro(event_name="purchase", actions=("Purchase (web)", "Sale (shop)")))
    watched = Watched(macro=macro, companion=a_steady_series(240), clicks=history.clicks)
    snapshot = a_snapshot(replace(a_state(), actions=(first, second)))
    return inspect(account, Policy(), snapshot, history, watched, YESTERDAY, cleared)


NOTHING_COMES, ALL_WELL = a_series(*[2.0] * 394, *[0.0] * 6), a_steady_series(60)


def said_of(health: Health) -> list[str]:
    return [hold.name for hold in health.holds]


def test_one_silent_tag_of_two_flags_no_day_on_which_the_other_records() -> None:
    health = two_tags(first_silent=True, second_silent=False, macro=ALL_WELL)
    assert said_of(health) == ["tag_silent 100"] and not health.seen.flagged(MONTH)


def test_a_silent_tag_that_a_person_has_ended_does_not_hide_the_other_ones_outage() -> None:
    (first,) = two_tags(first_silent=True, second_silent=False, macro=ALL_WELL).holds
    ended = [(first.name, first.since)]
    assert said_of(two_tags(first_silent=True, second_silent=False, macro=ALL_WELL, cleared=ended)) == []
    broken = two_tags(first_silent=True, second_silent=False, macro=NOTHING_COMES, cleared=ended)
    assert said_of(broken) == ["outage"] and len(broken.seen.flagged(MONTH)) == 6
    both = two_tags(first_silent=True, second_silent=True, macro=NOTHING_COMES, cleared=ended)
    assert said_of(both) == ["tag_silent 101"] and len(both.seen.flagged(MONTH)) == 6


def test_tags_that_are_all_silent_explain_what_the_numbers_show_until_a_person_has_ended_both() -> None:
    health = two_tags(first_silent=True, second_silent=True, macro=NOTHING_COMES)
    assert said_of(health) == ["tag_silent 100", "tag_silent 101"] and len(health.seen.flagged(MONTH)) == 6
    ended = [(hold.name, hold.since) for hold in health.holds]
    assert said_of(two_tags(first_silent=True, second_silent=True, macro=NOTHING_COMES, cleared=ended)) == ["outage"]


# Orders that come twice ----------------------------------------------------------------------------------------------


def orders(repeated: int, orders: int = 100, without_id: int = 0) -> OrderIds:
    return OrderIds(
        window=MONTH,
        events=orders + repeated + without_id,
        orders=orders,
        repeated=repeated,
        without_id=without_id,
    )


def said(*nights: OrderIds) -> tuple[list[tuple[str, date]], list[str]]:
    dated = tuple((TODAY - timedelta(days=n), each) for n, each in zip(range(len(nights))[::-1], nights, strict=True))
    found = order_ids(Policy(), a_history(orders=dated))
    return [(hold.code, hold.since) for hold in found if not hold.note], [hold.saw for hold in found if hold.note]


def test_clean_orders_and_unknown_ones_are_not_worth_a_word() -> None:
    assert said() == ([], []) and said(orders(0)) == ([], []) and said(orders(2)) == ([], [])


def test_more_than_two_of_a_hundred_are_worth_a_word_and_more_than_five_hold() -> None:
    holds, (word,) = said(orders(3))
    assert holds == [] and word.startswith("3 of 100 orders") and "3 %" in word
    assert said(orders(5))[0] == []
    assert said(orders(6)) == ([("orders_repeated", TODAY)], [])


def test_two_orders_that_came_twice_are_somebody_who_opened_the_page_again() -> None:
    assert said(orders(2, orders=8)) == ([], [])
    assert said(orders(3, orders=8))[0] == [("orders_repeated", TODAY)]


def test_a_hold_lasts_since_the_first_of_the_nights_that_all_found_it() -> None:
    assert said(orders(9), orders(2), orders(8), orders(7), orders(9))[0] == [
        ("orders_repeated", TODAY - timedelta(days=2))
    ]
    assert said(orders(9), orders(9), orders(1))[0] == []


@pytest.mark.parametrize(("days_ago", "held"), [(28, True), (29, False)])
def test_orders_of_long_ago_hold_nothing(days_ago: int, held: bool) -> None:
    night = TODAY - timedelta(days=days_ago)
    assert bool(order_ids(Policy(), a_history(orders=((night, orders(9)),)))) == held


def test_whoever_ends_the_note_on_few_has_not_ended_the_hold_on_many() -> None:
    def ended_as(found: OrderIds) -> tuple[str, bool]:
        (hold,) = order_ids(Policy(), a_history(orders=((TODAY, found),)))
        return hold.name, hold.code in CLEARABLE

    assert ended_as(orders(3)) == ("orders_repeated_few", True)
    assert ended_as(orders(9)) == ("orders_repeated", True)


def test_sales_without_an_id_are_said_because_nothing_is_known_of_them() -> None:
    holds, (word,) = said(orders(0, without_id=20))
    assert holds == [] and "17 %" in word and "no transaction id" in word
    assert said(orders(0, without_id=5)) == ([], [])


# Key events ----------------------------------------------------------------------------------------------------------


def mirror(event: str, **different: object) -> ConversionAction:
    return replace(an_action("900", ga4_event_name=event), **different)  # type: ignore[arg-type]


def macro_mirror(**different: object) -> ConversionAction:
    return mirror("purchase", id=MACRO_ID, name="Purchase (web)", primary_for_goal=True, **different)


def test_a_macro_that_is_a_mirror_stands_still_without_its_key_event() -> None:
    state = replace(a_state(), actions=(macro_mirror(),))
    assert key_event_off(an_account(), a_snapshot(state), TODAY) == []
    (hold,) = key_event_off(an_account(), a_snapshot(state, key_events=["add_to_cart"]), TODAY)
    assert hold.returns_too and "no key event" in hold.saw and "Admin" in hold.todo


def test_a_macro_with_its_own_tag_needs_no_key_event() -> None:
    assert key_event_off(an_account(), a_snapshot(key_events=[]), TODAY) == []
    elsewhere = replace(a_state(), actions=(macro_mirror(ga4_property_id="1"),))
    assert key_event_off(an_account(), a_snapshot(elsewhere, key_events=[]), TODAY) == [], "of another property"
    assert PROPERTY_ID != "1"


def test_a_helper_without_its_key_event_stops_for_itself() -> None:
    state = a_state(an_action("200"), an_action("201", ga4_event_name="sign_up"))
    (hold,) = helpers_off(
        an_account(), a_snapshot(state, key_events=["purchase", "sign_up"]), frozenset({"200", "201"}), TODAY
    )
    assert (hold.about, hold.name) == ("200", "helper_off 200")
    assert helpers_off(an_account(), a_snapshot(state, key_events=[]), frozenset(), TODAY) == [], "not adsync's"


# Numbers of the policy -------------------------------------------------------------------------------------------------


def test_another_number_makes_another_finding() -> None:
    def tags(**different: float) -> int:
        policy = replace(Policy(), **different)  # type: ignore[arg-type]
        return len(list(silent_tags(an_account(), policy, heard(timedelta(hours=30)), a_history(a_steady_series(300)))))

    assert (tags(), tags(tag_hours=36), tags(tag_gaps=20)) == (1, 0, 0)

    def twice(**different: float) -> tuple[int, int]:
        policy = replace(Policy(), **different)  # type: ignore[arg-type]
        found = [hold.note for hold in order_ids(policy, a_history(orders=((TODAY, orders(4, without_id=4)),)))]
        return found.count(False), found.count(True)

    assert twice() == (0, 1)
    assert twice(repeated_orders_held=0.03) == (1, 0)
    assert twice(repeated_orders_named=0.05) == (0, 0)
    assert twice(nameless_orders=0.01) == (0, 2)
