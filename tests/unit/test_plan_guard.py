"""What a plan may not do at all, what it may only propose, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adsync.errors import Refused
from adsync.model.account import Account, Macro
from adsync.model.ads import AccountState, Campaign, CampaignGoal, ConversionAction, CustomGoal
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import Consent
from adsync.plan.guard import consent, doubt, must_be_ours, obstacle
from adsync.plan.outcome import effects, state_after
from tests.builders import (
    MACRO_ID,
    PROPERTY_ID,
    a_campaign,
    a_change,
    a_macro_action,
    a_state,
    an_account,
    an_action,
)

OURS = Past(managed=frozenset({"200"}), trusted=frozenset({"200"}), reviewed=True)
PRIMARY = an_action(primary_for_goal=True)


def an_enabling(**after: Any) -> Change:
    wanted = {"status": "ENABLED", "primary_for_goal": False, **after}
    return a_change(Verb.ENABLE, before=fields(status="HIDDEN", primary_for_goal=True), after=fields(**wanted))


def a_creation(**after: Any) -> Change:
    wanted: dict[str, Any] = {
        "name": "adsync: Cart",
        "type": "WEBPAGE",
        "category": "DEFAULT",
        "counting_type": "ONE_PER_CLICK",
    }
    wanted |= {"status": "ENABLED", "primary_for_goal": False, **after}
    return a_change(Verb.CREATE, object_id="adsync: Cart", title="adsync: Cart", before=None, after=fields(**wanted))


# What is refused -----------------------------------------------------------------------------------------------------


def refusal(change: Change, past: Past = OURS, account: Account | None = None) -> str:
    with pytest.raises(Refused) as refused:
        must_be_ours(change, account or an_account(), a_state(PRIMARY), past)
    assert refused.value.exit_code == 4
    return str(refused.value)


def allowed(change: Change, past: Past = OURS) -> bool:
    must_be_ours(change, an_account(), a_state(PRIMARY), past)
    return True


@pytest.mark.parametrize("verb", [Verb.DEMOTE, Verb.PROMOTE, Verb.UPDATE, Verb.HIDE, Verb.REMOVE, Verb.ENABLE])
def test_the_macro_is_never_changed_although_adsync_may_have_made_it(verb: Verb) -> None:
    past = Past(managed=frozenset({MACRO_ID}))
    text = refusal(a_change(verb, object_id=MACRO_ID, title="Purchase (web)"), past)
    assert text == '"Purchase (web)" is the main conversion. adsync never changes it.'


def test_the_macro_is_known_by_the_name_the_id_and_the_event_of_the_config() -> None:
    past = Past(managed=frozenset({MACRO_ID, "555"}))
    by_id = an_account(macro=Macro(event_name="purchase", actions=(MACRO_ID,)))
    assert "main conversion" in refusal(a_change(object_id=MACRO_ID), past, by_id)
    gone = an_account(macro=Macro(event_name="purchase", actions=("555",)))
    assert "main conversion" in refusal(a_change(object_id="555"), past, gone)
    assert "main conversion" in refusal(a_change(event_name="purchase"))


def test_an_action_with_the_name_of_the_macro_is_not_created() -> None:
    account = an_account(macro=Macro(event_name="purchase", actions=("adsync: Cart",)))
    assert "main conversion" in refusal(a_creation(), account=account)


@pytest.mark.parametrize("verb", [Verb.DEMOTE, Verb.PROMOTE, Verb.RESTORE, Verb.UPDATE, Verb.HIDE, Verb.REMOVE])
def test_somebody_elses_action_is_not_touched(verb: Verb) -> None:
    assert "was not made by adsync" in refusal(a_change(verb), Past(reviewed=True))
    assert allowed(a_change(verb), OURS)


def test_what_a_rollback_has_taken_from_adsync_was_made_by_nobody_else() -> None:
    text = refusal(a_change(Verb.PROMOTE), Past(reviewed=True, taken_back=frozenset({"200"})))
    assert text.startswith('"Shop (web) add_to_cart" is not adsync\'s any more. A rollback has taken back')
    assert allowed(a_change(Verb.PROMOTE), replace(OURS, taken_back=frozenset({"200"})))


def test_enabling_and_creating_is_how_an_action_becomes_ours() -> None:
    assert allowed(an_enabling(), Past())
    assert allowed(a_creation(), Past())


def test_nothing_begins_as_primary() -> None:
    assert "would begin as primary" in refusal(a_creation(primary_for_goal=True))
    assert "would begin as primary" in refusal(an_enabling(primary_for_goal=True))


def test_key_events_are_no_conversion_actions() -> None:
    assert allowed(a_change(Verb.KEY_EVENT, kind=KEY_EVENT, object_id="add_to_cart"), Past())


@pytest.mark.parametrize("verb", [Verb.KEY_EVENT, Verb.UNMARK])
def test_the_key_event_of_the_macro_stays_as_it_is_whoever_marked_it(verb: Verb) -> None:
    change = a_change(verb, kind=KEY_EVENT, object_id="purchase", title="purchase", event_name="purchase")
    assert refusal(change).startswith('"purchase" is the key event of the main conversion.')


# What is only proposed -----------------------------------------------------------------------------------------------


def hindrance(
    change: Change,
    *actions: ConversionAction,
    campaigns: Sequence[Campaign] | None = None,
    past: Past = OURS,
    state: AccountState | None = None,
    **different: Any,
) -> str:
    before = state or a_state(*(actions or (PRIMARY,)), campaigns=campaigns, **different)
    after = state_after(before, change)
    return obstacle(change, before, after, effects(before, after, ()), past)


def test_a_demotion_that_leaves_the_macro_may_be_applied() -> None:
    assert hindrance(a_change(Verb.DEMOTE)) == ""


def test_demoting_the_last_primary_is_only_proposed() -> None:
    actions = (a_macro_action(primary_for_goal=False), PRIMARY)
    state = a_state(actions=actions, goals=a_state(PRIMARY).goals)
    text = hindrance(a_change(Verb.DEMOTE), state=state)
    assert text == 'Campaign "Campaign 1" would have no conversion left to learn from.'


@pytest.mark.parametrize("status", ["ENABLED", "PAUSED"])
def test_a_campaign_that_bids_on_the_helper_only_keeps_it_also_while_it_is_paused(status: str) -> None:
    own = a_campaign(goal_level="CAMPAIGN", status=status)
    goals = (CampaignGoal(campaign_id=own.id, category="DEFAULT", origin="WEBSITE", biddable=True),)
    text = hindrance(a_change(Verb.DEMOTE), campaigns=[own], campaign_goals=goals)
    assert text == 'Campaign "Campaign 1" would have no conversion left to learn from.'


def test_a_campaign_that_was_removed_needs_nothing() -> None:
    own = a_campaign(goal_level="CAMPAIGN", status="REMOVED")
    goals = (CampaignGoal(campaign_id=own.id, category="DEFAULT", origin="WEBSITE", biddable=True),)
    assert hindrance(a_change(Verb.DEMOTE), campaigns=[own], campaign_goals=goals) == ""


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.REMOVE])
def test_taking_the_last_primary_away_is_only_proposed(verb: Verb) -> None:
    actions = (a_macro_action(status="HIDDEN"), PRIMARY)
    state = a_state(actions=actions, goals=a_state(PRIMARY).goals)
    after = fields(status="HIDDEN", primary_for_goal=True) if verb is Verb.HIDE else None
    change = a_change(verb, before=fields(status="ENABLED", primary_for_goal=True), after=after)
    assert "no conversion left to learn from" in hindrance(change, state=state)


def test_many_campaigns_are_counted_and_two_are_named() -> None:
    actions = (a_macro_action(primary_for_goal=False), PRIMARY)
    state = a_state(actions=actions, goals=a_state(PRIMARY).goals, campaigns=[a_campaign(n) for n in "1234"])
    text = hindrance(a_change(Verb.DEMOTE), state=state)
    assert text.startswith('Campaigns "Campaign 1" and "Campaign 2" and 2 more would')


def test_a_demotion_that_a_custom_goal_would_undo_is_only_proposed() -> None:
    goal = CustomGoal(id="7", name="Carts", status="ENABLED", action_ids=("200",))
    campaigns = [a_campaign(), a_campaign("2", custom_goal_id="7")]
    text = hindrance(a_change(Verb.DEMOTE), campaigns=campaigns, custom_goals=(goal,))
    assert text.startswith('The custom goal "Carts" bids on it whether it is primary or not')
    assert hindrance(a_change(Verb.PROMOTE), an_action(), campaigns=campaigns, custom_goals=(goal,)) == ""


def test_a_mirror_that_a_custom_goal_would_bid_on_at_once_is_not_enabled() -> None:
    goal = CustomGoal(id="7", name="Carts", status="ENABLED", action_ids=("100", "200"))
    hidden = an_action(status="HIDDEN")
    text = hindrance(an_enabling(), hidden, campaigns=[a_campaign(custom_goal_id="7")], custom_goals=(goal,))
    assert text.startswith('The custom goal "Carts" bids on it whether it is primary or not')
    assert hindrance(an_enabling(), hidden, campaigns=[a_campaign()], custom_goals=(goal,)) == ""


@pytest.mark.parametrize(
    ("target", "words"),
    [({"target_cpa_micros": 12_500_000}, "target CPA 12.50"), ({"target_roas": 4.0}, "target ROAS 400 %")],
)
@pytest.mark.parametrize("verb", [Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE])
def test_what_a_campaign_with_a_fixed_target_counts_is_not_moved(
    verb: Verb, target: dict[str, Any], words: str
) -> None:
    action = an_action(primary_for_goal=verb is Verb.DEMOTE)
    text = hindrance(a_change(verb), action, campaigns=[a_campaign(**target)])
    assert words in text and "throttled or flooded" in text


def test_what_an_app_campaign_has_selected_is_not_called_retired() -> None:
    app = a_campaign("9", name="App", channel="MULTI_CHANNEL", selected_actions=("200",))
    text = hindrance(a_change(Verb.DEMOTE), PRIMARY, campaigns=[a_campaign(), app])
    assert text.startswith('The app campaign "App" has selected it')


def test_a_fixed_target_of_a_campaign_that_is_not_touched_does_not_matter() -> None:
    goal = CustomGoal(id="7", name="Sales", status="ENABLED", action_ids=(MACRO_ID,))
    campaigns = [a_campaign("1"), a_campaign("2", custom_goal_id="7", target_cpa_micros=1)]
    assert hindrance(a_change(Verb.DEMOTE), campaigns=campaigns, custom_goals=(goal,)) == ""


def test_a_campaign_that_is_learning_is_left_in_peace() -> None:
    campaigns = [a_campaign(system_status="LEARNING_SETTING_CHANGE")]
    text = hindrance(a_change(Verb.DEMOTE), campaigns=campaigns)
    assert "still learning from an earlier change (LEARNING_SETTING_CHANGE): its bidding was changed." in text
    unheard_of = hindrance(a_change(Verb.DEMOTE), campaigns=[a_campaign(system_status="LEARNING_ANEW")])
    assert "still learning from an earlier change (LEARNING_ANEW). Nothing to do" in unheard_of


def test_observing_does_not_wait_for_a_campaign_that_is_learning() -> None:
    campaigns = [a_campaign(system_status="LEARNING_NEW")]
    assert hindrance(an_enabling(), an_action(status="HIDDEN"), campaigns=campaigns) == ""


def test_an_object_whose_last_change_is_unsettled_waits() -> None:
    past = replace(OURS, open=frozenset({"200"}))
    assert "no known outcome yet" in hindrance(a_change(Verb.DEMOTE), past=past)
    assert hindrance(a_change(Verb.DEMOTE), past=replace(OURS, open=frozenset({"201"}))) == ""


def test_a_key_event_from_which_an_action_records_keeps_its_mark() -> None:
    change = a_change(
        Verb.UNMARK,
        kind=KEY_EVENT,
        object_id="add_to_cart",
        property_id=PROPERTY_ID,
        before=fields(counting_method="ONCE_PER_SESSION"),
        after=None,
    )
    assert "still records from this key event" in hindrance(change, an_action())
    assert hindrance(change, an_action(status="HIDDEN")) == ""
    assert hindrance(change, an_action(status="REMOVED")) == ""


# What needs a person -------------------------------------------------------------------------------------------------


def asked(
    change: Change | None = None, *, past: Past = OURS, origin: str = "night", needs_person: str = "", **account: Any
) -> tuple[Consent, str]:
    return consent(change or a_change(Verb.DEMOTE), an_account(**account), past, origin, needs_person)


def test_a_demotion_of_a_trusted_helper_runs_by_itself() -> None:
    assert asked() == (Consent.AUTO, "")


def test_until_a_person_has_applied_a_plan_everything_is_reviewed() -> None:
    found, why = asked(past=replace(OURS, reviewed=False))
    assert found is Consent.REVIEW and "Until a person has applied a plan" in why


def test_a_rollback_is_always_reviewed() -> None:
    assert asked(origin="rollback") == (Consent.REVIEW, "A rollback is always reviewed.")


def test_what_a_person_asks_for_is_reviewed_and_waits_for_no_learning() -> None:
    assert asked(origin="asked") == (Consent.REVIEW, "What a person asks for is reviewed as well.")
    state = a_state(PRIMARY, campaigns=[a_campaign(system_status="LEARNING_NEW")])
    change = a_change(Verb.DEMOTE)
    after = state_after(state, change)
    seen = effects(state, after, ())
    assert "still learning" in obstacle(change, state, after, seen, OURS, "night")
    assert obstacle(change, state, after, seen, OURS, "asked") == ""


def test_what_a_person_must_decide_carries_the_reason() -> None:
    assert asked(needs_person="It came back.") == (Consent.REVIEW, "It came back.")


def test_what_a_person_took_back_is_not_done_again_without_one() -> None:
    found, why = asked(past=replace(OURS, taken_back=frozenset({"200"})))
    assert found is Consent.REVIEW and "taken a change of this back" in why


def test_a_kind_that_the_config_does_not_trust_is_reviewed() -> None:
    found, why = asked(auto=frozenset({"create"}))
    assert (found, why) == (Consent.REVIEW, "Changes of the kind demote wait for a person (approval in the config).")


@pytest.mark.parametrize("verb", [Verb.DEMOTE, Verb.RESTORE])
def test_a_helper_that_no_person_promoted_is_moved_by_a_person_only(verb: Verb) -> None:
    found, why = asked(a_change(verb), past=replace(OURS, trusted=frozenset()))
    assert found is Consent.REVIEW and "No person has promoted this helper" in why


def test_observing_needs_no_earlier_promotion() -> None:
    assert asked(an_enabling(), past=Past(reviewed=True)) == (Consent.AUTO, "")


def test_a_promotion_is_automatic_only_when_the_config_says_so() -> None:
    assert asked(a_change(Verb.PROMOTE))[0] is Consent.REVIEW
    assert asked(a_change(Verb.PROMOTE), auto=frozenset({"promote"}))[0] is Consent.AUTO


def test_what_google_refused_waits_for_a_person_with_googles_words() -> None:
    change = a_change(Verb.DEMOTE)
    known = replace(OURS, refused=((change.hash, "on 2026-03-02. FieldError.IMMUTABLE_FIELD: No."),))
    account = an_account(auto=frozenset({"demote"}))
    assert consent(change, account, OURS, "night", "")[0] is Consent.AUTO
    who, why = consent(change, account, known, "night", "")
    assert who is Consent.REVIEW
    assert why == (
        "Google refused exactly this on 2026-03-02. FieldError.IMMUTABLE_FIELD: No. Approve it to try once more."
    )
    assert consent(a_change(Verb.DEMOTE, object_id="201"), account, known, "night", "")[0] is not Consent.PROPOSAL


def test_a_return_while_a_campaign_is_learning_is_for_a_person_to_decide() -> None:
    for status, asks in (("LEARNING_NEW", True), ("ENABLED", False)):
        state = a_state(an_action(), campaigns=[a_campaign(system_status=status)])
        change = a_change(Verb.RESTORE)
        after = state_after(state, change)
        seen = effects(state, after, ())
        assert obstacle(change, state, after, seen, OURS) == ""
        assert bool(doubt(change, state, seen)) == asks
        assert doubt(a_change(Verb.DEMOTE), state, seen) == ""
