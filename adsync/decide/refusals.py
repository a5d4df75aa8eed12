"""Decisions that Google is known to refuse: what else does the same to bidding, or what a person is told to do instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from adsync.model.ads import AccountState, ConversionAction
from adsync.model.bidding import account_goals
from adsync.model.capability import Capability, ManagedField, refused_on
from adsync.model.change import ACTION, Change
from adsync.model.decision import Decision, Hold, Verb
from adsync.model.goal import goal_title

REFUSED = "refused"

_WHAT = {
    ManagedField.STATUS: 'whether "{}" records',
    ManagedField.PRIMARY: 'whether "{}" is primary',
    ManagedField.COUNTING: 'how often "{}" counts',
    ManagedField.VALUE: 'the value of "{}"',
}
_FLAG = {
    Verb.PROMOTE: "Make it primary",
    Verb.RESTORE: "Make it primary again",
    Verb.DEMOTE: "Make it secondary",
}

_BACK = frozenset({Verb.PROMOTE, Verb.RESTORE})


def allowed(
    decision: Decision,
    state: AccountState,
    capabilities: Iterable[Capability],
    resting: Collection[str] = (),
) -> Decision:
    """The decision, or, where Google refuses a field that it takes, what does the same to bidding, or a hold of that helper.

    resting: ids of the actions that are not bid on because adsync has switched their goal off.
    """
    action = state.action(decision.action_id)
    if decision.verb is None or action is None:
        return decision
    if decision.verb in _BACK and action.id in resting:
        return _through_the_goal(
            decision, f"The goal {goal_title(action.goal)}, which adsync had switched off, is bid on again"
        )
    refused = refused_on(capabilities, action.id)
    field = next((f for f in _written(decision.verb, action) if f in refused), None)
    if field is None:
        return decision
    what, todo = _words(decision, action, field)
    answer = refused[field]
    saw = f"{what} (asked on {answer.as_of}: {answer.code})"
    if decision.verb is Verb.DEMOTE and action.goal in account_goals(state):
        return _through_the_goal(
            decision,
            f"{saw}. Instead campaigns would stop bidding on its goal, "
            f"{goal_title(action.goal)}, and with it on all that is primary there. Or make it secondary in Google Ads yourself",
        )
    hold = Hold(
        code=REFUSED,
        since=answer.as_of,
        saw=f"{saw}.",
        todo=todo,
        about=action.id,
        detail=decision.verb.value,
    )
    return replace(decision, verb=None, because=f"{decision.because} {hold.saw} {hold.todo}", hold=hold)


def refused_changes(
    changes: Iterable[Change], state: AccountState, capabilities: Sequence[Capability]
) -> dict[str, str]:
    """Of changes that write a field that Google refuses, why they are only proposed and what a person can do, by their hash."""
    return {c.hash: why for c in changes if (why := _refused_field(c, state, capabilities))}


def _refused_field(change: Change, state: AccountState, capabilities: Sequence[Capability]) -> str:
    action = state.action(change.object_id) if change.kind == ACTION and not change.is_kept_here else None
    if action is None:
        return ""
    refused, written = refused_on(capabilities, action.id), change.update_mask()
    field = next((f for f in refused if f in written), None)
    return f"{_said(action, refused[field])} What is left: {_BY_HAND}." if field is not None else ""


_BY_HAND = "do it yourself in Google Ads (Goals > Conversions > Summary)"


def _said(action: ConversionAction, answer: Capability) -> str:
    what = _WHAT[answer.field].format(action.name)
    return f"Google does not let adsync change {what} (asked on {answer.as_of}: {answer.code})."


def without_way_back(hold: Hold, state: AccountState, capabilities: Sequence[Capability]) -> Hold:
    """A hold on a switch by hand, and what is left to do where Google refuses that adsync puts it back."""
    action = state.action(hold.about)
    refused = refused_on(capabilities, hold.about)
    moved = {part.partition("=")[0] for part in hold.detail.split(",")}
    field = next((f for f in refused if f in moved), None)
    if action is None or action.status == "REMOVED" or field is None:
        return hold
    back = f"To have it as adsync left it: {_BY_HAND}, and the hold ends."
    todo = f"End this hold to let it go on from here. {_said(action, refused[field])} {back}"
    return replace(hold, todo=todo, puts_back=False)


def _through_the_goal(decision: Decision, because: str) -> Decision:
    return replace(decision, verb=Verb.GOAL, because=f"{decision.because} {because}.")


def _written(verb: Verb, action: ConversionAction) -> tuple[ManagedField, ...]:
    """What the change would set to something else than it is."""
    match verb:
        case Verb.PROMOTE | Verb.RESTORE | Verb.DEMOTE:
            return (ManagedField.PRIMARY,)
        case Verb.ENABLE:
            # Mirrors begin as secondary; one that somebody made primary is to start as secondary too.
            return (ManagedField.STATUS, ManagedField.PRIMARY)[: 1 + action.primary_for_goal]
        case Verb.VALUE:
            return (ManagedField.VALUE,)
        case _:
            return ()


def _words(decision: Decision, action: ConversionAction, field: ManagedField) -> tuple[str, str]:
    """What Google refuses, and the ways that are left."""
    what = _WHAT[field].format(action.name)
    saw = f"Google does not let adsync change {what}"
    there = "in Google Ads (Goals > Conversions > Summary)"
    if decision.verb is Verb.VALUE:
        by_hand = f"Give each of its conversions the value {decision.value:,g} in Google Ads."
    elif decision.verb in _FLAG:
        by_hand = (
            f"{_FLAG[decision.verb]} {there}; the night after that sees it, and names the word by which adsync goes on."
        )
    else:
        by_hand = f"Switch it on {there}, as secondary, and let adsync look after it (adsync adopt)."
    return saw, f"{by_hand} Or let adsync make an action of its own for {decision.event_name}, with a tag (route: tag)."
