"""A Google Ads account: its campaigns, conversion actions and goals, and the history of their flags."""

from __future__ import annotations

from dataclasses import dataclass, field

from adsync.sandbox.ga4.property import ONCE_PER_EVENT, KeyEventRecord, Property
from adsync.sandbox.world import Clicks

LEARNING_SECONDS = 5 * 86_400
"""How long a campaign's status says LEARNING after what it bids on was changed."""

Pair = tuple[str, str]
"""A goal's key: category and origin."""

# Google fills the category of a mirror from the event's name; what it does not know becomes DEFAULT.
_MIRRORS = {
    "purchase": ("GOOGLE_ANALYTICS_4_PURCHASE", "PURCHASE"),
    "generate_lead": ("GOOGLE_ANALYTICS_4_GENERATE_LEAD", "SUBMIT_LEAD_FORM"),
    "qualify_lead": ("GOOGLE_ANALYTICS_4_QUALIFY_LEAD", "QUALIFIED_LEAD"),
    "close_convert_lead": ("GOOGLE_ANALYTICS_4_CLOSE_CONVERT_LEAD", "CONVERTED_LEAD"),
}


@dataclass(frozen=True, slots=True)
class Flags:
    """What an action was from a moment on."""

    since: int
    status: str
    primary: bool


@dataclass(slots=True, kw_only=True)
class Action:
    """A conversion action with the history of its flags. A tag fires from `installed_at` on, a mirror by itself."""

    id: int
    name: str
    type: str
    category: str
    counting_type: str
    fires_on: str
    origin: str = "WEBSITE"
    property_id: str = ""
    installed_at: int | None = None
    default_value: float = 0.0
    click_window_days: int = 30
    view_window_days: int = 1
    history: list[Flags] = field(default_factory=list)

    @property
    def now(self) -> Flags:
        return self.history[-1]

    @property
    def is_mirror(self) -> bool:
        return self.type.startswith("GOOGLE_ANALYTICS_4_")

    def set(self, at: int, *, status: str | None = None, primary: bool | None = None) -> None:
        """Writes a new line of history; the older ones stay, because past conversions keep their meaning."""
        flags = Flags(
            at,
            self.now.status if status is None else status,
            self.now.primary if primary is None else primary,
        )
        if (flags.status, flags.primary) != (self.now.status, self.now.primary):
            self.history.append(flags)


@dataclass(slots=True, kw_only=True)
class Budget:
    """A campaign budget. amount_micros: account currency a day."""

    id: int
    name: str
    amount_micros: int


@dataclass(slots=True, kw_only=True)
class Portfolio:
    """A bidding strategy that several campaigns share. type: such as TARGET_CPA; a target of 0 is none."""

    id: int
    name: str
    type: str
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    status: str = "ENABLED"


@dataclass(slots=True, kw_only=True)
class AdGroup:
    """An ad group. Every click of its campaign belongs to the campaign's first one."""

    id: int
    campaign_id: int
    name: str
    status: str = "ENABLED"


@dataclass(slots=True, kw_only=True)
class CustomGoal:
    """A custom goal: the campaigns that use it bid on its actions, primary or not."""

    id: int
    name: str
    actions: list[int] = field(default_factory=list)
    status: str = "ENABLED"


@dataclass(slots=True, kw_only=True)
class Campaign:
    """A campaign as the account holds it. A target of 0 is none; portfolio: id of the strategy that it shares.

    goals: biddable by pair, heard only at goal_level CAMPAIGN. custom_goal: id of the one in use.
    """

    id: int
    name: str
    strategy: str
    budget_id: int
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    portfolio: int | None = None
    status: str = "ENABLED"
    channel_type: str = "SEARCH"
    goals: dict[Pair, bool] = field(default_factory=dict)
    goal_level: str = "CUSTOMER"
    custom_goal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What `change_event` tells of one change of a campaign, budget, ad group or strategy; old and new by GAQL path."""

    at: int
    resource: str
    resource_name: str
    operation: str
    user: str
    client: str
    old: dict[str, object]
    new: dict[str, object]


@dataclass(kw_only=True)
class AdsAccount:
    """One client account under the manager. revision rises with every change, so that derived numbers can be kept."""

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
    actions: dict[int, Action] = field(default_factory=dict)
    goals: dict[Pair, bool] = field(default_factory=dict)
    custom_goals: dict[int, CustomGoal] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    auto_tagging: bool = True
    revision: int = 0
    learning_since: int | None = None
    next_id: int = 700_000_001

    def add(self, action: Action) -> None:
        """Takes an action in; a new (category, origin) pair becomes a goal.

        Since November 2025 a new goal is an account default only if every other goal of its category is one.
        """
        self.actions[action.id] = action
        pair = (action.category, action.origin)
        if pair not in self.goals:
            self.goals[pair] = all(biddable for (category, _), biddable in self.goals.items() if category == pair[0])
        self.revision += 1

    def take_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def named(self, name: str) -> Action | None:
        return next((a for a in self.actions.values() if a.name == name and a.now.status != "REMOVED"), None)

    def counts_now(self, action: Action) -> bool:
        return action.now.status == "ENABLED" and action.now.primary and self.goals[(action.category, action.origin)]

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


def mirror_delay(key_event: KeyEventRecord) -> int:
    """Seconds until the mirror appears: up to a day, the same for the same event every time."""
    return 1800 + sum(map(ord, key_event.event_name)) * 977 % (16 * 3600)
