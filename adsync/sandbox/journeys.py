"""Draws what a site's visitors do, and when, on its path and beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from adsync.sandbox.chances import Chance
from adsync.sandbox.people import People
from adsync.sandbox.scenarios.words import RETURNS, Aside, Delay, Scenario
from adsync.sandbox.world import DAY, Bools, Floats, Ints


@dataclass(slots=True, kw_only=True)
class Journeys:
    """What the visitors do: whether and when each took a step, did something beside it, or did it after the macro.

    chances: of each step, for each visitor, what raises them included. hits: (visitor, time, event name) beside that.
    """

    done: dict[str, Bools] = field(default_factory=dict)
    time: dict[str, Ints] = field(default_factory=dict)
    chances: list[Chance] = field(default_factory=list)
    hits: list[tuple[Ints, Ints, str]] = field(default_factory=list)


def draw_journeys(scenario: Scenario, people: People, rng: np.random.Generator) -> Journeys:
    """Who does what, and when."""
    journeys, everyone = Journeys(), np.arange(len(people))
    begins = people.arrived
    if scenario.hesitant:
        waits = rng.random(len(people)) < scenario.hesitant
        begins = begins + np.where(waits, 3600 + rng.exponential(3 * DAY, len(people)).astype(np.int64), 0)
    early = [aside for aside in scenario.asides if aside.raises != 1.0]
    for aside in early:
        _draw_aside(aside, people, journeys, begins, rng)
    _draw_path(scenario, people, journeys, begins, rng)
    n_back = rng.poisson(RETURNS * people.activity)
    back = np.repeat(everyone, n_back)
    t_back = people.arrived[back] + 3600 + rng.exponential(5 * DAY, len(back)).astype(np.int64)
    for aside in scenario.asides:
        if aside not in early:
            _draw_aside(aside, people, journeys, begins, rng)
    journeys.hits = [
        (everyone, people.arrived, "page_view"),
        (everyone[begins > people.arrived], begins[begins > people.arrived], "page_view"),
        (back, t_back, "page_view"),
        *((everyone[done], journeys.time[name][done], name) for name, done in journeys.done.items()),
    ]
    for after in scenario.afters:
        of = after.of or scenario.macro
        done = journeys.done[of] & (rng.random(len(people)) < after.chance)
        time = journeys.time[of] + _wait(after.delay, len(people), rng)
        journeys.hits.append((everyone[done], time[done], after.name))
    return journeys


def _draw_path(scenario: Scenario, people: People, journeys: Journeys, begins: Ints, rng: np.random.Generator) -> None:
    """First who takes each step, then when."""
    path, count = scenario.path, len(people)
    journeys.chances = step_chances(scenario, people, journeys.done)
    before, macro = np.ones(count, bool), path.steps[-1]
    for step, chance in zip(path.steps[:-1], journeys.chances[:-1], strict=True):
        before = journeys.done[step.name] = before & (rng.random(count) < chance)
    short = [journeys.done[s.after] & (rng.random(count) < s.chance * people.quality) for s in path.shortcuts]
    journeys.done[macro.name] = before & (rng.random(count) < journeys.chances[-1])
    time = begins
    for step in path.steps:
        for aside in scenario.asides:
            if aside.target == step.name:
                time = np.where(journeys.done[aside.name], np.maximum(time, journeys.time[aside.name] + 5), time)
        time = journeys.time[step.name] = time + _wait(step.delay, count, rng)
    for shortcut, taken in zip(path.shortcuts, short, strict=True):
        by_it = journeys.time[shortcut.after] + _wait(shortcut.delay, count, rng)
        journeys.time[macro.name] = np.where(taken, by_it, journeys.time[macro.name])
        journeys.done[macro.name] |= taken


def step_chances(scenario: Scenario, people: People, done: dict[str, Bools]) -> list[Chance]:
    """Each visitor's chance of each step, given the one before it and what else they have done."""
    chances: list[Chance] = []
    for step in scenario.path.steps:
        chance: Chance = step.chance * people.quality if step.depends else step.chance
        for redesign in scenario.redesigns:
            if redesign.step == step.name:
                chance = np.where(people.day - scenario.history_days >= redesign.day, chance * redesign.factor, chance)
        for aside in scenario.asides:
            if aside.target == step.name and aside.name in done:
                chance = np.where(done[aside.name], chance * aside.raises, chance)
        chances.append(np.minimum(chance, 1.0) if isinstance(chance, np.ndarray) else chance)
    return chances


def aside_chance(aside: Aside, people: People) -> Floats:
    """Each visitor's chance of doing something beside the path, given what must come before it."""
    chance = np.full(len(people), aside.rate)
    if aside.by_activity:
        chance = np.minimum(aside.rate * people.activity, 1)
    if aside.loyal_rate is not None:
        chance = np.where(people.loyal, aside.loyal_rate, chance)
    return chance


def _draw_aside(aside: Aside, people: People, journeys: Journeys, begins: Ints, rng: np.random.Generator) -> None:
    done: Bools = rng.random(len(people)) < aside_chance(aside, people)
    if aside.after:
        done &= journeys.done[aside.after]
    start = journeys.time[aside.after] if aside.after else begins if aside.target else people.arrived
    journeys.done[aside.name] = done
    journeys.time[aside.name] = start + _wait(aside.delay, len(people), rng)


def _wait(delay: Delay, count: int, rng: np.random.Generator) -> Ints | int:
    if delay.at_once < 1:
        pause = np.exp(rng.normal(np.log(delay.pause_median), delay.pause_sigma, count))
        pause = np.minimum(pause, delay.longest_pause).astype(np.int64)
        return np.where(rng.random(count) < delay.at_once, _short(delay, count, rng), pause)
    return _short(delay, count, rng)


def _short(delay: Delay, count: int, rng: np.random.Generator) -> Ints | int:
    return delay.floor + rng.exponential(delay.mean, count).astype(np.int64) if delay.mean else delay.floor
