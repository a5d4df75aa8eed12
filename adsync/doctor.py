"""Checks everything that a night needs, and says the exact remedy for each finding."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from adsync.catalog import entry
from adsync.errors import AdsyncError, GoogleRefused, GoogleUnavailable
from adsync.fleet import READS_PER_NIGHT
from adsync.model.account import Account
from adsync.model.ads import Customer
from adsync.model.pulled import NOT_SERVED
from adsync.model.window import Window
from adsync.ports import Axis
from adsync.state.database import sqlite_path
from adsync.wiring import Wiring

MOST_SKEW_SECONDS = 60


class Grade(StrEnum):
    """How a check ended. Only a problem keeps the night from doing its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. where: an account's name, or "" for the installation. remedy: what to do; "" when all is well."""

    where: str
    check: str
    grade: Grade
    saw: str
    remedy: str = ""


def examine(wiring: Wiring, accounts: tuple[Account, ...]) -> tuple[Finding, ...]:
    """All findings: the installation first, then account by account. Asks Google, changes nothing."""
    findings = [*_installation(wiring)]
    with ThreadPoolExecutor(wiring.settings.limits.threads) as pool:
        for found in pool.map(lambda account: list(_account(wiring, account)), accounts):
            findings += found
    return tuple(findings)


# The installation ----------------------------------------------------------------------------------------------------


def _installation(wiring: Wiring) -> Iterator[Finding]:
    settings = wiring.settings
    for faulty in settings.faulty:
        yield _problem(
            faulty.name, "config", faulty.problem, "Correct the config; the account is set aside until then."
        )
    for name, source in settings.credentials.items():
        for path in (source.key_file, source.google_ads_yaml):
            if path is not None:
                yield _mode(f"credential {name}", path)
    yield from _checked("", "state database", lambda: _state(wiring))
    yield from _checked("", "clock", lambda: _clock(wiring))
    yield _budget(wiring)


def _mode(what: str, path: Path) -> Finding:
    if not path.exists():
        return _problem("", what, f"{path} does not exist.", "Name the right file under `credentials` in the config.")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return _warning("", what, f"{path} can be read by others.", f"chmod 600 {path}")
    return _ok("", what, f"{path} is readable by its owner only.")


def _state(wiring: Wiring) -> Finding:
    path = sqlite_path(wiring.database.url)
    return _ok("", "state database", wiring.database.url) if path is None else _mode("state database", path)


def _clock(wiring: Wiring) -> Finding:
    skew = wiring.clock_skew_seconds()
    if abs(skew) > MOST_SKEW_SECONDS:
        ahead = "ahead of" if skew > 0 else "behind"
        return _problem(
            "",
            "clock",
            f"This machine is {abs(skew):.0f} seconds {ahead} Google.",
            "Switch on NTP: timedatectl set-ntp true",
        )
    return _ok("", "clock", "This machine and Google agree on the time.")


def _budget(wiring: Wiring) -> Finding:
    needed = READS_PER_NIGHT * len(wiring.settings.accounts)
    allowed = wiring.settings.limits.operations_per_day
    saw = f"A night needs about {needed} of {allowed} operations a day ({READS_PER_NIGHT} an account)."
    if allowed < READS_PER_NIGHT:
        return _problem("", "budget", saw, "Not one account fits: raise limits.operations_per_day in the config.")
    if needed > allowed:
        return _warning(
            "", "budget", saw, "Apply for a higher access level, or raise limits.operations_per_day if you have one."
        )
    return _ok("", "budget", saw)


# One account ---------------------------------------------------------------------------------------------------------


def _account(wiring: Wiring, account: Account) -> Iterator[Finding]:
    name = account.name
    try:
        ads = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id)
        customer = ads.customer()
    except AdsyncError as error:
        yield _failed(name, "Google Ads access", error)
        return
    yield _ok(name, "Google Ads access", f"{customer.name}, {customer.currency}, {customer.time_zone}.")
    yield from _customer(account, customer)
    yield from _checked(name, "main conversion", lambda: _macro_action(account, wiring))
    yield from _checked(name, "conversion dates", lambda: _by_date(wiring, account, customer))
    yield from _ga4(wiring, account, customer)


def _by_date(wiring: Wiring, account: Account, customer: Customer) -> Finding:
    """Whether Google answers the query that decisions are best made on."""
    ads = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id)
    yesterday = _yesterday(wiring, customer)
    try:
        ads.conversions(Window(yesterday, yesterday), Axis.CONVERSION)
    except GoogleRefused as error:
        if not error.code.startswith("QueryError."):
            raise
        return _warning(
            account.name,
            "conversion dates",
            f"{NOT_SERVED} ({error.code}).",
            "Nothing: adsync counts by click date instead, and leaves out days whose clicks may still convert.",
        )
    return _ok(account.name, "conversion dates", "Google gives each action's conversions by their own date.")


def _yesterday(wiring: Wiring, customer: Customer) -> date:
    return wiring.clock.now().astimezone(ZoneInfo(customer.time_zone)).date() - timedelta(days=1)


