"""Checks an account's GA4 property, and how it agrees with Google Ads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adsync.catalog import entry
from adsync.doctor.findings import Finding, failed, ok, problem, warning
from adsync.errors import AdsyncError
from adsync.model.account import Account
from adsync.model.ads import Customer
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
    macro = account.macro.event_name
    if not any(c.event_name == macro for c in report.counts):
        yield problem(
            name,
            "main event",
            f"GA4 has seen no {macro} in 28 days.",
            "Check macro.event in the config and the site's tag.",
        )
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
    # Of the catalogue most shops lack some; what somebody has written into the config is meant.
    own = [c.event_name for c in account.candidates if entry(c.event_name) is None]
    unseen = [event_name for event_name in own if event_name not in counted]
    if unseen:
        yield warning(
            name,
            "candidates",
            f"GA4 has seen no {', '.join(unseen)} in 28 days.",
            "Check their spelling in the config, and the site's tags.",
        )
    yield from _agreement(name, customer, report.quality.time_zone, report.quality.currency)


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
