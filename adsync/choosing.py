"""Which events of a log are steps on the way to the main conversion, and what to say of the choice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adsync.catalog import CATALOGUE, entry
from adsync.errors import UsageError
from adsync.model.exposure import LogSummary
from adsync.model.figures import enumerated, number_of, short
from adsync.model.funnel import VISITORS, FunnelCount, FunnelQuestion
from adsync.model.lead_up import LEAD_UP_HOURS
from adsync.ports import EventLog
from adsync.score.asking import event_in_log
from adsync.score.candidates import BEGINNINGS
from adsync.score.steps import ENOUGH_BUYERS, in_order_of_log, is_one_step, may_be_one, parts_of_macro, steps_in

FEW_STEPS = 3
"""Where the catalogue knows fewer of a log's events as steps, others are looked for."""


def named_events(log: LogSummary, macro: str, wanted: Sequence[str], option: str) -> tuple[str, ...]:
    """The events that the person names, in order, the macro last; empty where none is named. option: that names them."""
    event_in_log(macro, log.names, "--macro", log.lost)
    for name in wanted:
        event_in_log(name, log.names, option, log.lost)
    if macro in wanted[:-1]:
        raise UsageError(f"{short(macro)} is the main conversion, and so the last step.", f"Leave it out of {option}.")
    named = tuple(name for name in wanted if name != macro)
    if len(set(named)) < len(named):
        raise UsageError(f"An event is named twice in {option}.", "Its first time is what counts.")
    return (*named, macro) if wanted else ()


def steps_of(log: EventLog, macro: str, last: datetime) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Steps of the funnel, and those between which incidents are looked for, the macro last of both; and a note on them.

    Those that the catalogue knows. Where they are few, incidents show between events that buyers do on their way as well; a
    visitor need not do each of these, so that they make the funnel only where the catalogue knows none.
    """
    usual, order = _of_catalogue(log, macro, last, "--steps")
    if len(usual) >= FEW_STEPS:
        steps, twins = _without_twins(log, (*usual, macro), last)
        return steps, steps, (*order, *twins)
    watched, found, notes = _with_found(log, macro, last, usual, "--steps")
    usual = tuple(name for name in usual if name in watched)
    those = "it" if len(found) == 1 else "them"
    used = f"incidents are looked for before and after {those}" if usual else f"the funnel is made of {those}"
    return (
        (*(usual or watched), macro),
        (*watched, macro),
        (*order, *_on_found(found, macro, f"{used}; --steps names others"), *notes),
    )


def micros_of(log: EventLog, macro: str, last: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The catalogue's steps, or where it knows none those that are found, the macro last; and a note on them."""
    usual, order = _of_catalogue(log, macro, last, "--micros")
    if usual:
        micros, twins = _without_twins(log, (*usual, macro), last)
        return micros, (*order, *twins)
    micros, found, notes = _with_found(log, macro, last, (), "--micros")
    those = "it is" if len(found) == 1 else "they are"
    return (*micros, macro), (*order, *_on_found(found, macro, f"{those} counted here; --micros names others"), *notes)


