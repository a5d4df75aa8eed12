"""When a change of a group may be made: on its day, after all that is in front of it, and while that still stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from adsync.apply.objects import Found, Look
from adsync.model.ads import AccountState
from adsync.model.business_date import business_date
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.group import Group, firsts, group_of, origin_of, purposes
from adsync.model.log import Outcome
from adsync.model.plan import Approval, Plan, PlannedChange
from adsync.model.target import targets_of
from adsync.plan.groups import held_along, rehoused
from adsync.ports import Ledger


@dataclass(frozen=True, slots=True)
class Gate:
    """The groups of a plan. today: in the account's time zone, as are the days on which changes were made. steps: the newest of
    adsync's own of each target, and its day. days_apart: between two of them, where no group says it."""

    plan: Plan
    groups: Mapping[str, Group]
    today: date
    steps: Mapping[tuple[str, str], tuple[Change, date]] = field(default_factory=dict)
    days_apart: int = 0

    @classmethod
    def of(cls, plan: Plan, ledger: Ledger, today: date, zone: str, days_apart: int) -> Gate:
        names = {planned.group for planned in plan.changes} - {""}
        moves_targets = any(planned.change.verb is Verb.TARGET for planned in plan.changes)
        entries = ledger.entries([plan.customer_id]) if names or moves_targets else ()
        steps = {
            (e.change.kind, e.change.object_id): (e.change, business_date(e.opened_at, zone))
            for e in entries
            if e.change.verb is Verb.TARGET and e.outcome is Outcome.APPLIED
        }
        origins = {name: plan if origin_of(name) == plan.id else ledger.plan(origin_of(name)) for name in names}
        groups = {n: group_of(n, o or plan, entries, zone) for n, o in origins.items()}
        return cls(plan, groups, today, steps, days_apart)

    def too_early(self, planned: PlannedChange, words: Mapping[str, Approval]) -> str:
        """Why a change has to wait before anything is read; "" where it has not."""
        group = self.groups.get(planned.group)
        after_last = self._after_last_step(planned.change, group)
        if group is None:
            return f"Not before {after_last}." if after_last is not None and self.today < after_last else ""
        if group.taken_back:
            return "The group is over: a rollback has taken back something of it. Make a fresh plan: adsync plan"
        rest = [m for m in self.plan.changes if m.group == planned.group]
        refused = next((w for m in rest if (w := words.get(m.change.hash)) is not None and not w.approved), None)
        if refused is not None:
            return f"Refused by {refused.by}, with its whole group."
        days = [day for day in (planned.not_before, group.earliest(planned.change), after_last) if day is not None]
        if days and self.today < max(days):
            return f"Not before {max(days)}."
        return ""

    def _after_last_step(self, change: Change, group: Group | None) -> date | None:
        """The first day on which a target may go on the way that it last went, in whichever plan: asking twice is no faster.

        The way back is open at once.
        """
        last, on = self.steps.get((change.kind, change.object_id), (None, self.today))
        if change.verb is not Verb.TARGET or last is None or _rises(last) != _rises(change):
            return None
        return on + timedelta(days=(group.days_apart if group is not None else 0) or self.days_apart)

    def too_soon(self, planned: PlannedChange, done: frozenset[str]) -> str:
        """Why a change has to wait since this very run has made something in front of it; "" where it has not.

        Late, several dates of a group have passed by now; no more than one of its steps is made in one run all the same.
        done: as in `behind`.
        """
        group = self._by_now(planned, done)
        earliest = group.earliest(planned.change) if group is not None else None
        return f"Not before {earliest}." if earliest is not None and self.today < earliest else ""

    def behind(self, name: str, planned: PlannedChange, done: frozenset[str]) -> str:
        """What in front of a change is not done yet; "" for nothing. done: names of what was carried out."""
        if not planned.group:
            return ""
        for other, member in self.plan.numbered():
            if other == name:
                break
            if member.group == planned.group and other not in done:
                return f"Waits for {other}, which goes before it in its group."
        return ""

    def fallen(self, planned: PlannedChange, look: Look, done: frozenset[str]) -> str:
        """What does not stand any more as the group has left it, or as it would find it; "" while all of it stands.

        So nothing of a group is sent that could not be followed by the rest of it. done: as in `behind`.
        """
        group = self._by_now(planned, done)
        if group is None:
            return ""
        if campaign := rehoused(group.members, look.campaigns):
            return (
                f'The group has stopped: the target of "{campaign.name}" is held by something else than when it was planned. '
                "Make a fresh plan: adsync plan"
            )
        changes = (m.change for m in self.plan.changes if m.group == group.name)
        left = firsts(change for change in changes if change.hash not in group.done)
        moved = group.moved(look.fields) or next((c for c in left if look.stands(c) is Found.ELSEWHERE), None)
        if moved is None:
            return ""
        return (
            f'The group has stopped: "{moved.title}" was changed by somebody else since ({look.describe(moved)}). '
            "Make a fresh plan: adsync plan"
        )

    def _by_now(self, planned: PlannedChange, done: frozenset[str]) -> Group | None:
        """The group of a change with what this run has made of it; None for a change by itself."""
        group = self.groups.get(planned.group)
        if group is None:
            return None
        tonight = {p.change.hash: self.today for name, p in self.plan.numbered() if name in done}
        return replace(group, done={**tonight, **group.done})

    def left(self, planned: PlannedChange) -> list[Change]:
        """What is left of the change's group, in order, from this one on; nothing where this is what the group is for."""
        members = [m.change for m in self.plan.changes if m.group and m.group == planned.group]
        leads = members and planned.change not in purposes(members)
        return members[members.index(planned.change) :] if leads else []

    def moving(self, planned: PlannedChange, state: AccountState) -> frozenset[tuple[str, str]]:
        """What holds the targets that go along with a change: that its group moves, or that the plan saw may stay."""
        group = self.groups.get(planned.group)
        if group is None:
            return held_along([planned], state.campaigns)
        return group.targets | held_along(group.members, state.campaigns)

    def astray(self, planned: PlannedChange, state: AccountState) -> str:
        """Which target was to stay where it stood and does not stand there any more; "" for none."""
        targets = {c.id: t for t in targets_of(state.campaigns).values() for c in t.campaigns}
        for effect in planned.effects:
            target = targets.get(effect.campaign_id)
            if effect.stays_at and (target is None or target.value != effect.stays_at):
                return f'The target of "{effect.campaign}" has been moved since this was planned: ask for it anew.'
        return ""


def _rises(change: Change) -> bool:
    [(_, before)], [(_, after)] = change.before or (), change.after or ()
    return float(after) > float(before)
