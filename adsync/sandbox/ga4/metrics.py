"""The metrics that the sandbox's GA4 knows, each worked out from the events of a report's rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adsync.sandbox.world import Floats

if TYPE_CHECKING:
    from adsync.sandbox.ga4.cells import Cells

INTEGER, FLOAT, CURRENCY = "TYPE_INTEGER", "TYPE_FLOAT", "TYPE_CURRENCY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. scope: what it counts, see compatibility.py. values: one for each row of a report."""

    name: str
    title: str
    category: str
    type: str
    scope: str
    values: Callable[[Cells], Floats]
    old_names: tuple[str, ...] = ()
    custom: bool = False


def _ratio(above: Callable[[Cells], Floats], below: Callable[[Cells], Floats]) -> Callable[[Cells], Floats]:
    """A quotient; nothing of nothing is 0."""

    def values(cells: Cells) -> Floats:
        n, of = above(cells), below(cells)
        return np.divide(n, of, out=np.zeros(len(n)), where=of != 0)

    return values


def _rate(above: Callable[[Cells], Floats], below: Callable[[Cells], Floats]) -> Callable[[Cells], Floats]:
    """A key event rate on the scale that the switch says."""
    fraction = _ratio(above, below)
    return lambda cells: fraction(cells) * (100 if cells.view.switches["ga4_key_event_rate_scale"] == "percent" else 1)


def _events(name: str) -> Callable[[Cells], Floats]:
    return lambda cells: cells.count(cells.named(name))


def _revenue(cells: Cells) -> Floats:
    return cells.money(cells.total(cells.value, cells.named("purchase")))


def _key_event_names(cells: Cells, event_name: str) -> Floats:
    return cells.count(cells.key_counts & cells.named(event_name))


def _sessions(cells: Cells) -> Floats:
    return cells.sessions()


def _active(cells: Cells) -> Floats:
    return cells.users(cells.active)


def _clicks(cells: Cells) -> Floats:
    return cells.ad_clicks()


