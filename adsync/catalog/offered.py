"""What a business may choose as well: events of the site's own, and conditions on events that it sends already.

An event of one's own needs a tag; until it is there, its condition tells from a log of events what it would announce.
"""

from __future__ import annotations

from adsync.catalog import platforms as p
from adsync.catalog.entries import ASIDE, EVERY, ON_PATH, Origin, Row, entries

_SITE, _OWN = Origin.RECOMMENDED, Origin.CUSTOM
_ROWS: tuple[Row, ...] = (
    # Content
    ("stay_60_seconds", "60 seconds on the site", "60s", "ENGAGEMENT", 1, ASIDE, _OWN, "content", p.OTHER),
    ("stay_120_seconds", "120 seconds on the site", "120s", "ENGAGEMENT", 2, ASIDE, _OWN, "content", p.OTHER),
    ("third_page", "Third page of a session", "page_view*3", "ENGAGEMENT", 2, ASIDE, _OWN, "content", p.OTHER),
    ("fourth_page", "Fourth page of a session", "page_view*4", "ENGAGEMENT", 3, ASIDE, _OWN, "content", p.OTHER),
    ("scroll_75", "Page scrolled to 75 %", "scroll[percent_scrolled>=75]", "ENGAGEMENT", 1, ASIDE, _OWN, "content", p.OTHER),
    ("video_75", "75 % of a video seen", "video_progress[video_percent>=75]", "ENGAGEMENT", 3, ASIDE, _OWN, "content", p.VIDEO),
    # Shops
    ("view_item_again", "Product viewed again within a week", "view_item*2/7d", "PAGE_VIEW", 3, ASIDE, _OWN, "shop", p.ITEM),
    ("start_order_form", "Order form begun", "form_start[/checkout]", "BEGIN_CHECKOUT", 6, ON_PATH, _OWN, "shop", p.OTHER),
    ("add_address", "Address entered", "", "BEGIN_CHECKOUT", 7, ON_PATH, _OWN, "shop", p.OTHER),
    # Software
    ("view_pricing", "Pricing page read", "page_view[/pricing]", "PAGE_VIEW", 4, ON_PATH, _OWN, "saas leads", p.PAGE),
    ("start_trial", "Trial begun", "", "SIGNUP", 5, ON_PATH, _OWN, "saas", p.TRIAL),
    ("create_project", "First project created", "", "ENGAGEMENT", 6, ON_PATH, _OWN, "saas", p.OTHER),
    ("import_data", "Data imported", "", "ENGAGEMENT", 6, ON_PATH, _OWN, "saas", p.OTHER),
    ("invite_member", "Member invited", "", "ENGAGEMENT", 7, ON_PATH, _OWN, "saas", p.OTHER),
    ("connect_integration", "Integration set up", "", "ENGAGEMENT", 7, ON_PATH, _OWN, "saas", p.OTHER),
    ("book_demo", "Demo booked", "", "BOOK_APPOINTMENT", 7, ON_PATH, _OWN, "saas leads", p.APPOINTMENT),
    # Leads. What is done beside the form is no deeper than its first step: of the candidates that happen often enough, the
    # deepest is what sales are compared with.
    ("newsletter_sign_up", "Newsletter ordered", "", "SIGNUP", 3, ASIDE, _OWN, "leads content", p.SIGN_UP),
    ("webinar_sign_up", "Webinar sign-up", "", "SIGNUP", 4, ASIDE, _OWN, "leads saas", p.SIGN_UP),
    ("click_phone", "Phone number clicked", "", "PHONE_CALL_LEAD", 3, ASIDE, _OWN, "leads", p.CALL),
    ("click_email", "E-mail address clicked", "", "CONTACT", 3, ASIDE, _OWN, "leads", p.CONTACT),
    ("start_chat", "Chat begun", "", "MESSAGE_LEAD", 3, ASIDE, _OWN, "leads saas", p.CONTACT),
    ("download_offer", "Offer downloaded", "file_download[/offer]", "DOWNLOAD", 6, ON_PATH, _OWN, "leads", p.DOWNLOAD),
    ("request_quote", "Quote asked for", "", "REQUEST_QUOTE", 7, ON_PATH, _OWN, "leads", p.QUOTE),
    # Social proof
    ("follow_profile", "Profile followed", "", "ENGAGEMENT", 3, ASIDE, _OWN, "social", p.OTHER),
    ("write_review", "Review left", "", "ENGAGEMENT", 5, ASIDE, _OWN, "social", p.OTHER),
    ("view_testimonials", "Testimonials read", "page_view[/testimonials]", "PAGE_VIEW", 3, ASIDE, _OWN, "social leads", p.PAGE),
    ("view_case_study", "Case study read", "page_view[/case-studies]", "PAGE_VIEW", 4, ASIDE, _OWN, "social leads saas", p.PAGE),
)  # fmt: skip

OFFERED = entries(_ROWS)

# Main goals are no candidates; they are here for their names on the other platforms.
_SALES: tuple[Row, ...] = (
    ("purchase", "Purchase", "", "PURCHASE", 9, ON_PATH, _SITE, "shop saas", p.PURCHASE),
    ("subscribe", "Subscription paid", "", "SUBSCRIBE_PAID", 9, ON_PATH, _OWN, "saas content social", p.SUBSCRIPTION),
)  # fmt: skip
_LEADS: tuple[Row, ...] = (
    ("generate_lead", "Lead form sent", "", "SUBMIT_LEAD_FORM", 9, ON_PATH, _SITE, "leads", p.LEAD),
    ("qualify_lead", "Lead qualified", "", "QUALIFIED_LEAD", 9, ON_PATH, _SITE, "leads", p.QUALIFIED_LEAD),
    ("close_convert_lead", "Lead became a customer", "", "CONVERTED_LEAD", 9, ON_PATH, _SITE, "leads", p.CONVERTED_LEAD),
)  # fmt: skip

MAIN_GOALS = (*entries(_SALES, counting_type=EVERY), *entries(_LEADS))
