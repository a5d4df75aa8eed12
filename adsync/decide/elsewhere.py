"""Whether other accounts that use the same conversion actions can do without a helper as well.

The volume of one account says nothing of another one's: docs/decisions/cross-account.md.
"""

from __future__ import annotations

from adsync.decide.demand import standing
from adsync.decide.sight import last_usable_day
from adsync.model.account import Account
from adsync.model.ads import AccountState, kinds_of_bidding
from adsync.model.bidding import campaigns_bidding_on
from adsync.model.decision import Series
from adsync.model.figures import enumerated, plural
from adsync.model.history import History


def still_needed(account: Account, state: AccountState, history: History, action_id: str) -> str:
    """Which other accounts bid on a helper and have not shown that they can do without it; "" where none does."""
    found, last_day = [], last_usable_day(account, state, history)
    for client in state.elsewhere:
        if not campaigns_bidding_on(state.seen_by(client), action_id):
            continue
        policy = account.policy.for_bidding(on_value=any(kinds_of_bidding(client.campaigns)))
        volume = history.elsewhere.get(client.customer.customer_id)
        now = standing(policy, Series(macro=volume.macro, last_day=last_day)) if volume is not None else None
        if now is None or not now.effective_days:
            found.append(f"{client.called}, of which nothing is known yet")
        elif now.counted < now.needed:
            macros, weeks = plural(account.macro.event_name), policy.demand_weeks
            found.append(f"{client.called}, which has {now.counted:.0f} of {now.needed:.0f} {macros} in {weeks} weeks")
    if not found:
        return ""
    return f"It would be taken from all accounts at once, and these still need it: {enumerated(found)}."
