"""An agency: a manager account with twelve clients of several kinds, in three time zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from adsync.sandbox.scenarios.services import LEAD_GEN, SAAS_TRIAL
from adsync.sandbox.scenarios.shops import DOUBLE_TAG, FIXED_TARGET, FULL_SHOP, TAG_OUTAGE
from adsync.sandbox.scenarios.words import Scenario

_STARTS_ON = date(2026, 2, 2)
_ZONES = {
    "auckland": ("Pacific/Auckland", "NZD"),
    "berlin": ("Europe/Berlin", "EUR"),
    "los-angeles": ("America/Los_Angeles", "USD"),
}


def _client(kind: Scenario, account: str, site: str, place: str, a_month: float, *, owner: str = "") -> Scenario:
    zone, currency = _ZONES[place]
    return replace(
        kind,
        account=account,
        site=site,
        starts_on=_STARTS_ON,
        time_zone=zone,
        property_time_zone=zone,
        currency=currency,
        volume=((0, a_month),),
        owner=owner,
    )


AGENCY = replace(
    FULL_SHOP,
    name="agency",
    title="A manager account with twelve clients in three time zones",
    starts_on=_STARTS_ON,
    clients=(
        _client(FULL_SHOP, "tents", "Tents of Tauranga", "auckland", 9.0),
        _client(FULL_SHOP, "wool", "Wool & Sons", "auckland", 22.0),
        _client(LEAD_GEN, "solar", "Southern Solar", "auckland", 12.0),
        _client(FULL_SHOP, "bikes", "Fahrradhaus", "berlin", 34.0),
        _client(TAG_OUTAGE, "lamps", "Lampenladen", "berlin", 48.0),
        _client(DOUBLE_TAG, "tea", "Teekontor", "berlin", 15.0),
        _client(LEAD_GEN, "roofs", "Dachdecker Nord", "berlin", 8.0),
        _client(SAAS_TRIAL, "invoices", "Rechnung Eins", "berlin", 10.0),
        _client(FIXED_TARGET, "surf", "Pacific Surf", "los-angeles", 26.0),
        # The conversion actions of these two belong to the manager: cross-account conversion tracking.
        _client(FULL_SHOP, "vinyl", "Vinyl Garage", "los-angeles", 6.0, owner="manager"),
        _client(FULL_SHOP, "plants", "Desert Plants", "los-angeles", 18.0, owner="manager"),
        _client(SAAS_TRIAL, "payroll", "Payroll Pal", "los-angeles", 12.0),
    ),
)
