"""Answers a GAQL query from an account: which rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adsync.sandbox.ads.account import LEARNING_SECONDS, Action, AdsAccount, Campaign
from adsync.sandbox.ads.conditions import dashed, holds, sortable, span
from adsync.sandbox.ads.gaql import Query, parse
from adsync.sandbox.ads.legality import ACTION_SEGMENTS, CONVERSION_METRICS, TRAFFIC_METRICS, check
from adsync.sandbox.ads.protocol import Protocol, Row
from adsync.sandbox.ads.statistics import Statistics


@dataclass(slots=True, kw_only=True)
class Searcher:
    """Searches one account. manager_of: the clients, where the account is a manager."""

    account: AdsAccount | None
    statistics: Statistics | None
    protocol: Protocol
    customer_id: str
    manager_of: Sequence[AdsAccount]
    now: int

    @property
    def _me(self) -> str:
        return f"customers/{self.customer_id}"

    def search(self, text: str) -> tuple[Query, list[Row]]:
        """The query and its rows, filtered and sorted; the caller cuts them to the query's limit.

        Raises AdsRefusal for what Google would refuse.
        """
        query = parse(text)
        check(query, self.protocol, is_manager=self.account is None)
        rows = [row for row in self._rows(query) if all(holds(row, condition) for condition in query.where)]
        for name, descending in reversed(query.order_by):
            rows.sort(key=lambda row: sortable(row.get(name)), reverse=descending)
        return query, rows

    def _rows(self, query: Query) -> Iterator[Row]:
        if query.resource == "customer":
            yield self._customer()
            return
        if query.resource == "customer_client":
            yield from self._customer_clients()
            return
        if self.account is None or self.statistics is None:
            return  # managers own no campaigns and no actions here
        customer = self._customer()
        for row in _RESOURCES[query.resource](self, query):
            yield {**customer, **row}

    def _customer(self) -> Row:
        account = self.account
        name = account.name if account else "Sandbox manager"
        owner = self.customer_id
        return {
            "customer.resource_name": f"customers/{owner}",
            "customer.id": int(owner),
            "customer.descriptive_name": name,
            "customer.currency_code": account.currency if account else "EUR",
            "customer.time_zone": account.time_zone if account else "Europe/Berlin",
            "customer.auto_tagging_enabled": account.auto_tagging if account else True,
            "customer.manager": account is None,
            "customer.test_account": False,
            "customer.status": "ENABLED",
            "customer.conversion_tracking_setting.google_ads_conversion_customer": f"customers/{owner}",
            "customer.conversion_tracking_setting.conversion_tracking_status": "CONVERSION_TRACKING_MANAGED_BY_SELF",
        }

    def _customer_clients(self) -> Iterator[Row]:
        me = self._customer()
        below = [] if self.account else [(a.customer_id, a.name, a.currency, a.time_zone) for a in self.manager_of]
        own = (
            self.customer_id,
            me["customer.descriptive_name"],
            me["customer.currency_code"],
            me["customer.time_zone"],
        )
        for level, (client, name, currency, zone) in [(0, own), *((1, row) for row in below)]:
            yield {
                "customer_client.resource_name": f"{self._me}/customerClients/{client}",
                "customer_client.id": int(client),
                "customer_client.client_customer": f"customers/{client}",
                "customer_client.level": level,
                "customer_client.manager": level == 0 and self.account is None,
                "customer_client.descriptive_name": name,
                "customer_client.currency_code": currency,
                "customer_client.time_zone": zone,
                "customer_client.status": "ENABLED",
                "customer_client.hidden": False,
                "customer_client.test_account": False,
            }

    # Resources of a client account ---------------------------------------------------------------------------------

    def _conversion_actions(self, query: Query) -> Iterator[Row]:
        assert self.account is not None and self.statistics is not None
        wants_health = "metrics.conversion_last_received_request_date_time" in query.select
        for action in self.account.actions.values():
            row = action_row(self.account, action)
            if wants_health:
                heard = self.statistics.last_request(action, self.now)
                row["metrics.conversion_last_received_request_date_time"] = (
                    ""
                    if heard is None
                    else datetime.fromtimestamp(heard, ZoneInfo(self.account.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
                )
            yield row

    def _customer_goals(self, _: Query) -> Iterator[Row]:
        assert self.account is not None
        for (category, origin), biddable in self.account.goals.items():
            yield {
                "customer_conversion_goal.resource_name": f"{self._me}/customerConversionGoals/{category}~{origin}",
                "customer_conversion_goal.category": category,
                "customer_conversion_goal.origin": origin,
                "customer_conversion_goal.biddable": biddable,
            }

    def _campaign_goals(self, _: Query) -> Iterator[Row]:
        assert self.account is not None
        for campaign in self.account.campaigns:
            for (category, origin), biddable in self.account.goals.items():
                name = f"{self._me}/campaignConversionGoals/{campaign.id}~{category}~{origin}"
                yield {
                    **self._campaign(campaign),
                    "campaign_conversion_goal.resource_name": name,
                    "campaign_conversion_goal.campaign": f"{self._me}/campaigns/{campaign.id}",
                    "campaign_conversion_goal.category": category,
                    "campaign_conversion_goal.origin": origin,
                    "campaign_conversion_goal.biddable": biddable,
                }

    def _goal_configs(self, _: Query) -> Iterator[Row]:
        assert self.account is not None
        for campaign in self.account.campaigns:
            yield {
                **self._campaign(campaign),
                "conversion_goal_campaign_config.resource_name": f"{self._me}/conversionGoalCampaignConfigs/{campaign.id}",
                "conversion_goal_campaign_config.campaign": f"{self._me}/campaigns/{campaign.id}",
                "conversion_goal_campaign_config.goal_config_level": "CUSTOMER",
            }

    def _custom_goals(self, _: Query) -> Iterator[Row]:
        return iter(())

    def _campaigns(self, query: Query) -> Iterator[Row]:
        asked = set(query.select) | {condition.field for condition in query.where}
        if not any(name.startswith(("metrics.", "segments.")) for name in asked):
            assert self.account is not None
            yield from map(self._campaign, self.account.campaigns)
            return
        yield from self._traffic(query) if asked & TRAFFIC_METRICS.keys() else self._conversions(query)

    def _campaign(self, campaign: Campaign) -> Row:
        account = self.account
        assert account is not None
        learning = account.learning_since is not None and self.now - account.learning_since < LEARNING_SECONDS
        field = {"TARGET_CPA": "target_cpa", "MAXIMIZE_CONVERSIONS": "maximize_conversions"}.get(campaign.strategy)
        row = {
            "campaign.resource_name": f"customers/{account.customer_id}/campaigns/{campaign.id}",
            "campaign.id": campaign.id,
            "campaign.name": campaign.name,
            "campaign.status": "ENABLED",
            "campaign.primary_status": "ELIGIBLE",
            "campaign.advertising_channel_type": "SEARCH",
            "campaign.bidding_strategy_type": campaign.strategy,
            "campaign.bidding_strategy_system_status": "LEARNING_CONVERSION_SETTING_CHANGE" if learning else "ENABLED",
        }
        if field:
            row[f"campaign.{field}.target_cpa_micros"] = campaign.target_cpa_micros
        return row

    def _traffic(self, query: Query) -> Iterator[Row]:
        assert self.account is not None and self.statistics is not None
        first, last = span(query)
        by_date = "segments.date" in query.select
        sums: dict[tuple[int, int], list[int]] = {}
        for (day, campaign), numbers in self.statistics.traffic_sums(self.now, first, last).items():
            row = sums.setdefault((day if by_date else 0, campaign), [0, 0, 0])
            for column, number in enumerate(numbers):
                row[column] += number
        for (day, campaign), counts in sums.items():
            result = self._campaign(self.account.campaigns[campaign])
            if by_date:
                result["segments.date"] = dashed(day)
            yield {**result, **{metric: counts[column] for metric, column in TRAFFIC_METRICS.items()}}

    def _conversions(self, query: Query) -> Iterator[Row]:
        """Rows whose metrics are all zero are left out, as Google does."""
        assert self.account is not None and self.statistics is not None
        first, last = span(query)
        by_date, by_action = "segments.date" in query.select, bool(ACTION_SEGMENTS & set(query.select))
        cells: dict[tuple[int, int, int], Row] = {}
        for axis in {CONVERSION_METRICS[m][0] for m in query.select if m in CONVERSION_METRICS}:
            wanted = [(m, column) for m, (on, column) in CONVERSION_METRICS.items() if on is axis and m in query.select]
            sums = self.statistics.conversion_sums(self.now, first, last, by_conversion_date=axis)
            for (day, campaign, action), numbers in sums.items():
                row = cells.setdefault((day if by_date else 0, campaign, action if by_action else 0), {})
                for metric, column in wanted:
                    row[metric] = row.get(metric, 0.0) + numbers[column]
        for (day, campaign, action), metrics in cells.items():
            result = {**self._campaign(self.account.campaigns[campaign]), **metrics}
            if by_date:
                result["segments.date"] = dashed(day)
            if by_action:
                counted = self.account.actions[action]
                result["segments.conversion_action"] = f"{self._me}/conversionActions/{action}"
                result["segments.conversion_action_name"] = counted.name
                result["segments.conversion_action_category"] = counted.category
            yield result


_RESOURCES: dict[str, Callable[[Searcher, Query], Iterator[Row]]] = {
    "conversion_action": Searcher._conversion_actions,
    "customer_conversion_goal": Searcher._customer_goals,
    "campaign_conversion_goal": Searcher._campaign_goals,
    "conversion_goal_campaign_config": Searcher._goal_configs,
    "custom_conversion_goal": Searcher._custom_goals,
    "campaign": Searcher._campaigns,
}


def action_row(account: AdsAccount, action: Action) -> Row:
    """A conversion action as Google describes it."""
    row: Row = {
        "conversion_action.resource_name": f"customers/{account.customer_id}/conversionActions/{action.id}",
        "conversion_action.id": action.id,
        "conversion_action.name": action.name,
        "conversion_action.status": action.now.status,
        "conversion_action.type": action.type,
        "conversion_action.origin": action.origin,
        "conversion_action.category": action.category,
        "conversion_action.owner_customer": f"customers/{account.customer_id}",
        "conversion_action.primary_for_goal": action.now.primary,
        "conversion_action.include_in_conversions_metric": account.counts_now(action),
        "conversion_action.counting_type": action.counting_type,
        "conversion_action.click_through_lookback_window_days": action.click_window_days,
        "conversion_action.view_through_lookback_window_days": action.view_window_days,
        "conversion_action.value_settings.default_value": action.default_value,
        "conversion_action.value_settings.default_currency_code": account.currency,
        "conversion_action.value_settings.always_use_default_value": False,
        "conversion_action.attribution_model_settings.attribution_model": "GOOGLE_ADS_LAST_CLICK",
    }
    if action.is_mirror:
        row["conversion_action.google_analytics_4_settings.property_id"] = int(action.property_id)
        row["conversion_action.google_analytics_4_settings.property_name"] = account.property.name
        row["conversion_action.google_analytics_4_settings.event_name"] = action.fires_on
    elif action.type == "WEBPAGE":
        send_to = f"AW-{account.customer_id}/{action.id:x}"
        row["conversion_action.tag_snippets"] = [
            {
                "type": "WEBPAGE",
                "page_format": "HTML",
                "event_snippet": f"<script>gtag('event', 'conversion', {{'send_to': '{send_to}'}});</script>",
            }
        ]
    return row
