"""Which events of a log are steps on the way to the macro, where their names say nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from adsync.model.exposure import TOO_CLOSE_SECONDS
from adsync.model.funnel import FunnelCount, Order
from adsync.model.lead_up import Done, LeadUp
from adsync.score.lacking import MINIMUM_EXPOSED
from adsync.score.twins import MOST_VISITORS, NESTED

ENOUGH_BUYERS = 20
"""Of fewer no habit can be told."""

MOST_BUYERS = 0.5
"""Share of the buyers who do a step in the hours before they buy."""

MORE_THAN_USUAL = 2.0
"""Times as often then as on any day of a visitor: what everybody does every day is no step towards something."""

MOST_STEPS = 6
"""A funnel of more is read by nobody."""


NEARLY_ALL = 0.9
"""Share of the visitors who did two events, from which on the order in which they did them first is the log's."""


def in_order_of_log(steps: Sequence[str], macro: str, came_first: Mapping[tuple[str, str], Order]) -> tuple[str, ...]:
    """These steps without those that come after the macro, each behind those that visitors do before it.

    Steps of which no order is clear stay in the one in which they came. came_first: by two events, how many did them in this
    order for the first time.
    """

    def is_before(one: str, other: str) -> bool:
        order = came_first.get((one, other))
        return order is not None and order.earlier >= max(ENOUGH_BUYERS, NEARLY_ALL * order.both)

    left = [step for step in steps if not is_before(macro, step)]
    found = list[str]()
    while left:
        ahead = _ahead(left, is_before)
        # Visitors may go round in a circle, different ones on each part of it: then with nothing but the circle ahead.
        first = next(step for step in left if all(step in ahead[other] for other in ahead[step]))
        left.remove(first)
        found.append(first)
    return tuple(found)


def _ahead(steps: Sequence[str], is_before: Callable[[str, str], bool]) -> dict[str, set[str]]:
    """By step those from which ways lead to it."""
    ahead = {step: {other for other in steps if is_before(other, step)} for step in steps}
    for through in steps:
        for step in steps:
            if through in ahead[step]:
                ahead[step] |= ahead[through]
    return ahead


def steps_in(found: LeadUp, steps: Collection[str], others: Collection[str]) -> tuple[str, ...]:
    """These steps and up to so many others that buyers take, in the order in which buyers take them first.

    steps: known to be some. others: events that may be. Returned as they came where none of the others is a step.
    """
    if found.buyers < ENOUGH_BUYERS:
        return tuple(steps)
    likely = {name: done for name in others if (done := found.by_name.get(name)) and _is_step(done, found)}
    room = max(0, MOST_STEPS - len(steps))
    chosen = sorted(likely, key=lambda name: (-_times_usual(likely[name], found), name))[:room]
    if not chosen:
        return tuple(steps)
    return tuple(sorted((*steps, *chosen), key=lambda name: (-found.by_name[name].lead_seconds, name)))


def parts_of_macro(found: LeadUp, events: Collection[str], visitors: int) -> tuple[str, ...]:
    """Those that are the macro by another name, some time before it, as scores call a duplicate.

    Nearly all buyers did them in the hours before, and nearly all days on which anybody did them are such. Somebody who buys
    often has many such days and one first macro: what is left of that is a step, not a part. visitors: of the log.
    """
    if not 0 < found.buyers <= visitors * MOST_VISITORS:
        return ()
    return tuple(name for name in events if (done := found.by_name.get(name)) and _is_part(done, found))


def is_one_step(count: FunnelCount) -> bool:
    """Of a funnel of two steps, whether they are one by two names: nearly all who did one did the other, within seconds."""
    _, did, did_both = count.reached
    seconds = count.median_seconds[-1]
    at_once = seconds is not None and seconds <= TOO_CLOSE_SECONDS
    return at_once and did >= MINIMUM_EXPOSED and did_both >= NESTED * max(did, count.in_any_order)


def may_be_one(count: FunnelCount) -> tuple[bool, ...]:
    """Of a funnel's steps, whether each may be the one before it by another name: hardly anybody is lost, within seconds."""
    came = zip(count.reached[1:-1], count.reached[2:], count.median_seconds[2:], strict=True)
    return (False, *(after >= NESTED * at and s is not None and s <= TOO_CLOSE_SECONDS for at, after, s in came))


def _is_part(done: Done, found: LeadUp) -> bool:
    return done.days >= MINIMUM_EXPOSED and done.buyers >= NESTED * max(done.days, found.buyers)


def _is_step(done: Done, found: LeadUp) -> bool:
    return done.buyers >= MOST_BUYERS * found.buyers and _times_usual(done, found) >= MORE_THAN_USUAL


def _times_usual(done: Done, found: LeadUp) -> float:
    return (done.buyers / found.buyers) / (done.days / found.days)
