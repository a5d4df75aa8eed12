"""What keeps a change that was agreed to from being sent, and shows only when its turn has come."""

from __future__ import annotations

from collections.abc import Collection

from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.figures import enumerated
from adsync.model.plan import Approval, Plan
from adsync.plan.sharing import met


def records_nothing(
    change: Change, action: ConversionAction | None, account: Account, key_events: Collection[str]
) -> str:
    """Why switching on the action that Google made from a key event would be for nothing: the key event is gone."""
    if change.verb is not Verb.ENABLE or action is None or not action.is_ga4_mirror:
        return ""
    if action.ga4_property_id != account.property_id or action.ga4_event_name in key_events:
        return ""
    return (
        f'"{action.name}" would record nothing: {action.ga4_event_name} is no key event in GA4 any more. Mark it first: '
        "GA4 Admin > Key events, or roll back the change that took the mark away (adsync log)"
    )


def met_since(change: Change, state: AccountState, word: Approval | None, shown: Plan | None) -> str:
    """Why a yes to a change at another account does not hold: it was given when fewer accounts used what is changed.

    shown: the plan of which the word was said.
    """
    if word is None:
        return ""
    known = {c.customer_id for p in (shown.changes if shown else ()) if p.change.hash == change.hash for c in p.clients}
    since = [c.called for c in met(change, state) if c.customer_id not in known]
    if not since:
        return ""
    return (
        f"Waits for review. When {word.by} agreed to it, it did not meet {enumerated(since)}. Make a fresh plan and review "
        "it there: adsync plan"
    )
