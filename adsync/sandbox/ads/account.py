"""A Google Ads account: its campaigns, conversion actions and goals, and the history of their flags."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass, field

from adsync.sandbox.ads import bidding
from adsync.sandbox.ads.campaigns import AdGroup, Budget, Campaign, Exclusion, Portfolio
from adsync.sandbox.ads.tracking import Action, CustomGoal, Flags, Pair, Tracking, biddable_by_default
from adsync.sandbox.ga4.property import ONCE_PER_EVENT, KeyEventRecord, Property
from adsync.sandbox.world import Clicks

# Google fills the category of a mirror from the event's name; what it does not know becomes DEFAULT.
_MIRRORS = {
    "purchase": ("GOOGLE_ANALYTICS_4_PURCHASE", "PURCHASE"),
    "generate_lead": ("GOOGLE_ANALYTICS_4_GENERATE_LEAD", "SUBMIT_LEAD_FORM"),
    "qualify_lead": ("GOOGLE_ANALYTICS_4_QUALIFY_LEAD", "QUALIFIED_LEAD"),
    "close_convert_lead": ("GOOGLE_ANALYTICS_4_CLOSE_CONVERT_LEAD", "CONVERTED_LEAD"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What `change_event` tells of one change of a campaign, budget or ad group; old and new by GAQL path."""

    at: int
    resource: str
    resource_name: str
    operation: str
    user: str
    client: str
    old: dict[str, object]
    new: dict[str, object]


@dataclass(frozen=True, slots=True)
class Counting:
    """What counted for bidding from a moment on: (campaign id, action id)."""

    since: int
    pairs: frozenset[tuple[int, int]]


@dataclass(kw_only=True)
class AdsAccount:
    """One client account under the manager. revision rises with every change, so that derived numbers can be kept.

    tracking: its actions and goals; its own unless another object is handed in, which accounts then share.
    counting: history of what counted. declaration_missing: of EU political advertising, without which nothing changes.
    """

    customer_id: str
    name: str
    manager_id: str
    time_zone: str
    currency: str
    clicks: Clicks
    property: Property
    campaigns: list[Campaign]
    """In the order of the world: a click's campaign is an index into them."""
    budgets: list[Budget] = field(default_factory=list)
    ad_groups: list[AdGroup] = field(default_factory=list)
    portfolios: list[Portfolio] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    tracking: Tracking = field(default_factory=Tracking)
    counting: list[Counting] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    auto_tagging: bool = True
    declaration_missing: bool = False
    revision: int = 0

    def __post_init__(self) -> None:
        if not self.tracking.customer_id:
            self.tracking.customer_id = self.customer_id

    @builtins.property
    def actions(self) -> dict[int, Action]:
        return self.tracking.actions

    @builtins.property
    def goals(self) -> dict[Pair, bool]:
        return self.tracking.goals

    @builtins.property
    def custom_goals(self) -> dict[int, CustomGoal]:
        return self.tracking.custom_goals

    @builtins.property
    def owner_id(self) -> str:
        """The account that owns the actions: another one under cross-account tracking."""
        return self.tracking.customer_id

    @builtins.property
    def owns_tracking(self) -> bool:
        return self.owner_id == self.customer_id

    def add(self, action: Action) -> None:
        """Takes an action in; a new (category, origin) pair becomes a goal of the account and of each campaign."""
        self.hold(action)
        if self.counting and action.history[0].since < self.counting[-1].since:
            self.recount()
        else:
            self.record(action.now.since)
        self.revision += 1

    def hold(self, action: Action) -> None:
        """The same, for whoever writes down at the end what counts."""
        self.actions[action.id] = action
        self.add_goal(action.pair)

    def add_goal(self, pair: Pair) -> None:
        """Makes sure that the goal exists. Campaigns at customer level need none of their own: they inherit it."""
        self.goals.setdefault(pair, biddable_by_default(pair, self.goals))
        for campaign in self.campaigns:
            if campaign.goal_level == "CAMPAIGN":
                campaign.goals.setdefault(pair, biddable_by_default(pair, campaign.goals))

    def campaign_goals(self, campaign: Campaign) -> dict[Pair, bool]:
        """Biddable by pair for one campaign: its own goals, or those that it inherits."""
        own = campaign.goals if campaign.goal_level == "CAMPAIGN" else {}
        return {pair: own.get(pair, biddable) for pair, biddable in self.goals.items()}

    def take_id(self) -> int:
        return self.tracking.take_id()

    def named(self, name: str) -> Action | None:
        return self.tracking.named(name)

    def counts_now(self, action: Action) -> bool:
        """Whether campaigns that follow the account's goals bid on it."""
        return action.now.status == "ENABLED" and action.now.primary and self.goals[action.pair]

    @builtins.property
    def counted_pairs(self) -> frozenset[tuple[int, int]]:
        """What counts for bidding, as last written down."""
        return self.counting[-1].pairs if self.counting else frozenset()

    def record(self, now: int) -> None:
        """Writes down what counts from now on, if that has changed."""
        if self.counting and self.counting[-1].since == now:
            self.counting.pop()
        pairs = bidding.counting_pairs(self)
        if pairs != self.counted_pairs:
            self.counting.append(Counting(now, pairs))

    def recount(self) -> None:
        """Writes the whole history anew from the actions' flags, as if goals and campaigns had always been as they are."""
        self.counting = []
        for since in sorted({flags.since for action in self.actions.values() for flags in action.history}):
            pairs = bidding.counting_pairs(self, since)
            if pairs != self.counted_pairs:
                self.counting.append(Counting(since, pairs))
        self.revision += 1

    def settle(self, now: int) -> None:
        """Makes the mirrors that Google would have made by now of the linked property's key events."""
        if self.customer_id not in self.property.ads_links:
            return
        known = {a.fires_on for a in self.actions.values() if a.is_mirror and a.now.status != "REMOVED"}
        for key_event in self.property.key_events:
            if key_event.event_name not in known and now >= key_event.created_at + mirror_delay(key_event):
                self._mirror(key_event, now)

    def _mirror(self, key_event: KeyEventRecord, now: int) -> None:
        kind, category = _MIRRORS.get(key_event.event_name, ("GOOGLE_ANALYTICS_4_CUSTOM", "DEFAULT"))
        once_per_event = key_event.counting_method == ONCE_PER_EVENT
        self.add(
            Action(
                id=self.take_id(),
                name=f"{self.property.name} (web) {key_event.event_name}",
                type=kind,
                category=category,
                counting_type="MANY_PER_CLICK" if once_per_event else "ONE_PER_CLICK",
                fires_on=key_event.event_name,
                property_id=self.property.property_id,
                history=[Flags(now, "HIDDEN", False)],
            )
        )


def join_tracking(accounts: Iterable[AdsAccount]) -> None:
    """Lets accounts of one conversion customer share one object again, as they did before they were saved."""
    owned: dict[str, Tracking] = {}
    for account in accounts:
        account.tracking = owned.setdefault(account.owner_id, account.tracking)


def mirror_delay(key_event: KeyEventRecord) -> int:
    """Seconds until the mirror appears: up to a day, the same for the same event every time."""
    return 1800 + sum(map(ord, key_event.event_name)) * 977 % (16 * 3600)
