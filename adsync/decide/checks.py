"""Exact checks: what Google says outright of tags, orders and key events. They come before what numbers only suggest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from adsync.decide.silence import EXPECTATION_DAYS, HALF, share_of_usual
from adsync.model.account import Account
from adsync.model.ads import ConversionAction
from adsync.model.analytics import OrderIds
from adsync.model.decision import Hold
from adsync.model.figures import percent
from adsync.model.history import History
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot
from adsync.model.window import Window

TAG_SILENT, ORDERS_REPEATED, ORDERS_NAMELESS = "tag_silent", "orders_repeated", "orders_nameless"
ORDERS_REPEATED_FEW = "orders_repeated_few"
KEY_EVENT_OFF, HELPER_OFF = "key_event_off", "helper_off"

Orders = Sequence[tuple[date, OrderIds]]
"""What each night found of the orders' ids, oldest first."""

REPEATED_AT_LEAST = 3
"""Fewer orders that came twice are somebody who opened the page again."""


_CHECK_TAG = "Check the tag on the page after the sale."


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A tag of the macro that Google has not heard of for too long. days: those on which it certainly reported nothing."""

    hold: Hold
    days: tuple[date, ...]


# The tag's heartbeat -------------------------------------------------------------------------------------------------


def silent_tags(account: Account, policy: Policy, snapshot: Snapshot, history: History) -> Iterator[Silence]:
    """The macro's web tags that were last heard of longer ago than their usual pace explains.

    Looks at: the moment of the last request of each, and its conversions of the 56 days before. Where clicks have fallen
    by half as well there is nobody to report: that is a pause, and none of this check's business.
    """
    zone = ZoneInfo(snapshot.state.customer.time_zone)
    for action in account.macro_actions(snapshot.state):
        if action.is_web_tag and action.status == "ENABLED" and action.last_request:
            # Of the two hours of that name when clocks go back it is the later: no tag is called silent too early.
            last = datetime.fromisoformat(action.last_request).replace(tzinfo=zone, fold=1)
            # Moments of one zone are subtracted by what its clocks show, whatever happened to them in between.
            passed = snapshot.taken_at.astimezone(UTC) - last.astimezone(UTC)
            gap = _usual_gap(action, history, last.date())
            allowed = max(timedelta(hours=policy.tag_hours), policy.tag_gaps * gap) if gap else None
            if allowed is not None and passed > allowed:
                silent = tuple(_days(last.date() + timedelta(days=1), history.as_of - timedelta(days=1)))
                if not _no_traffic(history, silent):
                    yield Silence(hold=_silent(action, last, passed, gap), days=silent)


def _usual_gap(action: ConversionAction, history: History, until: date) -> timedelta:
    """The mean time between two conversions; 0 where none are known."""
    series = history.conversions.get(action.id)
    if series is None:
        return timedelta(0)
    count, days = series.total(Window.ending(until, days=EXPECTATION_DAYS))
    return timedelta(days=days / count) if count else timedelta(0)


def _no_traffic(history: History, silent: tuple[date, ...]) -> bool:
    if not silent:
        return False
    run = Window(silent[0], silent[-1])
    share = share_of_usual(history.clicks, run, run)
    return share is not None and share < HALF


def _days(first: date, last: date) -> Window | tuple[()]:
    return Window(first, last) if first <= last else ()


def _silent(action: ConversionAction, last: datetime, passed: timedelta, gap: timedelta) -> Hold:
    return Hold(
        code=TAG_SILENT,
        detail=action.id,
        since=last.date(),
        saw=(
            f'Google has not heard of the tag of "{action.name}" since {last:%Y-%m-%d %H:%M}, for {_time(passed)}; '
            f"it is used to a sale every {_time(gap)}. This looks like a broken tag."
        ),
        todo=f"{_CHECK_TAG} No helper is retired until Google hears of it again; helpers may come back.",
    )


def stopping_all(hold: Hold) -> Hold:
    """The hold of a silent tag where the steps before the sale are missing as well."""
    todo = f"{_CHECK_TAG} Decisions go on when Google hears of it again."
    return replace(hold, returns_too=True, todo=todo)


def _time(span: timedelta) -> str:
    """ "4 days", "30 hours", "40 minutes"."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        number = round(span / length)
        if span >= 2 * length or unit == "minute":
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError("A span is counted in minutes at least.")


