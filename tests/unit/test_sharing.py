"""Who must be named before anything is changed at an account whose conversion actions others use too."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.decide.elsewhere import still_needed
from adsync.errors import AccessDenied
from adsync.google.owners import Owners
from adsync.model.account import Account
from adsync.model.ads import AccountState, Campaign, ClientState, Customer
from adsync.model.decision import Decision, Verb
from adsync.model.log import Past
from adsync.model.plan import Consent, Plan
from adsync.model.protected import Protected
from adsync.model.sharing import Client, CrossAccount, Sharing, disagreement, no_more, told
from adsync.model.volume import ActionDay, ClientVolume
from adsync.plan import changes_for, make_plan
from adsync.plan.sharing import unagreed
from adsync.render.plan_words import effect
from tests.builders import (
    CUSTOMER_ID,
    NOW,
    TODAY,
    a_campaign,
    a_change,
    a_customer,
    a_history,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

OWNER, OTHER = "9990000001", "2000000002"
SHOP = Client(customer_id=CUSTOMER_ID, name="Shop")
BOOTS = Client(customer_id=OTHER, name="Boots")
SHARED = Sharing(owner_id=OWNER, clients=(SHOP, BOOTS))
BOTH = CrossAccount(owner_id=OWNER, client_ids=(CUSTOMER_ID, OTHER))


def said(agreed: CrossAccount | None, sharing: Sharing | None, decided_by: str = "") -> str:
    """Why nothing may be changed."""
    found = disagreement(agreed, sharing, decided_by)
    return found.said if found is not None else ""


def test_an_account_with_actions_of_its_own_needs_no_agreement() -> None:
    assert said(None, None) == ""
    assert said(BOTH, None).endswith("Remove cross_account from the config.")


def test_without_an_agreement_nothing_is_changed_and_everybody_is_named() -> None:
    assert said(None, SHARED) == (
        'Its conversion actions belong to account 999-000-0001: a change there meets "Shop" (123-456-7890) and "Boots" '
        "(200-000-0002). Nothing is changed until the config agrees to exactly these. To agree, "
        "name the clients under one account of the config: "
        "cross_account: {owner: 999-000-0001, clients: [123-456-7890, 200-000-0002]}."
    )
    assert said(BOTH, SHARED) == "" and told(None, None) == ""
    assert told(BOTH, SHARED) == (
        'Changes are made at account 999-000-0001 and meet "Shop" (123-456-7890) and "Boots" (200-000-0002).'
    )


def test_where_another_account_of_the_config_decides_there_is_nothing_to_agree_to() -> None:
    found = disagreement(None, SHARED, "boots")
    assert found is not None and found.todo == ""
    assert found.said.endswith("boots decides about them: nothing is changed from here.")


def test_a_new_client_voids_the_agreement_and_one_that_has_left_does_not() -> None:
    alone = CrossAccount(owner_id=OWNER, client_ids=(CUSTOMER_ID,))
    found = disagreement(alone, SHARED)
    assert found is not None and found.said == (
        '"Boots" (200-000-0002) uses the conversion actions of account 999-000-0001 as well, and the config does not agree '
        "to that: nothing is changed. Add 200-000-0002 to cross_account.clients, or remove cross_account."
    )
    left = Sharing(owner_id=OWNER, clients=(SHOP,))
    assert said(BOTH, left) == "" and no_more(BOTH, left) == (OTHER,)


def test_who_may_be_a_client_must_be_named_as_well() -> None:
    hidden = Sharing(owner_id=OWNER, clients=(SHOP, Client(customer_id=OTHER, name="Boots", is_sure=False)))
    assert "which Google does not let be seen uses" in said(
        CrossAccount(owner_id=OWNER, client_ids=(CUSTOMER_ID,)), hidden
    )
    assert said(BOTH, hidden) == ""


def test_where_not_all_clients_can_be_seen_no_agreement_is_enough() -> None:
    part = Sharing(owner_id=OWNER, clients=(SHOP,), whole=False)
    assert 'meets at least "Shop" (123-456-7890)' in said(BOTH, part)
    assert no_more(BOTH, part) == ()


def test_an_agreement_about_another_owner_is_none() -> None:
    other = CrossAccount(owner_id="8880000001", client_ids=(CUSTOMER_ID, OTHER))
    assert "Name 999-000-0001 under cross_account.owner" in said(other, SHARED)


# What is planned ---------------------------------------------------------------------------------------------------------

HELPER = an_action("200", primary_for_goal=True, owner_customer_id=OWNER)
PAST = Past(managed=frozenset({"200"}), trusted=frozenset({"200"}), reviewed=True)


DEMOTION = Decision(event_name="add_to_cart", verb=Verb.DEMOTE, action_id="200", because="104 of 101")


def planned(account: Account, state: AccountState, **different: Any) -> Plan:
    return make_plan(account, state, changes_for(account, state, [DEMOTION]), PAST, now=NOW, number=1, **different)


def test_a_change_of_shared_actions_is_sent_to_their_owner_and_never_runs_by_itself() -> None:
    state = a_state(HELPER, sharing=SHARED)
    alone = planned(an_account(), a_state(HELPER)).changes[0]
    assert (alone.consent, alone.change.sent_to, alone.clients) == (Consent.AUTO, CUSTOMER_ID, ())
    proposed = planned(an_account(), state).changes[0]
    assert (proposed.consent, proposed.clients) == (Consent.PROPOSAL, (SHOP, BOOTS))
    assert proposed.consent_because == said(None, SHARED)
    agreed = planned(an_account(cross_account=BOTH), state).changes[0]
    assert agreed.consent is Consent.REVIEW and "so a person decides" in agreed.consent_because
    assert (agreed.change.customer_id, agreed.change.sent_to) == (CUSTOMER_ID, OWNER)


@pytest.mark.parametrize(
    ("then", "now"), [(SHARED, None), (None, SHARED)], ids=["shared when it was planned", "shared since"]
)
def test_what_was_planned_for_another_owner_is_not_sent(then: Sharing | None, now: Sharing | None) -> None:
    account = an_account(cross_account=BOTH if now else None)
    change = planned(account, a_state(HELPER, sharing=then)).changes[0].change
    assert "and the conversion actions that are used now belong to account" in unagreed(
        change, account, a_state(HELPER, sharing=now)
    )


def test_an_action_of_its_own_from_before_is_left_where_it_is() -> None:
    state = a_state(replace(HELPER, owner_customer_id=CUSTOMER_ID), sharing=SHARED)
    (change,) = planned(an_account(cross_account=BOTH), state).changes
    assert change.consent is Consent.PROPOSAL
    assert change.consent_because.startswith("It belongs to account 123-456-7890 and not to 999-000-0001")


def test_an_approval_says_at_which_account_the_change_is_made() -> None:
    own, shared = a_change(), a_change(owner_id=OWNER)
    assert own.hash != shared.hash and shared.inverse().inverse() == shared
    # Changes of accounts that own their actions are hashed as ever: what was approved stays approved.
    assert json.loads(own.canonical) == json.loads(shared.canonical)[:-1]
    assert shared.inverse().sent_to == OWNER


# Who is asked -----------------------------------------------------------------------------------------------------------


class Google:
    """An owner with three accounts below it: one uses its actions, one has its own, one cannot be seen."""

    def __init__(self, *, hidden_owner: bool = False) -> None:
        self.hidden_owner = hidden_owner
        self.asked: list[str] = []

    def below(self, owner: str) -> tuple[Customer, ...]:
        if self.hidden_owner:
            raise AccessDenied("No.")
        found = [a_customer(customer_id=str(i), name=f"Client {i}") for i in (1, 2, 3)]
        return (a_customer(customer_id=owner, manager=True), *found)

    def described(self, customer_id: str) -> Customer:
        self.asked.append(customer_id)
        if customer_id == "3":
            raise AccessDenied("No.")
        return a_customer(customer_id=customer_id, conversion_customer_id=OWNER if customer_id == "1" else customer_id)


def test_clients_are_those_that_use_the_owners_actions_and_those_that_cannot_be_asked() -> None:
    google, owners = Google(), Owners()
    one = a_customer(customer_id="1", name="Client 1", conversion_customer_id=OWNER)
    found = owners.of(one, google.below, google.described, anew=False)
    assert [(c.customer_id, c.is_sure) for c in found.clients] == [("1", True), ("3", False)] and found.whole
    assert owners.of(one, google.below, google.described, anew=False) == found and len(google.asked) == 3
    owners.of(one, google.below, google.described, anew=True)
    assert len(google.asked) == 6


def test_who_cannot_list_the_owners_accounts_knows_only_of_itself() -> None:
    google, one = Google(hidden_owner=True), a_customer(conversion_customer_id=OWNER)
    found = Owners().of(one, google.below, google.described, anew=False)
    assert found == Sharing(owner_id=OWNER, clients=(SHOP,), whole=False)


@pytest.mark.parametrize("error", [RuntimeError("a defect"), KeyboardInterrupt()])
def test_only_a_refusal_of_google_hides_an_account(error: BaseException) -> None:
    def described(_: str) -> Customer:
        raise error

    with pytest.raises(type(error)):
        Owners().of(a_customer(conversion_customer_id=OWNER), Google().below, described, anew=False)


# What the other accounts' bidding would see -------------------------------------------------------------------------------

AGREED = an_account(cross_account=BOTH)


def elsewhere(*campaigns: Campaign) -> AccountState:
    """The helper is bid on here and by these campaigns of the other account."""
    boots = ClientState(customer=a_customer(customer_id=OTHER, name="Boots"), campaigns=campaigns)
    return a_state(HELPER, sharing=SHARED, elsewhere=(boots,))


def counted(action_id: str, conversions: float) -> ActionDay:
    return ActionDay(
        date=TODAY - timedelta(days=3),
        campaign_id="9",
        action_id=action_id,
        conversions=conversions,
        all_conversions=conversions,
        value=0.0,
        all_value=0.0,
    )


def test_a_plan_says_what_bidding_of_every_account_would_see() -> None:
    macro, helper = counted("100", 28.0), counted("200", 56.0)
    seen = {OTHER: ClientVolume(macro=a_steady_series(30), recent=(macro, helper))}
    (change,) = planned(AGREED, elsewhere(a_campaign("9", name="Boots all")), elsewhere=seen).changes
    assert change.consent is Consent.REVIEW
    assert [(e.client, e.campaign, e.before, e.after) for e in change.effects] == [
        ("", "Campaign 1", 0.0, 0.0),
        ('"Boots" (200-000-0002)', "Boots all", 90.0, 30.0),
    ]
    assert effect(change.effects[1]) == (
        '"Boots" (200-000-0002), Boots all: bidding sees 90 conversions a month now, 30 after'
    )


@pytest.mark.parametrize(
    ("campaign", "words"),
    [
        (a_campaign("9", target_cpa_micros=9_000_000), "bids to a fixed target"),
        (a_campaign("9", system_status="LEARNING_SETTING_CHANGE"), "still learning"),
        (a_campaign("9", selected_actions=("200",)), "has selected it to bid on"),
        (a_campaign("9", name="Lasting"), "protected.campaigns"),
    ],
)
def test_what_would_harm_another_account_is_only_proposed(campaign: Campaign, words: str) -> None:
    careful = replace(AGREED, protected=Protected(campaigns=("Lasting",)))
    (change,) = planned(careful, elsewhere(campaign)).changes
    assert change.consent is Consent.PROPOSAL
    assert change.consent_because.startswith('In account "Boots" (200-000-0002): ') and words in change.consent_because


def test_nobody_agrees_to_bidding_in_an_account_that_cannot_be_seen() -> None:
    hidden = replace(SHARED, clients=(SHOP, replace(BOOTS, is_sure=False)))
    (change,) = planned(AGREED, a_state(HELPER, sharing=hidden)).changes
    assert change.consent is Consent.PROPOSAL and "Nobody can say what bidding would see" in change.consent_because


# Who can do without a helper ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_30_days", "campaign", "words"),
    [
        (60.0, a_campaign("9"), ""),
        (
            5.0,
            a_campaign("9"),
            'these still need it: "Boots" (200-000-0002), which has 14 of 100 purchases in 12 weeks.',
        ),
        (5.0, a_campaign("9", strategy="MANUAL_CPC"), ""),
        (None, a_campaign("9"), "of which nothing is known yet"),
    ],
)
def test_a_helper_is_retired_only_where_every_account_that_bids_on_it_has_shown_its_volume(
    per_30_days: float | None, campaign: Campaign, words: str
) -> None:
    state = elsewhere(campaign)
    volume = {} if per_30_days is None else {OTHER: ClientVolume(macro=a_steady_series(per_30_days))}
    said = still_needed(AGREED, state, a_history(elsewhere=volume), "200")
    assert (words in said) if words else said == ""


def test_what_another_account_still_needs_nobody_can_agree_to_take() -> None:
    state = elsewhere(a_campaign("9"))
    (change,) = changes_for(AGREED, state, [DEMOTION])
    (planned_change,) = make_plan(
        AGREED, state, [change], PAST, now=NOW, number=1, kept={change.hash: "Boots needs it."}
    ).changes
    assert (planned_change.consent, planned_change.consent_because) == (Consent.PROPOSAL, "Boots needs it.")
