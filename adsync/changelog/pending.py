"""What is planned and not carried out yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adsync.model.account import Account
from adsync.model.change import Change
from adsync.model.plan import ASKED, NIGHT, ROLLBACK, Plan, PlannedChange
from adsync.ports import State


def open_plans(account: Account, state: State) -> tuple[Plan, ...]:
    """What may still be applied: the newest plan of each origin, where there are any; those of the nights come last."""
    found = (state.ledger.newest_plan(account.customer_id, origin) for origin in (ROLLBACK, ASKED, NIGHT))
    return tuple(plan for plan in found if plan is not None and plan.changes)


def done_changes(account: Account, state: State) -> frozenset[str]:
    """Names of the planned changes that were carried out."""
    return frozenset(e.change_name for e in state.ledger.entries([account.customer_id]) if e.outcome.is_done)


def in_stored_words(changes: Iterable[Change], earlier: Plan | None) -> tuple[Change, ...]:
    """The changes, each with the text that an earlier plan has stored of the same one: agreed to then, it is agreed to now."""
    texts = [planned.change.canonical for planned in earlier.changes] if earlier is not None else []
    return tuple(_in_words(change, texts) for change in changes)


def _in_words(change: Change, texts: Sequence[str]) -> Change:
    # A change takes a text only if it says the same.
    worded = (replace(change, canonical=text) for text in texts)
    return next((each for each, text in zip(worded, texts, strict=True) if each.canonical == text), change)


def pending_changes(account: Account, state: State) -> tuple[tuple[str, PlannedChange], ...]:
    """What the open plans hold and was not carried out yet, by name."""
    done = done_changes(account, state)
    return tuple(
        (name, planned) for plan in open_plans(account, state) for name, planned in plan.numbered() if name not in done
    )
