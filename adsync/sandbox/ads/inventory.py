"""The things that an account holds, as rows of values by field path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adsync.sandbox.ads import primary_status
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.bidding import system_status
from adsync.sandbox.ads.bidding_fields import targets
from adsync.sandbox.ads.campaigns import AdGroup, Budget, Campaign, Portfolio
from adsync.sandbox.ads.protocol import Row
from adsync.sandbox.ads.statistics import Statistics

BIDDING_FIELDS = frozenset(
    {"campaign.bidding_strategy_system_status", "campaign.primary_status", "campaign.primary_status_reasons"}
)
"""What a campaign says only with_bidding."""

_BESIDE_SEARCH_RESULTS: Row = {
    "campaign.network_settings.target_google_search": True,
    "campaign.network_settings.target_search_network": False,
    "campaign.network_settings.target_content_network": False,
    "campaign.network_settings.target_partner_search_network": False,
}

MANAGER_NAME = "Sandbox manager"

# Kinds of bidding that are empty messages of their own.
_WITHOUT_SETTINGS = {"MANUAL_CPA": "manual_cpa", "MANUAL_CPM": "manual_cpm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one account holds at one moment. account: None for the manager; clients: the accounts below it.

    with_bidding: whether campaigns say how their bidding goes, which takes its time.
    """

    customer_id: str
    account: AdsAccount | None
    clients: Sequence[AdsAccount]
    statistics: Statistics | None
    now: int
    with_bidding: bool = False

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
            "customer.descriptive_name": account.name if account else MANAGER_NAME,
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

    def campaign(self, campaign: Campaign) -> Row:
        """All campaigns began on the day of the world's first click."""
        assert self.account is not None
        portfolio = self._portfolio(campaign)
        name = f"{self.me}/campaigns/{campaign.id}"
        row: Row = {
            "campaign.resource_name": name,
            "campaign.base_campaign": name,
            "campaign.id": campaign.id,
            "campaign.name": campaign.name,
            "campaign.status": campaign.status,
            "campaign.serving_status": "SERVING" if campaign.status == "ENABLED" else "NONE",
            "campaign.missing_eu_political_advertising_declaration": self.account.declaration_missing,
            "campaign.labels": [],
            "campaign.advertising_channel_type": campaign.channel_type,
            "campaign.campaign_budget": f"{self.me}/campaignBudgets/{campaign.budget_id}",
            "campaign.bidding_strategy_type": portfolio.type if portfolio else campaign.strategy,
            "campaign.experiment_type": "BASE",
            "campaign.payment_mode": "CLICKS",
            "campaign.ad_serving_optimization_status": "OPTIMIZE",
            **_BESIDE_SEARCH_RESULTS,
        }
        if not self.account.declaration_missing:
            row["campaign.contains_eu_political_advertising"] = "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"
        if len(clicked := self.account.clicks.time):
            began = datetime.fromtimestamp(int(clicked[0]), ZoneInfo(self.account.time_zone)).date()
            row["campaign.start_date_time"] = f"{began} 00:00:00"
        if self.with_bidding:
            assert self.statistics is not None
            bidding = system_status(self.account, campaign, self.now, self.statistics)
            status, reasons = primary_status.of_campaign(campaign, bidding)
            row["campaign.bidding_strategy_system_status"] = bidding
            row["campaign.primary_status"], row["campaign.primary_status_reasons"] = status, reasons
        if portfolio:
            owner = f"customers/{portfolio.owner_id}" if portfolio.owner_id else self.me
            row["campaign.bidding_strategy"] = f"{owner}/biddingStrategies/{portfolio.id}"
            row["campaign.accessible_bidding_strategy"] = f"{self.me}/accessibleBiddingStrategies/{portfolio.id}"
            row |= self._accessible(portfolio)
            if not portfolio.owner_id:
                row |= self.portfolio(portfolio)
        else:
            row |= _targets("campaign", campaign.strategy, campaign)
        return row

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

    def _accessible(self, portfolio: Portfolio) -> Row:
        """A portfolio strategy as accounts see it with which it is shared, or could be."""
        assert self.account is not None
        return {
            "accessible_bidding_strategy.resource_name": f"{self.me}/accessibleBiddingStrategies/{portfolio.id}",
            "accessible_bidding_strategy.id": portfolio.id,
            "accessible_bidding_strategy.name": portfolio.name,
            "accessible_bidding_strategy.type": portfolio.type,
            "accessible_bidding_strategy.owner_customer_id": int(portfolio.owner_id or self.customer_id),
            "accessible_bidding_strategy.owner_descriptive_name": MANAGER_NAME
            if portfolio.owner_id
            else self.account.name,
            **_targets("accessible_bidding_strategy", portfolio.type, portfolio),
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
        assert self.account is not None
        campaign = next(campaign for campaign in self.account.campaigns if campaign.id == group.campaign_id)
        status, reasons = primary_status.of_ad_group(group, campaign)
        name = f"{self.me}/adGroups/{group.id}"
        return {
            "ad_group.resource_name": name,
            "ad_group.base_ad_group": name,
            "ad_group.id": group.id,
            "ad_group.name": group.name,
            "ad_group.status": group.status,
            "ad_group.primary_status": status,
            "ad_group.primary_status_reasons": reasons,
            "ad_group.labels": [],
            "ad_group.type": "SEARCH_STANDARD",
            "ad_group.campaign": f"{self.me}/campaigns/{group.campaign_id}",
            **self._inherited_target(campaign),
        }

    def _inherited_target(self, campaign: Campaign) -> Row:
        """What an ad group bids to, as its campaign or the campaign's portfolio says."""
        row: Row = {}
        for path, target in targets(self._portfolio(campaign) or campaign).items():
            if target:
                name = path.rpartition(".")[2]
                row[f"ad_group.effective_{name}"] = target
                row[f"ad_group.effective_{name.removesuffix('_micros')}_source"] = "CAMPAIGN_BIDDING_STRATEGY"
        return row


def _targets(prefix: str, kind: str, holder: Campaign | Portfolio) -> Row:
    """The fields of one kind of bidding; 0 is Google's way of showing a target that is not set."""
    if kind in _WITHOUT_SETTINGS:
        return {f"{prefix}.{_WITHOUT_SETTINGS[kind]}": {}}
    return {f"{prefix}.{path}": value for path, value in targets(holder).items()}
