"""Model values for tests: each builder gives something sensible, and takes what the test is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adsync.model.account import Account, Candidate, Macro
from adsync.model.ads import AccountState, Campaign, ConversionAction, ConversionGoal, Customer
from adsync.model.analytics import BASELINE_EVENT, Funnel, KeyEvent
from adsync.model.change import ACTION, KEY_EVENT, Change, fields
from adsync.model.decision import Helper, Hold, LastChange, Series, Verb
from adsync.model.evidence import Interval, Verdict
from adsync.model.history import History
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.log_scores import LogScore, LogScores
from adsync.model.plan import Consent, Plan, PlannedChange
from adsync.model.pulled import Snapshot
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.score.intervals import wilson

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
CUSTOMER_ID = "1234567890"
PROPERTY_ID = "371001234"
MACRO_ID = "100"


def an_account(**different: Any) -> Account:
    """A shop with two candidates and the catalogue's defaults."""
    values: dict[str, Any] = {
        "name": "shop",
        "customer_id": CUSTOMER_ID,
        "property_id": PROPERTY_ID,
        "macro": Macro(event_name="purchase", actions=("Purchase (web)",)),
        "candidates": (a_candidate("add_to_cart", depth=4), a_candidate("begin_checkout", depth=6)),
    }
    return Account(**{**values, **different})


def a_candidate(event_name: str = "add_to_cart", **different: Any) -> Candidate:
    values: dict[str, Any] = {"title": event_name, "category": "ADD_TO_CART", "depth": 4, "on_path": True}
    return Candidate(event_name=event_name, **{**values, **different})


def a_customer(**different: Any) -> Customer:
    values: dict[str, Any] = {
        "customer_id": CUSTOMER_ID,
        "name": "Shop",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "conversion_customer_id": CUSTOMER_ID,
        "auto_tagging": True,
    }
    return Customer(**{**values, **different})


def an_action(action_id: str = "200", **different: Any) -> ConversionAction:
    """A GA4 mirror of add_to_cart, enabled and secondary."""
    values: dict[str, Any] = {
        "id": action_id,
        "name": f"Shop (web) {different.get('ga4_event_name', 'add_to_cart')}",
        "status": "ENABLED",
        "type": "GOOGLE_ANALYTICS_4_CUSTOM",
        "origin": "WEBSITE",
        "category": "DEFAULT",
        "primary_for_goal": False,
        "counting_type": "ONE_PER_CLICK",
        "attribution_model": "GOOGLE_ADS_LAST_CLICK",
        "ga4_property_id": PROPERTY_ID,
        "ga4_event_name": "add_to_cart",
    }
    return ConversionAction(**{**values, **different})


def a_macro_action(action_id: str = MACRO_ID, **different: Any) -> ConversionAction:
    """The web tag of the main conversion, enabled and primary."""
    values: dict[str, Any] = {
        "name": "Purchase (web)",
        "type": "WEBPAGE",
        "category": "PURCHASE",
        "primary_for_goal": True,
        "counting_type": "MANY_PER_CLICK",
        "ga4_property_id": "",
        "ga4_event_name": "",
    }
    return an_action(action_id, **{**values, **different})


def a_campaign(campaign_id: str = "1", **different: Any) -> Campaign:
    values: dict[str, Any] = {
        "name": f"Campaign {campaign_id}",
        "status": "ENABLED",
        "channel": "SEARCH",
        "strategy": "MAXIMIZE_CONVERSIONS",
    }
    return Campaign(id=campaign_id, **{**values, **different})


def a_state(*actions: ConversionAction, campaigns: Sequence[Campaign] | None = None, **different: Any) -> AccountState:
    """The macro's tag and these actions, all goals biddable, one campaign without a target."""
    held = (a_macro_action(), *actions)
    pairs = {(a.category, a.origin) for a in held}
    values: dict[str, Any] = {
        "as_of": TODAY,
        "customer": a_customer(),
        "actions": held,
        "goals": tuple(ConversionGoal(category=c, origin=o, biddable=True) for c, o in sorted(pairs)),
        "campaigns": tuple(campaigns) if campaigns is not None else (a_campaign(),),
    }
    return AccountState(**{**values, **different})


def a_key_event(event_name: str = "add_to_cart") -> KeyEvent:
    return KeyEvent(
        resource_name=f"properties/{PROPERTY_ID}/keyEvents/1",
        event_name=event_name,
        counting_method="ONCE_PER_SESSION",
        deletable=True,
    )


def a_snapshot(state: AccountState | None = None, key_events: Iterable[str] | None = None) -> Snapshot:
    """key_events: left out, the purchase and what mirrors stand for."""
    there = state or a_state()
    mirrored = {a.ga4_event_name for a in there.actions if a.is_ga4_mirror}
    names = ("purchase", *sorted(mirrored - {"purchase"})) if key_events is None else key_events
    return Snapshot(taken_at=NOW, state=there, key_events=tuple(a_key_event(name) for name in names))


def a_series(*values: float | None, last: date = TODAY - timedelta(days=1)) -> DailySeries:
    """Days up to ``last``, oldest first."""
    return DailySeries(last - timedelta(days=len(values) - 1), values)


def a_steady_series(per_30_days: float, days: int = 400, last: date = TODAY - timedelta(days=1)) -> DailySeries:
    return a_series(*[per_30_days / 30] * days, last=last)


