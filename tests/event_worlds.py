"""Made-up sites of which it is known what each event says about the purchase: what an estimator is judged by.

    world = draw("planted helpers", seed=1)
    write_parquet(world, folder / "events.parquet")

How a site works: visitors come for sessions, sessions are rows of events, and after each event there is a small chance that
the purchase is what comes next. That chance depends on how deep the session is, on its number and on the campaign, as the
regime says. It depends on the *name* of an event only for helpers: from a visitor's first one on, it is so much higher; under
"latent intent" it depends on the visitor, and the helpers are the events that show it.
The wait after an event is exponential whatever comes next, and so is a session's length: that a visitor is still there
says nothing about what follows, and neither do events that fire at fixed times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from tests.event_regimes import HELPERS, KINDS, UNRELATED, Regime

MACRO: Final = "purchase"
AFTER: Final = "thank_you_scroll"
HEARTBEAT, EXIT = TIMERS = ("heartbeat", "session_exit")

AFTER_THE_SALE: Final[Mapping[str, float]] = {AFTER: 0.35, "share": 0.05, "account_page": 0.05}
BACK_AGAIN: Final[Mapping[str, float]] = {**UNRELATED, "account_page": 0.15, "login": 0.1, "share": 0.03, MACRO: 0.02}
NAMES: Final = ("page_view", MACRO, AFTER, *TIMERS, *UNRELATED, *HELPERS)
CODE: Final[Mapping[str, int]] = {name: code for code, name in enumerate(NAMES)}

CAMPAIGNS: Final = np.array(["c1", "c2", "c3", "c4", "c5"])
DEVICES: Final = np.array(["mobile", "desktop", "tablet"])
MONDAY: Final = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
DAY: Final = 86_400
HOUR: Final = 3_600
WAIT: Final = 20.0  # seconds from one event to the next, on average
LATER: Final = 3  # the session from which on a visitor counts as coming back
DEEP: Final = 6  # the event of a session from which on it counts as deep

REGIMES: Final = tuple(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """The log of a site, in order of time, and the truth about its candidates.

    columns: user_pseudo_id, event_timestamp (microseconds, UTC), event_name, session_id (unique only with the visitor),
    campaign_id, device; one row per event.
    candidates: every event but the macro and page views. helpers: those that announce the macro, strongest first.
    after: those that fire only once it has happened. The others say nothing beyond how active the visitor is.
    """

    columns: Mapping[str, np.ndarray]
    candidates: tuple[str, ...]
    helpers: tuple[str, ...]
    after: tuple[str, ...] = (AFTER,)
    macro: str = MACRO


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visitors:
    activity: np.ndarray
    campaign: np.ndarray
    bot: np.ndarray
    intent: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    """Seconds since MONDAY: start of the session, time of the event, and until when the visitor stayed with it."""

    visitor: np.ndarray
    start: np.ndarray
    time: np.ndarray
    until: np.ndarray
    name: np.ndarray


def draw(regime: str, seed: int, visitors: int = 20_000, days: int = 90) -> World:
    """A site of this regime; the same seed gives the same one. Raises KeyError for an unknown regime."""
    kind = KINDS[regime]
    dice = np.random.default_rng((seed, REGIMES.index(regime)))
    people = _people(kind, round(visitors * kind.size), dice)
    events = _with_purchases(kind, people, days, dice)
    if kind.timers:
        events = _joined(events, _timers(events))
    events = _taken(events, np.flatnonzero(events.time < days * DAY))
    events = _taken(events, np.argsort(events.time, kind="stable"))
    helpers = tuple(kind.helpers or kind.signs)
    return World(
        columns=_columns(kind, people, events, dice),
        candidates=(*UNRELATED, *helpers, AFTER, *(TIMERS if kind.timers else ())),
        helpers=helpers,
    )


def write_parquet(world: World, path: Path) -> None:
    """The log as one Parquet file."""
    _copy(world, f"copy log to '{path}' (format parquet)")


def write_csv(world: World, path: Path) -> None:
    """The log as one CSV file with a header."""
    _copy(world, f"copy log to '{path}' (format csv, header)")


def _copy(world: World, statement: str) -> None:
    # DuckDB makes an enum of numpy's own text, which takes four times as long.
    columns = {
        name: values.astype(object if values.dtype.kind == "U" else values.dtype)
        for name, values in world.columns.items()
    }
    with duckdb.connect() as connection:
        connection.register("log", columns)
        connection.execute(statement)


def _people(kind: Regime, count: int, dice: np.random.Generator) -> _Visitors:
    return _Visitors(
        activity=np.exp(kind.spread * dice.standard_normal(count) - kind.spread**2 / 2),
        campaign=dice.choice(len(CAMPAIGNS), count, p=(0.3, 0.25, 0.2, 0.15, 0.1)),
        bot=dice.random(count) < kind.bots,
        intent=dice.random(count) < kind.intent,
    )


def _sessions(kind: Regime, people: _Visitors, days: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Visitor and start of every session, in order; sooner after the first visit rather than later, and more in the evening."""
    count = 1 + dice.poisson(kind.sessions * people.activity + 5 * people.bot)
    visitor = np.repeat(np.arange(len(count)), count)
    first = dice.uniform(0, days, len(count))[visitor]
    day = np.floor(first + np.where(_rank(visitor) == 0, 0, days / 2 * dice.random(len(visitor)) ** 2))
    start = (day + dice.beta(3, 2, len(visitor))) * DAY
    order = np.lexsort((start, visitor))
    order = order[day[order] < days]
    visitor, start = visitor[order], start[order]
    # Two sessions of one visitor never run at once.
    apart = np.r_[True, (np.diff(visitor) != 0) | (np.diff(start) > 4 * HOUR)]
    return visitor[apart], start[apart]


