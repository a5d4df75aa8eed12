"""The things that an account holds, as rows of values by field path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adsync.sandbox.ads.account import Action, AdGroup, AdsAccount, Budget, Campaign, Portfolio
from adsync.sandbox.ads.bidding import system_status
from adsync.sandbox.ads.bidding_fields import targets
from adsync.sandbox.ads.protocol import Row
from adsync.sandbox.ads.statistics import Statistics

# Kinds of bidding that are empty messages of their own.
_WITHOUT_SETTINGS = {"MANUAL_CPA": "manual_cpa", "MANUAL_CPM": "manual_cpm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one account holds at one moment. account: None for the manager; clients: the accounts below it."""

    customer_id: str
    account: AdsAccount | None
    clients: Sequence[AdsAccount]
    statistics: Statistics | None
    now: int

    @property
    def me(self) -> str:
        return f"customers/{self.customer_id}"

    @property
    def tracked(self) -> AdsAccount | None:
        """The account whose conversion actions and goals are seen here: for a manager, a client that it tracks for."""
        if self.account is not None:
            return self.account
        return next((client for client in self.clients if client.owner_id == self.customer_id), None)

    def customer(self) -> Row:
        account = self.account
        owner = self.customer_id if account is None else account.owner_id
        shared = owner != self.customer_id
        row: Row = {
            "customer.resource_name": self.me,
            "customer.id": int(self.customer_id),
            "customer.descriptive_name": account.name if account else "Sandbox manager",
            "customer.currency_code": account.currency if account else "EUR",
            "customer.time_zone": account.time_zone if account else "Europe/Berlin",
            "customer.auto_tagging_enabled": account.auto_tagging if account else True,
            "customer.has_partners_badge": False,
            "customer.manager": account is None,
            "customer.test_account": False,
            "customer.status": "ENABLED",
            "customer.conversion_tracking_setting.accepted_customer_data_terms": False,
            "customer.conversion_tracking_setting.conversion_tracking_id": int(self.customer_id),
            "customer.conversion_tracking_setting.google_ads_conversion_customer": f"customers/{owner}",
            "customer.conversion_tracking_setting.conversion_tracking_status": (
                f"CONVERSION_TRACKING_MANAGED_BY_{'THIS_MANAGER' if shared else 'SELF'}"
            ),
        }
        if shared:
            row["customer.conversion_tracking_setting.cross_account_conversion_tracking_id"] = int(owner)
        return row

    def customer_clients(self) -> Iterator[Row]:
        me = self.customer()
        own = tuple(me[f"customer.{name}"] for name in ("descriptive_name", "currency_code", "time_zone"))
        below = [] if self.account else [(a.customer_id, (a.name, a.currency, a.time_zone)) for a in self.clients]
        for client, (name, currency, zone) in [(self.customer_id, own), *below]:
            level = int(client != self.customer_id)
            yield {
                "customer_client.resource_name": f"{self.me}/customerClients/{client}",
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
                "customer_client.applied_labels": [],
            }

    def campaign(self, campaign: Campaign, *, with_status: bool = False) -> Row:
        """with_status: the state of bidding as well, which takes its time."""
        portfolio = self._portfolio(campaign)
        row: Row = {
            "campaign.resource_name": f"{self.me}/campaigns/{campaign.id}",
            "campaign.id": campaign.id,
            "campaign.name": campaign.name,
            "campaign.status": campaign.status,
            "campaign.serving_status": "SERVING" if campaign.status == "ENABLED" else "NONE",
            "campaign.primary_status": "ELIGIBLE" if campaign.status == "ENABLED" else campaign.status,
            "campaign.primary_status_reasons": [],
            "campaign.missing_eu_political_advertising_declaration": self._declaration_missing,
            "campaign.labels": [],
            "campaign.advertising_channel_type": campaign.channel_type,
            "campaign.campaign_budget": f"{self.me}/campaignBudgets/{campaign.budget_id}",
            "campaign.bidding_strategy_type": portfolio.type if portfolio else campaign.strategy,
            "campaign.experiment_type": "BASE",
            "campaign.payment_mode": "CLICKS",
        }
        if with_status:
            assert self.account is not None and self.statistics is not None
            row["campaign.bidding_strategy_system_status"] = system_status(
                self.account, campaign, self.now, self.statistics
            )
        if portfolio:
            row["campaign.bidding_strategy"] = f"{self.me}/biddingStrategies/{portfolio.id}"
            row |= self.portfolio(portfolio)
        else:
            row |= _targets("campaign", campaign.strategy, campaign)
        return row

    @property
    def _declaration_missing(self) -> bool:
        return self.account is not None and self.account.declaration_missing

    def _portfolio(self, campaign: Campaign) -> Portfolio | None:
        assert self.account is not None
        return next((p for p in self.account.portfolios if p.id == campaign.portfolio), None)

    def portfolio(self, portfolio: Portfolio) -> Row:
        assert self.account is not None
        users = [campaign for campaign in self.account.campaigns if campaign.portfolio == portfolio.id]
        return {
            "bidding_strategy.resource_name": f"{self.me}/biddingStrategies/{portfolio.id}",
            "bidding_strategy.id": portfolio.id,
            "bidding_strategy.name": portfolio.name,
            "bidding_strategy.status": portfolio.status,
            "bidding_strategy.type": portfolio.type,
            "bidding_strategy.effective_currency_code": self.account.currency,
            "bidding_strategy.campaign_count": len(users),
            "bidding_strategy.non_removed_campaign_count": sum(campaign.status != "REMOVED" for campaign in users),
            **_targets("bidding_strategy", portfolio.type, portfolio),
        }

    def budget(self, budget: Budget) -> Row:
        assert self.account is not None
        users = [c for c in self.account.campaigns if c.budget_id == budget.id and c.status != "REMOVED"]
        return {
            "campaign_budget.resource_name": f"{self.me}/campaignBudgets/{budget.id}",
            "campaign_budget.id": budget.id,
            "campaign_budget.name": budget.name,
            "campaign_budget.amount_micros": budget.amount_micros,
            "campaign_budget.status": "ENABLED",
            "campaign_budget.delivery_method": "STANDARD",
            "campaign_budget.explicitly_shared": len(users) > 1,
            "campaign_budget.reference_count": len(users),
            "campaign_budget.has_recommended_budget": False,
            "campaign_budget.period": "DAILY",
            "campaign_budget.type": "STANDARD",
        }

    def ad_group(self, group: AdGroup) -> Row:
        return {
            "ad_group.resource_name": f"{self.me}/adGroups/{group.id}",
            "ad_group.id": group.id,
            "ad_group.name": group.name,
            "ad_group.status": group.status,
            "ad_group.primary_status": "ELIGIBLE" if group.status == "ENABLED" else group.status,
            "ad_group.primary_status_reasons": [],
            "ad_group.labels": [],
            "ad_group.type": "SEARCH_STANDARD",
            "ad_group.campaign": f"{self.me}/campaigns/{group.campaign_id}",
        }