def what_is_read(macro: DailySeries, helper: DailySeries | None = None) -> Series:
    """The demand rule's input."""
    return Series(macro=macro, last_day=macro.last, helper=helper, helper_event="add_to_cart" if helper else "")


def a_helper(action_id: str = "200", **different: Any) -> Helper:
    """A primary helper that a person once promoted."""
    values: dict[str, Any] = {"event_name": "add_to_cart", "primary": True, "trusted": True, "worth": 0.3}
    return Helper(action_id=action_id, **{**values, **different})


def a_hold(code: str = "outage") -> Hold:
    return Hold(code=code, since=TODAY - timedelta(days=5), saw="Something looks broken.", todo="Look at it.")


def a_last_change(days_ago: int, direction: str = "down", today: date = TODAY) -> LastChange:
    return LastChange(on=today - timedelta(days=days_ago), direction=direction)


def a_history(macro: DailySeries | None = None, **different: Any) -> History:
    series = macro or a_steady_series(12)
    values: dict[str, Any] = {
        "as_of": TODAY,
        "conversions": {MACRO_ID: series},
        "conversions_as_of": TODAY,
    }
    return History(**{**values, **different})


def a_funnel(event_name: str = "add_to_cart", entered: int = 400, completed: int = 120, **different: Any) -> Funnel:
    values: dict[str, Any] = {"window": Window.ending(TODAY - timedelta(days=3), days=90), "horizon_days": 30}
    return Funnel(event_name=event_name, entered=entered, completed=completed, **{**values, **different})


def a_baseline(entered: int = 10_000, completed: int = 150) -> Funnel:
    return a_funnel(BASELINE_EVENT, entered, completed)


def a_log_score(event: str = "add_to_cart", exposed: int = 400, converted: int = 120, **different: Any) -> LogScore:
    """A good candidate of an event log."""
    values: dict[str, Any] = {
        "grade": "A",
        "p": wilson(converted, exposed),
        "lift": Interval(3.0, 2.5, 3.6),
        "lift_day": Interval(4.0, 3.0, 5.3),
        "risk_difference": Interval(0.2, 0.16, 0.24),
        "q": 0.001,
        "coverage": 0.8,
        "volume_30d": exposed / 3,
        "overlap": 1.0,
        "verdict": Verdict.GOOD,
        "because": f"{converted} of {exposed} go on to buy, 3.0 times as many as equally active visitors.",
    }
    return LogScore(event=event, exposed=exposed, converted=converted, **{**values, **different})


def a_log_reading(*scores: LogScore, **different: Any) -> LogScores:
    """What a log of 120 days that ends yesterday said tonight."""
    values: dict[str, Any] = {
        "as_of": TODAY,
        "macro": "purchase",
        "first": TODAY - timedelta(days=120),
        "last": TODAY - timedelta(days=1),
        "mature_until": TODAY - timedelta(days=31),
        "horizon_days": 30,
        "visitors": 12_000,
        "buyers": 160,
    }
    return LogScores(scores=scores, **{**values, **different})


def a_change(verb: Verb = Verb.DEMOTE, **different: Any) -> Change:
    """A demotion of the mirror that `an_action` gives, unless told otherwise."""
    primary = verb is Verb.DEMOTE
    values: dict[str, Any] = {
        "customer_id": CUSTOMER_ID,
        "kind": ACTION,
        "object_id": "200",
        "title": "Shop (web) add_to_cart",
        "verb": verb,
        "before": fields(primary_for_goal=primary),
        "after": fields(primary_for_goal=not primary),
        "event_name": "add_to_cart",
    }
    return Change(**{**values, **different})


def a_mark(account: Account, event_name: str = "add_to_cart") -> Change:
    """The mark of a key event, once per session."""
    return Change(
        customer_id=account.customer_id,
        property_id=account.property_id,
        kind=KEY_EVENT,
        object_id=event_name,
        title=event_name,
        verb=Verb.KEY_EVENT,
        before=None,
        after=fields(counting_method="ONCE_PER_SESSION"),
        event_name=event_name,
    )


def a_plan(*changes: Change | PlannedChange, **different: Any) -> Plan:
    """A plan whose changes wait for review unless they say otherwise."""
    planned = tuple(
        c if isinstance(c, PlannedChange) else PlannedChange(change=c, consent=Consent.REVIEW) for c in changes
    )
    values: dict[str, Any] = {
        "id": f"shop-{TODAY}-1",
        "account": "shop",
        "customer_id": CUSTOMER_ID,
        "made_on": TODAY,
        "made_at": NOW,
        "fingerprint": "0" * 64,
        "changes": planned,
    }
    return Plan(**{**values, **different})


def an_entry(entry_id: int = 1, change: Change | None = None, **different: Any) -> ChangeLogEntry:
    values: dict[str, Any] = {
        "customer_id": CUSTOMER_ID,
        "change_name": f"shop-{TODAY}-1/{entry_id}",
        "change": change or a_change(),
        "outcome": Outcome.APPLIED,
        "opened_at": NOW,
        "deadline": NOW + timedelta(minutes=1),
        "closed_at": NOW,
    }
    return ChangeLogEntry(id=entry_id, **{**values, **different})
