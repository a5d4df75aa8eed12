"""Draws one seeded world of visitors: everything that GA4, Google Ads and the raw event log report follows from it.

A visitor arrives by a channel, perhaps by clicking an ad, and may go down the path to the macro, at once or days
later. What is drawn is what people do; what each of Google's products sees of it is worked out elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox import world as layout
from adsync.sandbox.journeys import Journeys, draw_journeys
from adsync.sandbox.people import People, draw_people
from adsync.sandbox.scenarios.words import Scenario
from adsync.sandbox.traffic import scenario_days
from adsync.sandbox.world import Bools, Clicks, Ints, Log, World, midnight

SESSION_GAP = 1_800


@dataclass(slots=True, kw_only=True)
class _Hits:
    """Sorted by visitor and time."""

    visitor: Ints
    time: Ints
    name: Ints
    session: Ints


@dataclass(slots=True, kw_only=True)
class _Sessions:
    """By visitor and time. clicked: an ad click opened it. first: the visitor's first one."""

    visitor: Ints
    start: Ints
    first: Bools
    clicked: Bools
    channel: Ints


def make_world(scenario: Scenario, seed: int) -> World:
    """The scenario's visitors, drawn with one seed."""
    rng = np.random.default_rng(seed)
    days = scenario_days(scenario)
    people = draw_people(scenario, days, rng)
    hits = _hits(scenario, draw_journeys(scenario, people, rng))
    sessions = _sessions(hits, people, rng)
    log, clicks = _log(scenario, people, hits, sessions, rng)
    return World(log=log, clicks=clicks, first_day=days[0], last_day=days[-1])


def draw_again(scenario: Scenario, seed: int) -> tuple[People, Journeys]:
    """The people of a world and what each of them would do, for who wants to know why it came about."""
    rng = np.random.default_rng(seed)
    days = scenario_days(scenario)
    people = draw_people(scenario, days, rng)
    return people, draw_journeys(scenario, people, rng)


def _hits(scenario: Scenario, journeys: Journeys) -> _Hits:
    """Visits, steps and the rest in one list, grouped into sessions."""
    code = {name: number for number, name in enumerate(scenario.events)}
    visitor = np.concatenate([who for who, _, _ in journeys.hits])
    time = np.concatenate([when for _, when, _ in journeys.hits])
    name = np.concatenate([np.full(len(who), code[what]) for who, _, what in journeys.hits])
    order = np.lexsort((name, time, visitor))
    visitor, time, name = visitor[order], time[order], name[order]
    new = np.ones(len(visitor), bool)
    new[1:] = (visitor[1:] != visitor[:-1]) | (np.diff(time) > SESSION_GAP)
    return _Hits(visitor=visitor, time=time, name=name, session=np.cumsum(new) - 1)


def _sessions(hits: _Hits, people: People, rng: np.random.Generator) -> _Sessions:
    """The sessions, and which of them an ad click opened."""
    new = np.ones(len(hits.session), bool)
    new[1:] = hits.session[1:] != hits.session[:-1]
    who, start = hits.visitor[new], hits.time[new]
    first = _changes(who)
    from_ad = people.campaign[who] >= 0
    clicked = from_ad & (first | (rng.random(len(who)) < 0.25))
    again = np.where(clicked, 0, rng.choice([1, 2], len(who), p=[0.3, 0.7]))
    channel = np.where(first, people.channel[who], again)
    return _Sessions(visitor=who, start=start, first=first, clicked=clicked, channel=channel)


