"""What an object at Google looks like now, in the fields that a change is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from adsync.apply.moved import FieldMoved, moved_fields, moved_words
from adsync.model.ads import AccountState, Campaign, ConversionAction, ConversionGoal
from adsync.model.analytics import KeyEvent
from adsync.model.change import KEY_EVENT, STANDS_FOR, Change, Fields
from adsync.model.decision import Verb
from adsync.model.goal import goal_now
from adsync.model.target import target_now


class Found(StrEnum):
    """How an object stands to a change."""

    BEFORE = "before"
    AFTER = "after"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at Google's side."""

    actions: Sequence[ConversionAction]
    key_events: Sequence[KeyEvent]
    campaigns: Sequence[Campaign] = ()
    goals: Sequence[ConversionGoal] = ()

    @classmethod
    def at(cls, state: AccountState, key_events: Sequence[KeyEvent]) -> Look:
        return cls(actions=state.actions, key_events=key_events, campaigns=state.campaigns, goals=state.goals)

    def over(self, state: AccountState) -> AccountState:
        """The account with what was seen; of campaigns it was seen how they bid, not on which goals.

        Whether bidding learns stays as it was at first: what one run does to a campaign it does at once.
        """
        seen = {c.id: c for c in self.campaigns}
        campaigns = tuple(
            replace(
                seen[c.id],
                goal_level=c.goal_level,
                custom_goal_id=c.custom_goal_id,
                system_status=c.system_status,
            )
            if c.id in seen
            else c
            for c in state.campaigns
        )
        return replace(state, actions=tuple(self.actions), campaigns=campaigns, goals=tuple(self.goals))

    def stands(self, change: Change) -> Found:
        """Whether the object is as the change expects it, as the change wants it, or neither.

        An adoption expects the action that was shown, and wants nothing of it; to be released it may be anything.
        """
        now = self.fields(change)
        if change.is_kept_here:
            free = change.verb is Verb.RELEASE or now == _at_google(change.before)
            return Found.BEFORE if free else Found.ELSEWHERE
        if now == change.before:
            return Found.BEFORE
        return Found.AFTER if now == change.after else Found.ELSEWHERE

    def fields(self, change: Change) -> Fields | None:
        """The object's fields that the change names; None when there is no such object."""
        wanted = _at_google(change.after or change.before or ())
        if change.kind == KEY_EVENT:
            found = next((k for k in self.key_events if k.event_name == change.object_id), None)
            return None if found is None else tuple((name, getattr(found, name)) for name, _ in wanted)
        if change.verb is Verb.TARGET:
            return target_now(self.campaigns, change)
        if change.verb is Verb.GOAL:
            return goal_now(self.goals, change)
        action = self.action(change)
        if action is None or action.status == "REMOVED":
            return None
        return tuple((name, getattr(action, name)) for name, _ in wanted)

    def action(self, change: Change) -> ConversionAction | None:
        """The conversion action that the change is about; what is still to be created goes by its name."""
        key = "name" if change.verb is Verb.CREATE else "id"
        found = [a for a in self.actions if getattr(a, key) == change.object_id]
        return next((a for a in found if a.status != "REMOVED"), found[0] if found else None)

    def moved(self, change: Change) -> tuple[FieldMoved, ...]:
        """How the object differs from what the change expects and from what it wants."""
        return moved_fields(change, self.fields(change))

    def describe(self, change: Change) -> str:
        """The same in words, for messages about drift."""
        return moved_words(self.moved(change))


def _at_google(wanted: Fields | None) -> Fields:
    """Without what only the change log knows."""
    return tuple((name, value) for name, value in wanted or () if name != STANDS_FOR)
