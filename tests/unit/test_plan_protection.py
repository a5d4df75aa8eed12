"""What the config protects is only proposed to be changed, with the key that names it."""

from __future__ import annotations

from typing import Any

import pytest

from adsync.model.ads import AccountState
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import Consent
from adsync.model.protected import Protected
from adsync.plan import make_plan
from tests.builders import NOW, PROPERTY_ID, a_campaign, a_change, a_state, an_account, an_action

PAST = Past(managed=frozenset({"200"}), trusted=frozenset({"200"}), reviewed=True)
NAME = "Shop (web) add_to_cart"
CAMPAIGNS = (a_campaign("1", name="Brand"), a_campaign("2", name="By hand", strategy="MANUAL_CPC"))
MARK = a_change(
    Verb.UNMARK,
    kind=KEY_EVENT,
    object_id="add_to_cart",
    property_id=PROPERTY_ID,
    before=fields(counting_method="ONCE_PER_SESSION"),
    after=None,
)
CREATE = a_change(
    Verb.CREATE,
    object_id="adsync: Newsletter",
    title="adsync: Newsletter",
    before=None,
    after=fields(
        name="adsync: Newsletter",
        type="WEBPAGE",
        category="SIGNUP",
        counting_type="ONE_PER_CLICK",
        status="ENABLED",
        primary_for_goal=False,
    ),
)


def state(**different: Any) -> AccountState:
    return a_state(an_action(primary_for_goal=True, **different), campaigns=CAMPAIGNS)


def said(change: Change, seen: AccountState, **protected: tuple[str, ...]) -> str:
    """Why the change is only proposed; "" where it is not."""
    account = an_account(protected=Protected(**protected))
    (planned,) = make_plan(account, seen, [change], PAST, now=NOW, number=1).changes
    return planned.consent_because if planned.consent is Consent.PROPOSAL else ""


@pytest.mark.parametrize("named", ["200", NAME])
def test_an_action_is_protected_by_its_id_and_by_its_name(named: str) -> None:
    assert said(a_change(Verb.DEMOTE), state(), actions=(named,)) == (
        f'"{NAME}" is named under protected.actions in the config: adsync changes nothing about it.'
    )
    assert said(a_change(Verb.DEMOTE), state(), actions=("another",)) == ""


def test_the_key_event_of_a_protected_mirror_is_left_alone() -> None:
    assert f'"{NAME}" is named under protected.actions' in said(MARK, state(status="HIDDEN"), actions=(NAME,))
    assert said(MARK, state(status="HIDDEN")) == ""


def test_an_action_of_a_protected_name_is_not_created() -> None:
    assert "protected.actions" in said(CREATE, state(), actions=("adsync: Newsletter",))
    assert said(CREATE, state()) == ""


@pytest.mark.parametrize("named", ["1", "Brand", "2", "By hand"])
def test_what_a_protected_campaign_counts_stays_whoever_bids_there(named: str) -> None:
    found = said(a_change(Verb.DEMOTE), state(), campaigns=(named,))
    assert "is named under protected.campaigns in the config, and what counts as a conversion would change" in found


def test_a_value_is_a_part_of_what_counts() -> None:
    value = a_change(
        Verb.VALUE,
        before=fields(default_value=0.0, always_use_default_value=False),
        after=fields(default_value=9.0, always_use_default_value=True),
    )
    assert "protected.campaigns" in said(value, state(), campaigns=("Brand",))
    secondary = a_state(an_action(), campaigns=CAMPAIGNS)
    assert said(value, secondary, campaigns=("Brand",)) == "", "what is only observed counts for nobody"


def test_what_sets_something_of_a_protected_campaign_or_its_portfolio_is_only_proposed() -> None:
    seen = a_state(campaigns=(a_campaign("1", name="Brand", portfolio_id="40"),))
    for object_id in ("1", "40"):
        change = a_change(Verb.UPDATE, kind="campaign", object_id=object_id)
        assert 'Campaign "Brand" is named under protected.campaigns' in said(change, seen, campaigns=("Brand",))
    assert said(a_change(Verb.UPDATE, kind="campaign", object_id="1"), seen) == ""


def test_what_the_account_does_not_have_is_named_with_its_key() -> None:
    protected = Protected(actions=("200", "Nothing", "Naught"), campaigns=("Brand", "Brnad"))
    assert protected.amiss(state()) == (
        'protected.actions names "Nothing" and "Naught", which the account does not have. protected.campaigns names "Brnad", '
        "which the account does not have."
    )
    assert Protected(actions=("200", NAME), campaigns=("1", "Brand")).amiss(state()) == ""
    assert "does not have" in Protected(actions=("200",)).amiss(state(status="REMOVED"))