def _targets(prefix: str, kind: str, holder: Campaign | Portfolio) -> Row:
    """The fields of one kind of bidding; 0 is Google's way of showing a target that is not set."""
    if kind in _WITHOUT_SETTINGS:
        return {f"{prefix}.{_WITHOUT_SETTINGS[kind]}": {}}
    return {f"{prefix}.{path}": value for path, value in targets(holder).items()}


def action_row(account: AdsAccount, action: Action) -> Row:
    """A conversion action as Google describes it, to its owner and to the accounts that it tracks for."""
    owner = f"customers/{account.owner_id}"
    row: Row = {
        "conversion_action.resource_name": f"{owner}/conversionActions/{action.id}",
        "conversion_action.id": action.id,
        "conversion_action.name": action.name,
        "conversion_action.status": action.now.status,
        "conversion_action.type": action.type,
        "conversion_action.origin": action.origin,
        "conversion_action.category": action.category,
        "conversion_action.owner_customer": owner,
        "conversion_action.primary_for_goal": action.now.primary,
        "conversion_action.include_in_conversions_metric": account.counts_now(action),
        "conversion_action.counting_type": action.counting_type,
        "conversion_action.click_through_lookback_window_days": action.click_window_days,
        "conversion_action.view_through_lookback_window_days": action.view_window_days,
        "conversion_action.value_settings.default_value": action.default_value,
        "conversion_action.value_settings.default_currency_code": action.currency or account.currency,
        "conversion_action.value_settings.always_use_default_value": action.always_use_default_value,
        "conversion_action.attribution_model_settings.attribution_model": action.attribution_model,
    }
    if action.phone_call_duration_seconds is not None:
        row["conversion_action.phone_call_duration_seconds"] = action.phone_call_duration_seconds
    if action.app_id:
        row["conversion_action.app_id"] = action.app_id
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