_COST: Callable[[Cells], Floats] = lambda cells: cells.money(cells.ad_cost())  # noqa: E731
_E, _S, _U, _A = "event", "session", "user", "ads"
_ROWS: tuple[tuple[str, str, str, str, str, Callable[[Cells], Floats]], ...] = (
    ("eventCount", "Event count", "Event", INTEGER, _E, lambda c: c.count()),
    ("eventCountPerUser", "Event count per active user", "Event", FLOAT, _E, _ratio(lambda c: c.count(), _active)),
    ("eventsPerSession", "Events per session", "Event", FLOAT, _S, _ratio(lambda c: c.count(), _sessions)),
    ("eventValue", "Event value", "Event", FLOAT, _E, lambda c: c.money(c.total(c.event_value))),
    ("keyEvents", "Key events", "Event", FLOAT, _E, lambda c: c.count(c.key_counts)),
    ("screenPageViews", "Views", "Page / Screen", INTEGER, _E, _events("page_view")),
    ("totalUsers", "Total users", "User", INTEGER, _U, lambda c: c.users()),
    ("activeUsers", "Active users", "User", INTEGER, _U, _active),
    ("newUsers", "New users", "User", INTEGER, _U, lambda c: c.count(c.first_of_user)),
    ("userKeyEventRate", "User key event rate", "User", FLOAT, _U, _rate(lambda c: c.users(c.key), _active)),
    ("sessions", "Sessions", "Session", INTEGER, _S, lambda c: c.sessions_shown()),
    ("engagedSessions", "Engaged sessions", "Session", INTEGER, _S, lambda c: c.sessions(c.engaged)),
    ("engagementRate", "Engagement rate", "Session", FLOAT, _S, _ratio(lambda c: c.sessions(c.engaged), _sessions)),
    ("bounceRate", "Bounce rate", "Session", FLOAT, _S, _ratio(lambda c: c.sessions(~c.engaged), _sessions)),
    ("sessionsPerUser", "Sessions per active user", "Session", FLOAT, _S, _ratio(_sessions, _active)),
    (
        "sessionKeyEventRate",
        "Session key event rate",
        "Session",
        FLOAT,
        _S,
        _rate(lambda c: c.sessions(c.key), _sessions),
    ),
    ("totalRevenue", "Total revenue", "Revenue", CURRENCY, _E, _revenue),
    ("purchaseRevenue", "Purchase revenue", "Ecommerce", CURRENCY, _E, _revenue),
    ("ecommercePurchases", "Ecommerce purchases", "Ecommerce", INTEGER, _E, _events("purchase")),
    ("transactions", "Transactions", "Ecommerce", INTEGER, _E, _events("purchase")),
    ("totalPurchasers", "Total purchasers", "Ecommerce", INTEGER, _U, lambda c: c.users(c.named("purchase"))),
    ("addToCarts", "Add to carts", "Ecommerce", INTEGER, _E, _events("add_to_cart")),
    ("checkouts", "Checkouts", "Ecommerce", INTEGER, _E, _events("begin_checkout")),
    ("advertiserAdClicks", "Ads clicks", "Advertising", INTEGER, _A, _clicks),
    ("advertiserAdCost", "Ads cost", "Advertising", CURRENCY, _A, _COST),
    ("advertiserAdCostPerClick", "Ads cost per click", "Advertising", CURRENCY, _A, _ratio(_COST, _clicks)),
    (
        "advertiserAdCostPerKeyEvent",
        "Ads cost per key event",
        "Advertising",
        CURRENCY,
        _A,
        _ratio(_COST, lambda c: c.count(c.key_counts)),
    ),
    ("advertiserAdImpressions", "Ads impressions", "Advertising", INTEGER, _A, lambda c: c.ad_impressions()),
    ("returnOnAdSpend", "Return on ad spend", "Advertising", FLOAT, _A, _ratio(_revenue, _COST)),
)
_OLD = {
    "keyEvents": ("conversions",),
    "sessionKeyEventRate": ("sessionConversionRate",),
    "userKeyEventRate": ("userConversionRate",),
}

METRICS = {
    name: Metric(
        name=name, title=title, category=category, type=kind, scope=scope, values=values, old_names=_OLD.get(name, ())
    )
    for name, title, category, kind, scope, values in _ROWS
}
_BY_OLD_NAME = {old: m for m in METRICS.values() for old in m.old_names}
_PER_EVENT = ("keyEvents", "sessionKeyEventRate", "userKeyEventRate")


def metric(name: str, key_events: frozenset[str]) -> Metric | None:
    """The metric of a name, an old one included, or `keyEvents:<event>` and its like for an event marked as key."""
    found = METRICS.get(name) or _BY_OLD_NAME.get(name)
    general, _, event_name = name.partition(":")
    if found or not event_name or event_name not in key_events:
        return found
    base = METRICS.get(general) or _BY_OLD_NAME.get(general)
    return _of_event(base, event_name) if base and base.name in _PER_EVENT else None


def event_metrics(key_events: frozenset[str]) -> list[Metric]:
    """The metrics that a property has for each of its key events."""
    return [_of_event(METRICS[name], event) for name in _PER_EVENT for event in sorted(key_events)]


def _of_event(base: Metric, event_name: str) -> Metric:
    values: dict[str, Callable[[Cells], Floats]] = {
        "keyEvents": lambda c: _key_event_names(c, event_name),
        "sessionKeyEventRate": _rate(lambda c: c.sessions(c.key & c.named(event_name)), _sessions),
        "userKeyEventRate": _rate(lambda c: c.users(c.key & c.named(event_name)), _active),
    }
    return Metric(
        name=f"{base.name}:{event_name}",
        title=f"{base.title} for {event_name}",
        category=base.category,
        type=FLOAT,
        scope=base.scope,
        values=values[base.name],
        custom=True,
    )
