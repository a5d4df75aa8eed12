"""Plans that a person asks for: stored, reviewed and applied like those of the nights, and each origin beside the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adsync.apply.objects import Found, Look
from adsync.changelog import current_snapshot, done_changes, open_plans, past_of
from adsync.decide.refusals import refused_changes
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.group import bundled, origin_of
from adsync.model.log import Past
from adsync.model.opposed import overtaken
from adsync.model.plan import NIGHT, ROLLBACK, Approval, Consent, Plan, PlannedChange
from adsync.model.pulled import Snapshot
from adsync.plan import make_plan
from adsync.plan.guard import not_ours
from adsync.ports import Clock, State
from adsync.pull import read_history
from adsync.review import words_that_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A stored plan that somebody asked for. left: what of it was left out, and why. Without a plan nothing is to be done.

    words: what people have said earlier on the very changes of it and that still holds, by their hashes. earlier: names of the
    changes in it that were asked for before.
    """

    account: Account
    plan: Plan | None
    left: tuple[str, ...] = ()
    words: Mapping[str, Approval] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()


def copied(account: Account, state: State) -> Snapshot:
    """The settings as last copied, with what adsync has changed since. Raises UsageError before the first copy."""
    snapshot = current_snapshot(account, state)
    if snapshot is None:
        raise UsageError(f"Nothing is known of {account.name} yet.", next_step="Copy it: adsync pull")
    return snapshot


def plan_asked(
    account: Account,
    snapshot: Snapshot,
    changes: tuple[Change, ...],
    state: State,
    clock: Clock,
    origin: str,
    left: tuple[str, ...] = (),
    stood: Mapping[tuple[str, str], Fields] | None = None,
    *,
    anew: bool = False,
) -> Asked:
    """Made against the settings as last copied; what was asked for earlier, not carried out yet and not refused stays in the
    plan, and what a rollback has put back already is left out.

    stood: where fixed targets stood before what is taken back, and belong again. anew: of what was asked for earlier only
    that stays to which a person has agreed.

    Raises Refused when a guard says no.
    """
    night = snapshot.state.as_of
    past = past_of(state.ledger.entries([account.customer_id]), snapshot.state.customer.time_zone)
    changes = tuple(c for c in changes if not _is_back(c, snapshot, past, origin))
    if not changes:
        return Asked(account=account, plan=None, left=left)
    history = read_history(account, snapshot.state, state.numbers, night)
    known = words_that_hold([account], state, clock.now())
    alone, grouped = _earlier(changes, account, state, snapshot, past, origin, known, anew=anew)
    plan = make_plan(
        account,
        snapshot.state,
        (*changes, *alone),
        past,
        now=clock.now(),
        number=state.ledger.next_plan_number(account.name, night),
        recent=history.recent,
        elsewhere=history.elsewhere,
        kept=refused_changes((*changes, *alone), snapshot.state, history.capabilities),
        origin=origin,
        carried=grouped,
        # The copy may be weeks old: dated by its day, several steps of a group would be due at once.
        stood=stood,
        today=business_date(clock.now(), snapshot.state.customer.time_zone),
    )
    state.ledger.store_plan(plan)
    words = {p.change.hash: known[p.change.hash] for p in plan.changes if p.change.hash in known}
    before = {change.hash for change in (*alone, *(p.change for p in grouped))}
    earlier = tuple(name for name, p in plan.numbered() if p.change.hash in before)
    return Asked(account=account, plan=plan, left=left, words=words, earlier=earlier)


def _earlier(
    changes: tuple[Change, ...],
    account: Account,
    state: State,
    snapshot: Snapshot,
    past: Past,
    origin: str,
    words: Mapping[str, Approval],
    *,
    anew: bool,
) -> tuple[list[Change], list[PlannedChange]]:
    """What the newest plan of that origin holds beside these, is still to be done and still adsync's to do: single changes,
    and groups. Of what is about the same, or contradicts it, the newest word is meant. What was refused is over."""
    earlier = state.ledger.newest_plan(account.customer_id, origin)
    if earlier is None:
        return [], []
    settled = done_changes(account, state).union(earlier.edited)
    alone: list[Change] = []
    grouped: list[PlannedChange] = []
    for bundle in bundled((name, p) for name, p in earlier.numbered() if name not in settled):
        rest = [planned for _, planned in bundle]
        if any(overtaken(said, change) for said in _said(rest, state) for change in changes):
            continue
        said = [words.get(p.change.hash) for p in rest]
        if any(w is not None and not w.approved for w in said) or (anew and not all(said)):
            continue
        # What has left adsync's hands since is dropped: what is asked for now must not fail for it.
        if any(not_ours(p.change, account, snapshot.state, past) is not None for p in rest):
            continue
        if not rest[0].group and _is_back(rest[0].change, snapshot, past, origin):
            continue
        if rest[0].group:
            grouped += rest
        else:
            alone.append(rest[0].change)
    return alone, grouped


def _said(rest: Sequence[PlannedChange], state: State) -> list[Change]:
    """What was asked for with this: of a group all of it, also what is done. Whoever takes a part of it back ends it."""
    group = rest[0].group
    origin = state.ledger.plan(origin_of(group)) if group else None
    return [p.change for p in (rest if origin is None else origin.changes) if p.group == group]


def _is_back(change: Change, snapshot: Snapshot, past: Past, origin: str) -> bool:
    """Whether a rollback has nothing to do for a change, and nothing to say: it stands as wanted, and was taken back already.

    Where somebody else has switched an action, taking adsync's own change back is a person's word all the same. Of a target
    there is nothing to say: nobody looks after it.
    """
    if origin != ROLLBACK or Look.at(snapshot.state, snapshot.key_events).stands(change) is not Found.AFTER:
        return False
    return change.verb is Verb.TARGET or change.object_id in past.taken_back


def dead_ends(account: Account, state: State) -> tuple[Plan, ...]:
    """The plans that a person has asked for of which all that is left can only be proposed."""
    done = done_changes(account, state)
    return tuple(
        plan
        for plan in open_plans(account, state)
        if plan.origin != NIGHT
        and (left := [p for name, p in plan.numbered() if name not in done])
        and all(p.consent is Consent.PROPOSAL for p in left)
    )


def drop(plan: Plan, names: Collection[str], state: State, clock: Clock) -> Plan:
    """Puts in the place of a plan that a person has asked for one without these changes, and returns it."""
    number = state.ledger.next_plan_number(plan.account, plan.made_on)
    rest = replace(
        plan,
        id=f"{plan.account}-{plan.made_on}-{number}",
        made_at=clock.now(),
        changes=tuple(planned for name, planned in plan.numbered() if name not in names),
        edited=(),
    )
    state.ledger.store_plan(rest)
    return rest
