"""One change to one object at Google: before, after, why, and how to take it back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from adsync.errors import CannotBeUndone
from adsync.model.decision import Numbers, Verb

Value = str | bool | float
Fields = tuple[tuple[str, Value], ...]
"""Managed fields and their values, sorted by name."""

ACTION = "conversion_action"
KEY_EVENT = "key_event"

STANDS_FOR = "stands_for"
"""The field that Google does not have: the event that an action counts for adsync; "" where it is none of adsync's."""

KEPT_HERE = frozenset({Verb.ADOPT, Verb.RELEASE})
"""What is written in the change log and sent to nobody."""

MAKES_ONE = frozenset({Verb.KEY_EVENT, Verb.CREATE, Verb.ENABLE})
"""What leads to an action that counts an event."""

TARGET_FIELDS = {
    "TARGET_CPA": "target_cpa.target_cpa_micros",
    "MAXIMIZE_CONVERSIONS": "maximize_conversions.target_cpa_micros",
    "TARGET_ROAS": "target_roas.target_roas",
    "MAXIMIZE_CONVERSION_VALUE": "maximize_conversion_value.target_roas",
}
"""Where a campaign, or a portfolio strategy, keeps the target of each strategy."""


def is_cpa(field: str) -> bool:
    """Whether a target's field holds a cost, and not a return."""
    return field.endswith("target_cpa_micros")


# Written by hand: the client library's mask helper leaves out every field whose value is False or 0, so that a
# demotion would be sent empty, answered with success, and change nothing.
MASKS: dict[Verb, tuple[str, ...]] = {
    Verb.ENABLE: ("status", "primary_for_goal"),
    Verb.HIDE: ("status", "primary_for_goal"),
    Verb.UPDATE: ("counting_type",),
    Verb.VALUE: ("default_value", "default_currency", "always_use_default_value"),
    Verb.PROMOTE: ("primary_for_goal",),
    Verb.RESTORE: ("primary_for_goal",),
    Verb.DEMOTE: ("primary_for_goal",),
    Verb.TARGET: tuple(TARGET_FIELDS.values()),
    Verb.GOAL: ("biddable",),
}

_INVERSE: dict[Verb, Verb] = {
    Verb.KEY_EVENT: Verb.UNMARK,
    Verb.UNMARK: Verb.KEY_EVENT,
    Verb.CREATE: Verb.REMOVE,
    Verb.ENABLE: Verb.HIDE,
    Verb.HIDE: Verb.ENABLE,
    Verb.UPDATE: Verb.UPDATE,
    Verb.VALUE: Verb.VALUE,
    Verb.PROMOTE: Verb.DEMOTE,
    Verb.RESTORE: Verb.DEMOTE,
    Verb.DEMOTE: Verb.RESTORE,
    Verb.ADOPT: Verb.RELEASE,
    Verb.RELEASE: Verb.ADOPT,
    Verb.TARGET: Verb.TARGET,
    Verb.GOAL: Verb.GOAL,
}


def fields(**values: Value) -> Fields:
    """Managed fields in their canonical order."""
    return tuple(sorted(values.items()))


def _say_the_same(one: str, other: str) -> bool:
    """Whether two texts are of the same values, however they are written."""
    try:
        return one == other or repr(json.loads(one, parse_int=float)) == repr(json.loads(other, parse_int=float))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to which object, and why.

    customer_id: the account that it is planned for. owner_id: the account that owns the object, where that is another one
    (cross-account tracking). object_id: an action's id, or for what does not exist yet the name it
    will carry; for key events the event's name. before is None where the object is created, after where it goes.
    because, numbers: shown to people, and no part of `hash`. canonical: the text that `hash` is of, made with the change and
    stored with it, so that no later version hashes the same change otherwise.
    """

    customer_id: str
    kind: str
    object_id: str
    title: str
    verb: Verb
    before: Fields | None
    after: Fields | None
    event_name: str = ""
    property_id: str = ""
    owner_id: str = ""
    because: str = ""
    numbers: Numbers = ()
    canonical: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        document = [self.customer_id, self.property_id, self.kind, self.object_id, self.verb, self.before, self.after]
        if self.owner_id:
            document.append(self.owner_id)
        text = json.dumps(document, separators=(",", ":"))
        # A copy with another field is another change; the text that came along is not its own.
        if not _say_the_same(self.canonical, text):
            object.__setattr__(self, "canonical", text)

    @property
    def sent_to(self) -> str:
        """The account at which Google is asked to make it."""
        return self.owner_id or self.customer_id

    @property
    def hash(self) -> str:
        """Names exactly this change (account, object, verb, before, after): what an approval is pinned to."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def update_mask(self) -> tuple[str, ...]:
        """The fields to send, in a fixed order.

        Raises ValueError when the change wants something that its verb may not touch.
        """
        if self.before is None or self.after is None:
            return ()
        before, after = dict(self.before), dict(self.after)
        moved = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        allowed = MASKS.get(self.verb, ())
        if not moved <= set(allowed):
            raise ValueError(f"{self.verb} may not change {sorted(moved - set(allowed))}.")
        return tuple(name for name in allowed if name in moved)

    @property
    def is_kept_here(self) -> bool:
        """True when nothing is sent: who looks after an action is said by the change log alone."""
        return self.verb in KEPT_HERE

    @property
    def can_be_undone(self) -> bool:
        return self.verb in _INVERSE

    def inverse(self) -> Change:
        """The change that takes this one back.

        Raises CannotBeUndone when Google offers no way back.
        """
        if not self.can_be_undone:
            raise CannotBeUndone(
                f'Removing "{self.title}" cannot be undone.',
                "Google Ads does not bring a removed conversion action back, nor the conversions it would have counted.",
                next_step="Let adsync create a new one: adsync plan",
            )
        return Change(
            customer_id=self.customer_id,
            kind=self.kind,
            object_id=self.object_id,
            title=self.title,
            verb=_INVERSE[self.verb],
            before=self.after,
            after=self.before,
            event_name=self.event_name,
            property_id=self.property_id,
            owner_id=self.owner_id,
        )
