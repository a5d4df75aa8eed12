"""Changes that are not meant side by side: of the same thing the newest word is meant, and some cannot follow each other."""

from __future__ import annotations

from adsync.model.change import Change
from adsync.model.decision import Verb

_THINGS: tuple[frozenset[Verb], ...] = (
    frozenset({Verb.CREATE, Verb.ENABLE, Verb.HIDE, Verb.REMOVE}),
    frozenset({Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE, Verb.GOAL}),
    frozenset({Verb.KEY_EVENT, Verb.UNMARK}),
    frozenset({Verb.ADOPT, Verb.RELEASE}),
)
"""Whether an object records, whether it is bid on, whether an event is key, who looks after it. Every other kind of change is
about a thing of its own."""

_GIVES_UP = (Verb.HIDE, Verb.RELEASE)
"""After these adsync looks after an action no more."""


def about_the_same(one: Change, other: Change) -> bool:
    """Whether two changes say something of the same thing of one object; one action is adopted for an event."""
    if _thing(one.verb) != _thing(other.verb) or (one.customer_id, one.kind) != (other.customer_id, other.kind):
        return False
    for_one_event = one.verb is other.verb is Verb.ADOPT and one.event_name == other.event_name
    return for_one_event or one.object_id == other.object_id


def _thing(verb: Verb) -> frozenset[Verb]:
    return next((thing for thing in _THINGS if verb in thing), frozenset({verb}))


def opposed(one: Change, other: Change) -> bool:
    """Whether two changes want the same thing otherwise."""
    return about_the_same(one, other) and one.after != other.after


def rules_out(first: Change, later: Change) -> bool:
    """Whether a change cannot follow another: what it is made against is otherwise then, or adsync's no more."""
    if _object(first) != _object(later) or first.hash == later.hash:
        return False
    if first.after is None or later.before is None:
        return first.after != later.before
    then = dict(first.after)
    is_left = first.verb in _GIVES_UP and later.verb not in (Verb.ENABLE, Verb.ADOPT)
    return is_left or any(then.get(name, value) != value for name, value in later.before)


def _object(change: Change) -> tuple[str, str, str]:
    # Key events of two accounts have one id: their event.
    return change.customer_id, change.kind, change.object_id


def overtaken(earlier: Change, newer: Change) -> bool:
    """Whether an earlier wish is stale once a newer one is said: it is about the same, or both cannot be made in any order."""
    return about_the_same(earlier, newer) or (rules_out(earlier, newer) and rules_out(newer, earlier))
