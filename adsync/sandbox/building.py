"""Builds an estate: for each client of a scenario a property and an account over its world, as they stand at the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.campaigns import AdGroup, Budget, Campaign, Portfolio
from adsync.sandbox.ads.statistics import Statistics
from adsync.sandbox.ads.tracking import Action, Flags, Tracking
from adsync.sandbox.drawing import make_world
from adsync.sandbox.estate import MANAGER_ID, NIGHT_HOUR, Estate
from adsync.sandbox.ga4.property import ONCE_PER_EVENT, KeyEventRecord, Property
from adsync.sandbox.scenarios import SCENARIOS, Scenario
from adsync.sandbox.stored import Recipe, with_log
from adsync.sandbox.traffic import busier
from adsync.sandbox.world import DAY, Log, World

# The longest that a click of the last days could still bring something.
_LAST_DAYS = 30


def clients_of(recipe: Recipe) -> list[Scenario]:
    """The scenario that each account of a sandbox plays. Raises KeyError for an unknown one."""
    scenario = SCENARIOS[recipe.scenario].over(
        starts_on=date.fromisoformat(recipe.starts_on) if recipe.starts_on else None,
        history_days=recipe.history_days,
        future_days=recipe.future_days,
    )
    different = scenario.clients or (scenario,)
    count = len(different) if recipe.accounts is None else recipe.accounts
    clients = [different[number % len(different)] for number in range(count)]
    return clients if recipe.sessions_per_day is None else [busier(c, recipe.sessions_per_day) for c in clients]


def draw_account(client: Scenario, recipe: Recipe, number: int, events: Log | None = None) -> World:
    """The world of one account; `events` stand for its visitors where they are given."""
    world = make_world(client, recipe.seed + number)
    return world if events is None else with_log(world, events)


def make_estate(recipe: Recipe, worlds: Sequence[World], *, loaded: bool = False) -> Estate:
    """A manager with an account for each of these worlds. loaded: the first one's events come from a file."""
    clients = clients_of(recipe)
    scenario = SCENARIOS[recipe.scenario]
    starts = _start_of(clients[0], worlds[0].log if loaded else None)
    properties: dict[str, Property] = {}
    ads: dict[str, AdsAccount] = {}
    # What the manager owns under cross-account conversion tracking.
    owned = Tracking(customer_id=MANAGER_ID)
    sites: Counter[str] = Counter()
    for number, (client, world) in enumerate(zip(clients, worlds, strict=True)):
        sites[client.site] += 1
        name = client.site if sites[client.site] == 1 else f"{client.site} {sites[client.site]}"
        shop = _property(client, number, name, world.log, starts)
        account = _account(client, number, world, shop, starts, owned)
        properties[shop.property_id], ads[account.customer_id] = shop, account
    return Estate(
        scenario=scenario,
        seed=recipe.seed,
        now=starts,
        ends=starts + (clients[0].future_days - _LAST_DAYS) * DAY,
        properties=properties,
        accounts=ads,
        statistics={customer_id: Statistics(account) for customer_id, account in ads.items()},
        clients=dict(zip(ads, clients, strict=True)),
    )


def _start_of(scenario: Scenario, events: Log | None) -> int:
    """The clock's first moment: the scenario's, or a few days after the last of the loaded events."""
    if events is None:
        day = scenario.starts_on
        return int(datetime(day.year, day.month, day.day, NIGHT_HOUR, tzinfo=UTC).timestamp())
    last = datetime.fromtimestamp(int(events.columns["time"].max()), UTC) + timedelta(days=4)
    return int(last.replace(hour=NIGHT_HOUR, minute=0, second=0).timestamp())


def _property(client: Scenario, number: int, name: str, log: Log, starts: int) -> Property:
    return Property(
        property_id=str(300_000_001 + number),
        name=name,
        time_zone=client.property_time_zone,
        currency=client.currency,
        log=log,
        sent_twice=client.macro if client.double_tag else "",
        key_events=[
            KeyEventRecord(
                id=1,
                event_name=client.macro,
                counting_method=ONCE_PER_EVENT,
                created_at=starts - client.history_days * DAY,
                # GA4 marks purchases by itself, and for good.
                deletable=client.macro != "purchase",
            )
        ],
    )


def _account(
    client: Scenario, number: int, world: World, shop: Property, starts: int, managers: Tracking
) -> AdsAccount:
    long_ago = starts - client.history_days * DAY
    portfolios = _portfolios(client, number)
    account = AdsAccount(
        customer_id=str(1_000_000_001 + number),
        name=shop.name,
        manager_id=MANAGER_ID,
        time_zone=client.time_zone,
        currency=client.currency,
        clicks=world.clicks,
        property=shop,
        tracking=managers if client.owner == "manager" else Tracking(),
        campaigns=[
            Campaign(
                id=20_000_001 + number * 100 + index,
                name=spec.name,
                strategy=spec.strategy,
                # A portfolio holds the target for all its campaigns.
                target_cpa_micros=0 if spec.portfolio else spec.target_cpa_micros,
                target_roas=0.0 if spec.portfolio else spec.target_roas,
                portfolio=next((p.id for p in portfolios if p.name == spec.portfolio), None),
                budget_id=30_000_001 + number * 100 + index,
            )
            for index, spec in enumerate(client.campaigns)
        ],
        portfolios=portfolios,
        budgets=[
            Budget(id=30_000_001 + number * 100 + index, name=f"{spec.name} budget", amount_micros=40_000_000)
            for index, spec in enumerate(client.campaigns)
        ],
        ad_groups=[
            AdGroup(
                id=40_000_001 + number * 100 + index,
                campaign_id=20_000_001 + number * 100 + index,
                name=f"{spec.name} all",
            )
            for index, spec in enumerate(client.campaigns)
        ],
    )
    if account.named(client.action) is not None:
        # Another client of the manager has brought it along: both count by the same action.
        account.recount()
        shop.ads_links.append(account.customer_id)
        return account
    account.add(
        Action(
            id=account.take_id(),
            name=client.action,
            type="WEBPAGE",
            category=client.category,
            counting_type="MANY_PER_CLICK" if client.average_order else "ONE_PER_CLICK",
            fires_on=client.macro,
            installed_at=long_ago,
            history=[Flags(long_ago, "ENABLED", True)],
        )
    )
    shop.ads_links.append(account.customer_id)
    account.settle(starts)
    if client.double_tag:
        _import_macro(account, client, long_ago)
    return account


def _portfolios(client: Scenario, number: int) -> list[Portfolio]:
    shared = {spec.portfolio: spec for spec in client.campaigns if spec.portfolio}
    return [
        Portfolio(
            id=50_000_001 + number * 100 + index,
            name=name,
            type=spec.strategy,
            target_cpa_micros=spec.target_cpa_micros,
            target_roas=spec.target_roas,
        )
        for index, (name, spec) in enumerate(shared.items())
    ]


def _import_macro(account: AdsAccount, client: Scenario, since: int) -> None:
    """Lets GA4's mirror of the macro count beside the tag."""
    mirror = next(a for a in account.actions.values() if a.is_mirror and a.fires_on == client.macro)
    mirror.history = [Flags(since, "ENABLED", True)]
    account.recount()
