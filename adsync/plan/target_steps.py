"""The steps of a target: values that can be sent, none more than a fifth away from the one before."""

from __future__ import annotations

from adsync.model.change import is_cpa
from adsync.model.target import Target
from adsync.plan.rebasing import STEP, steps_between

_CENT, _WHOLE = 10_000, 1_000_000
_WHOLE_FROM = 50 * _WHOLE
_MORE_STEPS = 4
"""Rounding can make a step too long; so many more are tried."""
_NEARLY = 1e-9


def steps_to(target: Target, end: float) -> tuple[float, ...]:
    """The values on the way, `end` as the last; none where the target stays, or where money is too coarse for such steps."""
    now, last = target.value, _sendable(target.field, end)
    if last <= 0 or last == now:
        return ()
    fewest = steps_between(now, last)
    for count in range(fewest, fewest + _MORE_STEPS + 1):
        ratio = last / now
        values = [_sendable(target.field, now * ratio ** (n / count)) for n in range(1, count)] + [last]
        if all(is_short(a, b) for a, b in zip([now, *values], values, strict=False)):
            return tuple(values)
    return ()


def is_short(before: float, after: float) -> bool:
    """Whether a target moves, and by no more than a step may."""
    return before != after and abs(after / before - 1) <= STEP + _NEARLY


def loosens(target: Target, end: float) -> bool:
    """Whether it would ask less of the same ads: a conversion may cost more, or return less."""
    return end > target.value if target.is_cpa else end < target.value


def _sendable(field: str, value: float) -> float:
    """As Google takes it. Some currencies know no smaller coin than one; where a target is 50 or more, none is needed."""
    if not is_cpa(field):
        return round(value, 4)
    unit = _WHOLE if value >= _WHOLE_FROM else _CENT
    return float(round(value / unit) * unit)
