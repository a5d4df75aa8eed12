"""The words in which a scenario is written: what a site's visitors do, and what befalls the site.

Days are counted from the day on which the sandbox's clock starts: 0 is that day, -1 the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

HISTORY_DAYS = 460
"""Days of the world before the clock starts: the first pull asks for 400, and clicks convert up to 30 days later."""

FUTURE_DAYS = 420
"""Days that the clock can be advanced before the world ends."""

RETURNS = 0.5
"""Later visits that a visitor of average activity makes for no reason of their path's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSpec:
    """One campaign. share: of the paid visitors. quality: how much likelier its visitors are to go on (1 = average).

    A target of 0 is none. portfolio: name of the bidding strategy that it shares, which then holds the target.
    """

    name: str
    share: float
    cost_per_click: float
    quality: float = 1.0
    strategy: str = "MAXIMIZE_CONVERSIONS"
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    portfolio: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds from one thing to the next: `floor`, and an exponential rest with this mean.

    at_once: share of people for whom that holds; the others take a pause instead, lognormal, with this median, spread
    and longest.
    """

    floor: int = 10
    mean: float = 0.0
    at_once: float = 1.0
    pause_median: float = 0.0
    pause_sigma: float = 1.0
    longest_pause: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the path. chance: of taking it, given the one before, for a visitor of average quality.

    depends: the chance is the visitor's quality times that.
    """

    name: str
    chance: float
    delay: Delay
    depends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A way from a step straight to the macro, such as a wallet's button; always subject to the visitor's quality."""

    after: str
    chance: float
    delay: Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The way to the macro, which is the last step."""

    steps: tuple[Step, ...]
    shortcuts: tuple[Shortcut, ...] = ()

    @property
    def macro(self) -> str:
        return self.steps[-1].name

    def index(self, name: str) -> int:
        return [step.name for step in self.steps].index(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Something done beside the path, once, by `rate` of the visitors; by the more active ones more often.

    loyal_rate: the same for loyal visitors, where that differs. after: only by those who took this step, else on
    arrival. raises: by how much doing it multiplies the chance of the step `target`, which then comes after it.
    """

    name: str
    rate: float
    delay: Delay = field(default_factory=lambda: Delay(floor=40))
    by_activity: bool = True
    loyal_rate: float | None = None
    after: str = ""
    raises: float = 1.0
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What some do once they have done `of`: on the thank-you page, or days later. of: "" for the macro."""

    name: str
    chance: float
    delay: Delay
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyal:
    """Visitors who know the site: their share, and by how much they are busier and likelier to go on."""

    share: float
    activity: float = 2.0
    quality: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Redesign:
    """From this day on a step's chance is multiplied by this factor."""

    day: int
    step: str
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """From this day on other shares of those who come for the first time agree to ads and, of the rest, to measuring."""

    day: int
    ads_consent: float
    analytics_consent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Days, first to last, with more visitors, who are likelier to go on."""

    first: int
    last: int
    traffic: float = 1.0
    quality: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Days, first to last, on which the macro is not reported: to Google Ads by its tag, or to GA4."""

    first: int
    last: int
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A site with its ads.

    volume: (day, macros a month from ads) knots, linear in between. organic: other visitors for each paid one.
    ads_consent, analytics_consent: shares who agree to either; the second is asked only of those who refuse the first:
    whoever agrees to ads agrees to measuring. banners: days on which these change, in their order; people buy as before,
    and Google hears of fewer or more. busy_convert: how much the chance of going on follows a visitor's
    activity (0 not at all, 1 in proportion). hesitant: share whose path begins some days after their first visit.
    bots: share of the unpaid visitors who look at everything and buy nothing. traffic: more visitors by this factor,
    who convert as much less. double_tag: GA4's mirror of the macro counts beside the tag, and GA4's own tag sends
    each macro twice. candidates: for adsync's config; none means those of the catalogue. clients: the accounts of a
    manager, where they differ; they are scenarios without clients of their own. owner: "manager" where the manager
    owns the conversion actions.
    """

    name: str
    title: str
    starts_on: date
    volume: tuple[tuple[int, float], ...]
    campaigns: tuple[CampaignSpec, ...]
    path: Path
    business: str = "shop"
    account: str = "shop"
    site: str = "Sandbox shop"
    action: str = "Purchase (web)"
    category: str = "PURCHASE"
    time_zone: str = "Europe/Berlin"
    property_time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    organic: float = 1.1
    ads_consent: float = 0.86
    analytics_consent: float = 0.3
    banners: tuple[Banner, ...] = ()
    average_order: float = 78.0
    asides: tuple[Aside, ...] = ()
    afters: tuple[After, ...] = ()
    busy_convert: float = 0.0
    hesitant: float = 0.0
    loyal: Loyal | None = None
    bots: float = 0.0
    redesigns: tuple[Redesign, ...] = ()
    seasons: tuple[Season, ...] = ()
    outages: tuple[Outage, ...] = ()
    double_tag: bool = False
    candidates: tuple[str, ...] = ()
    clients: tuple[Scenario, ...] = ()
    owner: str = ""
    traffic: float = 1.0
    history_days: int = HISTORY_DAYS
    future_days: int = FUTURE_DAYS

    @property
    def macro(self) -> str:
        return self.path.macro

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events that can happen."""
        own = [s.name for s in self.path.steps] + [a.name for a in self.asides] + [a.name for a in self.afters]
        return tuple(dict.fromkeys(("session_start", "page_view", "user_engagement", "scroll", *own)))

    def over(
        self, *, starts_on: date | None = None, history_days: int | None = None, future_days: int | None = None
    ) -> Scenario:
        """The same over another stretch of time; None keeps it."""
        stretch: dict[str, Any] = {
            "starts_on": starts_on or self.starts_on,
            "history_days": history_days or self.history_days,
            "future_days": future_days or self.future_days,
        }
        return replace(self, **stretch, clients=tuple(replace(c, **stretch) for c in self.clients))
