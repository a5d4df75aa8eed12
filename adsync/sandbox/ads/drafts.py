"""Copies of accounts on which a request is tried before it is carried out, or not."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import fields, replace

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.tracking import Tracking


def draft_of(accounts: Iterable[AdsAccount]) -> list[AdsAccount]:
    """Copies of accounts that share one tracking: changing them leaves the accounts as they are until `adopt`."""
    originals = list(accounts)
    tracking = copy.deepcopy(originals[0].tracking)
    return [
        replace(
            original,
            campaigns=copy.deepcopy(original.campaigns),
            budgets=copy.deepcopy(original.budgets),
            portfolios=copy.deepcopy(original.portfolios),
            exclusions=copy.deepcopy(original.exclusions),
            tracking=tracking,
            counting=list(original.counting),
            edits=list(original.edits),
        )
        for original in originals
    ]


def adopt(accounts: Iterable[AdsAccount], drafts: Iterable[AdsAccount]) -> None:
    """Lets each account become what its draft is."""
    for account, draft in zip(accounts, drafts, strict=True):
        for name in ("campaigns", "budgets", "portfolios", "exclusions", "counting", "edits"):
            setattr(account, name, getattr(draft, name))
        for part in fields(Tracking):
            setattr(account.tracking, part.name, getattr(draft.tracking, part.name))
        account.revision += 1