# Orders that come twice ----------------------------------------------------------------------------------------------


def order_ids(policy: Policy, history: History) -> list[Hold]:
    """What GA4's transaction ids say of orders that were sent more than once: what holds, and what is worth a note.

    Both last since the first of the nights without a gap that all found too many. Nights on which GA4 left small groups
    out are not stored: of what was found before them nothing is known any more once its orders are past.
    """
    if not history.orders or (history.as_of - history.orders[-1][0]).days > policy.order_days:
        return []
    return [*_nameless(policy, history.orders), *_repeated(policy, history.orders)]


def _nameless(policy: Policy, orders: Orders) -> Iterator[Hold]:
    def too_many(found: OrderIds) -> bool:
        return found.nameless_share > policy.nameless_orders and found.events >= REPEATED_AT_LEAST

    _, now = orders[-1]
    if too_many(now):
        yield Hold(
            code=ORDERS_NAMELESS,
            since=_since(orders, too_many),
            saw=(
                f"{percent(now.nameless_share)} of the {now.events} sales of {now.window} carry no transaction id in GA4: "
                "whether they were sent twice cannot be seen."
            ),
            todo="Send the transaction id with every sale.",
            note=True,
        )


def _repeated(policy: Policy, orders: Orders) -> Iterator[Hold]:
    def too_many(found: OrderIds) -> bool:
        return found.repeated >= REPEATED_AT_LEAST and found.repeated_share > policy.repeated_orders_named

    _, now = orders[-1]
    if too_many(now):
        few = now.repeated_share <= policy.repeated_orders_held
        yield Hold(
            # Another code: whoever ends the note has not ended the hold.
            code=ORDERS_REPEATED_FEW if few else ORDERS_REPEATED,
            since=_since(orders, too_many),
            saw=(
                f"{now.repeated} of {now.orders} orders of {now.window} ({percent(now.repeated_share)}) came more than once in "
                "GA4, with the same transaction id."
            ),
            todo=(
                "The purchase tag seems to fire twice, or again whenever the page after the sale is opened. Let it send each "
                "order once, and give Google Ads the transaction id, by which it counts an order once."
            ),
            note=few,
        )


def _since(orders: Orders, too_many: Callable[[OrderIds], bool]) -> date:
    """The first of the nights up to the newest that all found too many."""
    since = orders[-1][0]
    for night, found in reversed(orders):
        if not too_many(found):
            break
        since = night
    return since


# Key events ----------------------------------------------------------------------------------------------------------


def key_event_off(account: Account, snapshot: Snapshot, today: date) -> list[Hold]:
    """A macro that is GA4's mirror stands still when its event is a key event no more."""
    event = account.macro.event_name
    mirrors = [a for a in account.macro_actions(snapshot.state) if _mirrors(a, account) and a.ga4_event_name == event]
    if not mirrors or _is_key(event, snapshot):
        return []
    return [
        Hold(
            code=KEY_EVENT_OFF,
            since=today,
            saw=f'"{event}" is no key event in GA4 any more, and "{mirrors[0].name}" records nothing without it.',
            todo="Mark it as a key event again in GA4 (Admin > Events), or name another macro in the config.",
            returns_too=True,
        )
    ]


def helpers_off(account: Account, snapshot: Snapshot, managed: frozenset[str], today: date) -> list[Hold]:
    """The same of helpers: each stops for itself only."""
    return [
        Hold(
            code=HELPER_OFF,
            since=today,
            saw=f'"{a.ga4_event_name}" is no key event in GA4 any more, so that "{a.name}" records nothing.',
            todo="Mark it as a key event again in GA4 (Admin > Events), or remove the conversion action.",
            about=a.id,
        )
        for a in snapshot.state.actions
        if a.id in managed and _mirrors(a, account) and not _is_key(a.ga4_event_name, snapshot)
    ]


def _mirrors(action: ConversionAction, account: Account) -> bool:
    return action.is_ga4_mirror and action.status == "ENABLED" and action.ga4_property_id == account.property_id


def _is_key(event_name: str, snapshot: Snapshot) -> bool:
    return any(k.event_name == event_name for k in snapshot.key_events)
