"""What people have said and that still counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from adsync.model.account import Account
from adsync.model.plan import ASKED, NIGHT, ROLLBACK, Approval, Plan
from adsync.ports import State


def words_that_hold(accounts: Iterable[Account], state: State, now: datetime) -> dict[str, Approval]:
    """The words on changes of these accounts, by the change's hash."""
    found: dict[str, Approval] = {}
    for account in accounts:
        said, newest = state.ledger.approvals(account.customer_id), _newest(account, state)
        words = where_said({h: word for h, word in said.items() if word.holds(now)}, newest, state)
        found |= _with_all_shown(words, newest, state) if account.cross_account is not None else words
    return found


def where_said(words: Mapping[str, Approval], plans: Iterable[Plan], state: State) -> dict[str, Approval]:
    """Without each yes to a change that was given where it does not stand in these plans: in a group that it is not in any
    more, or in a rollback, while now a night asks for the same. Each no stays: it is to the change, wherever it stands."""
    open_plans = tuple(plans)
    shown: dict[str, Plan | None] = {}

    def is_meant(change_hash: str, word: Approval) -> bool:
        stands = _places(open_plans, change_hash)
        if not word.approved or not stands:
            return True
        plan_id = word.change_name.rpartition("/")[0]
        if plan_id not in shown:
            shown[plan_id] = state.ledger.plan(plan_id)
        said = shown[plan_id]
        return said is None or not stands.isdisjoint(_places([said], change_hash))

    return {h: word for h, word in words.items() if is_meant(h, word)}


def _places(plans: Iterable[Plan], change_hash: str) -> set[tuple[str, str]]:
    """Where a change stands: the origin of its plan, and its group."""
    return {(plan.origin, p.group) for plan in plans for p in plan.changes if p.change.hash == change_hash}


def _newest(account: Account, state: State) -> list[Plan]:
    found = (state.ledger.newest_plan(account.customer_id, origin) for origin in (NIGHT, ROLLBACK, ASKED))
    return [plan for plan in found if plan is not None]


def _with_all_shown(words: Mapping[str, Approval], newest: Sequence[Plan], state: State) -> dict[str, Approval]:
    """Without each yes to a change that by now meets an account which was not shown with it."""

    def is_whole(change_hash: str, word: Approval) -> bool:
        shown = state.ledger.plan(word.change_name.rpartition("/")[0])
        return _clients(newest, change_hash) <= _clients([shown], change_hash)

    return {h: word for h, word in words.items() if not word.approved or is_whole(h, word)}


def _clients(plans: Iterable[Plan | None], change_hash: str) -> set[str]:
    return {
        c.customer_id for plan in plans if plan for p in plan.changes if p.change.hash == change_hash for c in p.clients
    }