def _of_catalogue(log: EventLog, macro: str, last: datetime, option: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The catalogue's steps, early to late, as the log's visitors take them; and a note where that is another way.

    An event that only machines or strays did is nobody's step.
    """
    known = [e for e in CATALOGUE if e.on_path and log.summary.names.get(e.event_name) and e.event_name != macro]
    usual = tuple(e.event_name for e in sorted(known, key=lambda e: e.depth))
    if not usual:
        return (), ()
    steps = in_order_of_log(usual, macro, log.came_first((*usual, macro), last))
    return steps, _on_order(macro, usual, steps, option)


def _with_found(
    log: EventLog, macro: str, last: datetime, usual: tuple[str, ...], option: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """These steps and those that the catalogue does not know and most buyers take; these others alone; and a note."""
    names, no_steps = log.summary.names, (macro, VISITORS, *BEGINNINGS)
    others = [name for name in names if names[name] and name not in no_steps]
    unknown = [name for name in others if not entry(name)]
    before = log.lead_up(macro, last)
    twins = parts_of_macro(before, unknown, log.summary.visitors)
    steps = steps_in(before, usual, [name for name in unknown if name not in twins])
    none = _on_none(macro, before.buyers, option) if others and not steps else ()
    (*kept, _), of_steps = _without_twins(log, (*steps, macro), last)
    found = tuple(name for name in kept if name not in usual)
    return tuple(kept), found, (*none, *_on_twins(twins, macro), *of_steps)


def _without_twins(log: EventLog, events: tuple[str, ...], last: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same without those that are the next one by another name, the macro last; and a note on each."""

    def counted(*steps: str) -> FunnelCount:
        return log.funnel(FunnelQuestion(steps=steps, first=log.summary.first, last=last))[0]

    if len(events) < 2:
        return events, ()
    kept, notes = [events[0]], list[str]()
    for event, doubtful in zip(events[1:], may_be_one(counted(*events))[1:], strict=True):
        before = kept[-1]
        if not doubtful or not is_one_step(counted(before, event)):
            kept.append(event)
        elif entry(before) and not entry(event) and event != events[-1]:
            notes += _on_twins([event], before, " within seconds")
        else:
            notes += _on_twins([before], event, " within seconds")
            kept[-1] = event
    return tuple(kept), tuple(notes)


def _on_order(macro: str, usual: Sequence[str], steps: Sequence[str], option: str) -> tuple[str, ...]:
    """That the order is the log's where it is not the catalogue's, and what comes after the macro."""
    said = list[str]()
    if [step for step in usual if step in steps] != [*steps]:
        said.append("The order of the steps is the log's, not the catalogue's, where nearly all visitors keep to one.")
    if after := [step for step in usual if step not in steps]:
        is_or_are, those = _are_they(after)
        said.append(
            f"Left out {is_or_are} {enumerated(map(short, after))}: nearly all who did {those} and {short(macro)} did {those} "
            "afterwards."
        )
    return (f"{' '.join(said)} {option} names others.",) if said else ()


def _on_found(found: Sequence[str], macro: str, used: str) -> tuple[str, ...]:
    if not found:
        return ()
    is_or_are, those = _are_they(found)
    return (
        f"Unknown to the catalogue {is_or_are} {enumerated(map(short, found))}, but half or more of the visitors who did "
        f"{short(macro)} did {those} in the {LEAD_UP_HOURS} hours before, twice as often as on other days or more. So {used}.",
    )


def _are_they(events: Sequence[str]) -> tuple[str, str]:
    return ("is", "it") if len(events) == 1 else ("are", "them")


def _on_twins(twins: Sequence[str], of: str, when: str = "") -> tuple[str, ...]:
    if not twins:
        return ()
    is_or_are = "is" if len(twins) == 1 else "are"
    return (
        f"Left out {is_or_are} {enumerated(map(short, twins))}: {short(of)} by another name, for nearly all who did one did "
        f"the other{when}.",
    )


def _on_none(macro: str, buyers: int, option: str) -> tuple[str, ...]:
    """What was looked for where no step was found, and how to name some."""
    if buyers >= ENOUGH_BUYERS:
        looked = (
            f"nor was any other one done by half or more of those who did {short(macro)} in the {LEAD_UP_HOURS} hours before, "
            "twice as often as on other days"
        )
    else:
        looked = (
            f"and {number_of(buyers, 'visitor')} who did {short(macro)} are too few to find others by what they did before "
            f"({ENOUGH_BUYERS} are needed)"
        )
    return (
        f"The catalogue knows none of the log's events as a step before {short(macro)}, {looked}. Name the steps, early "
        f"to late: {option} EVENT,EVENT",
    )
