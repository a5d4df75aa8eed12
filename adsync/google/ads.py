"""Reads a Google Ads account: one .gaql file a query, one operation a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from adsync.errors import UnexpectedAnswer
from adsync.google.ads_client import AdsServices
from adsync.google.budget import Budget
from adsync.google.faults import speaking
from adsync.google.owners import Owners
from adsync.google.retry import Patience
from adsync.google.wire import ads as wire
from adsync.google.wire.names import id_of
from adsync.model.ads import (
    AccountState,
    Campaign,
    ClientState,
    ConversionAction,
    ConversionGoal,
    Customer,
    CustomGoal,
    DataExclusion,
)
from adsync.model.sharing import CrossAccount, Sharing, disagreement
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.window import Window
from adsync.ports import Axis

Item = TypeVar("Item")


@cache
def query(name: str) -> str:
    """The text of queries/NAME.gaql on one line."""
    text = (files("adsync.google") / "queries" / f"{name}.gaql").read_text(encoding="utf-8")
    return " ".join(text.split())


@dataclass
class _Used:
    """Operations so far, of a reader and of those that it has made."""

    operations: int = 0


class GoogleAds:
    """One account, read only. See AdsReader in ports.py. owners: what is known of accounts that others use actions of."""

    def __init__(
        self,
        services: AdsServices,
        customer_id: str,
        patience: Patience,
        budget: Budget | None = None,
        owners: Owners | None = None,
    ) -> None:
        self._services = services
        self._budget = budget or Budget()
        self._customer_id = customer_id
        self._patience = patience
        self._owners = owners or Owners()
        self._used = _Used()

    @property
    def operations(self) -> int:
        return self._used.operations

    def of(self, customer_id: str) -> GoogleAds:
        """The same for another account; what it uses counts here as well."""
        other = GoogleAds(self._services, customer_id, self._patience, self._budget, self._owners)
        other._used = self._used
        return other

    def customer(self) -> Customer:
        rows = self._rows("customer", "reading the account", wire.customer)
        if len(rows) != 1:
            raise UnexpectedAnswer(f"Google Ads described account {self._customer_id} {len(rows)} times.")
        return rows[0]

    def clients(self) -> tuple[Customer, ...]:
        """The enabled accounts under this one, itself among them."""
        return self._rows("customer_clients", "listing client accounts", wire.client)

    def sharing(self, customer: Customer, *, anew: bool = False) -> Sharing | None:
        if customer.conversion_customer_id == customer.customer_id:
            return None
        return self._owners.of(customer, lambda i: self.of(i).clients(), lambda i: self.of(i).customer(), anew=anew)

    def actions(self) -> tuple[ConversionAction, ...]:
        return self._rows("conversion_actions", "reading conversion actions", wire.conversion_action)

    def goals(self) -> tuple[ConversionGoal, ...]:
        return self._rows("customer_goals", "reading goals", wire.goal)

    def account_state(self, customer: Customer, as_of: date) -> AccountState:
        own = self._client_state(customer)
        return AccountState(
            as_of=as_of,
            customer=customer,
            actions=self.actions(),
            goals=self.goals(),
            campaign_goals=own.campaign_goals,
            custom_goals=self._custom_goals(),
            campaigns=own.campaigns,
        )

    def with_clients(self, state: AccountState, agreed: CrossAccount | None, *, anew: bool = False) -> AccountState:
        sharing = self.sharing(state.customer, anew=anew)
        state = replace(state, sharing=sharing)
        if sharing is None or disagreement(agreed, sharing) is not None:
            return state
        owner = self.of(sharing.owner_id)
        others = [c.customer_id for c in sharing.clients if c.is_sure and c.customer_id != self._customer_id]
        return replace(
            state,
            # Campaigns inherit those of the account that owns the actions.
            goals=owner.goals(),
            custom_goals=owner._custom_goals(),
            elsewhere=tuple(self.of(customer_id)._client_state() for customer_id in others),
        )

    def _custom_goals(self) -> tuple[CustomGoal, ...]:
        return self._rows("custom_goals", "reading custom goals", wire.custom_goal)

    def _client_state(self, customer: Customer | None = None) -> ClientState:
        configs = {
            campaign: (level, custom)
            for campaign, level, custom in self._rows("goal_configs", "reading goal settings", wire.goal_config)
        }
        return ClientState(
            customer=customer or self.customer(),
            campaign_goals=self._rows("campaign_goals", "reading campaign goals", wire.campaign_goal),
            campaigns=self.campaigns(configs),
        )

    def campaigns(self, configs: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> tuple[Campaign, ...]:
        """configs: level and custom goal of those that are detached from the account's goals, by id."""
        return self._rows(
            "campaigns",
            "reading campaigns",
            lambda row: wire.campaign(row, *configs.get(str(row.campaign.id), ("CUSTOMER", ""))),
        )

    def exclusions(self) -> tuple[DataExclusion, ...]:
        found = self._rows("data_exclusions", "reading data exclusions", wire.data_exclusion)
        return tuple(exclusion for exclusion in found if exclusion is not None)

    def conversions(self, window: Window, axis: Axis) -> tuple[ActionDay, ...]:
        by_conversion_date = axis is Axis.CONVERSION
        name = "conversions_by_conversion_date" if by_conversion_date else "conversions_by_click_date"
        return self._rows(
            name,
            "reading conversions",
            lambda row: wire.action_day(row, by_conversion_date=by_conversion_date),
            window,
        )

    def campaign_days(self, window: Window) -> tuple[CampaignDay, ...]:
        return self._rows("campaign_days", "reading cost and clicks", wire.campaign_day, window)

    def _rows(
        self, name: str, doing: str, convert: Callable[[Any], Item], window: Window | None = None
    ) -> tuple[Item, ...]:
        text = query(name)
        if window is not None:
            text = text.format(first=window.first.isoformat(), last=window.last.isoformat())

        doing = f"Account {self._customer_id}, {doing}"

        def unit() -> tuple[Item, ...]:
            with speaking(doing):
                return tuple(convert(row) for answer in self._stream(text) for row in _asked_for(answer, text, doing))

        return self._services.with_fresh_token(lambda: self._patience.read(unit))

    def _stream(self, text: str) -> Any:
        from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsStreamRequest

        request = SearchGoogleAdsStreamRequest(customer_id=self._customer_id, query=text)
        service = self._services.service("GoogleAdsService")
        self._budget.spend()
        self._used.operations += 1
        return service.search_stream(request=request, timeout=self._patience.timeout_seconds)


def _asked_for(answer: Any, text: str, doing: str) -> Any:
    """The rows of one message of a stream. Raises UnexpectedAnswer when it does not answer this query.

    Google names the fields in every message, also where there are no rows: "nothing" is then known to be the answer.
    """
    wanted = frozenset(text.removeprefix("SELECT ").partition(" FROM ")[0].split(", "))
    if not wanted <= frozenset(answer.field_mask.paths):
        raise UnexpectedAnswer(
            f"{doing}: Google answered something else than it was asked.", request_id=answer.request_id
        )
    return answer.results


def accessible_customers(services: AdsServices, patience: Patience) -> tuple[str, ...]:
    """Ids of the accounts to which the credential has direct access."""

    def unit() -> tuple[str, ...]:
        with speaking("Listing accessible accounts"):
            response = services.service("CustomerService").list_accessible_customers(timeout=patience.timeout_seconds)
            return tuple(id_of(name) for name in response.resource_names)

    return patience.read(unit)
