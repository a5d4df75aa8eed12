"""What is true of each micro-conversion of a scenario: by how much doing it raises the chance of the macro."""

from __future__ import annotations

from typing import Any

import numpy as np

from adsync.sandbox.chances import Chance, chance_of_macro
from adsync.sandbox.drawing import draw_again
from adsync.sandbox.journeys import Journeys, aside_chance, step_chances
from adsync.sandbox.people import People
from adsync.sandbox.scenarios.words import After, Aside, Scenario
from adsync.sandbox.world import Floats, Ints, Log

ANNOUNCES = 1.2
"""From this risk ratio on an event announces the macro."""

# Events that follow another's by no more than these seconds, nearly always, are the same moment.
_SAME_MOMENT = 10
_NEARLY_ALWAYS = 0.8
_AUTOMATIC = ("session_start", "page_view", "user_engagement")


def truth_of(scenario: Scenario, seed: int, log: Log) -> dict[str, Any]:
    """The truth about every event of a world but the macro and those that every visit sends.

    For each event, over the visitors who did it, computed from the scenario's chances for exactly these visitors (their
    campaign, their activity, the day they came, what else they did), not from what then happened to them:

    risk_if_done     their chance of the macro once they have done it
    risk_if_not      the same visitors' chance had they never done it
    risk_before      their chance at the moment before, when it was still open whether they would
    risk_difference  risk_if_done - risk_if_not; risk_ratio: their ratio, null where risk_if_not is 0
    verdict          announces (risk_ratio of 1.2 or more), only_busy (says nothing but that somebody does much, or has
                     known the site for long), nothing (not even that), after_macro, duplicate (of `duplicate_of`)

    And as counted in the log, whether or not Google heard of it: visitors, who ever did it before their first macro;
    followed: how many of them the macro followed; after_macro_share: of its first occurrences, those after the macro.
    Delays are left out: nearly every macro follows within 30 days.
    """
    people, journeys = draw_again(scenario, seed)
    first = _first_times(log)
    events: dict[str, Any] = {}
    for name in scenario.events:
        if name not in (*_AUTOMATIC, scenario.macro):
            events[name] = {**_truth(scenario, name, people, journeys), **_counted(first, name, scenario.macro)}
    return {
        "scenario": scenario.name,
        "seed": seed,
        "macro": scenario.macro,
        "visitors": len(people),
        "buyers": int(journeys.done[scenario.macro].sum()),
        "events": events,
    }


def _truth(scenario: Scenario, name: str, people: People, journeys: Journeys) -> dict[str, Any]:
    steps = [step.name for step in scenario.path.steps]
    if name in steps:
        return _of_step(scenario, steps.index(name), people, journeys)
    aside = next((a for a in scenario.asides if a.name == name), None)
    if aside is not None:
        return _of_aside(scenario, aside, people, journeys)
    after = next(a for a in scenario.afters if a.name == name)
    if _is_same_moment(after):
        of = after.of or scenario.macro
        twin = {} if of == scenario.macro else _of_step(scenario, steps.index(of), people, journeys)
        return {**twin, "verdict": "duplicate", "duplicate_of": of}
    # Every visit may scroll, whoever makes it; that some also do so after the macro adds nothing to it.
    return {"verdict": "only_busy" if name == "scroll" else "after_macro"}


def _of_step(scenario: Scenario, index: int, people: People, journeys: Journeys) -> dict[str, Any]:
    shortcuts = _shortcuts(scenario, people)
    done = chance_of_macro(journeys.chances, shortcuts, index)
    earlier = {at: chances for at, chances in shortcuts.items() if at < index}
    # Who never takes the step has only the shortcuts that begin before it.
    never = chance_of_macro([0.0] * len(journeys.chances), earlier, index - 1)
    return _risks(done, never, journeys.chances[index], people, journeys, scenario.path.steps[index].name)


def _of_aside(scenario: Scenario, aside: Aside, people: People, journeys: Journeys) -> dict[str, Any]:
    reached = scenario.path.index(aside.after) if aside.after else -1
    shortcuts = _shortcuts(scenario, people)
    chances = []
    for does in (True, False):
        so = {**journeys.done, aside.name: np.full(len(people), does)}
        chances.append(chance_of_macro(step_chances(scenario, people, so), shortcuts, reached))
    found = _risks(chances[0], chances[1], aside_chance(aside, people), people, journeys, aside.name)
    if found["verdict"] == "nothing" and (aside.by_activity or aside.loyal_rate is not None):
        found["verdict"] = "only_busy"
    return found


def _risks(
    done: Chance, never: Chance, likely: Chance, people: People, journeys: Journeys, name: str
) -> dict[str, Any]:
    who = np.flatnonzero(journeys.done[name])
    if_done, if_not, chance = (_mean(np.broadcast_to(c, len(people))[who]) for c in (done, never, likely))
    before = np.asarray(likely) * done + (1 - np.asarray(likely)) * never
    ratio = if_done / if_not if if_not > 0 else None
    return {
        "risk_if_done": if_done,
        "risk_if_not": if_not,
        "risk_before": _mean(np.broadcast_to(before, len(people))[who]),
        "risk_difference": if_done - if_not,
        "risk_ratio": ratio,
        "chance_of_doing_it": chance,
        "verdict": "announces" if if_done and (ratio is None or ratio >= ANNOUNCES) else "nothing",
    }


def _shortcuts(scenario: Scenario, people: People) -> dict[int, list[Chance]]:
    found: dict[int, list[Chance]] = {}
    for shortcut in scenario.path.shortcuts:
        chance = np.minimum(shortcut.chance * people.quality, 1.0)
        found.setdefault(scenario.path.index(shortcut.after), []).append(chance)
    return found


def _is_same_moment(after: After) -> bool:
    return after.chance >= _NEARLY_ALWAYS and after.delay.floor <= _SAME_MOMENT and not after.delay.mean


def _first_times(log: Log) -> dict[str, tuple[Ints, Ints]]:
    """For each event the visitors who ever did it, and when first."""
    found = {}
    for code, name in enumerate(log.names):
        index = np.flatnonzero(log.name == code)
        visitors, first = np.unique(log.visitor[index], return_index=True)
        found[name] = (visitors, log.time[index][first])
    return found


def _counted(first: dict[str, tuple[Ints, Ints]], name: str, macro: str) -> dict[str, Any]:
    visitors, times = first[name]
    buyers, bought = first[macro]
    if not len(buyers):
        return {"visitors": len(visitors), "followed": 0, "after_macro_share": 0.0}
    at = np.minimum(np.searchsorted(buyers, visitors), len(buyers) - 1)
    buys = buyers[at] == visitors
    before = ~buys | (times < bought[at])
    return {
        "visitors": int(before.sum()),
        "followed": int((before & buys).sum()),
        "after_macro_share": float(1 - before.mean()) if len(visitors) else 0.0,
    }


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
