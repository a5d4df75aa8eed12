"""Which shops the sandbox can play: their traffic, their campaigns, and the day on which its clock starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

HISTORY_DAYS = 460
"""Days of the world before the clock starts: the first pull asks for 400, and clicks convert up to 30 days later."""

FUTURE_DAYS = 420
"""Days that the clock can be advanced before the world ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSpec:
    """One campaign. share: of the paid visitors. quality: how much likelier its visitors are to go on (1 = average)."""

    name: str
    share: float
    cost_per_click: float
    quality: float = 1.0
    strategy: str = "MAXIMIZE_CONVERSIONS"
    target_cpa_micros: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Chances of each step, given the one before it, for a visitor of average quality.

    express: buys from the product page by a wallet's button, past cart and checkout.
    """

    view_item: float = 0.62
    add_to_cart: float = 0.17
    begin_checkout: float = 0.46
    add_payment_info: float = 0.73
    purchase: float = 0.76
    express: float = 0.003

    @property
    def buys(self) -> float:
        """The chance that a visitor ever buys."""
        steps = self.add_to_cart * self.begin_checkout * self.add_payment_info * self.purchase
        return self.view_item * (steps + self.express * (1 - steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A shop. purchases: (day, purchases a month from ads) knots, day 0 being the clock's first; linear in between.

    organic: other visitors for each paid one. ads_consent, analytics_consent: shares who agree to either.
    The second is asked only of those who refuse the first: whoever agrees to ads agrees to measuring.
    """

    name: str
    title: str
    starts_on: date
    purchases: tuple[tuple[int, float], ...]
    campaigns: tuple[CampaignSpec, ...]
    time_zone: str = "Europe/Berlin"
    property_time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    organic: float = 1.1
    ads_consent: float = 0.86
    analytics_consent: float = 0.3
    average_order: float = 78.0
    path: Path = field(default_factory=Path)


STARVED_SHOP = Scenario(
    name="starved-shop",
    title="A small shop with eight purchases a month from ads",
    starts_on=date(2026, 3, 2),
    purchases=((0, 8.0),),
    campaigns=(
        CampaignSpec(name="Brand", share=0.3, cost_per_click=0.35, quality=1.5),
        CampaignSpec(name="Generic", share=0.7, cost_per_click=0.8, quality=0.8),
    ),
    # A real mistake that many live with: the property was left on the default time zone.
    property_time_zone="America/Los_Angeles",
)

GROWING_SHOP = Scenario(
    name="growing-shop",
    title="A shop that grows from 12 to 60 purchases a month from ads",
    starts_on=date(2026, 1, 5),
    purchases=((56, 12.0), (126, 60.0)),
    campaigns=(
        CampaignSpec(name="Brand", share=0.25, cost_per_click=0.4, quality=1.4),
        CampaignSpec(name="Generic", share=0.45, cost_per_click=0.9, quality=0.85),
        CampaignSpec(name="Competitors", share=0.3, cost_per_click=1.1, quality=0.9),
    ),
)

SCENARIOS = {scenario.name: scenario for scenario in (STARVED_SHOP, GROWING_SHOP)}
