"""Answers a GAQL query from an account: which rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from adsync.sandbox.ads import goal_rows
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.action_rows import action_row
from adsync.sandbox.ads.change_events import change_events, check_window
from adsync.sandbox.ads.conditions import kept, sort
from adsync.sandbox.ads.exclusions import exclusions
from adsync.sandbox.ads.fields import fields_named
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.inventory import BIDDING_FIELDS, Inventory
from adsync.sandbox.ads.legality import check_switches, legal
from adsync.sandbox.ads.protocol import Protocol, Row
from adsync.sandbox.ads.reports import Report, Units
from adsync.sandbox.ads.segments import check_played
from adsync.sandbox.ads.selectable import CORE_DATES
from adsync.sandbox.ads.spans import span
from adsync.sandbox.ads.statistics import Statistics
from adsync.sandbox.switches import Switches

# What a manager that owns conversion actions has of its own, beside the customers.
_OF_OWNERS = frozenset({"conversion_action", "custom_conversion_goal", "customer_conversion_goal"})


@dataclass(kw_only=True)
class Searcher:
    """Searches one account. manager_of: the clients, where the account is a manager."""

    account: AdsAccount | None
    statistics: Statistics | None
    protocol: Protocol
    customer_id: str
    manager_of: Sequence[AdsAccount]
    now: int
    switches: Switches = field(default_factory=Switches)

    @cached_property
    def _inventory(self) -> Inventory:
        return Inventory(
            customer_id=self.customer_id,
            account=self.account,
            clients=self.manager_of,
            statistics=self.statistics,
            now=self.now,
        )

    def _described(self, query: Query) -> Inventory:
        """The inventory with all that the query asks for."""
        return replace(self._inventory, with_bidding=not BIDDING_FIELDS.isdisjoint(query.referenced))

    @cached_property
    def _customer(self) -> Row:
        return self._inventory.customer()

    @cached_property
    def _today(self) -> date:
        return datetime.fromtimestamp(self.now, ZoneInfo(self._customer["customer.time_zone"])).date()

    def search(self, text: str) -> tuple[Query, list[Row]]:
        """The query and its rows, filtered and sorted; the caller cuts them to the query's limit.

        Raises AdsRefusal for what Google would refuse.
        """
        query = legal(text, self.protocol, is_manager=self.account is None)
        check_switches(query, self.switches)
        check_played(query)
        span(query, self._today)
        if query.resource == "change_event":
            check_window(query, self._today)
        # Days are settled where rows are made: they may be filtered without dividing the rows.
        conditions = {condition.field for condition in query.where} - set(CORE_DATES)
        rows = kept(self._rows(query), query, fields_named(self.protocol, conditions), self._today)
        sort(rows, query)
        return query, rows

    def _rows(self, query: Query) -> Iterator[Row]:
        if query.resource == "customer_client":
            return self._inventory.customer_clients()
        if query.resource in _OF_OWNERS and self._inventory.tracked is None:
            return iter(())
        if query.resource not in {*_OF_OWNERS, "customer"} and self.account is None:
            return iter(())  # managers own no campaigns here
        if query.resource in _ROWS:
            return ({**self._customer, **row} for row in _ROWS[query.resource](self._described(query)))
        units = _UNITS[query.resource](self, query)
        if self.account is None or self.statistics is None or not _asks_for_statistics(query):
            return iter(units.rows)
        report = Report(
            query=query,
            protocol=self.protocol,
            account=self.account,
            statistics=self.statistics,
            now=self.now,
            today=self._today,
        )
        if query.resource != "conversion_action":
            return report.rows(units)
        rows = list(report.rows(units))
        report.tag_health(rows)
        return iter(rows)

    # Things that have numbers ----------------------------------------------------------------------------------------

    def _customers(self, _: Query) -> Units:
        return Units(rows=[self._customer], of_campaign=lambda _: 0)

    def _campaigns(self, query: Query) -> Units:
        assert self.account is not None
        inventory = self._described(query)
        budgets = {budget.id: inventory.budget(budget) for budget in self.account.budgets}
        rows = [
            {**self._customer, **budgets.get(campaign.budget_id, {}), **inventory.campaign(campaign)}
            for campaign in self.account.campaigns
        ]
        return Units(rows=rows, of_campaign=lambda index: index)

    def _ad_groups(self, query: Query) -> Units:
        """A campaign's numbers are those of its first ad group."""
        assert self.account is not None
        campaigns = self._campaigns(query).rows
        places = {campaign.id: index for index, campaign in enumerate(self.account.campaigns)}
        groups = [group for group in self.account.ad_groups if group.campaign_id in places]
        first: dict[int, int] = {}
        for number, group in enumerate(groups):
            first.setdefault(places[group.campaign_id], number)
        rows = [{**campaigns[places[group.campaign_id]], **self._inventory.ad_group(group)} for group in groups]
        return Units(rows=rows, of_campaign=first.get)

    def _budgets(self, query: Query) -> Units:
        """One row a budget; where campaigns are asked for, one for each campaign of a budget."""
        assert self.account is not None
        campaigns = self._campaigns(query)
        if any(name.startswith("campaign.") for name in query.referenced):
            return campaigns
        rows = [{**self._customer, **self._inventory.budget(budget)} for budget in self.account.budgets]
        places = {budget.id: index for index, budget in enumerate(self.account.budgets)}
        users = [places.get(campaign.budget_id) for campaign in self.account.campaigns]
        return Units(rows=rows, of_campaign=users.__getitem__)

    def _strategies(self, _: Query) -> Units:
        assert self.account is not None
        own = [portfolio for portfolio in self.account.portfolios if not portfolio.owner_id]
        rows = [{**self._customer, **self._inventory.portfolio(portfolio)} for portfolio in own]
        places = {portfolio.id: index for index, portfolio in enumerate(own)}
        users = [None if c.portfolio is None else places.get(c.portfolio) for c in self.account.campaigns]
        return Units(rows=rows, of_campaign=users.__getitem__)

    def _actions(self, _: Query) -> Units:
        account = self._inventory.tracked
        assert account is not None
        rows = [{**self._customer, **action_row(account, action)} for action in account.actions.values()]
        places = {action: index for index, action in enumerate(account.actions)}
        return Units(rows=rows, of_campaign=lambda _: None, of_action=places.__getitem__)


def _asks_for_statistics(query: Query) -> bool:
    return any(name.startswith(("metrics.", "segments.")) for name in query.referenced)


_UNITS: dict[str, Callable[[Searcher, Query], Units]] = {
    "ad_group": Searcher._ad_groups,
    "bidding_strategy": Searcher._strategies,
    "campaign": Searcher._campaigns,
    "campaign_budget": Searcher._budgets,
    "conversion_action": Searcher._actions,
    "customer": Searcher._customers,
}
_ROWS: dict[str, Callable[[Inventory], Iterator[Row]]] = {
    "bidding_data_exclusion": exclusions,
    "campaign_conversion_goal": goal_rows.campaign_goals,
    "change_event": change_events,
    "conversion_goal_campaign_config": goal_rows.goal_configs,
    "custom_conversion_goal": goal_rows.custom_goals,
    "customer_conversion_goal": goal_rows.customer_goals,
}