def _with_purchases(kind: Regime, people: _Visitors, days: int, dice: np.random.Generator) -> _Events:
    """All events but timers: what visitors do until they buy, the purchase, and what buyers do afterwards."""
    events, chance = _visits(kind, people, days, dice)
    count = len(people.bot)
    chance *= _scale(np.bincount(events.visitor, chance, count), kind.buyers)
    bought = _running(chance, events.visitor) >= dice.standard_exponential(count)[events.visitor]
    last = _first(bought, events.visitor, count)
    buyer = np.flatnonzero(last < len(chance))
    moment = _taken(events, last[buyer])
    sale = _Events(
        visitor=buyer,
        start=moment.start,
        time=moment.until,
        until=moment.until,
        name=np.full(len(buyer), CODE[MACRO]),
    )
    return _joined(
        _taken(events, np.flatnonzero(np.arange(len(chance)) <= last[events.visitor])),
        sale,
        _afterwards(sale, dice),
        _back_again(kind, sale, dice),
    )


def _visits(kind: Regime, people: _Visitors, days: int, dice: np.random.Generator) -> tuple[_Events, np.ndarray]:
    """What visitors would do if nobody bought, in order of visitor and time, and the relative chance to buy after each event."""
    visitor, start = _sessions(kind, people, days, dice)
    number = 1 + _rank(visitor)
    length = np.where(people.bot, 600, kind.length * np.sqrt(people.activity))[visitor]
    session = np.repeat(np.arange(len(visitor)), 1 + dice.exponential(length).astype(np.int64))
    position = 1 + _rank(session)
    visitor, start, number = visitor[session], start[session], number[session]
    wait = dice.exponential(np.where(people.bot[visitor], WAIT / 10, WAIT))
    until = start + _running(wait, session)
    name = _browsing(kind, people, visitor, position, number, dice)

    chance = np.array(kind.campaigns)[people.campaign[visitor]] * ~people.bot[visitor]
    chance *= np.minimum(position, 30) ** kind.depth * number**kind.loyalty
    chance *= np.where(people.intent[visitor], 12.0, 1.0)
    for helper, odds in kind.helpers.items():
        # Chances this small multiply as their odds do.
        chance[np.arange(len(name)) >= _first(name == CODE[helper], visitor, len(people.bot))[visitor]] *= odds
    return _Events(visitor=visitor, start=start, time=until - wait, until=until, name=name), chance


def _browsing(
    kind: Regime,
    people: _Visitors,
    visitor: np.ndarray,
    position: np.ndarray,
    number: np.ndarray,
    dice: np.random.Generator,
) -> np.ndarray:
    """A name for every event. Sessions open with a page view; else only depth, number, campaign and intent matter."""
    shares = {**UNRELATED, **{name: HELPERS[name] for name in (*kind.helpers, *kind.signs)}}
    weights = np.empty((len(CAMPAIGNS), 2, 2, 2, len(shares)))
    weights[:] = list(shares.values())
    weights *= np.exp(kind.taste * dice.standard_normal((len(CAMPAIGNS), 1, 1, 1, len(shares))))
    for axis, more in enumerate((kind.when_deep, kind.when_later, kind.signs), start=1):
        np.moveaxis(weights, axis, 0)[1] *= [more.get(name, 1.0) for name in shares]
    cell = (people.campaign[visitor] * 2 + (position >= DEEP)) * 2 + (number >= LATER)
    name = _names(tuple(shares), weights.reshape(-1, len(shares)), cell * 2 + people.intent[visitor], dice)
    return np.where(position == 1, CODE["page_view"], name)


def _afterwards(sale: _Events, dice: np.random.Generator) -> _Events:
    """The rest of the session after the sale: some seconds to minutes."""
    which = np.repeat(np.arange(len(sale.visitor)), 1 + dice.poisson(3, len(sale.visitor)))
    return _follow(which, sale.visitor[which], sale.start[which], sale.until[which], AFTER_THE_SALE, dice)


