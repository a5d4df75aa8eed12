"""What most sites send already: GA4's recommended and automatically measured events. An account that names none takes them."""

from __future__ import annotations

from adsync.catalog import platforms as p
from adsync.catalog.entries import ASIDE, ON_PATH, Origin, Row, entries

_GA4, _SITE = Origin.AUTOMATIC, Origin.RECOMMENDED
_ROWS: tuple[Row, ...] = (
    ("view_item", "Product viewed", "", "PAGE_VIEW", 2, ON_PATH, _SITE, "shop", p.ITEM),
    ("add_to_wishlist", "Put on the wish list", "", "ENGAGEMENT", 3, ASIDE, _SITE, "shop", p.WISH_LIST),
    ("add_to_cart", "Added to cart", "", "ADD_TO_CART", 4, ON_PATH, _SITE, "shop", p.CART),
    ("view_cart", "Cart opened", "", "ENGAGEMENT", 5, ON_PATH, _SITE, "shop", p.OTHER),
    ("begin_checkout", "Checkout begun", "", "BEGIN_CHECKOUT", 6, ON_PATH, _SITE, "shop", p.CHECKOUT),
    ("add_shipping_info", "Delivery chosen", "", "BEGIN_CHECKOUT", 7, ON_PATH, _SITE, "shop", p.OTHER),
    ("add_payment_info", "Payment chosen", "", "BEGIN_CHECKOUT", 8, ON_PATH, _SITE, "shop", p.PAYMENT),
    ("sign_up", "Signed up", "", "SIGNUP", 3, ASIDE, _SITE, "shop saas leads content social", p.SIGN_UP),
    ("login", "Logged in", "", "ENGAGEMENT", 4, ASIDE, _SITE, "saas", p.LOGIN),
    ("tutorial_begin", "Tour begun", "", "ENGAGEMENT", 4, ON_PATH, _SITE, "saas", p.OTHER),
    ("tutorial_complete", "Tour finished", "", "ENGAGEMENT", 6, ON_PATH, _SITE, "saas", p.OTHER),
    ("form_start", "Form begun", "", "ENGAGEMENT", 4, ON_PATH, _GA4, "leads saas", p.OTHER),
    ("file_download", "File downloaded", "", "DOWNLOAD", 4, ASIDE, _GA4, "leads content saas", p.DOWNLOAD),
    ("generate_lead", "Lead form sent", "", "SUBMIT_LEAD_FORM", 7, ON_PATH, _SITE, "saas", p.LEAD),
    ("working_lead", "Lead being worked on", "", "IMPORTED_LEAD", 8, ON_PATH, _SITE, "leads", p.MARKETING_LEAD),
    ("scroll", "Page scrolled to 90 %", "", "ENGAGEMENT", 1, ASIDE, _GA4, "shop leads content", p.OTHER),
    ("video_progress", "Video watched in part", "", "ENGAGEMENT", 2, ASIDE, _GA4, "saas leads content social", p.VIDEO),
    ("video_complete", "Video watched to the end", "", "ENGAGEMENT", 3, ASIDE, _GA4, "saas leads content social", p.VIDEO),
    ("view_search_results", "Site searched", "", "ENGAGEMENT", 2, ASIDE, _GA4, "shop content", p.SEARCH),
    ("share", "Shared", "", "ENGAGEMENT", 3, ASIDE, _SITE, "content social", p.SHARE),
    ("join_group", "Group joined", "", "ENGAGEMENT", 5, ASIDE, _SITE, "social", p.OTHER),
)  # fmt: skip

USUAL = entries(_ROWS, taken=True)
