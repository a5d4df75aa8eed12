"""Shops: two simple ones, and one with every trap that a score can fall into, in several situations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from adsync.sandbox.scenarios.words import (
    After,
    Aside,
    Banner,
    CampaignSpec,
    Delay,
    Loyal,
    Outage,
    Path,
    Redesign,
    Scenario,
    Season,
    Shortcut,
    Step,
)

DAY = 86_400

_SIMPLE = Path(
    steps=(
        Step(name="view_item", chance=0.62, delay=Delay(floor=5, mean=45)),
        Step(name="add_to_cart", chance=0.17, delay=Delay(floor=5, mean=150), depends=True),
        Step(
            name="begin_checkout",
            chance=0.46,
            delay=Delay(floor=10, mean=120, at_once=0.7, pause_median=1.3 * DAY, longest_pause=25 * DAY),
        ),
        Step(name="add_payment_info", chance=0.73, delay=Delay(floor=10, mean=70)),
        Step(
            name="purchase",
            chance=0.76,
            delay=Delay(floor=10, mean=80, at_once=0.92, pause_median=6 * 3600, pause_sigma=0.7),
        ),
    ),
    # A wallet's button on the product page, past cart and checkout.
    shortcuts=(Shortcut(after="view_item", chance=0.003, delay=Delay(floor=60, mean=120)),),
)

STARVED_SHOP = Scenario(
    name="starved-shop",
    title="A small shop with eight purchases a month from ads",
    starts_on=date(2026, 3, 2),
    volume=((0, 8.0),),
    campaigns=(
        CampaignSpec(name="Brand", share=0.3, cost_per_click=0.35, quality=1.5),
        CampaignSpec(name="Generic", share=0.7, cost_per_click=0.8, quality=0.8),
    ),
    path=_SIMPLE,
    asides=(Aside(name="sign_up", rate=0.015),),
    afters=(After(name="scroll", chance=0.6, delay=Delay(floor=20)),),
    # A real mistake that many live with: the property was left on the default time zone.
    property_time_zone="America/Los_Angeles",
)

GROWING_SHOP = replace(
    STARVED_SHOP,
    name="growing-shop",
    title="A shop that grows from 12 to 60 purchases a month from ads",
    starts_on=date(2026, 1, 5),
    volume=((56, 12.0), (126, 60.0)),
    campaigns=(
        CampaignSpec(name="Brand", share=0.25, cost_per_click=0.4, quality=1.4),
        CampaignSpec(name="Generic", share=0.45, cost_per_click=0.9, quality=0.85),
        CampaignSpec(name="Competitors", share=0.3, cost_per_click=1.1, quality=0.9),
    ),
    property_time_zone="Europe/Berlin",
)

_FULL = Path(
    steps=(
        Step(name="view_item", chance=0.64, delay=Delay(floor=5, mean=45)),
        Step(name="add_to_cart", chance=0.16, delay=Delay(floor=8, mean=150), depends=True),
        Step(
            name="begin_checkout",
            chance=0.48,
            delay=Delay(floor=10, mean=120, at_once=0.7, pause_median=1.3 * DAY, longest_pause=20 * DAY),
        ),
        Step(name="add_shipping_info", chance=0.88, delay=Delay(floor=15, mean=60)),
        Step(name="add_payment_info", chance=0.84, delay=Delay(floor=10, mean=60)),
        Step(
            name="purchase",
            chance=0.78,
            delay=Delay(floor=10, mean=80, at_once=0.93, pause_median=6 * 3600, pause_sigma=0.7),
        ),
    ),
    shortcuts=(Shortcut(after="view_item", chance=0.003, delay=Delay(floor=60, mean=120)),),
)

FULL_SHOP = Scenario(
    name="full-shop",
    title="A shop with every trap",
    starts_on=date(2026, 2, 2),
    volume=((0, 25.0),),
    campaigns=(
        CampaignSpec(name="Brand", share=0.25, cost_per_click=0.4, quality=1.5),
        CampaignSpec(name="Generic", share=0.5, cost_per_click=0.9, quality=0.8),
        CampaignSpec(name="Shopping", share=0.25, cost_per_click=0.6, quality=0.9),
    ),
    path=_FULL,
    asides=(
        Aside(name="view_search_results", rate=0.12, delay=Delay(floor=15, mean=40), raises=2.2, target="add_to_cart"),
        Aside(name="sign_up", rate=0.02, delay=Delay(floor=30, mean=200)),
        Aside(name="add_to_wishlist", rate=0.05, delay=Delay(floor=20, mean=120), after="view_item"),
        Aside(name="select_promotion", rate=0.08, delay=Delay(floor=5, mean=30), by_activity=False),
        Aside(name="view_account", rate=0.01, loyal_rate=0.55, delay=Delay(floor=8, mean=20)),
    ),
    afters=(
        # The cart's page opens by itself: the same moments under another name.
        After(name="view_cart", chance=0.96, delay=Delay(floor=1), of="add_to_cart"),
        After(name="scroll", chance=0.6, delay=Delay(floor=20)),
        After(name="track_order", chance=0.35, delay=Delay(floor=3600, mean=1.5 * DAY)),
    ),
    busy_convert=0.5,
    hesitant=0.15,
    loyal=Loyal(share=0.06),
    bots=0.003,
    redesigns=(Redesign(day=-120, step="begin_checkout", factor=0.8),),
    candidates=(
        "view_item",
        "view_search_results",
        "add_to_wishlist",
        "select_promotion",
        "add_to_cart",
        "view_cart",
        "begin_checkout",
        "add_shipping_info",
        "add_payment_info",
        "sign_up",
        "view_account",
        "scroll",
        "track_order",
    ),
)

BLACK_FRIDAY = replace(
    FULL_SHOP,
    name="black-friday",
    title="A shop whose sales treble in the week of Black Friday",
    starts_on=date(2026, 10, 5),
    volume=((0, 35.0),),
    seasons=(
        # Friday 28 November 2025 and 27 November 2026, each with its week, and the lull after it.
        Season(first=-316, last=-309, traffic=2.2, quality=1.6),
        Season(first=-308, last=-295, traffic=0.9, quality=0.75),
        Season(first=48, last=55, traffic=2.2, quality=1.6),
        Season(first=56, last=69, traffic=0.9, quality=0.75),
    ),
)

TAG_OUTAGE = replace(
    FULL_SHOP,
    name="tag-outage",
    title="A shop whose purchase tag fell silent last month, and will again; GA4's a while after",
    volume=((0, 60.0),),
    outages=(
        Outage(first=-24, last=-17, product="ads"),
        Outage(first=30, last=38, product="ads"),
        Outage(first=34, last=38, product="ga4"),
        Outage(first=70, last=75, product="ga4"),
    ),
)

BROKEN_BANNER = replace(
    FULL_SHOP,
    name="broken-banner",
    title="A shop whose consent banner fails for seven weeks: people buy as before, Google hears of fewer",
    volume=((0, 60.0),),
    banners=(
        Banner(day=21, ads_consent=0.4, analytics_consent=0.1),
        Banner(day=70, ads_consent=FULL_SHOP.ads_consent, analytics_consent=FULL_SHOP.analytics_consent),
    ),
)

DOUBLE_TAG = replace(
    FULL_SHOP,
    name="double-tag",
    title="A shop that counts each purchase twice: by its tag and GA4's mirror, and in GA4 itself",
    volume=((0, 20.0),),
    double_tag=True,
)

FADING = replace(
    FULL_SHOP,
    name="fading",
    title="A shop that grew to 60 purchases a month from ads and sinks to 10 again",
    volume=((-150, 14.0), (-90, 60.0), (112, 60.0), (168, 10.0)),
)

FIXED_TARGET = replace(
    FULL_SHOP,
    name="fixed-target",
    title="A shop whose campaigns bid to fixed targets, two of them by one portfolio",
    volume=((0, 16.0), (63, 16.0), (77, 160.0)),
    campaigns=(
        CampaignSpec(
            name="Brand",
            share=0.2,
            cost_per_click=0.4,
            quality=1.5,
            strategy="TARGET_CPA",
            target_cpa_micros=18_000_000,
        ),
        CampaignSpec(
            name="Shopping", share=0.3, cost_per_click=0.6, quality=0.9, strategy="TARGET_ROAS", target_roas=3.5
        ),
        CampaignSpec(
            name="Generic",
            share=0.3,
            cost_per_click=0.9,
            quality=0.9,
            strategy="TARGET_CPA",
            target_cpa_micros=32_000_000,
            portfolio="Search at 32",
        ),
        CampaignSpec(
            name="Competitors",
            share=0.2,
            cost_per_click=1.1,
            quality=0.8,
            strategy="TARGET_CPA",
            target_cpa_micros=32_000_000,
            portfolio="Search at 32",
        ),
    ),
)
