"""What stops single helpers, and what others have changed around all of them since adsync's last change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from adsync.decide.checks import helpers_off
from adsync.decide.drift import drifted
from adsync.decide.settings_drift import settings_changed
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.decision import Helper, Hold
from adsync.model.holds import Cleared, not_cleared
from adsync.model.log import Past
from adsync.model.pulled import Snapshot


def stopped_helpers(
    account: Account, snapshot: Snapshot, past: Past, today: date, cleared: Collection[Cleared]
) -> Mapping[str, Hold]:
    """What stops single helpers, by the action's id, and by the event where the action was removed."""
    found = {hold.about: hold for hold in helpers_off(account, snapshot, past.managed, today)}
    for left, hold in drifted(snapshot, past, cleared):
        action = snapshot.state.action(left.action_id)
        gone = action is not None and action.status == "REMOVED"
        found[left.event_name if gone else left.action_id] = hold
    return found


def changed_around(
    then: AccountState | None,
    now: AccountState,
    past: Past,
    helpers: Sequence[Helper],
    cleared: Collection[Cleared],
) -> list[Hold]:
    """Goals and targets that others have changed, where a helper could be retired: nobody is asked where nothing depends on it.

    then: the account on the night of the last change of who is bid on; None where there is none.
    """
    if then is None or past.last_change is None or not any(h.primary for h in helpers):
        return []
    return not_cleared(settings_changed(then, now, past.last_change.on), cleared)
