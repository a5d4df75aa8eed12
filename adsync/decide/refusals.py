"""Decisions that Google is known to refuse: they are not planned, and a person is told once what is possible instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adsync.model.ads import ConversionAction
from adsync.model.capability import Capability, ManagedField, refused_on
from adsync.model.decision import Decision, Hold, Verb

REFUSED = "refused"

_WHAT = {
    ManagedField.STATUS: "whether it records",
    ManagedField.PRIMARY: "whether it is primary",
    ManagedField.COUNTING: "how often it counts",
    ManagedField.VALUE: "the value",
}
_FLAG = {
    Verb.PROMOTE: "Make it primary",
    Verb.RESTORE: "Make it primary again",
    Verb.DEMOTE: "Make it secondary",
}


def allowed(decision: Decision, action: ConversionAction | None, capabilities: Iterable[Capability]) -> Decision:
    """The decision, or, where Google refuses a field that it takes, one that changes nothing and holds that helper."""
    if decision.verb is None or action is None:
        return decision
    refused = refused_on(capabilities, action.id)
    field = next((f for f in _written(decision.verb, action) if f in refused), None)
    if field is None:
        return decision
    saw, todo = _words(decision, action, field)
    answer = refused[field]
    hold = Hold(
        code=REFUSED,
        since=answer.as_of,
        saw=f"{saw} (asked on {answer.as_of}: {answer.code}).",
        todo=todo,
        about=action.id,
        detail=decision.verb.value,
    )
    return replace(decision, verb=None, because=f"{decision.because} {hold.saw} {hold.todo}", hold=hold)


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
    saw = f'Google does not let adsync change {_WHAT[field]} of "{action.name}"'
    there = "in Google Ads (Goals > Conversions > Summary)"
    if decision.verb is Verb.VALUE:
        by_hand = f"Give each of its conversions the value {decision.value:,g} in Google Ads."
    elif decision.verb in _FLAG:
        by_hand = f"{_FLAG[decision.verb]} {there}, and end the hold that adsync then sees."
    else:
        by_hand = f"Switch it on {there}, as secondary, and let adsync look after it (adsync adopt)."
    return saw, f"{by_hand} Or let adsync make an action of its own for {decision.event_name}, with a tag (route: tag)."
