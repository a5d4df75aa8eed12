"""GA4's numbers worked out once more, one event after another in plain Python, to hold the sandbox's against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from adsync.sandbox.world import CHANNELS, DEVICES
from tests.contract.clients import CUSTOMER, PROPERTY
from tests.contract.ga4 import FIRST, LAST
from tests.sandboxes import LocalSandbox


@dataclass(frozen=True)
class Seen:
    """One event that GA4 knows of, with all that follows from its session and visitor.

    campaign, credited: index of the campaign of the ad that opened the session, of the last ad clicked; -1 for none.
    """

    at: datetime
    seconds: int
    date: str
    name: str
    user: int
    session: int
    channel: str
    device: str
    value: float
    campaign: int
    credited: int
    engaged: bool
    key: bool
    first_of_user: bool
    in_first_session: bool


@lru_cache(maxsize=8)
def seen(sandbox: LocalSandbox, first: date = FIRST, last: date = LAST, key: str = "purchase") -> tuple[Seen, ...]:
    """What GA4 may report of these days by now. key: the one event that is marked as key, since ever."""
    estate = sandbox.running.estate
    shop, clicks = estate.properties[PROPERTY], estate.accounts[CUSTOMER].clicks
    log, zone = shop.log, ZoneInfo(shop.time_zone)
    names = [log.names[code] for code in log.name.tolist()]
    measured, sessions, users = log.measured.tolist(), log.session.tolist(), log.visitor.tolist()
    pages, engaged = Counter[int](), set[int]()
    first_event: dict[int, int] = {}
    for i, (name, session, user) in enumerate(zip(names, sessions, users, strict=True)):
        if measured[i]:
            first_event.setdefault(user, i)
            pages[session] += name == "page_view"
            if name in ("user_engagement", key) or pages[session] > 1:
                engaged.add(session)
    campaigns = clicks.campaign.tolist()
    days, arrivals, times = log.day.tolist(), log.arrival.tolist(), log.time.tolist()
    channels, devices, values = log.channel.tolist(), log.device.tolist(), log.value.tolist()
    opened, credited = log.session_click.tolist(), log.click.tolist()
    return tuple(
        Seen(
            at=datetime.fromtimestamp(times[i], UTC).astimezone(zone),
            seconds=times[i],
            date=str(days[i]),
            name=names[i],
            user=users[i],
            session=sessions[i],
            channel=CHANNELS[channels[i]],
            device=DEVICES[devices[i]],
            value=values[i],
            campaign=campaigns[opened[i]] if opened[i] >= 0 else -1,
            credited=campaigns[credited[i]] if credited[i] >= 0 else -1,
            engaged=sessions[i] in engaged,
            key=names[i] == key,
            first_of_user=first_event[users[i]] == i,
            in_first_session=sessions[first_event[users[i]]] == sessions[i],
        )
        for i in range(len(names))
        if measured[i] and f"{first:%Y%m%d}" <= str(days[i]) <= f"{last:%Y%m%d}" and arrivals[i] <= estate.now
    )


def _users(events: Iterable[Seen]) -> int:
    return len({e.user for e in events})


def _sessions(events: Iterable[Seen]) -> int:
    return len({e.session for e in events})


def _active(events: Iterable[Seen]) -> int:
    return _users(e for e in events if e.engaged or e.first_of_user)


def _per(above: float, below: float) -> float:
    return above / below if below else 0.0


def _revenue(events: Iterable[Seen]) -> float:
    return sum(e.value for e in events if e.name == "purchase")


METRICS: dict[str, Callable[[Sequence[Seen]], float]] = {
    "eventCount": len,
    "totalUsers": _users,
    "activeUsers": _active,
    "newUsers": lambda es: sum(e.first_of_user for e in es),
    "sessions": _sessions,
    "engagedSessions": lambda es: _sessions(e for e in es if e.engaged),
    "engagementRate": lambda es: _per(_sessions(e for e in es if e.engaged), _sessions(es)),
    "bounceRate": lambda es: _per(_sessions(e for e in es if not e.engaged), _sessions(es)),
    "eventCountPerUser": lambda es: _per(len(es), _active(es)),
    "eventsPerSession": lambda es: _per(len(es), _sessions(es)),
    "sessionsPerUser": lambda es: _per(_sessions(es), _active(es)),
    "eventValue": lambda es: sum(e.value for e in es),
    "totalRevenue": _revenue,
    "purchaseRevenue": _revenue,
    "keyEvents": lambda es: sum(e.key for e in es),
    "keyEvents:purchase": lambda es: sum(e.key for e in es),
    "sessionKeyEventRate": lambda es: _per(_sessions(e for e in es if e.key), _sessions(es)),
    "sessionKeyEventRate:purchase": lambda es: _per(_sessions(e for e in es if e.key), _sessions(es)),
    "userKeyEventRate": lambda es: _per(_users(e for e in es if e.key), _active(es)),
    "userKeyEventRate:purchase": lambda es: _per(_users(e for e in es if e.key), _active(es)),
    "transactions": lambda es: sum(e.name == "purchase" for e in es),
    "ecommercePurchases": lambda es: sum(e.name == "purchase" for e in es),
    "totalPurchasers": lambda es: _users(e for e in es if e.name == "purchase"),
    "screenPageViews": lambda es: sum(e.name == "page_view" for e in es),
    "addToCarts": lambda es: sum(e.name == "add_to_cart" for e in es),
    "checkouts": lambda es: sum(e.name == "begin_checkout" for e in es),
}

_SOURCES = {
    "Paid Search": ("google", "cpc"),
    "Organic Search": ("google", "organic"),
    "Direct": ("(direct)", "(none)"),
    "Email": ("newsletter", "email"),
    "Referral": ("partner.example", "referral"),
}


def _campaign(e: Seen) -> str:
    fallback = {"Organic Search": "(organic)", "Direct": "(direct)", "Referral": "(referral)"}
    return ("Brand", "Generic")[e.campaign] if e.campaign >= 0 else fallback.get(e.channel, "(not set)")


DIMENSIONS: dict[str, Callable[[Seen], str]] = {
    "date": lambda e: e.date,
    "dateHour": lambda e: f"{e.at:%Y%m%d%H}",
    "hour": lambda e: f"{e.at:%H}",
    "day": lambda e: f"{e.at:%d}",
    "dayOfWeek": lambda e: f"{e.at:%w}",
    "dayOfWeekName": lambda e: f"{e.at:%A}",
    "month": lambda e: f"{e.at:%m}",
    "year": lambda e: f"{e.at:%Y}",
    "yearMonth": lambda e: f"{e.at:%Y%m}",
    "isoWeek": lambda e: f"{e.at:%V}",
    "isoYear": lambda e: f"{e.at:%G}",
    "isoYearIsoWeek": lambda e: f"{e.at:%G%V}",
    "eventName": lambda e: e.name,
    "isKeyEvent": lambda e: str(e.key).lower(),
    "deviceCategory": lambda e: e.device,
    "newVsReturning": lambda e: "new" if e.in_first_session else "returning",
    "sessionDefaultChannelGroup": lambda e: e.channel,
    "sessionPrimaryChannelGroup": lambda e: e.channel,
    "sessionSource": lambda e: _SOURCES[e.channel][0],
    "sessionMedium": lambda e: _SOURCES[e.channel][1],
    "sessionSourceMedium": lambda e: " / ".join(_SOURCES[e.channel]),
    "sessionCampaignName": _campaign,
    "sessionGoogleAdsCampaignName": lambda e: ("Brand", "Generic")[e.campaign] if e.campaign >= 0 else "(not set)",
    "sessionGoogleAdsCampaignId": lambda e: str(20_000_001 + e.campaign) if e.campaign >= 0 else "(not set)",
    "sessionGoogleAdsCustomerId": lambda e: CUSTOMER if e.campaign >= 0 else "(not set)",
    "googleAdsCampaignId": lambda e: str(20_000_001 + e.credited) if e.key and e.credited >= 0 else "(not set)",
    "defaultChannelGroup": lambda e: "(not set)" if not e.key else "Paid Search" if e.credited >= 0 else e.channel,
}


def table(
    events: Iterable[Seen], dimensions: Sequence[str], metrics: Sequence[str]
) -> dict[tuple[str, ...], tuple[float, ...]]:
    """A report's rows: labels -> numbers; those whose numbers are all zero left out."""
    groups: dict[tuple[str, ...], list[Seen]] = defaultdict(list)
    for e in events:
        groups[tuple(DIMENSIONS[d](e) for d in dimensions)].append(e)
    rows = {key: tuple(float(METRICS[m](group)) for m in metrics) for key, group in groups.items()}
    return {key: numbers for key, numbers in rows.items() if any(numbers)}
