"""Which conversion actions each campaign bids on, now and once the open changes are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from adsync.changelog import current_snapshot, pending_changes
from adsync.model.account import Account
from adsync.model.biddability import AlikeCampaigns, matrix
from adsync.model.group import bundled
from adsync.model.plan import Consent
from adsync.plan.outcome import state_after
from adsync.ports import State
from adsync.review import words_that_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """What an account's campaigns bid on. planned: names of the open changes that are taken as made.

    as_of: the night of the copy; None before the first one.
    """

    account: str
    as_of: date | None
    planned: tuple[str, ...] = ()
    groups: tuple[AlikeCampaigns, ...] = ()


def goals_of(account: Account, state: State, now: datetime, *, everything: bool = False) -> Goals:
    """From what was last copied, with what adsync has changed since. What is only proposed or refused is not taken as made."""
    snapshot = current_snapshot(account, state)
    if snapshot is None:
        return Goals(account=account.name, as_of=None)
    words = words_that_hold([account], state, now)
    refused = {change_hash for change_hash, word in words.items() if not word.approved}
    after, planned = snapshot.state, []
    for bundle in bundled(pending_changes(account, state)):
        if any(each.consent is Consent.PROPOSAL or each.change.hash in refused for _, each in bundle):
            continue  # a group is made whole or not at all
        for name, each in bundle:
            after = state_after(after, each.change)
            planned.append(name)
    return Goals(
        account=account.name,
        as_of=snapshot.state.as_of,
        planned=tuple(planned),
        groups=matrix(snapshot.state, after, everything=everything),
    )
