"""The groups of an account that are under way, put together from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adsync.changelog import done_changes
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.capability import Capability
from adsync.model.change import Change
from adsync.model.decision import DemandDecision
from adsync.model.field_words import called, shown
from adsync.model.figures import listed
from adsync.model.group import Group, bundled, group_of, origin_of, purposes
from adsync.model.plan import NIGHT, ROLLBACK, Consent, Plan, PlannedChange
from adsync.model.target import targets_of
from adsync.plan.carry import Tonight, carried, fields_now
from adsync.ports import State
from adsync.review import words_that_hold


def carried_groups(
    account: Account,
    state: State,
    now_there: AccountState,
    asked: Sequence[Change],
    demand: DemandDecision,
    now: datetime,
    capabilities: tuple[Capability, ...] = (),
) -> tuple[PlannedChange, ...]:
    """What tonight's plan takes over from the groups of the newest one. asked: what the night asks for. capabilities: Google's
    answers to what of its mirrors it would let adsync write."""
    unfinished = _unfinished(account, state)
    if not unfinished:
        return ()
    words = words_that_hold([account], state, now)
    tonight = Tonight(
        state=now_there,
        wanted=frozenset(change.hash for change in asked),
        approved=frozenset(h for h, word in words.items() if word.approved),
        held=" ".join(hold.saw for hold in demand.holds),
        # Where so much of the spend starves, a first helper would be proposed.
        starved=sum(s.spend for s in demand.scopes if s.standing.starved) > 1 - account.policy.enough_of_spend,
        taking_back=taking_back(account, state, now_there, now),
        capabilities=capabilities,
    )
    found: list[PlannedChange] = []
    for bundle in unfinished:
        rest = [planned for _, planned in bundle]
        group = known_group(account, state, rest[0].group, now_there.customer.time_zone)
        if group is not None:
            found += carried(group, rest, tonight)
    return tuple(found)


def under_way(account: Account, state: State, now_there: AccountState, now: datetime) -> tuple[str, ...]:
    """What has begun and is not whole yet, and when or why not it goes on: a sentence for each group of the newest plan."""
    unfinished = _unfinished(account, state)
    words = words_that_hold([account], state, now) if unfinished else {}
    found = []
    for bundle in unfinished:
        rest = [planned for _, planned in bundle]
        group = known_group(account, state, rest[0].group, now_there.customer.time_zone)
        dates = sorted(p.not_before for p in rest if p.not_before is not None)
        if group is None or not group.has_begun or group.taken_back or not dates:
            continue
        members = [m.change for m in group.members]
        what = f'what is planned for "{(purposes(members) or members)[0].title}" and fixed targets'
        made = f"{len(members) - len(bundle)} of {len(members)} changes made"
        said = [words.get(planned.change.hash) for planned in rest]
        no = next((word for word in said if word is not None and not word.approved), None)
        if no is not None:
            found.append(
                f"Refused by {no.by} on {no.at:%Y-%m-%d}, and not going on: {what}, {made}.{_standing(group, now_there)} Take "
                f"back what was made: adsync rollback --plan {origin_of(group.name)}"
            )
        elif any(planned.consent is Consent.PROPOSAL for planned in rest):
            found.append(f"Begun, and not going on at present: {what}, {made}: adsync plan")
        elif any(p.consent is Consent.REVIEW and word is None for p, word in zip(rest, said, strict=True)):
            found.append(
                f"Begun, and waiting for review: {what}, {made}; nobody's yes holds for the rest: adsync review --account "
                f"{account.name}"
            )
        else:
            found.append(
                f"Under way: {what}, {made}; the next is due on {dates[0]}, the last on {dates[-1]}: adsync plan"
            )
    return tuple(found)


def _standing(group: Group, now_there: AccountState) -> str:
    """Where the targets are that a group moves."""
    targets = targets_of(now_there.campaigns)
    stand = [
        f'"{target.title}": {called(target.field)} {shown(target.value, target.field)}'
        for key, target in targets.items()
        if key in group.targets
    ]
    return f" Where its targets stand: {listed(stand)}." if stand else ""


def _unfinished(account: Account, state: State) -> Sequence[Sequence[tuple[str, PlannedChange]]]:
    """What of each group of the newest night's plan is not done."""
    newest = state.ledger.newest_plan(account.customer_id, NIGHT)
    grouped = [(name, p) for name, p in newest.numbered() if p.group] if newest is not None else []
    done = done_changes(account, state) if grouped else ()
    return bundled((name, p) for name, p in grouped if name not in done)


def known_group(account: Account, state: State, name: str, zone: str) -> Group | None:
    """A group as it was first planned, and what of it was done; None where its plan is not there."""
    origin: Plan | None = state.ledger.plan(origin_of(name))
    return group_of(name, origin, state.ledger.entries([account.customer_id]), zone) if origin is not None else None


def taking_back(account: Account, state: State, now_there: AccountState, now: datetime) -> frozenset[tuple[str, str]]:
    """Objects of which a change is still to be taken back, by kind and id; not where a person has said no to that, where it can
    only be proposed, and where the object stands there already."""
    plan = state.ledger.newest_plan(account.customer_id, ROLLBACK)
    if plan is None:
        return frozenset()
    words, done = words_that_hold([account], state, now), done_changes(account, state)
    refused = {change_hash for change_hash, word in words.items() if not word.approved}
    bundles = bundled(
        (name, p) for name, p in plan.numbered() if name not in done and p.consent is not Consent.PROPOSAL
    )
    left = [[p.change for _, p in bundle] for bundle in bundles]
    waits = [c for changes in left if not refused & {c.hash for c in changes} for c in changes]
    return frozenset((c.kind, c.object_id) for c in waits if fields_now(now_there, c) != c.after)
