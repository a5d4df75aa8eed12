"""adsync goals: which actions campaigns bid on, in words."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from adsync.model.ads import AccountState, ConversionAction
from adsync.model.biddability import matrix
from adsync.model.decision import Verb
from adsync.plan.outcome import state_after
from adsync.render.goals import goals_document, goals_lines, why
from tests.builders import MACRO_ID, a_campaign, a_change, a_state, an_action
from tests.unit.test_bidding import a_custom_goal, with_goal

CART = an_action(name="Cart", primary_for_goal=True)


def shown(before: AccountState, after: AccountState | None = None, *, everything: bool = False) -> str:
    console = Console(width=160, file=StringIO())
    for line in goals_lines(matrix(before, after or before, everything=everything), planned=after is not None):
        console.print(line)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def reason(state: AccountState) -> str:
    """Why the cart counts, or does not."""
    [group] = matrix(state, state, everything=True)
    return next(f"{each.now.counts}: {why(each.now)}" for each in group.actions if each.action.id == "200")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (a_state(CART), "True: primary, and its goal is one of the account's"),
        (a_state(replace(CART, primary_for_goal=False)), "False: secondary"),
        (a_state(replace(CART, status="HIDDEN")), "False: it records nothing"),
        (
            with_goal(a_state(CART), "DEFAULT", biddable=False),
            "False: primary, but its goal is switched off for the account",
        ),
        (
            a_state(CART, campaigns=[a_campaign(goal_level="CAMPAIGN")]),
            "False: primary, but its goal is switched off for this campaign",
        ),
        (
            a_state(CART, campaigns=[a_campaign(custom_goal_id="7")], custom_goals=(a_custom_goal(MACRO_ID),)),
            'False: not in the custom goal "Goal 7", which alone counts here',
        ),
        (
            a_state(
                replace(CART, primary_for_goal=False),
                campaigns=[a_campaign(custom_goal_id="7")],
                custom_goals=(a_custom_goal("200"),),
            ),
            'True: in the custom goal "Goal 7", whether it is primary or not',
        ),
        (
            a_state(CART, campaigns=[a_campaign(selected_actions=("200",))]),
            "True: the app campaign has selected it",
        ),
        (
            a_state(CART, campaigns=[a_campaign(selected_actions=(MACRO_ID,))]),
            "False: not among those that the app campaign has selected",
        ),
    ],
)
def test_each_cell_has_its_reason(state: AccountState, said: str) -> None:
    assert reason(state) == said


def test_campaigns_that_learn_from_the_same_stand_together() -> None:
    campaigns = [a_campaign(str(n)) for n in range(1, 4)] + [a_campaign("4", goal_level="CAMPAIGN")]
    text = shown(a_state(CART, campaigns=[*campaigns, a_campaign("5", strategy="MANUAL_CPC")]))
    assert '3 campaigns: "Campaign 1", "Campaign 2", "Campaign 3"' in text and '1 campaign: "Campaign 4"' in text
    assert "Campaign 5" not in text


def test_what_is_paused_or_records_nothing_is_shown_on_request() -> None:
    state = a_state(replace(CART, status="HIDDEN"), campaigns=[a_campaign(), a_campaign("2", status="PAUSED")])
    assert "Cart" not in shown(state) and "Campaign 2" not in shown(state)
    assert "Cart" in shown(state, everything=True)
    assert '2 campaigns, 1 of them paused: "Campaign 1", "Campaign 2"' in shown(state, everything=True)


@pytest.mark.parametrize(
    ("action", "verb", "moves"),
    [(CART, Verb.DEMOTE, (True, False)), (replace(CART, primary_for_goal=False), Verb.PROMOTE, (False, True))],
)
def test_the_open_plan_is_shown_beside_what_is(action: ConversionAction, verb: Verb, moves: tuple[bool, bool]) -> None:
    state = a_state(action)
    after = state_after(state, a_change(verb))
    text = shown(state, after)
    assert "After the plan" in text and "now: " in text and "then: " in text
    [group] = goals_document(matrix(state, after))
    (cart,) = (each for each in group["actions"] if each["id"] == "200")
    assert (cart["now"]["counts"], cart["after"]["counts"]) == moves


def test_what_is_still_to_be_created_is_shown_as_not_there_yet() -> None:
    from tests.unit.test_plan_outcome import a_creation

    text = shown(a_state(), state_after(a_state(), a_creation()))
    assert "it does not exist yet" in text and "then: secondary" in text