def _log(
    scenario: Scenario, people: People, hits: _Hits, sessions: _Sessions, rng: np.random.Generator
) -> tuple[Log, Clicks]:
    """The events of all sessions, by time, with what each product will hear of them."""
    code = {name: number for number, name in enumerate(scenario.events)}
    who, start = sessions.visitor, sessions.start
    number = np.arange(len(who))
    extra = rng.poisson(1.2 * people.activity[who])
    more = np.repeat(number, extra)
    rank = np.arange(len(more)) - np.repeat(np.cumsum(extra) - extra, extra)
    scrolled = number[rng.random(len(who)) < 0.42]
    engaged = number[rng.random(len(who)) < 0.7]
    added = [
        (number, start, "session_start"),
        (more, start[more] + 20 + 35 * (rank + 1) + rng.integers(0, 30, len(more)), "page_view"),
        (scrolled, start[scrolled] + rng.integers(10, 120, len(scrolled)), "scroll"),
        (engaged, start[engaged] + rng.integers(10, 60, len(engaged)), "user_engagement"),
    ]
    session = np.concatenate([hits.session, *(s for s, _, _ in added)])
    time = np.concatenate([hits.time, *(t for _, t, _ in added)])
    name = np.concatenate([hits.name, *(np.full(len(s), code[what]) for s, _, what in added)])
    # Sessions are numbered visitor by visitor, so that this is also an order by visitor.
    order = np.lexsort((name, who[session], time))
    session, time, name = session[order], time[order], name[order]
    clicks, last_click, last_click_time = _clicks(scenario, people, sessions, rng)
    macro = name == code[scenario.macro]
    cents = np.zeros(0, np.uint32)
    if scenario.average_order:
        cents = np.rint(rng.lognormal(np.log(scenario.average_order), 0.45, macro.sum()) * 100).astype(np.uint32)
    delay = _processing(rng, len(time))
    # A few hits never arrive: pages left at once, blockers, bad connections.
    arrives = (name == code["session_start"]) | (rng.random(len(time)) > 0.02)
    heard = arrives & ~(macro & _silent(scenario, time, "ga4"))
    tagged = ~(macro & _silent(scenario, time, "ads"))
    facts = name | heard * layout.HEARD | tagged * layout.TAGGED | delay << layout.DELAY_SHIFT
    traits = (
        sessions.channel
        | people.device[who] << layout.DEVICE_SHIFT
        | people.ads_consent[who] * layout.AGREED_TO_ADS
        | people.measured[who] * layout.AGREED_TO_MEASURING
        | sessions.clicked * layout.OPENED_BY_AD
    )
    columns = {
        "time": time.astype(np.uint32),
        "session": session.astype(np.uint32),
        "facts": facts.astype(np.uint32),
        "visitor": who.astype(np.uint32),
        "traits": traits.astype(np.uint16),
        "last_click": last_click.astype(np.int32),
        "last_click_time": last_click_time.astype(np.uint32),
        "click_before": _click_before(sessions, last_click).astype(np.int32),
        "value_at": np.flatnonzero(macro)[: len(cents)].astype(np.uint32),
        "value_cents": cents,
    }
    return Log(scenario.events, scenario.property_time_zone, columns), clicks


def _silent(scenario: Scenario, time: Ints, product: str) -> Bools:
    """Which moments lie in an outage of this product."""
    zone, silent = ZoneInfo(scenario.time_zone), np.zeros(len(time), bool)
    for outage in scenario.outages:
        if outage.product == product:
            begins = midnight(scenario.starts_on + timedelta(days=outage.first), zone)
            ends = midnight(scenario.starts_on + timedelta(days=outage.last + 1), zone)
            silent |= (time >= begins) & (time < ends)
    return silent


def _clicks(
    scenario: Scenario, people: People, sessions: _Sessions, rng: np.random.Generator
) -> tuple[Clicks, Ints, Ints]:
    """All paid clicks, those that never became a session among them; each session's visitor's last one, and its time."""
    who, clicked = sessions.visitor, sessions.clicked
    seen_time, seen_campaign = sessions.start[clicked] - 2, people.campaign[who[clicked]]
    # Some people leave before the page has loaded: paid for, never a session.
    lost = rng.choice(len(seen_time), int(0.17 * len(seen_time)), replace=False)
    time = np.concatenate([seen_time, seen_time[lost] + rng.integers(-7200, 7200, len(lost))])
    campaign = np.concatenate([seen_campaign, seen_campaign[lost]])
    price = np.array([c.cost_per_click for c in scenario.campaigns])[campaign]
    order = np.argsort(time, kind="stable")
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    last = np.full(len(who), -1)
    last[clicked] = np.arange(clicked.sum())
    # Carry the last click forward within a visitor: a visitor's first session resets it to "none" (-1) or its own.
    anchor = np.where((last >= 0) | sessions.first, np.arange(len(who)), 0)
    carried = last[np.maximum.accumulate(anchor)]
    cents = np.rint(price * rng.lognormal(-0.08, 0.4, len(price)) * 100)
    columns = {
        "time": time[order].astype(np.uint32),
        "campaign": campaign[order].astype(np.uint8),
        "cents": cents[order].astype(np.uint32),
    }
    none = carried < 0
    last_time = np.where(none, 0, time[np.maximum(carried, 0)]) if len(time) else np.zeros(len(who), np.int64)
    return Clicks(columns), np.where(none, -1, position[np.maximum(carried, 0)]) if len(time) else carried, last_time


def _click_before(sessions: _Sessions, last_click: Ints) -> Ints:
    """For each session the ad click that its visitor made before the last one, or -1."""
    index = np.arange(len(last_click))
    # Where the last click changed within a visitor, the session before it holds the earlier one.
    changed = _changes(last_click) & ~sessions.first
    anchor = np.maximum.accumulate(np.where(changed | sessions.first, index, 0))
    return np.where(changed[anchor], last_click[np.maximum(anchor - 1, 0)], -1)


def _changes(values: Ints) -> Bools:
    """Where a value differs from the one before; the first always does."""
    differs = np.ones(len(values), bool)
    differs[1:] = values[1:] != values[:-1]
    return differs


def _processing(rng: np.random.Generator, count: int) -> Ints:
    """Seconds until GA4 has processed an event: most within a day, some hits arrive up to three days late."""
    usual = rng.integers(3600, 20 * 3600, count)
    late = rng.integers(20 * 3600, 70 * 3600, count)
    return np.where(rng.random(count) < 0.06, late, usual)
