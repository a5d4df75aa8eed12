"""Goals that have to hold one helper alone, and what adsync would put into them by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adsync.model.ads import AccountState
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.goal import GOAL, goal_id, goal_title
from adsync.model.log import Past

_SWITCHED_OFF = "adsync has switched it off for {}"
_TO_BE_SWITCHED = "adsync is to switch it for {}"


def goals_kept_alone(
    state: AccountState, past: Past, planned: Iterable[Change], taken: Iterable[tuple[str, str]]
) -> dict[str, str]:
    """Goals that adsync could not switch any more for a helper once something else records in them, and why, by their ids.

    planned: of this plan, and what is left of groups. taken: kind and id of what other plans are to change.
    """
    off = {goal_id((g.category, g.origin)) for g in state.goals if not g.biddable}
    found = {goal: _SWITCHED_OFF.format(event) for goal, event in past.switched_off if goal in off}
    found |= {object_id: _TO_BE_SWITCHED.format("a helper") for kind, object_id in taken if kind == GOAL}
    return found | {c.object_id: _TO_BE_SWITCHED.format(c.event_name) for c in planned if c.verb is Verb.GOAL}


def joins(change: Change, before: AccountState, kept_alone: Mapping[str, str]) -> str:
    """Why only a person may let an action record in a goal that has to hold a helper alone; "" of every other change."""
    action = before.action(change.object_id)
    if change.verb is Verb.CREATE:
        # A tag of adsync's is of the category that it is made with, on the website.
        pair = (str(dict(change.after or ())["category"]), "WEBSITE")
    elif change.verb is Verb.ENABLE and action is not None:
        pair = action.goal
    else:
        return ""
    why = kept_alone.get(goal_id(pair))
    if why is None:
        return ""
    return (
        f"It would record in the goal {goal_title(pair)}, which is to hold one helper alone: {why}, and could not do so again "
        "with something else in it. So a person decides."
    )
