"""Everything that exists in one sandbox: its clock, its Google Analytics properties, its Google Ads accounts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adsync.sandbox.ads.account import Action, AdGroup, AdsAccount, Budget, Campaign, Flags
from adsync.sandbox.ads.project import Project
from adsync.sandbox.ads.statistics import Statistics
from adsync.sandbox.calls import Calls
from adsync.sandbox.faults import Faults
from adsync.sandbox.ga4.property import ONCE_PER_EVENT, KeyEventRecord, Property
from adsync.sandbox.scenarios import FUTURE_DAYS, HISTORY_DAYS, Scenario
from adsync.sandbox.switches import Switches
from adsync.sandbox.world import Log, World, make_world

MANAGER_ID = "9990000001"
NIGHT_HOUR = 4
"""Hour (UTC) at which the clock stands after every advance: a nightly job would run about then."""


class WorldEnded(Exception):
    """The clock cannot go beyond the last day that was drawn."""


@dataclass(kw_only=True)
class Estate:
    """One sandbox. Whoever reads or changes it holds `lock`."""

    scenario: Scenario
    seed: int
    now: int
    ends: int
    properties: dict[str, Property]
    accounts: dict[str, AdsAccount]
    statistics: dict[str, Statistics]
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: Calls = field(default_factory=Calls)
    faults: Faults = field(default_factory=Faults)
    switches: Switches = field(default_factory=Switches)
    project: Project = field(default_factory=Project)

    @property
    def date_time(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def advance(self, days: int) -> None:
        """Moves the clock. Raises WorldEnded beyond the last day that was drawn."""
        with self.lock:
            then = self.now + days * 86_400
            if then > self.ends:
                left = (self.ends - self.now) // 86_400
                raise WorldEnded(f"The world ends in {left} days; start a new sandbox to go on.")
            self.now = then
            for account in self.accounts.values():
                account.settle(then)

    def install_tag(self, customer_id: str, action_id: int, event_name: str) -> None:
        """From now on the site's `event_name` makes this tag action fire. Raises KeyError for what does not exist."""
        with self.lock:
            account = self.accounts[customer_id]
            action = account.actions[action_id]
            action.installed_at, action.fires_on = self.now, event_name
            account.revision += 1


def make_estate(scenario: Scenario, *, seed: int, accounts: int = 1, events: Log | None = None) -> Estate:
    """A manager with one or more shops of the scenario, each of its own visitors; `events` replaces those of the first."""
    starts = _start_of(scenario, events)
    properties: dict[str, Property] = {}
    ads: dict[str, AdsAccount] = {}
    for number in range(accounts):
        world = make_world(scenario, seed + number)
        shop = _property(scenario, number, events if number == 0 and events is not None else world.log, starts)
        account = _account(scenario, number, world, shop, starts)
        properties[shop.property_id], ads[account.customer_id] = shop, account
    return Estate(
        scenario=scenario,
        seed=seed,
        now=starts,
        ends=starts + FUTURE_DAYS * 86_400 - 30 * 86_400,
        properties=properties,
        accounts=ads,
        statistics={customer_id: Statistics(account) for customer_id, account in ads.items()},
    )


def _start_of(scenario: Scenario, events: Log | None) -> int:
    """The clock's first moment: the scenario's, or a few days after the last of the loaded events."""
    if events is None:
        day = scenario.starts_on
        return int(datetime(day.year, day.month, day.day, NIGHT_HOUR, tzinfo=UTC).timestamp())
    last = datetime.fromtimestamp(int(events.time.max()), UTC) + timedelta(days=4)
    return int(last.replace(hour=NIGHT_HOUR, minute=0, second=0).timestamp())


def _suffix(number: int) -> str:
    return "" if number == 0 else f" {number + 1}"


def _property(scenario: Scenario, number: int, log: Log, starts: int) -> Property:
    long_ago = starts - HISTORY_DAYS * 86_400
    return Property(
        property_id=str(300_000_001 + number),
        name=f"Sandbox shop{_suffix(number)}",
        time_zone=scenario.property_time_zone,
        currency=scenario.currency,
        log=log,
        key_events=[
            KeyEventRecord(
                id=1, event_name="purchase", counting_method=ONCE_PER_EVENT, created_at=long_ago, deletable=False
            )
        ],
    )


def _account(scenario: Scenario, number: int, world: World, shop: Property, starts: int) -> AdsAccount:
    long_ago = starts - HISTORY_DAYS * 86_400
    account = AdsAccount(
        customer_id=str(1_000_000_001 + number),
        name=f"Sandbox shop{_suffix(number)}",
        manager_id=MANAGER_ID,
        time_zone=scenario.time_zone,
        currency=scenario.currency,
        clicks=world.clicks,
        property=shop,
        campaigns=[
            Campaign(
                id=20_000_001 + number * 100 + index,
                name=spec.name,
                strategy=spec.strategy,
                target_cpa_micros=spec.target_cpa_micros,
                budget_id=30_000_001 + number * 100 + index,
            )
            for index, spec in enumerate(scenario.campaigns)
        ],
        budgets=[
            Budget(id=30_000_001 + number * 100 + index, name=f"{spec.name} budget", amount_micros=40_000_000)
            for index, spec in enumerate(scenario.campaigns)
        ],
        ad_groups=[
            AdGroup(
                id=40_000_001 + number * 100 + index,
                campaign_id=20_000_001 + number * 100 + index,
                name=f"{spec.name} all",
            )
            for index, spec in enumerate(scenario.campaigns)
        ],
    )
    account.add(
        Action(
            id=account.take_id(),
            name="Purchase (web)",
            type="WEBPAGE",
            category="PURCHASE",
            counting_type="MANY_PER_CLICK",
            fires_on="purchase",
            installed_at=long_ago,
            history=[Flags(long_ago, "ENABLED", True)],
        )
    )
    shop.ads_links.append(account.customer_id)
    account.settle(starts)
    return account
