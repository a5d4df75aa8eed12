"""Checks an account's GA4 property, and how it agrees with Google Ads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adsync.catalog import entry
from adsync.doctor.findings import Finding, failed, ok, problem, warning
from adsync.errors import AdsyncError
from adsync.model.account import Account
from adsync.model.ads import Customer
from adsync.model.analytics import Quality
from adsync.model.window import Window
from adsync.wiring import Wiring


def ga4_findings(wiring: Wiring, account: Account, customer: Customer, yesterday: date) -> Iterator[Finding]:
    """What GA4 says of an account's property. yesterday: in the account's time zone."""
    name = account.name
    try:
        analytics = wiring.analytics(account.read_credentials, account.property_id)
        key_events = {k.event_name for k in analytics.key_events()}
        links = analytics.ads_links()
        report = analytics.event_report(Window.ending(yesterday, days=28), account.events)
    except AdsyncError as error:
        yield failed(name, "GA4 access", error)
        return
    yield ok(
        name, "GA4 access", f"Property {account.property_id}, {report.quality.currency}, {report.quality.time_zone}."
    )
    if account.customer_id in links:
        yield ok(name, "link", "The property is linked to the account.")
    else:
        yield problem(
            name,
            "link",
            f"Property {account.property_id} is not linked to Google Ads account {account.customer_id}.",
            "GA4 Admin > Product links > Google Ads links: add the account. Without it Google makes no conversion actions.",
        )
    if report.quality.fault:
        yield _not_whole(name, report.quality)
    macro = account.macro.event_name
    if not any(c.event_name == macro for c in report.counts):
        # Where something is left out, what does not show may have happened all the same.
        graded = problem if report.quality.is_whole else warning
        saw = f"GA4 {'has seen' if report.quality.is_whole else 'shows'} no {macro} in 28 days."
        yield graded(name, "main event", saw, "Check macro.event in the config and the site's tag.")
    elif macro not in key_events:
        yield warning(
            name,
            "main event",
            f"{macro} is no key event.",
            "GA4 Admin > Key events: mark it, so that GA4 credits it to channels.",
        )
    else:
        yield ok(name, "main event", f"{macro} is a key event and comes in.")
    counted = {c.event_name for c in report.counts}
    # Of the usual ones most shops lack some; what somebody has written into the config is meant.
    own = [c.event_name for c in account.candidates if (known := entry(c.event_name)) is None or not known.taken]
    unseen = [event_name for event_name in own if event_name not in counted]
    if unseen and report.quality.is_whole:
        yield warning(
            name,
            "candidates",
            f"GA4 has seen no {', '.join(unseen)} in 28 days.",
            "Check their spelling in the config, and the site's tags.",
        )
    yield from _agreement(name, customer, report.quality.time_zone, report.quality.currency)


def _not_whole(name: str, quality: Quality) -> Finding:
    """What it means that GA4 leaves something out, which is not to be mended everywhere."""
    if quality.sampled_share is not None:
        remedy = "No event is judged by sampled funnels: a lower policy.funnel_days lets GA4 read fewer events."
    elif quality.thresholded:
        remedy = "No event is judged meanwhile. GA4 Admin > Reporting identity: Device-based leaves nobody out."
    else:
        remedy = (
            "Events are judged by funnels meanwhile, and outages by Google Ads alone. Fewer event names would help."
        )
    return warning(name, "GA4 counts", f"GA4's answer is {quality.fault}.", remedy)


def _agreement(name: str, customer: Customer, time_zone: str, currency: str) -> Iterator[Finding]:
    if time_zone != customer.time_zone:
        yield warning(
            name,
            "time zone",
            f"Google Ads is in {customer.time_zone}, GA4 in {time_zone}: their days do not line up.",
            "GA4 Admin > Property details > Reporting time zone. It changes future days only.",
        )
    if currency != customer.currency:
        yield warning(
            name,
            "currency",
            f"Google Ads counts in {customer.currency}, GA4 in {currency}.",
            "GA4 Admin > Property details > Currency.",
        )
