"""A retirement where bidding is by value: the helper is worth less and less, and targets follow each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

from adsync.model.ads import VALUE_BIDDING, AccountState, ConversionAction
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.volume import ActionDay
from adsync.plan.groups import Dated, calendar
from adsync.plan.outcome import effects, state_after

WEIGHTS = {0.5: "Half", 0.25: "A quarter"}
"""What a helper is still worth, of what it was, before it is worth nothing."""


def staged(
    change: Change, state: AccountState, recent: Sequence[ActionDay], *, first: date, days_apart: int
) -> tuple[Dated, ...]:
    """A calendar that ends in the same as the retirement; () for other changes, where somebody who would see it counts
    conversions, and where one step of each target is enough for all of it.

    A target makes way for one stage on the day on which the stage before comes. In the end the helper has its value back:
    nobody bids on it then, and one that returns brings what it brought.
    """
    action = state.action(change.object_id)
    if change.verb is not Verb.DEMOTE or action is None or not action.has_fixed_value:
        return ()
    seen = effects(state, state_after(state, change), recent)
    moves = [effect.target for effect in seen if effect.target is not None]
    if any(effect.strategy not in VALUE_BIDDING for effect in seen) or all(move.steps == 1 for move in moves):
        return ()
    found: list[Dated] = []
    now, turn = state, first
    for stage in (*_falling(change, action), change):
        then = effects(now, state_after(now, stage), recent)
        part = calendar([stage], now, then, first=turn, days_apart=days_apart, ends={})
        if not part:
            return ()
        found += part
        turn = part[-1].not_before
        now = reduce(state_after, (dated.change for dated in part), now)
    least = min(WEIGHTS) * action.default_value
    back = _value(change, least, action.default_value, "Nobody bids on it any more: it has its value back.")
    return (*found, Dated(change=back, not_before=turn))


def _falling(change: Change, action: ConversionAction) -> list[Change]:
    found, now = [], action.default_value
    for weight, words in WEIGHTS.items():
        less = weight * action.default_value
        because = f"{words} of its value, before it is not used for bidding any more: bidding gets used to less of it."
        found.append(_value(change, now, less, because))
        now = less
    return found


def _value(change: Change, before: float, after: float, because: str) -> Change:
    return Change(
        customer_id=change.customer_id,
        kind=change.kind,
        object_id=change.object_id,
        title=change.title,
        verb=Verb.VALUE,
        before=fields(default_value=before, always_use_default_value=True),
        after=fields(default_value=after, always_use_default_value=True),
        event_name=change.event_name,
        because=because,
    )
