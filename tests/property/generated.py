"""Accounts, plans and series of every shape, for the laws of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from adsync.model.account import Account
from adsync.model.ads import (
    AccountState,
    Campaign,
    CampaignGoal,
    ConversionAction,
    ConversionGoal,
    CustomGoal,
)
from adsync.model.change import Change, fields
from adsync.model.decision import Decision, Verb
from adsync.model.log import Past
from adsync.model.volume import DailySeries
from adsync.plan import changes_for
from tests.builders import TODAY, a_campaign, a_candidate, a_change, a_customer, a_macro_action, an_account, an_action

EVENTS = ("view_item", "add_to_cart", "begin_checkout", "add_payment_info")
NEW_EVENT = "sign_up"
PAIRS = tuple((c, o) for c in ("PURCHASE", "ADD_TO_CART", "SIGNUP") for o in ("WEBSITE", "APP"))
SMART = ("TARGET_CPA", "TARGET_ROAS", "MAXIMIZE_CONVERSIONS", "MAXIMIZE_CONVERSION_VALUE")

Option = TypeVar("Option")


class Dice:
    """Choices read off a row of bytes: far quicker than a strategy for each, and still shrunk towards first options."""

    def __init__(self, row: bytes) -> None:
        self._row = iter(row)

    def pick(self, *options: Option) -> Option:
        return options[next(self._row) % len(options)]

    def some(self, options: Iterable[Option]) -> tuple[Option, ...]:
        return tuple(option for option in options if self.pick(False, True))


def thrown(faces: int) -> st.SearchStrategy[Dice]:
    return st.binary(min_size=faces, max_size=faces).map(Dice)


# Accounts ------------------------------------------------------------------------------------------------------------


def states() -> st.SearchStrategy[AccountState]:
    """An account with a macro, up to four helpers, and campaigns that bid in every way."""
    return thrown(120).map(a_random_state)


def a_random_state(dice: Dice) -> AccountState:
    macro = a_macro_action(status=dice.pick("ENABLED", "HIDDEN"), primary_for_goal=dice.pick(True, False))
    return AccountState(
        as_of=TODAY,
        customer=a_customer(),
        actions=(macro, *(_helper(dice, n) for n in range(dice.pick(0, 1, 2, 3, 4)))),
        goals=tuple(ConversionGoal(category=c, origin=o, biddable=dice.pick(True, False)) for c, o in dice.some(PAIRS)),
        campaign_goals=tuple(
            CampaignGoal(campaign_id=campaign, category=c, origin=o, biddable=dice.pick(True, False))
            for campaign in "123"
            for c, o in dice.some(PAIRS)
        ),
        custom_goals=tuple(_custom_goal(dice, goal_id) for goal_id in dice.some(("70", "71"))),
        campaigns=tuple(_campaign(dice, str(n + 1)) for n in range(dice.pick(0, 1, 2, 3))),
    )


def _helper(dice: Dice, number: int) -> ConversionAction:
    category, origin = dice.pick(*PAIRS)
    return an_action(
        str(200 + number),
        name=f"Shop (web) {EVENTS[number]}",
        ga4_event_name=EVENTS[number],
        status=dice.pick("ENABLED", "ENABLED", "HIDDEN"),
        primary_for_goal=dice.pick(False, True),
        category=category,
        origin=origin,
        counting_type=dice.pick("ONE_PER_CLICK", "MANY_PER_CLICK"),
        default_value=dice.pick(0.0, 7.0),
        always_use_default_value=dice.pick(False, True),
    )


def _custom_goal(dice: Dice, goal_id: str) -> CustomGoal:
    action_ids = dice.some(("100", "200", "201", "202", "203"))
    status = dice.pick("ENABLED", "ENABLED", "REMOVED")
    return CustomGoal(id=goal_id, name=f"Goal {goal_id}", status=status, action_ids=action_ids)


def _campaign(dice: Dice, campaign_id: str) -> Campaign:
    return a_campaign(
        campaign_id,
        status=dice.pick("ENABLED", "ENABLED", "ENABLED", "PAUSED"),
        strategy=dice.pick(*SMART, "MANUAL_CPC"),
        system_status=dice.pick("ENABLED", "ENABLED", "LEARNING_NEW"),
        target_cpa_micros=dice.pick(0, 0, 0, 7_000_000),
        target_roas=dice.pick(0.0, 0.0, 0.0, 3.5),
        goal_level=dice.pick("CUSTOMER", "CUSTOMER", "CAMPAIGN"),
        custom_goal_id=dice.pick("", "", "70", "71"),
        selected_actions=dice.some(("100", "200", "201")) if dice.pick(False, False, False, True) else (),
    )


def learned_from(state: AccountState, campaign: Campaign) -> frozenset[str]:
    """What a campaign's bidding learns from, said anew: the code under test says it in another way."""
    custom = {g.id: g for g in state.custom_goals if g.status == "ENABLED"}
    table = {(g.category, g.origin): g.biddable for g in state.goals}
    if campaign.goal_level == "CAMPAIGN":
        table = {(g.category, g.origin): g.biddable for g in state.campaign_goals if g.campaign_id == campaign.id}
    found = set()
    for action in state.actions:
        if campaign.custom_goal_id in custom:
            counts = action.id in custom[campaign.custom_goal_id].action_ids
        elif campaign.selected_actions:
            counts = action.id in campaign.selected_actions
        else:
            counts = action.primary_for_goal and table.get((action.category, action.origin), False)
        if counts and action.status == "ENABLED":
            found.add(action.id)
    return frozenset(found)


