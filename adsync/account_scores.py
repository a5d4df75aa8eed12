"""What an account's stored numbers say about its candidates: Google is not asked."""

from __future__ import annotations

from datetime import date

from adsync.changelog import current_snapshot
from adsync.model.account import Account
from adsync.model.tier import AccountScores
from adsync.nightly import judge
from adsync.ports import State
from adsync.score.tiers import account_scores


def stored_scores(account: Account, state: State, *, as_of: date | None = None) -> AccountScores:
    """The scores of one account as known on its newest night, or on an earlier one."""
    snapshot = state.numbers.snapshot(account.customer_id, as_of) if as_of else current_snapshot(account, state)
    if snapshot is None:
        note = (
            f"Nothing was known on {as_of}." if as_of else f"Nothing is known yet: adsync pull --account {account.name}"
        )
        return AccountScores(account=account.name, macro=account.macro.event_name, as_of=None, notes=(note,))
    night = as_of or snapshot.state.as_of
    judged = judge(account, state, night, snapshot)
    return account_scores(account, judged.history, judged.evidence)
