"""The way back to how adsync left a conversion action, after somebody else has switched it."""

from __future__ import annotations

from dataclasses import replace

from adsync.errors import CannotBeUndone
from adsync.model.account import Account
from adsync.model.ads import ConversionAction
from adsync.model.change import ACTION, Change, Fields, fields
from adsync.model.decision import Verb
from adsync.model.log import LeftAs


def restoring(account: Account, action: ConversionAction, left: LeftAs, owner_id: str = "") -> tuple[Change, ...]:
    """The changes that undo what others did to the fields that adsync had set; none where it stands as it was left.

    owner_id: the account that owns the action, where that is another one. What records again begins as secondary here as
    well: who is bid on is a change of its own. Raises CannotBeUndone for what was removed.
    """
    wanted, changes = dict(left.fields), []
    if action.status == "REMOVED":
        raise CannotBeUndone(
            f'"{action.name}" has been removed.',
            "Google Ads does not bring a removed conversion action back.",
            next_step="End the hold, and adsync goes on without it: adsync holds",
        )
    now = action
    if wanted.get("status", now.status) != now.status:
        now = replace(now, status="ENABLED", primary_for_goal=False)
        changes.append(_change(account, owner_id, action, left, Verb.ENABLE, _flags(action), _flags(now)))
    primary = bool(wanted.get("primary_for_goal", now.primary_for_goal))
    if primary != now.primary_for_goal:
        before, after = fields(primary_for_goal=not primary), fields(primary_for_goal=primary)
        changes.append(
            _change(account, owner_id, action, left, Verb.RESTORE if primary else Verb.DEMOTE, before, after)
        )
    return tuple(changes)


def _flags(action: ConversionAction) -> Fields:
    return fields(status=action.status, primary_for_goal=action.primary_for_goal)


def _change(
    account: Account,
    owner_id: str,
    action: ConversionAction,
    left: LeftAs,
    verb: Verb,
    before: Fields,
    after: Fields,
) -> Change:
    return Change(
        customer_id=account.customer_id,
        kind=ACTION,
        object_id=action.id,
        title=action.name,
        verb=verb,
        before=before,
        after=after,
        event_name=left.event_name,
        owner_id=owner_id,
        because=f"Brings it back to how adsync left it on {left.on}: somebody else has changed it since.",
    )
