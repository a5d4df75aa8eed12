"""Checks one account: Google Ads first, then its GA4 property."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from adsync.doctor.findings import Finding, checked, failed, ok, problem, warning
from adsync.doctor.ga4 import ga4_findings
from adsync.errors import AdsyncError, GoogleRefused
from adsync.model.account import Account
from adsync.model.ads import Customer
from adsync.model.business_date import business_date
from adsync.model.figures import enumerated
from adsync.model.protected import Protected
from adsync.model.pulled import NOT_SERVED
from adsync.model.sharing import Sharing, dashed, no_more
from adsync.model.window import Window
from adsync.ports import Axis
from adsync.wiring import Wiring


def account_findings(wiring: Wiring, account: Account) -> Iterator[Finding]:
    """One account's findings, as far as Google lets it be seen."""
    name = account.name
    try:
        ads = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id)
        customer = ads.customer()
        yesterday = business_date(wiring.clock.now(), customer.time_zone) - timedelta(days=1)
    except AdsyncError as error:
        yield failed(name, "Google Ads access", error)
        return
    yield ok(name, "Google Ads access", f"{customer.name}, {customer.currency}, {customer.time_zone}.")
    yield from _customer(account, customer)
    yield from checked(name, "cross-account", lambda: _cross_account(account, ads.sharing(customer)))
    yield from checked(name, "main conversion", lambda: _macro_action(account, wiring))
    if account.protected != Protected():
        yield from checked(name, "protected", lambda: _protected(account, wiring, customer, yesterday))
    yield from checked(name, "conversion dates", lambda: _by_date(wiring, account, yesterday))
    yield from ga4_findings(wiring, account, customer, yesterday)


def _customer(account: Account, customer: Customer) -> Iterator[Finding]:
    name = account.name
    if customer.manager:
        yield problem(name, "account", "It is a manager account.", "Name the client account under customer_id.")
    if customer.auto_tagging:
        yield ok(name, "auto-tagging", "On.")
    else:
        yield problem(
            name,
            "auto-tagging",
            "Off: GA4 conversions cannot be credited to clicks.",
            "Google Ads > Admin > Account settings > Auto-tagging: switch it on.",
        )


def _cross_account(account: Account, sharing: Sharing | None) -> Finding:
    name, check = account.name, "cross-account"
    if (found := account.disagreement(sharing)) is not None:
        return problem(name, check, found.saw, found.todo) if found.todo else ok(name, check, found.saw)
    if sharing is None:
        return ok(name, check, "The account owns its conversion actions.")
    if gone := no_more(account.cross_account, sharing):
        ids = enumerated(map(dashed, gone))
        saw = f"The config agrees to changes that meet {ids} as well: not a client of {dashed(sharing.owner_id)} any more."
        return warning(name, check, saw, "Take it out of cross_account.clients.")
    return ok(name, check, f"A change meets {sharing.named}, as the config agrees to.")


def _macro_action(account: Account, wiring: Wiring) -> Finding:
    actions = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id).actions()
    for wanted in account.macro.actions:
        found = [a for a in actions if wanted in (a.id, a.name) and a.status != "REMOVED"]
        if not found:
            existing = ", ".join(f'"{a.name}"' for a in actions if a.status == "ENABLED")
            return problem(
                account.name,
                "main conversion",
                f'There is no "{wanted}".',
                f"macro.actions may be: {existing or 'none yet'}.",
            )
        if any(a.status != "ENABLED" or not a.primary_for_goal for a in found):
            return problem(
                account.name,
                "main conversion",
                f'"{wanted}" is not enabled and primary.',
                "Google Ads > Goals > Conversions: enable it and make it a primary action.",
            )
    return ok(account.name, "main conversion", f"{', '.join(account.macro.actions)}: enabled and primary.")


def _protected(account: Account, wiring: Wiring, customer: Customer, yesterday: date) -> Finding:
    ads = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id)
    amiss = account.protected.amiss(ads.account_state(customer, yesterday))
    if amiss:
        return problem(
            account.name,
            "protected",
            amiss,
            "Correct the name or id in the config: what is named wrongly is not protected.",
        )
    return ok(account.name, "protected", "The account has all that the config protects.")


def _by_date(wiring: Wiring, account: Account, yesterday: date) -> Finding:
    """Whether Google answers the query that decisions are best made on."""
    ads = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id)
    try:
        ads.conversions(Window(yesterday, yesterday), Axis.CONVERSION)
    except GoogleRefused as error:
        if not error.code.startswith("QueryError."):
            raise
        return warning(
            account.name,
            "conversion dates",
            f"{NOT_SERVED} ({error.code}).",
            "Nothing: adsync counts by click date instead, and leaves out days whose clicks may still convert.",
        )
    return ok(account.name, "conversion dates", "Google gives each action's conversions by their own date.")
