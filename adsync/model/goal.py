"""Goal-level control: a goal, the pair (category, origin), that campaigns stop bidding on because a helper cannot be demoted.

For a helper that is alone in its goal, "primary, and the goal is off" is to bidding what "secondary" is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from adsync.model.ads import AccountState, ConversionAction, ConversionGoal
from adsync.model.change import Change, Fields, fields
from adsync.model.decision import Verb

GOAL = "goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalMember:
    """Another action of a goal that is to be switched. begins, stops: names of the campaigns that would begin or stop bidding
    on it."""

    action_id: str
    name: str
    status: str
    primary_for_goal: bool
    begins: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


def goal_id(pair: tuple[str, str]) -> str:
    """As Google's resource names end."""
    return "~".join(pair)


def goal_title(pair: tuple[str, str]) -> str:
    """As people read it."""
    return " / ".join(pair)


def switches_on(change: Change) -> bool:
    """Whether a change of a goal lets campaigns bid on it; else they stop."""
    return bool(dict(change.after or ()).get("biddable"))


def switches_off(change: Change) -> bool:
    """Whether a change takes a goal out of bidding. Changes of anything else do not."""
    return change.verb is Verb.GOAL and not switches_on(change)


def goal_now(goals: Sequence[ConversionGoal], change: Change) -> Fields | None:
    """The goal that a change is about, as it stands; None where the account has no such pair."""
    found = next((g for g in goals if goal_id((g.category, g.origin)) == change.object_id), None)
    return None if found is None else fields(biddable=found.biddable)


def with_goal(state: AccountState, change: Change) -> AccountState:
    """The account with the goal as a change wants it."""
    wanted = switches_on(change)
    return replace(
        state,
        goals=tuple(
            replace(g, biddable=wanted) if goal_id((g.category, g.origin)) == change.object_id else g
            for g in state.goals
        ),
    )


def resting(
    state: AccountState, switched_off: Sequence[tuple[str, str]], counted_by: Sequence[tuple[str, str]]
) -> tuple[ConversionAction, ...]:
    """The helpers that are primary and rest all the same, since adsync has switched their goal off and it still is.

    switched_off: goals and the event for which each was. counted_by: actions by event.
    """
    off = {goal_id((g.category, g.origin)) for g in state.goals if not g.biddable} if switched_off else set()
    helper_of = {goal: dict(counted_by).get(event) for goal, event in switched_off if goal in off}
    return tuple(a for a in _primary(state) if a.id == helper_of.get(goal_id(a.goal)))


def as_flags(state: AccountState, rest: Collection[ConversionAction]) -> AccountState:
    """The same account said otherwise: those that rest are secondary, and their goals bid on.

    A goal that has another primary action by now stays off: nobody bids on that one.
    """
    ids = {a.id for a in rest}
    if not ids:
        return state
    pairs = {a.goal for a in rest} - {a.goal for a in _primary(state) if a.id not in ids}
    return replace(
        state,
        actions=tuple(replace(a, primary_for_goal=False) if a.id in ids else a for a in state.actions),
        goals=tuple(replace(g, biddable=True) if (g.category, g.origin) in pairs else g for g in state.goals),
    )


def _primary(state: AccountState) -> list[ConversionAction]:
    return [a for a in state.actions if a.status == "ENABLED" and a.primary_for_goal]