def _customer(account: Account, customer: Customer) -> Iterator[Finding]:
    name = account.name
    if customer.manager:
        yield _problem(name, "account", "It is a manager account.", "Name the client account under customer_id.")
    if customer.conversion_customer_id != customer.customer_id:
        yield _problem(
            name,
            "account",
            f"Its conversion actions belong to account {customer.conversion_customer_id} (cross-account tracking).",
            "A change there would meet every account that tracks through it; adsync does not manage such accounts yet.",
        )
    if customer.auto_tagging:
        yield _ok(name, "auto-tagging", "On.")
    else:
        yield _problem(
            name,
            "auto-tagging",
            "Off: GA4 conversions cannot be credited to clicks.",
            "Google Ads > Admin > Account settings > Auto-tagging: switch it on.",
        )


def _macro_action(account: Account, wiring: Wiring) -> Finding:
    actions = wiring.ads_reader(account.read_credentials, account.login_customer_id, account.customer_id).actions()
    for wanted in account.macro.actions:
        found = [a for a in actions if wanted in (a.id, a.name) and a.status != "REMOVED"]
        if not found:
            existing = ", ".join(f'"{a.name}"' for a in actions if a.status == "ENABLED")
            return _problem(
                account.name,
                "main conversion",
                f'There is no "{wanted}".',
                f"macro.actions may be: {existing or 'none yet'}.",
            )
        if any(a.status != "ENABLED" or not a.primary_for_goal for a in found):
            return _problem(
                account.name,
                "main conversion",
                f'"{wanted}" is not enabled and primary.',
                "Google Ads > Goals > Conversions: enable it and make it a primary action.",
            )
    return _ok(account.name, "main conversion", f"{', '.join(account.macro.actions)}: enabled and primary.")


def _ga4(wiring: Wiring, account: Account, customer: Customer) -> Iterator[Finding]:
    name = account.name
    try:
        analytics = wiring.analytics(account.read_credentials, account.property_id)
        key_events = {k.event_name for k in analytics.key_events()}
        links = analytics.ads_links()
        yesterday = _yesterday(wiring, customer)
        report = analytics.event_report(Window.ending(yesterday, days=28), account.events)
    except AdsyncError as error:
        yield _failed(name, "GA4 access", error)
        return
    yield _ok(
        name, "GA4 access", f"Property {account.property_id}, {report.quality.currency}, {report.quality.time_zone}."
    )
    if account.customer_id in links:
        yield _ok(name, "link", "The property is linked to the account.")
    else:
        yield _problem(
            name,
            "link",
            f"Property {account.property_id} is not linked to Google Ads account {account.customer_id}.",
            "GA4 Admin > Product links > Google Ads links: add the account. Without it Google makes no conversion actions.",
        )
    macro = account.macro.event_name
    if not any(c.event_name == macro for c in report.counts):
        yield _problem(
            name,
            "main event",
            f"GA4 has seen no {macro} in 28 days.",
            "Check macro.event in the config and the site's tag.",
        )
    elif macro not in key_events:
        yield _warning(
            name,
            "main event",
            f"{macro} is no key event.",
            "GA4 Admin > Key events: mark it, so that GA4 credits it to channels.",
        )
    else:
        yield _ok(name, "main event", f"{macro} is a key event and comes in.")
    counted = {c.event_name for c in report.counts}
    # Of the catalogue most shops lack some; what somebody has written into the config is meant.
    own = [c.event_name for c in account.candidates if entry(c.event_name) is None]
    unseen = [event_name for event_name in own if event_name not in counted]
    if unseen:
        yield _warning(
            name,
            "candidates",
            f"GA4 has seen no {', '.join(unseen)} in 28 days.",
            "Check their spelling in the config, and the site's tags.",
        )
    yield from _agreement(name, customer, report.quality.time_zone, report.quality.currency)


def _agreement(name: str, customer: Customer, time_zone: str, currency: str) -> Iterator[Finding]:
    if time_zone != customer.time_zone:
        yield _warning(
            name,
            "time zone",
            f"Google Ads is in {customer.time_zone}, GA4 in {time_zone}: their days do not line up.",
            "GA4 Admin > Property details > Reporting time zone. It changes future days only.",
        )
    if currency != customer.currency:
        yield _warning(
            name,
            "currency",
            f"Google Ads counts in {customer.currency}, GA4 in {currency}.",
            "GA4 Admin > Property details > Currency.",
        )


# Findings ------------------------------------------------------------------------------------------------------------


def _checked(where: str, check: str, look: Callable[[], Finding]) -> Iterator[Finding]:
    try:
        yield look()
    except AdsyncError as error:
        yield _failed(where, check, error)


def _failed(where: str, check: str, error: AdsyncError) -> Finding:
    saw = " ".join(part for part in (error.what, error.because) if part)
    if isinstance(error, GoogleUnavailable) and not error.request_id:
        remedy = "Check this machine's network, proxy and DNS, then run it again."
    else:
        remedy = "Run it again; if it stays, look up the request id with Google's support."
    return _problem(where, check, saw, error.next_step or remedy)


def _ok(where: str, check: str, saw: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.OK, saw=saw)


def _warning(where: str, check: str, saw: str, remedy: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.WARNING, saw=saw, remedy=remedy)


def _problem(where: str, check: str, saw: str, remedy: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.PROBLEM, saw=saw, remedy=remedy)
