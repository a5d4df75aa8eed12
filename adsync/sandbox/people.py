"""Draws a site's visitors and their way down its path, as a scenario has it; one entry of each array a visitor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox.scenarios.words import RETURNS, Aside, Delay, Path, Scenario
from adsync.sandbox.world import DAY, Bools, Floats, Ints, midnight

# People shop in the evening; night hours are quiet.
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 10, 10, 10, 11, 13, 15, 16, 14, 9, 5], float)
_WEEKDAYS = np.array([1.05, 1.05, 1.0, 1.0, 0.95, 0.9, 1.05])
_BOT_ACTIVITY = 30.0
Chance = float | Floats


@dataclass(slots=True, kw_only=True)
class People:
    """The visitors. day: index of their first; campaign: -1 for other channels; activity: how much they do (1 = average).

    quality: by how much their chance of going on differs from the average.
    """

    arrived: Ints
    day: Ints
    campaign: Ints
    channel: Ints
    device: Ints
    ads_consent: Bools
    measured: Bools
    activity: Floats
    quality: Floats
    loyal: Bools
    bot: Bools

    def __len__(self) -> int:
        return len(self.arrived)


@dataclass(slots=True, kw_only=True)
class Journeys:
    """What the visitors do: whether and when each took a step, did something beside it, or did it after the macro.

    chances: of each step, for each visitor, what raises them included. hits: (visitor, time, event name) beside that.
    """

    done: dict[str, Bools] = field(default_factory=dict)
    time: dict[str, Ints] = field(default_factory=dict)
    chances: list[Chance] = field(default_factory=list)
    hits: list[tuple[Ints, Ints, str]] = field(default_factory=list)


def chance_of_macro(chances: list[Chance], shortcuts: dict[int, list[Chance]], reached: int = -1) -> Chance:
    """The chance of the macro for who has taken the step with index ``reached``; -1: for who has just arrived.

    shortcuts: the chances of those that begin at each step.
    """
    # From the end: never to get there from a step by the path, or by a shortcut that begins beyond it.
    never: Chance = 0.0
    for index in range(len(chances) - 1, reached, -1):
        missed: Chance = 1.0
        for chance in shortcuts.get(index, []):
            missed = missed * (1 - chance)
        never = 1 - chances[index] + chances[index] * missed * never
    for index in range(reached + 1):
        for chance in shortcuts.get(index, []):
            never = never * (1 - chance)
    return 1 - never


def average_chance(path: Path) -> float:
    """The chance of the macro for a visitor of average quality, but for what raises it."""
    shortcuts: dict[int, list[Chance]] = {}
    for shortcut in path.shortcuts:
        shortcuts.setdefault(path.index(shortcut.after), []).append(shortcut.chance)
    return float(chance_of_macro([step.chance for step in path.steps], shortcuts))


def raised_by_asides(scenario: Scenario) -> float:
    """By how much the asides that raise a step's chance raise the number of macros, near enough for planning."""
    factor = 1.0
    for aside in scenario.asides:
        factor *= 1 + aside.rate * (aside.raises - 1)
    return factor


def scenario_days(scenario: Scenario) -> list[date]:
    """Every day of a scenario's world."""
    first = scenario.starts_on - timedelta(days=scenario.history_days)
    return [first + timedelta(days=n) for n in range(scenario.history_days + scenario.future_days)]


def busier(scenario: Scenario, sessions_per_day: float) -> Scenario:
    """The same site with about this many sessions a day on average, and as many macros as before."""
    return replace(scenario, traffic=scenario.traffic * sessions_per_day / sessions_a_day(scenario))


def sessions_a_day(scenario: Scenario) -> float:
    """About how many sessions the site has on an average day."""
    paid, other = visitors_a_day(scenario, scenario_days(scenario))
    back = 1.0 + scenario.loyal.share * (scenario.loyal.activity - 1) if scenario.loyal else 1.0
    visits = (paid + other) * (1 + RETURNS * back + scenario.hesitant) + other * scenario.bots * RETURNS * _BOT_ACTIVITY
    return float(visits.mean())