def _back_again(kind: Regime, sale: _Events, dice: np.random.Generator) -> _Events:
    """The sessions of buyers in the weeks after the sale, at least a day apart."""
    which = np.repeat(np.arange(len(sale.visitor)), dice.poisson(kind.returns, len(sale.visitor)))
    start = sale.time[which] + _running(dice.exponential(5 * DAY, len(which)) + DAY, which)
    session = np.repeat(np.arange(len(which)), 1 + dice.poisson(8, len(which)))
    return _follow(session, sale.visitor[which][session], start[session], start[session], BACK_AGAIN, dice)


def _follow(
    session: np.ndarray,
    visitor: np.ndarray,
    start: np.ndarray,
    since: np.ndarray,
    shares: Mapping[str, float],
    dice: np.random.Generator,
) -> _Events:
    wait = dice.exponential(WAIT, len(session))
    time = since + _running(wait, session)
    name = _names(tuple(shares), np.array([list(shares.values())]), np.zeros(len(session), np.int64), dice)
    return _Events(visitor=visitor, start=start, time=time, until=time + dice.exponential(WAIT, len(time)), name=name)


def _timers(events: _Events) -> _Events:
    """A heartbeat every ten seconds of a session, and its end."""
    order = np.lexsort((events.start, events.visitor))
    visitor, start = events.visitor[order], events.start[order]
    opens = np.flatnonzero(np.r_[True, (np.diff(visitor) != 0) | (np.diff(start) != 0)])
    visitor, start, end = visitor[opens], start[opens], np.maximum.reduceat(events.until[order], opens)
    beat = np.repeat(np.arange(len(opens)), ((end - start) // 10).astype(np.int64))
    time = start[beat] + 10 * (1 + _rank(beat))
    return _joined(
        _Events(
            visitor=visitor[beat], start=start[beat], time=time, until=time, name=np.full(len(beat), CODE[HEARTBEAT])
        ),
        _Events(visitor=visitor, start=start, time=end, until=end, name=np.full(len(opens), CODE[EXIT])),
    )


def _columns(kind: Regime, people: _Visitors, events: _Events, dice: np.random.Generator) -> dict[str, np.ndarray]:
    count = len(people.bot)
    campaign = CAMPAIGNS[people.campaign] if kind.campaign_logged else np.full(count, "(not set)")
    columns = {
        "user_pseudo_id": np.char.add("v", (10**6 + dice.permutation(count)).astype(str)),
        "campaign_id": campaign,
        "device": DEVICES[dice.choice(len(DEVICES), count, p=(0.6, 0.35, 0.05))],
    }
    return {name: values[events.visitor] for name, values in columns.items()} | {
        "event_timestamp": MONDAY * 10**6 + (events.time * 1e6).astype(np.int64),
        "event_name": np.array(NAMES)[events.name],
        "session_id": MONDAY + events.start.astype(np.int64),
    }


def _names(names: tuple[str, ...], weights: np.ndarray, row: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """A code for every event, drawn with its row of weights; what these leave of 1, or a fifth, are page views."""
    views = np.maximum(1 - weights.sum(axis=1, keepdims=True), 0.2)
    steps = np.cumsum(np.hstack([views, weights]), axis=1)
    steps /= steps[:, -1:]
    drawn = np.searchsorted((steps + np.arange(len(steps))[:, None]).ravel(), row + dice.random(len(row)), side="right")
    codes: np.ndarray = np.array([CODE[name] for name in ("page_view", *names)])[drawn - row * steps.shape[1]]
    return codes


def _scale(chance: np.ndarray, buyers: float) -> float:
    """What the visitors' chances must be multiplied by so that this share of them is expected to buy."""
    low, high = 0.0, 1.0 / chance[chance > 0].min()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(-middle * chance).mean() < buyers else (low, middle)
    return low


def _rank(group: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... within each run of equal numbers."""
    opens = np.flatnonzero(np.r_[True, np.diff(group) != 0])
    return np.arange(len(group)) - np.repeat(opens, np.diff(np.r_[opens, len(group)]))


def _running(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The running sum within each run of equal numbers."""
    total = np.cumsum(values)
    opens = np.arange(len(group)) - _rank(group)
    within: np.ndarray = total - (total - values)[opens]
    return within


def _first(true: np.ndarray, visitor: np.ndarray, visitors: int) -> np.ndarray:
    """By visitor, the first row at which it is true; the number of rows where it never is."""
    first = np.full(visitors, len(true))
    rows = np.flatnonzero(true)[::-1]
    first[visitor[rows]] = rows
    return first


def _taken(events: _Events, rows: np.ndarray) -> _Events:
    return _Events(
        visitor=events.visitor[rows],
        start=events.start[rows],
        time=events.time[rows],
        until=events.until[rows],
        name=events.name[rows],
    )


def _joined(*parts: _Events) -> _Events:
    return _Events(
        visitor=np.concatenate([part.visitor for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        time=np.concatenate([part.time for part in parts]),
        until=np.concatenate([part.until for part in parts]),
        name=np.concatenate([part.name for part in parts]),
    )
