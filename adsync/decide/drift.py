"""What somebody else has made of adsync's conversion actions since adsync last changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from adsync.model.ads import ConversionAction
from adsync.model.decision import Hold
from adsync.model.holds import Cleared, is_cleared
from adsync.model.log import LeftAs, Past
from adsync.model.pulled import Snapshot

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
            since=left.on,
            saw=(
                f'adsync left "{action.name}" {_described(left)} on {left.on}, and now it is {_now(action, left)}: somebody has '
                "changed it since. Google's API does not say who."
            ),
            todo=_GONE if action.status == "REMOVED" else _TODO,
            about=left.action_id,
            detail=",".join(f"{name}={value}" for name, value in _moved(action, left)),
        )
        if not is_cleared(hold.name, hold.since, cleared):
            yield left, hold


_TODO = "adsync does not change it back by itself. End this hold to let it go on from here, or ask for a plan that puts it back."
_GONE = "adsync does not change it back, and Google brings nothing back that was removed. End this hold to go on without it."


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
