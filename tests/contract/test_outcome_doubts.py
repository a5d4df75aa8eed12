"""What an outcome review makes of what is stored: whom it compares, what it doubts, and what it plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.model.change import TARGET_FIELDS, fields
from adsync.model.decision import Hold, Verb
from adsync.model.freeze import Freeze
from adsync.model.outcome_review import Concluded, Doubt
from adsync.model.outcome_words import SHOWN_DAYS, review_line, shown
from adsync.model.plan import Consent, PlannedChange
from adsync.model.policy import Policy
from adsync.model.pulled import NOT_SERVED, Report
from adsync.model.target import CAMPAIGN
from adsync.model.volume import ActionDay
from adsync.model.window import Window
from adsync.outcomes import conclude_reviews, open_reviews
from adsync.ports import Axis
from adsync.pull import Source, conversions_are_late
from tests.builders import (
    CUSTOMER_ID,
    MACRO_ID,
    NOW,
    TODAY,
    a_campaign,
    a_change,
    a_plan,
    a_state,
    an_action,
    an_entry,
)
from tests.contract.stored_shop import DUE, FIRST, SET_APART, Clock, Shop, at, coverage, stored_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with stored_shop(tmp_path) as found:
        yield found


def doubts(found: Concluded) -> list[Doubt]:
    assert (found.verdict.value == "inconclusive") == bool(found.doubts)
    return [each.doubt for each in found.doubts]


def test_a_review_is_fixed_once_and_concluded_once(shop: Shop) -> None:
    review = shop.promoted(of_1=(4, 4), of_2=(2, 2))
    assert (review.campaigns, review.compared_with, review.due_on) == (("1",), (), DUE), (
        "the other one sells too little"
    )
    assert open_reviews(shop.account, shop.state, NOW) == () and shop.state.reviews.open(review) is False
    early = shop.settings(DUE - timedelta(days=1), primary=True)
    assert conclude_reviews(shop.account, shop.state, early, Clock(DUE)) == ()
    found = shop.concluded()
    assert found.verdict.value == "held" and found.others_before is None
    assert found.before is not None and (found.before.macros, found.before.cost_per_macro) == (224, 12.5)
    late = shop.settings(DUE, primary=True)
    assert conclude_reviews(shop.account, shop.state, late, Clock(DUE)) == ()
    assert shop.state.reviews.conclude(review.entry_id, found) is False
    assert shop.state.reviews.known() == ((review, found),)


def test_campaigns_that_sell_enough_are_compared_with(shop: Shop) -> None:
    review = shop.promoted(of_1=(8, 5), of_2=(9, 5.6))
    assert review.compared_with == ("2",)
    found = shop.concluded()
    assert found.verdict.value == "held" and found.others_before is not None
    assert found.per_cost is not None and found.per_cost.point == pytest.approx(1.0, abs=0.05)


def test_a_regression_plans_the_inverse(shop: Shop) -> None:
    shop.promoted(of_1=(4, 2))
    found = shop.concluded()
    assert found.verdict.value == "regressed" and found.no_way_back == ""
    plan = shop.state.ledger.plan(found.way_back)
    assert plan is not None and plan.origin == "rollback"
    assert [p.change.hash for p in plan.changes] == [a_change(Verb.PROMOTE).inverse().hash]


def test_a_regression_without_a_way_back_says_why(shop: Shop) -> None:
    shop.promoted(of_1=(4, 2))
    # The helper has been taken out of adsync's hands since.
    hidden = a_change(Verb.HIDE, before=fields(status="ENABLED"), after=fields(status="HIDDEN"))
    shop.changed(hidden, TODAY + timedelta(days=60))
    found = shop.concluded()
    assert (found.verdict.value, found.way_back) == ("regressed", "") and "was not made by adsync" in found.no_way_back
    assert shop.state.ledger.newest_plan(CUSTOMER_ID, "rollback") is None


def test_another_main_conversion_is_a_doubt(shop: Shop) -> None:
    review = shop.promoted(of_1=(4, 2))
    macro = replace(shop.account.macro, actions=("Purchase (web)", "Shop (web) add_to_cart"))
    shop.account = replace(shop.account, macro=macro)
    assert doubts(shop.concluded()) == [Doubt.SETTINGS] and review.macros == (MACRO_ID,)


def test_another_change_of_adsync_is_a_doubt(shop: Shop) -> None:
    shop.promoted(of_1=(4, 2))
    shop.changed(a_change(Verb.PROMOTE, object_id="201", title="Another"), TODAY + timedelta(days=9))
    found = shop.concluded()
    assert doubts(found) == [Doubt.ANOTHER_CHANGE] and '"Another"' in found.doubts[0].saw
    assert found.per_cost is not None and shop.state.ledger.newest_plan(CUSTOMER_ID, "rollback") is None


@pytest.mark.parametrize(("undone", "days"), [(1, 28), (29, 14)])
def test_what_did_not_stand_in_the_days_compared_is_said_to_be_no_comparison(
    shop: Shop, undone: int, days: int
) -> None:
    shop.promoted(of_1=(4, 4))
    for day in range(1, 44):
        snapshot = shop.settings(TODAY + timedelta(days=day), primary=day < undone)
    (ended,) = conclude_reviews(shop.account, shop.state, snapshot, Clock(DUE))
    assert ended.concluded is not None
    assert doubts(ended.concluded) == [Doubt.NOT_IN_FORCE, Doubt.SETTINGS]
    not_in_force, somebody = ended.concluded.doubts
    assert f"not in force on {days} of the 28 days" in not_in_force.saw
    assert '"Shop (web) add_to_cart" does not count any more' in somebody.saw


def test_where_nights_were_missed_a_change_that_the_next_copy_finds_was_in_force(shop: Shop) -> None:
    shop.promoted(of_1=(4, 4))
    snapshot = shop.settings(DUE, primary=True)
    (ended,) = conclude_reviews(shop.account, shop.state, snapshot, Clock(DUE))
    assert ended.concluded is not None and doubts(ended.concluded) == []


def test_target_steps_of_adsync_are_nobody_elses_where_a_night_copies_and_changes_at_one_moment(shop: Shop) -> None:
    field = TARGET_FIELDS["TARGET_CPA"]
    brand = a_campaign(strategy="TARGET_CPA", target_cpa_micros=10_000_000)
    shop.campaigns = (brand, SET_APART)
    shop.promoted(of_1=(4, 4))
    for number, micros in enumerate((12_000_000, 14_000_000), start=1):
        on = TODAY + timedelta(days=7 * number)
        # Google's word on learning moves without anybody: the night of the change finds other settings than the one before.
        shop.campaigns = (replace(brand, system_status=f"LEARNING_{number}"), SET_APART)
        shop.settings(on, primary=True)
        was = fields(**{field: float(brand.target_cpa_micros)})
        step = a_change(Verb.TARGET, kind=CAMPAIGN, object_id="1", before=was, after=fields(**{field: float(micros)}))
        shop.changed(step, on)
        brand = replace(brand, target_cpa_micros=micros)
        shop.campaigns = (brand, SET_APART)
        shop.settings(on + timedelta(days=1), primary=True)
    snapshot = shop.settings(DUE, primary=True)
    (ended,) = conclude_reviews(shop.account, shop.state, snapshot, Clock(DUE))
    assert ended.concluded is not None and doubts(ended.concluded) == [Doubt.ANOTHER_CHANGE] * 2


def test_the_weeks_before_begin_after_the_change_before(shop: Shop) -> None:
    shop.changed(a_change(Verb.DEMOTE, object_id="201"), TODAY - timedelta(days=44))
    review = shop.promoted(of_1=(4, 4))
    assert review.before == Window.ending(TODAY - timedelta(days=1), days=42)
    assert shop.concluded().doubts == ()


@pytest.mark.parametrize(
    "different",
    [
        {"campaigns": (a_campaign(target_cpa_micros=9_000_000), SET_APART)},
        {"actions": (*a_state(an_action(primary_for_goal=True)).actions, an_action("300", primary_for_goal=True))},
    ],
)
def test_what_others_change_is_a_doubt(shop: Shop, different: dict[str, object]) -> None:
    shop.promoted(of_1=(4, 2))
    assert doubts(shop.concluded(**different)) == [Doubt.SETTINGS]


def test_what_others_change_elsewhere_is_none(shop: Shop) -> None:
    shop.promoted(of_1=(4, 4), of_2=(2, 2))
    assert doubts(shop.concluded(campaigns=(a_campaign(), replace(SET_APART, strategy="TARGET_CPA")))) == []


@pytest.mark.parametrize(
    ("code", "days", "found"),
    [
        ("tag_silent", 9, [Doubt.TAG]),
        ("paused", 9, [Doubt.PAUSED]),
        ("tag_silent", 2, []),
        # A ratio holds for four weeks after what it saw.
        ("ratio", 30, []),
        ("helper_off", 20, []),
    ],
)
def test_weeks_under_a_hold_are_left_out(shop: Shop, code: str, days: int, found: list[Doubt]) -> None:
    review = shop.promoted(of_1=(4, 4))
    since = review.after.first + timedelta(days=7)
    hold = Hold(code=code, since=since, saw="Something is wrong.", todo="Look.")
    for day in (since, since + timedelta(days=days - 1)):
        shop.state.holds.see(CUSTOMER_ID, [hold], day)
    shop.state.holds.see(CUSTOMER_ID, [], since + timedelta(days=days))
    assert doubts(shop.concluded()) == found


def test_what_a_person_has_ended_is_no_doubt(shop: Shop) -> None:
    review = shop.promoted(of_1=(4, 4))
    hold = Hold(code="outage", since=review.after.first, saw="Nothing was sold.", todo="Look.")
    shop.state.holds.see(CUSTOMER_ID, [hold], review.after.last)
    assert shop.state.holds.clear(shop.state.holds.known()[0].id, NOW, "ann", "a strike")
    assert doubts(shop.concluded()) == []


def test_a_declared_season_is_a_doubt(shop: Shop) -> None:
    review = shop.promoted(of_1=(4, 2))
    season = Freeze(days=Window(review.after.first + timedelta(days=5), review.after.last), why="Sale")
    shop.account = replace(shop.account, policy=Policy(freezes=(season,)))
    assert doubts(shop.concluded()) == [Doubt.SEASON]


def test_nothing_is_fixed_once_the_weeks_after_have_begun(shop: Shop) -> None:
    shop.settings(TODAY, primary=False)
    shop.numbers(TODAY - timedelta(days=1), {"1": (4, 4)})
    shop.changed(a_change(Verb.PROMOTE), TODAY)
    assert open_reviews(shop.account, shop.state, at(TODAY + timedelta(days=15))) == ()
    (review,) = open_reviews(shop.account, shop.state, at(TODAY + timedelta(days=14)))
    assert review.after.first == TODAY + timedelta(days=15)


def test_where_conversions_go_by_their_clicks_their_time_to_convert_is_waited_for(shop: Shop) -> None:
    shop.settings(TODAY, primary=False)
    window = Window(FIRST, TODAY - timedelta(days=1))
    refused = replace(coverage(Report.CONVERSIONS, window, TODAY), whole=False, fault=NOT_SERVED)
    shop.state.numbers.store_conversions(CUSTOMER_ID, Axis.CONVERSION, [], refused)
    shop.changed(a_change(Verb.PROMOTE), TODAY)
    (review,) = open_reviews(shop.account, shop.state, NOW)
    # The night after the last day, and thirty days in which its clicks convert.
    assert review.due_on == review.after.last + timedelta(days=31)


def test_an_open_review_knows_the_days_on_which_its_own_group_goes_on(shop: Shop) -> None:
    from adsync.changelog import reviewed_changes

    shop.promoted(of_1=(4, 4))
    (alone,) = reviewed_changes(shop.state)
    assert alone.steps == ()
    name, _, number = alone.entry.change_name.rpartition("/")
    assert number == "1"
    step = a_change(Verb.TARGET, object_id="9")
    days = (None, *(TODAY + timedelta(days=n) for n in (-400, -14, 14, 28, 400)))
    members = [
        PlannedChange(
            change=a_change(Verb.PROMOTE) if day is None else step,
            consent=Consent.REVIEW,
            group=f"{name}/1",
            not_before=day or TODAY - timedelta(days=1),
        )
        for day in days
    ]
    beside = PlannedChange(change=step, consent=Consent.REVIEW, not_before=TODAY + timedelta(days=7), group=f"{name}/5")
    shop.state.ledger.store_plan(a_plan(*members, beside, id=name))
    (known,) = reviewed_changes(shop.state)
    assert known.steps == days[2:5]
    shop.concluded()
    assert reviewed_changes(shop.state)[0].steps == (), "then it says what it found"


def test_what_no_campaign_bids_on_opens_none(shop: Shop) -> None:
    shop.campaigns = (a_campaign(strategy="MANUAL_CPC"), SET_APART)
    shop.settings(TODAY, primary=False)
    shop.numbers(TODAY - timedelta(days=1), {"1": (4, 4)})
    shop.changed(a_change(Verb.PROMOTE), TODAY)
    assert open_reviews(shop.account, shop.state, NOW) == ()


def test_what_a_person_takes_back_opens_none(shop: Shop) -> None:
    shop.promoted(of_1=(4, 4))
    shop.state.ledger.open_entry(an_entry(change=a_change(Verb.DEMOTE), origin="rollback"))
    assert open_reviews(shop.account, shop.state, NOW) == ()
    snapshot = shop.settings(DUE, primary=False)
    assert conclude_reviews(shop.account, shop.state, snapshot, Clock(DUE)) == ()


def test_words_say_what_is_known_on_a_day(shop: Shop) -> None:
    from adsync.changelog import reviewed_changes

    review = shop.promoted(of_1=(4, 4))
    found = shop.concluded()
    back = shop.changed(a_change(Verb.DEMOTE), DUE + timedelta(days=3), "rollback")
    (known,) = reviewed_changes(shop.state)
    assert review_line(known).stands == "held" and review_line(known).taken_back_by == back.id
    by_the_rule = replace(known, taken_back=replace(back, origin="night"))
    assert review_line(by_the_rule).taken_back_by is None and "back" not in review_line(by_the_rule).said
    assert "Switched back by the rule" in review_line(replace(by_the_rule, concluded=None)).said
    assert shown([known], TODAY - timedelta(days=1)) == ()
    (before,) = shown([known], DUE - timedelta(days=1))
    assert before.stands == "open" and f"due on {DUE}" in before.said and before.concluded is None
    (after,) = shown([known], DUE)
    assert after.concluded == found and "224" in after.said and "Taken back" not in after.said
    assert "caused" not in after.said
    assert "Counted: 112 main conversions in the 28 days after the change, 224 in the 56 before it" in after.said
    assert shown([known], DUE + timedelta(days=SHOWN_DAYS)) == ()
    assert review.entry_id == after.entry_id


@pytest.mark.parametrize(("known_early", "late"), [(10, False), (8, True)])
def test_conversions_that_come_after_weeks_are_waited_for(shop: Shop, known_early: int, late: bool) -> None:
    def store(as_of: date, counts: int) -> None:
        window = Window.ending(as_of - timedelta(days=1), days=90)
        days = [
            ActionDay(
                date=day,
                campaign_id="1",
                action_id=MACRO_ID,
                conversions=0.0,
                # What was clicked within three weeks was not all known then.
                all_conversions=10 if (TODAY - day).days > 60 else counts,
                value=0.0,
                all_value=0.0,
            )
            for day in window
        ]
        shop.state.numbers.store_conversions(CUSTOMER_ID, Axis.CLICK, days, coverage(Report.CLICKS, window, as_of))

    snapshot = shop.settings(TODAY, primary=False)
    source = Source.of(CUSTOMER_ID, shop.account.macro_actions(snapshot.state), shop.state.numbers, TODAY)
    assert not conversions_are_late(source, shop.state.numbers), "nothing was copied so early"
    store(TODAY - timedelta(days=28), known_early)
    store(TODAY, 10)
    assert conversions_are_late(source, shop.state.numbers) is late