def visitors_a_day(scenario: Scenario, days: list[date]) -> tuple[Floats, Floats]:
    """Expected visitors of each day: paid and other, before weekdays."""
    knots = scenario.volume
    offset = np.arange(len(days)) - scenario.history_days
    monthly = np.interp(offset, [k[0] for k in knots], [k[1] for k in knots])
    quality = sum(c.share * c.quality for c in scenario.campaigns)
    if scenario.loyal:
        quality *= 1 + scenario.loyal.share * (scenario.loyal.quality - 1)
    quality *= raised_by_asides(scenario)
    for redesign in scenario.redesigns:
        # The volume that a scenario names is that of the days to come.
        quality *= redesign.factor if redesign.day < 0 else 1
    paid = monthly / 30 / (average_chance(scenario.path) * quality * scenario.ads_consent) * scenario.traffic
    # Other traffic grows as well, but less: a shop that advertises more is also looked for more.
    other = scenario.organic * paid[0] * np.sqrt(paid / paid[0])
    for season in scenario.seasons:
        on = (offset >= season.first) & (offset <= season.last)
        paid, other = np.where(on, paid * season.traffic, paid), np.where(on, other * season.traffic, other)
    return paid, other


def draw_people(scenario: Scenario, days: list[date], rng: np.random.Generator) -> People:
    """Everybody who visits the site on these days."""
    zone = ZoneInfo(scenario.time_zone)
    paid, other = visitors_a_day(scenario, days)
    weekday = _WEEKDAYS[[day.weekday() for day in days]]
    n_paid, n_other = rng.poisson(paid * weekday), rng.poisson(other * weekday)
    n = n_paid + n_other
    day = np.repeat(np.arange(len(days)), n)
    starts = np.array([midnight(d, zone) for d in days])[day]
    hour = rng.choice(24, len(day), p=_HOURS / _HOURS.sum())
    arrived = starts + hour * 3600 + rng.integers(0, 3600, len(day))
    rank = np.arange(len(day)) - np.repeat(np.cumsum(n) - n, n)
    is_paid = rank < np.repeat(n_paid, n)
    shares = np.array([c.share for c in scenario.campaigns])
    drawn = rng.choice(len(shares), len(day), p=shares / shares.sum())
    campaign = np.where(is_paid, drawn, -1)
    channel = np.where(is_paid, 0, rng.choice([1, 2, 3, 4], len(day), p=[0.5, 0.3, 0.1, 0.1]))
    device = rng.choice(3, len(day), p=[0.62, 0.33, 0.05])
    ads_consent = rng.random(len(day)) < scenario.ads_consent
    measured = ads_consent | (rng.random(len(day)) < scenario.analytics_consent)
    activity = rng.gamma(2.0, 0.5, len(day))
    qualities = np.array([*(c.quality for c in scenario.campaigns), 0.9])
    people = People(
        arrived=arrived,
        day=day,
        campaign=campaign,
        channel=channel,
        device=device,
        ads_consent=ads_consent,
        measured=measured,
        activity=activity,
        quality=qualities[campaign] / scenario.traffic,
        loyal=np.zeros(len(day), bool),
        bot=np.zeros(len(day), bool),
    )
    _mark(people, scenario, rng)
    return people


def _mark(people: People, scenario: Scenario, rng: np.random.Generator) -> None:
    """Says who is loyal, who is a bot, and what that, the season and their activity make of everybody's quality."""
    if scenario.busy_convert:
        people.quality *= 1 - scenario.busy_convert + scenario.busy_convert * people.activity
    for season in scenario.seasons:
        offset = people.day - scenario.history_days
        people.quality[(offset >= season.first) & (offset <= season.last)] *= season.quality
    if scenario.loyal:
        people.loyal = rng.random(len(people)) < scenario.loyal.share
        people.activity[people.loyal] *= scenario.loyal.activity
        people.quality[people.loyal] *= scenario.loyal.quality
    if scenario.bots:
        people.bot = (people.campaign < 0) & ~people.loyal & (rng.random(len(people)) < scenario.bots)
        people.activity[people.bot] = _BOT_ACTIVITY
        people.quality[people.bot] = 0.0


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
