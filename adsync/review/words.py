"""What people have said and that still counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from adsync.model.account import Account
from adsync.model.plan import ASKED, NIGHT, ROLLBACK, Approval, Plan
from adsync.ports import State


def words_that_hold(accounts: Iterable[Account], state: State, now: datetime) -> dict[str, Approval]:
    """The words on changes of these accounts, by the change's hash."""
    found: dict[str, Approval] = {}
    for account in accounts:
        said = state.ledger.approvals(account.customer_id)
        words = {change_hash: word for change_hash, word in said.items() if word.holds(now)}
        found |= _with_all_shown(words, account, state) if account.cross_account is not None else words
    return found


def _with_all_shown(words: Mapping[str, Approval], account: Account, state: State) -> dict[str, Approval]:
    """Without each yes to a change that by now meets an account which was not shown with it."""
    newest = [state.ledger.newest_plan(account.customer_id, origin) for origin in (NIGHT, ROLLBACK, ASKED)]

    def is_whole(change_hash: str, word: Approval) -> bool:
        shown = state.ledger.plan(word.change_name.rpartition("/")[0])
        return _clients(newest, change_hash) <= _clients([shown], change_hash)

    return {h: word for h, word in words.items() if not word.approved or is_whole(h, word)}


def _clients(plans: Iterable[Plan | None], change_hash: str) -> set[str]:
    return {
        c.customer_id for plan in plans if plan for p in plan.changes if p.change.hash == change_hash for c in p.clients
    }
