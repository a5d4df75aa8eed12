"""What somebody else has made of adsync's conversion actions since adsync last changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from adsync.model.ads import ConversionAction
from adsync.model.business_date import business_date
from adsync.model.decision import Hold
from adsync.model.holds import AS_LEFT, Cleared, ended_as, is_cleared
from adsync.model.log import LeftAs, Past
from adsync.model.pulled import SettingsCopy, Snapshot

DRIFT = "drift"


def drifted(snapshot: Snapshot, past: Past, cleared: Collection[Cleared] = ()) -> Iterator[tuple[LeftAs, Hold]]:
    """The managed actions that are not as adsync left them, and what stops its hand there.

    A helper that a person has switched on or off in Google Ads is hers: adsync never flips it back by itself. cleared: such
    that a person has let it go on with, as they are.
    """
    for left in past.left:
        # A copy that is older than the change knows nothing of it, and an open outcome is settled first.
        if left.at > snapshot.taken_at or left.action_id in past.open:
            continue
        action = snapshot.state.action(left.action_id)
        if action is None or all(getattr(action, name) == value for name, value in left.fields):
            continue
        hold = Hold(
            code=DRIFT,
            since=left.found or left.on,
            saw=(
                f'adsync left "{action.name}" {_described(left)} on {left.on}, and now it is {_now(action, left)}: somebody has '
                f"changed it since{_found(left)}. Google's API does not say who."
            ),
            todo=_GONE if action.status == "REMOVED" else _TODO,
            about=left.action_id,
            detail=",".join(f"{name}={value}" for name, value in _moved(action, left)),
            seen_begin=left.found is not None,
        )
        # A word from before copies were asked is on all that others do until adsync's own next change.
        ended = is_cleared(f"{hold.name} {AS_LEFT}", left.on, cleared)
        if not ended and not is_cleared(ended_as(hold), hold.since, cleared):
            yield left, hold


def with_findings(past: Past, snapshot: Snapshot, copies: Sequence[SettingsCopy]) -> Past:
    """The past, with the day on which each action that is not as adsync left it was first found so. copies: oldest first."""
    zone = snapshot.state.customer.time_zone
    found = {left.action_id: _first_found(left, snapshot, copies) for left, _ in drifted(snapshot, past)}
    days = {action_id: business_date(moment, zone) for action_id, moment in found.items() if moment is not None}
    return replace(past, left=tuple(replace(left, found=days.get(left.action_id)) for left in past.left))


def _first_found(left: LeftAs, snapshot: Snapshot, copies: Sequence[SettingsCopy]) -> datetime | None:
    """When the newest run of copies began that all found the action as it is now. What was put back meanwhile is over."""
    now, first = snapshot.state.action(left.action_id), None
    for copy in reversed(copies):
        then = copy.snapshot.state.action(left.action_id)
        if now is None or then is None or _moved(then, left) != _moved(now, left):
            break
        first = next((moment for moment in copy.seen if moment > left.at), first)
    return first


_TODO = "adsync does not change it back by itself. End this hold to let it go on from here, or ask for a plan that puts it back."
_GONE = "adsync does not change it back, and Google brings nothing back that was removed. End this hold to go on without it."


def _found(left: LeftAs) -> str:
    return f", as the copy of {left.found} was the first to find" if left.found is not None else ""


def _described(left: LeftAs) -> str:
    return " and ".join(_said(name, value) for name, value in sorted(left.fields, reverse=True))


def _now(action: ConversionAction, left: LeftAs) -> str:
    return " and ".join(_said(name, value) for name, value in _moved(action, left))


def _moved(action: ConversionAction, left: LeftAs) -> list[tuple[str, object]]:
    """The fields that are not as they were left, as they are now."""
    moved = [(name, getattr(action, name)) for name, value in left.fields if getattr(action, name) != value]
    return sorted(moved, reverse=True)


def _said(name: str, value: object) -> str:
    """ "enabled", "secondary"."""
    if name == "primary_for_goal":
        return "primary" if value else "secondary"
    return str(value).lower()
