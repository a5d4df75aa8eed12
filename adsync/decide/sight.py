"""What one night sees of an account's numbers: the series that are watched and weighed, and how far they are complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.decide.episodes import Watched
from adsync.decide.guards import usable_until
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction, kinds_of_bidding
from adsync.model.history import History
from adsync.model.volume import DailySeries
from adsync.model.window import Window

FEW = 50
"""A series with fewer readings in 12 weeks tells no direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The series of one night. last_day: the newest that is complete. thermometer: the companion's event; "" for none."""

    watched: Watched
    last_day: date
    thermometer: str = ""


def see(account: Account, state: AccountState, history: History) -> Sight:
    """What the night of this history sees."""
    actions, last_day = account.macro_actions(state), last_usable_day(account, state, history)
    macro = _macro(actions, history, last_day)
    thermometer = _thermometer(account, history, macro, last_day)
    companion = _settled(history.users[thermometer], history.as_of) if thermometer else None
    bought, arrived = history.users.get(account.macro.event_name), history.ad_sessions
    watched = Watched(
        macro=macro,
        companion=companion,
        clicks=history.clicks,
        sold=_settled(bought, history.as_of) if bought is not None else None,
        cost=history.cost,
        value=_value(actions, history, macro),
        ad_sessions=_settled(arrived, history.as_of) if arrived is not None else None,
        on_value=any(kinds_of_bidding(state.campaigns)),
    )
    return Sight(watched=watched, last_day=last_day, thermometer=thermometer)


def last_usable_day(account: Account, state: AccountState, history: History) -> date:
    """The newest day whose main conversions are all known."""
    last_day = usable_until(account.macro_actions(state), history.as_of)
    return last_day if history.complete_until is None else min(last_day, history.complete_until)


def frequent_enough(companion: DailySeries, macro: DailySeries, last_day: date) -> bool:
    """Whether a series happens at least twice as often as the macro, so that a change shows in it sooner."""
    window = Window.ending(last_day, days=84)
    return companion.total(window)[0] >= max(2 * macro.total(window)[0], FEW)


def _macro(actions: Sequence[ConversionAction], history: History, last_day: date) -> DailySeries:
    """The macro actions' conversions together; nothing is known where there is none of them."""
    each = [history.conversions[a.id] for a in actions if a.id in history.conversions]
    return _together(each) if each else DailySeries(last_day, (None,))


def _value(actions: Sequence[ConversionAction], history: History, macro: DailySeries) -> DailySeries | None:
    """What the macros are worth together; None where one of them always has its default value, or none is stored."""
    each = [history.values[a.id] for a in actions if a.id in history.values and not a.always_use_default_value]
    if not each or len(each) < len(actions):
        return None
    value = _together(each)
    return value if value.first == macro.first else None


def _together(each: Sequence[DailySeries]) -> DailySeries:
    """Series of the same days, added up; unknown on a day on which one of them is."""
    together = zip(*(series.values for series in each), strict=True)
    return DailySeries(each[0].first, tuple(None if None in day else sum(filter(None, day)) for day in together))


def _settled(users: DailySeries, today: date) -> DailySeries:
    """Without the newest days: GA4 takes in late hits for three, and a day half full looks like a fall."""
    return users.without(Window.ending(today - timedelta(days=1), days=2))


def _thermometer(account: Account, history: History, macro: DailySeries, last_day: date) -> str:
    """The deepest candidate that is at least twice as frequent as the macro; "" when there is none."""
    deepest_first = sorted(account.candidates, key=lambda c: (-c.depth, c.event_name))
    for candidate in deepest_first:
        series = history.users.get(candidate.event_name)
        if series is not None and frequent_enough(series, macro, last_day):
            return candidate.event_name
    return ""
