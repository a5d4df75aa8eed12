"""What Google Ads holds: actions, goals and campaigns, in Google's own words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from adsync.model.sharing import Client, Sharing
from adsync.model.window import Window

SMART_BIDDING = frozenset({"TARGET_CPA", "TARGET_ROAS", "MAXIMIZE_CONVERSIONS", "MAXIMIZE_CONVERSION_VALUE"})
CATEGORIES = (
    "DEFAULT", "PAGE_VIEW", "PURCHASE", "SIGNUP", "DOWNLOAD", "ADD_TO_CART", "BEGIN_CHECKOUT", "SUBSCRIBE_PAID",
    "PHONE_CALL_LEAD", "IMPORTED_LEAD", "SUBMIT_LEAD_FORM", "BOOK_APPOINTMENT", "REQUEST_QUOTE", "GET_DIRECTIONS",
    "OUTBOUND_CLICK", "CONTACT", "ENGAGEMENT", "STORE_VISIT", "STORE_SALE", "QUALIFIED_LEAD", "CONVERTED_LEAD",
    "YOUTUBE_FOLLOW_ON_VIEWS", "MESSAGE_LEAD", "IN_APP_AD_REVENUE",
)  # fmt: skip
"""What a conversion action may say it is (`ConversionActionCategory`)."""

VALUE_BIDDING = frozenset({"TARGET_ROAS", "MAXIMIZE_CONVERSION_VALUE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A Google Ads account as it describes itself.

    conversion_customer_id: the account that owns the conversion actions; another one under cross-account tracking.
    """

    customer_id: str
    name: str
    currency: str
    time_zone: str
    conversion_customer_id: str
    auto_tagging: bool
    manager: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionAction:
    """What Google Ads counts. Enum values are Google's names; one that the client does not know reads UNKNOWN.

    last_request: when its tag was last heard of, "2026-03-02 14:05:00" in the account's time zone; "" for never or
    unknown. No setting: it moves with every sale, and two looks at the same settings are equal.
    """

    id: str
    name: str
    status: str
    type: str
    origin: str
    category: str
    primary_for_goal: bool
    counting_type: str
    owner_customer_id: str = ""
    attribution_model: str = ""
    click_window_days: int = 30
    default_value: float = 0.0
    default_currency: str = ""
    always_use_default_value: bool = False
    ga4_property_id: str = ""
    ga4_event_name: str = ""
    tag_snippet: str = ""
    last_request: str = field(default="", compare=False)

    @property
    def goal(self) -> tuple[str, str]:
        """The (category, origin) pair through which it can be biddable."""
        return (self.category, self.origin)

    @property
    def has_fixed_value(self) -> bool:
        """Whether each of its conversions is worth what somebody decided, whatever the site says of it."""
        return self.always_use_default_value and self.default_value > 0

    @property
    def is_web_tag(self) -> bool:
        """True when the site's own tag reports it to Google Ads; of what is imported Google gets no requests."""
        return self.type == "WEBPAGE"

    @property
    def is_ga4_mirror(self) -> bool:
        """True when Google made it from a GA4 key event."""
        return self.type.startswith("GOOGLE_ANALYTICS_4_")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionGoal:
    """The pair (category, origin) and whether campaigns bid on it by default."""

    category: str
    origin: str
    biddable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignGoal:
    """The same pair for one campaign; it rules only where the campaign's goals are detached from the account's."""

    campaign_id: str
    category: str
    origin: str
    biddable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomGoal:
    """A list of actions that are bid on whether they are primary or not."""

    id: str
    name: str
    status: str
    action_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign and how it bids.

    target_cpa_micros, target_roas: 0 when the strategy runs without a target; a portfolio's target counts here too.
    portfolio_owner_id: the account whose portfolio it is, where that is another one, such as a manager.
    goal_level: CUSTOMER (the account's goals) or CAMPAIGN (its own). custom_goal_id: empty when none is used.
    selected_actions: ids of those that an app campaign bids on instead of all goals; empty where it has selected none.
    """

    id: str
    name: str
    status: str
    channel: str
    strategy: str
    system_status: str = "ENABLED"
    portfolio_id: str = ""
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    goal_level: str = "CUSTOMER"
    custom_goal_id: str = ""
    selected_actions: tuple[str, ...] = ()
    portfolio_owner_id: str = ""

    @property
    def has_smart_strategy(self) -> bool:
        """True when Smart Bidding steers it whenever it runs."""
        return self.strategy in SMART_BIDDING

    @property
    def bids_on_conversions(self) -> bool:
        """True when Smart Bidding steers it now, so that what counts as a conversion moves money."""
        return self.status == "ENABLED" and self.has_smart_strategy

    @property
    def may_bid(self) -> bool:
        """True when Smart Bidding steers it, or will once somebody resumes it."""
        return self.status != "REMOVED" and self.has_smart_strategy

    @property
    def has_fixed_target(self) -> bool:
        """True when a change of what counts would throttle or flood it overnight."""
        return self.target_cpa_micros > 0 or self.target_roas > 0

    @property
    def is_learning(self) -> bool:
        """True while Google's own status says that bidding is still settling after a change."""
        return self.system_status.startswith("LEARNING_") or self.system_status == "MULTIPLE_LEARNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExclusion:
    """Days of clicks that bidding is told not to learn from.

    days: each of which it touches, in the account's time zone. scope: CUSTOMER, CAMPAIGN with campaign_ids, or CHANNEL with
    channels. devices: those that it is about; empty for all.
    """

    name: str
    days: Window
    scope: str
    campaign_ids: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    def covers(self, campaigns: Sequence[Campaign]) -> bool:
        """Whether it is about all clicks of all of these; of none only where it is about the whole account."""
        if self.devices:
            return False
        return self.scope == "CUSTOMER" or (
            bool(campaigns) and all(c.id in self.campaign_ids or c.channel in self.channels for c in campaigns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientState:
    """The campaigns of another account that uses the same conversion actions; its goals at account level are the same too."""

    customer: Customer
    campaigns: tuple[Campaign, ...] = ()
    campaign_goals: tuple[CampaignGoal, ...] = ()

    @property
    def called(self) -> str:
        """By name and number."""
        return Client(customer_id=self.customer.customer_id, name=self.customer.name).called

    def __post_init__(self) -> None:
        order = object.__setattr__
        order(self, "campaigns", tuple(sorted(self.campaigns, key=lambda c: c.id)))
        order(
            self,
            "campaign_goals",
            tuple(sorted(self.campaign_goals, key=lambda g: (g.campaign_id, g.category, g.origin))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """All actions, goals and campaigns of one account at one moment.

    as_of: business date in the account's time zone. sharing: who else uses these actions; None where they are the account's
    own. elsewhere: the campaigns of those others, where the config agrees to changes that meet them. Order of reading never
    matters: everything is sorted.
    """

    as_of: date
    customer: Customer
    actions: tuple[ConversionAction, ...]
    goals: tuple[ConversionGoal, ...] = ()
    campaign_goals: tuple[CampaignGoal, ...] = ()
    custom_goals: tuple[CustomGoal, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    sharing: Sharing | None = None
    elsewhere: tuple[ClientState, ...] = ()

    def __post_init__(self) -> None:
        order = object.__setattr__
        order(self, "elsewhere", tuple(sorted(self.elsewhere, key=lambda c: c.customer.customer_id)))
        order(self, "actions", tuple(sorted(self.actions, key=lambda a: a.id)))
        order(self, "goals", tuple(sorted(self.goals, key=lambda g: (g.category, g.origin))))
        order(
            self,
            "campaign_goals",
            tuple(sorted(self.campaign_goals, key=lambda g: (g.campaign_id, g.category, g.origin))),
        )
        order(self, "custom_goals", tuple(sorted(self.custom_goals, key=lambda g: g.id)))
        order(self, "campaigns", tuple(sorted(self.campaigns, key=lambda c: c.id)))

    @property
    def fingerprint(self) -> str:
        """A hash of actions, goals and how its campaigns bid; the date and what Google observes are left out."""
        document = asdict(self)
        document.pop("as_of")
        document.pop("elsewhere")
        if self.sharing is None:
            # The same of versions that knew only accounts with actions of their own.
            document.pop("sharing")
        for action in document["actions"]:
            action.pop("last_request")
        for campaign in document["campaigns"]:
            campaign.pop("system_status")
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

    @property
    def owner_id(self) -> str:
        """The account that owns the conversion actions, where that is another one; "" where it is this one."""
        return self.sharing.owner_id if self.sharing is not None else ""

    def seen_by(self, client: ClientState) -> AccountState:
        """The same actions and goals with the campaigns of another account that uses them."""
        return replace(
            self,
            customer=client.customer,
            campaigns=client.campaigns,
            campaign_goals=client.campaign_goals,
            elsewhere=(),
        )

    def action(self, action_id: str) -> ConversionAction | None:
        """The action with this id, or None."""
        return next((a for a in self.actions if a.id == action_id), None)

    def actions_named(self, name_or_id: str) -> tuple[ConversionAction, ...]:
        """The actions that are not removed and that this id or exact name means."""
        return tuple(a for a in self.actions if a.status != "REMOVED" and name_or_id in (a.id, a.name))

    def mirror_of(self, property_id: str, event_name: str) -> ConversionAction | None:
        """The action that Google made from this key event, or None while it has not appeared."""
        found = (
            a
            for a in self.actions
            if a.is_ga4_mirror and a.ga4_event_name == event_name and a.ga4_property_id == property_id
        )
        return next((a for a in found if a.status != "REMOVED"), None)

    def smart_campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns for which it matters what counts as a conversion."""
        return tuple(c for c in self.campaigns if c.bids_on_conversions)


def kinds_of_bidding(campaigns: Iterable[Campaign]) -> frozenset[bool]:
    """How campaigns bid by themselves: True for value, False for conversions; none where nobody does."""
    return frozenset(c.strategy in VALUE_BIDDING for c in campaigns if c.bids_on_conversions)
