"""What an object was when a change of it was planned, what it was to become, and what it is: field by field."""

from __future__ import annotations

from dataclasses import dataclass

from adsync.model.change import STANDS_FOR, Change, Fields, Value
from adsync.model.decision import Verb
from adsync.model.field_words import called, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMoved:
    """One field from three sides; None where there is, or was to be, no such object."""

    name: str
    before: Value | None
    wanted: Value | None
    now: Value | None

    @property
    def words(self) -> str:
        return (
            f"{called(self.name)}: planned from {shown(self.before, self.name)} to {shown(self.wanted, self.name)}, "
            f"now {shown(self.now, self.name)}"
        )


def moved_fields(change: Change, now: Fields | None) -> tuple[FieldMoved, ...]:
    """The change's fields, without those that are the same on all three sides."""
    before, wanted, there = (dict(side or ()) for side in (change.before, change.after, now))
    found = (
        FieldMoved(name=name, before=before.get(name), wanted=wanted.get(name), now=there.get(name))
        for name in sorted({*before, *wanted} - {STANDS_FOR})
    )
    return tuple(field for field in found if not field.before == field.wanted == field.now)


def next_step(change: Change) -> str:
    """What a person does about a change whose object has moved."""
    if change.verb is Verb.ADOPT:
        again = f"adsync adopt --action {change.object_id} --as {change.event_name}"
        return f"Copy the account, and adopt it as it is now: adsync pull   then: {again}"
    return "Make a fresh plan: adsync plan"


def moved_words(fields: tuple[FieldMoved, ...]) -> str:
    """The same in a sentence."""
    return "; ".join(field.words for field in fields) + "."
