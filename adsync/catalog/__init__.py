"""The micro-conversions of each business model, as data.

Names are GA4's own recommended or automatically measured events, so that most sites send them already. Categories are
Google Ads' (`ConversionActionCategory`). Depth is the usual place in the funnel, 1 early to 9 just before the macro.
"""

from __future__ import annotations

from dataclasses import dataclass

from adsync.model.account import Candidate


@dataclass(frozen=True, slots=True)
class Entry:
    """One usual micro-conversion and the business models it belongs to.

    on_path: a step that leads to the macro, so that losing people there means something; a scroll does not.
    """

    event_name: str
    title: str
    category: str
    depth: int
    on_path: bool
    businesses: frozenset[str]


BUSINESSES = ("shop", "saas", "leads", "content", "social")

_PATH, _ASIDE = True, False
_ROWS: tuple[tuple[str, str, str, int, bool, str], ...] = (
    ("view_item", "Product viewed", "PAGE_VIEW", 2, _PATH, "shop"),
    ("add_to_wishlist", "Put on the wish list", "ENGAGEMENT", 3, _ASIDE, "shop"),
    ("add_to_cart", "Added to cart", "ADD_TO_CART", 4, _PATH, "shop"),
    ("view_cart", "Cart opened", "ENGAGEMENT", 5, _PATH, "shop"),
    ("begin_checkout", "Checkout begun", "BEGIN_CHECKOUT", 6, _PATH, "shop"),
    ("add_shipping_info", "Delivery chosen", "BEGIN_CHECKOUT", 7, _PATH, "shop"),
    ("add_payment_info", "Payment chosen", "BEGIN_CHECKOUT", 8, _PATH, "shop"),
    ("sign_up", "Signed up", "SIGNUP", 3, _ASIDE, "shop saas leads content social"),
    ("login", "Logged in", "ENGAGEMENT", 4, _ASIDE, "saas"),
    ("tutorial_begin", "Tour begun", "ENGAGEMENT", 4, _PATH, "saas"),
    ("tutorial_complete", "Tour finished", "ENGAGEMENT", 6, _PATH, "saas"),
    ("form_start", "Form begun", "ENGAGEMENT", 4, _PATH, "leads saas"),
    ("file_download", "File downloaded", "DOWNLOAD", 4, _ASIDE, "leads content saas"),
    ("generate_lead", "Lead form sent", "SUBMIT_LEAD_FORM", 7, _PATH, "saas"),
    ("working_lead", "Lead being worked on", "IMPORTED_LEAD", 8, _PATH, "leads"),
    ("scroll", "Page scrolled to 90 %", "ENGAGEMENT", 1, _ASIDE, "shop leads content"),
    ("video_progress", "Video watched in part", "ENGAGEMENT", 2, _ASIDE, "saas leads content social"),
    ("video_complete", "Video watched to the end", "ENGAGEMENT", 3, _ASIDE, "saas leads content social"),
    ("view_search_results", "Site searched", "ENGAGEMENT", 2, _ASIDE, "shop content"),
    ("share", "Shared", "ENGAGEMENT", 3, _ASIDE, "content social"),
    ("join_group", "Group joined", "ENGAGEMENT", 5, _ASIDE, "social"),
)

CATALOGUE: tuple[Entry, ...] = tuple(
    Entry(event, title, category, depth, on_path, frozenset(businesses.split()))
    for event, title, category, depth, on_path, businesses in _ROWS
)


def candidates_for(business: str, *, macro_event: str) -> tuple[Candidate, ...]:
    """The usual candidates of a business model, shallow to deep, without the macro itself."""
    fitting = [e for e in CATALOGUE if business in e.businesses and e.event_name != macro_event]
    return tuple(
        Candidate(event_name=e.event_name, title=e.title, category=e.category, depth=e.depth, on_path=e.on_path)
        for e in sorted(fitting, key=lambda e: (e.depth, e.event_name))
    )


def entry(event_name: str) -> Entry | None:
    """What the catalogue knows of an event, or None."""
    return next((e for e in CATALOGUE if e.event_name == event_name), None)
