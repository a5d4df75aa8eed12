"""A property at the moment of one request: what is read from here on stands still while the estate moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.property import ONCE_PER_SESSION, KeyEventRecord, Property
from adsync.sandbox.switches import SWITCHES
from adsync.sandbox.world import Bools, Clicks, Ints, Log

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsCampaign:
    """What GA4 knows of a linked account's campaign."""

    customer_id: str
    account_name: str
    id: str
    name: str
    type: str
    ad_group_id: str
    ad_group_name: str


@dataclass(frozen=True, kw_only=True)
class View:
    """One property, and the account whose ads bring its visitors.

    campaigns: in the order in which clicks count them. No Google Ads account linked: no campaigns, and no clicks.
    switches: by name.
    """

    shop: Property
    now: int
    key_events: tuple[KeyEventRecord, ...]
    campaigns: tuple[AdsCampaign, ...]
    clicks: Clicks | None
    switches: Mapping[str, str]

    @property
    def log(self) -> Log:
        return self.shop.log

    @property
    def today(self) -> date:
        """The date in the property's own time zone."""
        return datetime.fromtimestamp(self.now, ZoneInfo(self.shop.time_zone)).date()

    @property
    def processed_until(self) -> int:
        """What had reached GA4 by this moment is in its reports."""
        hours = self.switches["ga4_late_data"]
        return self.now - (0 if hours == "off" else int(hours) * 3600)

    def position(self, switch: str) -> int | None:
        """A switch's position as a number; None when it is off."""
        chosen = self.switches[switch]
        return None if chosen == "off" else int(chosen)

    def seen(self, first: date, last: date) -> Ints:
        """Indexes into the log of the events that a report over these days can hold, by day and time."""
        return self.shop.seen(first, last, self.processed_until)

    @cached_property
    def is_key(self) -> Bools:
        """For each event of the log: was its name marked as key when it happened?"""
        marked = np.zeros(len(self.log.time), bool)
        for record in self.key_events:
            marked |= self.marked_by(record)
        return marked

    @cached_property
    def counts_as_key(self) -> Bools:
        """For each event of the log: does it add one to `keyEvents`? Once per session, only a session's first does."""
        counted = np.zeros(len(self.log.time), bool)
        for record in self.key_events:
            mine = np.flatnonzero(self.marked_by(record) & self.log.measured)
            if record.counting_method == ONCE_PER_SESSION:
                mine = mine[np.unique(self.log.session[mine], return_index=True)[1]]
            counted[mine] = True
        return counted

    def marked_by(self, record: KeyEventRecord) -> Bools:
        log = self.log
        marked: Bools = (log.name == log.code(record.event_name)) & (log.time >= record.created_at)
        return marked if record.deleted_at is None else marked & (log.time < record.deleted_at)

    @cached_property
    def engaged(self) -> Bools:
        """For each session id: time on the site, a second page, or a key event."""
        engaged = self.shop.engaged.copy()
        engaged[self.log.session[np.flatnonzero(self.is_key & self.log.measured)]] = True
        return engaged

    def first_of_user(self, index: Ints) -> Bools:
        """Which of these events are the first that GA4 has of their visitor."""
        first: Bools = self.shop.first_index[self.log.visitor[index]] == index
        return first

    def active(self, index: Ints) -> Bools:
        """Which of these events make their user an active one: those of engaged sessions, and a visitor's very first."""
        return self.engaged[self.log.session[index]] | self.first_of_user(index)


def view_of(estate: Estate, shop: Property) -> View:
    """The property as it stands. The caller holds the estate's lock."""
    linked = [a for a in estate.accounts.values() if a.property is shop and a.customer_id in shop.ads_links]
    groups = {g.campaign_id: g for a in reversed(linked) for g in reversed(a.ad_groups)}
    campaigns = [
        AdsCampaign(
            customer_id=account.customer_id,
            account_name=account.name,
            id=str(campaign.id),
            name=campaign.name,
            type=campaign.channel_type.replace("_", " ").title(),
            ad_group_id=str(groups[campaign.id].id) if campaign.id in groups else "(not set)",
            ad_group_name=groups[campaign.id].name if campaign.id in groups else "(not set)",
        )
        # A property's clicks are those of one account; there is nothing in the log of any other's.
        for account in linked[:1]
        for campaign in account.campaigns
    ]
    return View(
        shop=shop,
        now=estate.now,
        key_events=tuple(replace(k) for k in (*shop.past_key_events, *shop.key_events)),
        campaigns=tuple(campaigns),
        clicks=linked[0].clicks if linked else None,
        switches={name: estate.switches[name] for name in SWITCHES},
    )