def signal(state: AccountState, campaign: Campaign) -> frozenset[tuple[str, float | None]]:
    """What a campaign's bidding learns from and, where it is after value, what each of it is worth; None: the site says it."""
    after_value = campaign.strategy in ("TARGET_ROAS", "MAXIMIZE_CONVERSION_VALUE")
    fixed = {a.id: a.default_value for a in state.actions if a.always_use_default_value and after_value}
    return frozenset((action, fixed.get(action)) for action in learned_from(state, campaign))


def smart(state: AccountState) -> list[Campaign]:
    """The campaigns for which it matters, said anew."""
    return [c for c in state.campaigns if c.status == "ENABLED" and c.strategy in SMART]


# Plans ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a plan is made of."""

    account: Account
    state: AccountState
    decisions: tuple[Decision, ...]
    changes: tuple[Change, ...]
    past: Past
    origin: str


_DECIDED = (Verb.ENABLE, Verb.UPDATE, Verb.VALUE, Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE)
_TAKEN_BACK = (Verb.HIDE, Verb.REMOVE)
_KINDS = ("key_event", "create", "enable", "update", "demote", "restore", "promote", "value")


def nights() -> st.SearchStrategy[Night]:
    """An account, and up to one change for each helper and one for an event without an action."""
    return thrown(180).map(a_random_night)


def a_random_night(dice: Dice) -> Night:
    state = a_random_state(dice)
    account = an_account(
        candidates=tuple(a_candidate(e) for e in (*EVENTS, NEW_EVENT)), auto=frozenset(dice.some(_KINDS))
    )
    helpers = [a for a in state.actions if a.ga4_event_name]
    decisions, others = [], []
    for action in helpers:
        verb = dice.pick(None, Verb.DEMOTE, *_DECIDED, *_TAKEN_BACK)
        if verb in _TAKEN_BACK:
            others.append(_taken_away(action, verb))
        elif verb is not None:
            event = action.ga4_event_name
            value = dice.pick(2.5, 7.0) if verb is Verb.VALUE else 0.0
            decisions.append(Decision(event_name=event, verb=verb, action_id=action.id, because="because", value=value))
    new = dice.pick(None, Verb.CREATE, Verb.KEY_EVENT)
    if new is not None:
        decisions.append(Decision(event_name=NEW_EVENT, verb=new, because="because"))
    ids = [a.id for a in helpers]
    past = Past(
        managed=frozenset(ids),
        trusted=frozenset(dice.some(ids)),
        taken_back=frozenset(dice.some(ids) if dice.pick(False, False, True) else ()),
        open=frozenset(dice.some(ids) if dice.pick(False, False, True) else ()),
        reviewed=dice.pick(True, True, False),
    )
    return Night(
        account=account,
        state=state,
        decisions=tuple(decisions),
        changes=(*changes_for(account, state, decisions), *others),
        past=past,
        origin=dice.pick("night", "night", "rollback"),
    )


def _taken_away(action: ConversionAction, verb: Verb) -> Change:
    now = fields(status=action.status, primary_for_goal=action.primary_for_goal)
    hidden = fields(status="HIDDEN", primary_for_goal=action.primary_for_goal)
    return a_change(
        verb,
        object_id=action.id,
        event_name=action.ga4_event_name,
        before=now,
        after=hidden if verb is Verb.HIDE else None,
    )


shuffles = st.integers(0, 2**32).map(Random)
"""Ways to mix something up. A generator with a drawn seed: hypothesis' own is many times slower."""


def mixed(random: Random, values: tuple[Option, ...]) -> tuple[Option, ...]:
    """The same values in another order."""
    return tuple(random.sample(values, len(values)))


# Series --------------------------------------------------------------------------------------------------------------


def counts(days: int, most: int = 9) -> st.SearchStrategy[list[int]]:
    """One small number a day. From bytes: far quicker to draw than a list of numbers."""
    return st.binary(min_size=days, max_size=days).map(lambda drawn: [byte % (most + 1) for byte in drawn])


def counts_with_gaps(days: int, most: int = 9) -> st.SearchStrategy[list[int | None]]:
    """The same; about one day in sixteen is unknown."""
    return st.binary(min_size=days, max_size=days).map(
        lambda drawn: [None if byte >= 240 else byte % (most + 1) for byte in drawn]
    )


def series(values: Sequence[float | None], last: date = TODAY - timedelta(days=1)) -> DailySeries:
    """Days up to ``last``, oldest first."""
    return DailySeries(last - timedelta(days=len(values) - 1), tuple(values))
