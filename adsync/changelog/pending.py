"""What is planned and not carried out yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adsync.model.account import Account
from adsync.model.change import MAKES_ONE, Change
from adsync.model.decision import Verb
from adsync.model.group import purposes
from adsync.model.log import ChangeLogEntry
from adsync.model.plan import ASKED, NIGHT, ROLLBACK, Consent, Plan, PlannedChange
from adsync.model.value import MOVED
from adsync.ports import State


def open_plans(account: Account, state: State) -> tuple[Plan, ...]:
    """What may still be applied: the newest plan of each origin, where there are any; those of the nights come last."""
    found = (state.ledger.newest_plan(account.customer_id, origin) for origin in (ROLLBACK, ASKED, NIGHT))
    return tuple(plan for plan in found if plan is not None and plan.changes)


def done_changes(account: Account, state: State) -> frozenset[str]:
    """Names of the planned changes that were carried out."""
    return _done(state.ledger.entries([account.customer_id]))


def settled_changes(plan: Plan, entries: Sequence[ChangeLogEntry]) -> frozenset[str]:
    """Names of the changes of a plan with which nothing is to be done any more: carried out, or not needed now. entries: the
    account's."""
    return _done(entries) | _needless(plan, entries)


def _done(entries: Iterable[ChangeLogEntry]) -> frozenset[str]:
    return frozenset(entry.change_name for entry in entries if entry.outcome.is_done)


def _needless(plan: Plan, entries: Iterable[ChangeLogEntry]) -> frozenset[str]:
    """Names of the proposals of a plan that nobody needs any more: an action that counts their event was adopted since."""
    adopted: set[str] = set()
    for entry in entries:
        if entry.outcome.is_done and entry.opened_at >= plan.made_at:
            if entry.change.verb is Verb.ADOPT:
                adopted.add(entry.change.event_name)
            elif entry.change.verb is Verb.RELEASE:
                adopted.discard(entry.change.event_name)
    return frozenset(
        name
        for name, planned in plan.numbered()
        if planned.consent is Consent.PROPOSAL
        and planned.change.verb in MAKES_ONE
        and planned.change.event_name in adopted
    )


def in_stored_words(changes: Iterable[Change], earlier: Plan | None) -> tuple[Change, ...]:
    """The changes, each with the text that an earlier plan has stored of the same one: agreed to then, it is agreed to now."""
    texts = [planned.change.canonical for planned in earlier.changes] if earlier is not None else []
    return tuple(_in_words(change, texts) for change in changes)


def _in_words(change: Change, texts: Sequence[str]) -> Change:
    # A change takes a text only if it says the same.
    worded = (replace(change, canonical=text) for text in texts)
    return next((each for each, text in zip(worded, texts, strict=True) if each.canonical == text), change)


def with_stored_values(changes: Iterable[Change], earlier: Plan | None) -> tuple[Change, ...]:
    """The changes, each value that waits in an earlier plan as it was shown there, while it is not further off than one that
    was written might be: what a person agrees to today is not another change tomorrow."""
    planned = [p.change for p in earlier.changes] if earlier is not None else []
    waiting = [change for change in purposes(planned) if change.verb is Verb.VALUE]
    return tuple(next((w for w in waiting if _is_near(w, change)), change) for change in changes)


def _is_near(waiting: Change, change: Change) -> bool:
    if change.verb is not Verb.VALUE or (waiting.object_id, waiting.before) != (change.object_id, change.before):
        return False
    then, now = dict(waiting.after or ()), dict(change.after or ())
    old, new = float(then.pop("default_value")), float(now.pop("default_value"))
    return then == now and old > 0 and abs(new / old - 1) <= MOVED


def pending_changes(account: Account, state: State) -> tuple[tuple[str, PlannedChange], ...]:
    """What the open plans hold and was not carried out yet, by name."""
    entries = state.ledger.entries([account.customer_id])
    left = ((plan, settled_changes(plan, entries)) for plan in open_plans(account, state))
    return tuple((name, planned) for plan, settled in left for name, planned in plan.numbered() if name not in settled)
