"""What a change needs where the conversion actions belong to a manager and other accounts use them too."""

from __future__ import annotations

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import ACTION, Change
from adsync.model.sharing import Client, not_agreed


def unagreed(change: Change, account: Account, state: AccountState) -> str:
    """Why a change may be shown and not applied: the config does not agree to all that it would meet; "" where it does."""
    return "" if change.is_kept_here else not_agreed(account.cross_account, state.sharing)


def met(change: Change, state: AccountState) -> tuple[Client, ...]:
    """Every account that a change meets; none where the account owns its conversion actions, or its own campaign moves."""
    if state.sharing is None or change.kind != ACTION or change.is_kept_here:
        return ()
    return state.sharing.clients
