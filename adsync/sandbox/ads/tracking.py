"""What one conversion customer owns: conversion actions, their goals, and custom goals."""

from __future__ import annotations

from dataclasses import dataclass, field

Pair = tuple[str, str]
"""A goal's key: category and origin."""

LAST_CLICK = "GOOGLE_ADS_LAST_CLICK"
DATA_DRIVEN = "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"

# By default no campaign bids on these, whatever else is in the account.
_NOT_BY_DEFAULT = {
    *(
        (category, "GOOGLE_HOSTED")
        for category in (
            "BEGIN_CHECKOUT",
            "CONTACT",
            "ENGAGEMENT",
            "GET_DIRECTIONS",
            "PAGE_VIEW",
            "SIGNUP",
            "PURCHASE",
        )
    ),
    ("STORE_SALE", "STORE"),
    ("STORE_VISIT", "STORE"),
}


@dataclass(frozen=True, slots=True)
class Flags:
    """What an action was from a moment on."""

    since: int
    status: str
    primary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How an action counted `until` a moment; its own fields say how it counts now."""

    until: int
    counting_type: str
    click_window_days: int
    default_value: float
    always_use_default_value: bool
    attribution_model: str


@dataclass(slots=True, kw_only=True)
class Action:
    """A conversion action with its history. A tag fires from `installed_at` on, a mirror by itself.

    currency: of the default value; "" is the account's. past: former settings, oldest first.
    """

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
    currency: str = ""
    always_use_default_value: bool = False
    click_window_days: int = 30
    view_window_days: int = 1
    attribution_model: str = LAST_CLICK
    phone_call_duration_seconds: int | None = None
    app_id: str = ""
    history: list[Flags] = field(default_factory=list)
    past: list[Settings] = field(default_factory=list)

    @property
    def now(self) -> Flags:
        return self.history[-1]

    @property
    def is_mirror(self) -> bool:
        return self.type.startswith("GOOGLE_ANALYTICS_4_")

    @property
    def has_tag(self) -> bool:
        """Whether Google gives out a snippet for it: imports, uploads and calls are counted without one."""
        return self.type == "WEBPAGE"

    @property
    def pair(self) -> Pair:
        return (self.category, self.origin)

    def set(self, at: int, *, status: str | None = None, primary: bool | None = None) -> None:
        """Writes a new line of history; the older ones stay, because past conversions keep their meaning."""
        flags = Flags(
            at,
            self.now.status if status is None else status,
            self.now.primary if primary is None else primary,
        )
        if (flags.status, flags.primary) != (self.now.status, self.now.primary):
            self.history.append(flags)

    def settings(self, until: int) -> Settings:
        """How the action counts now, as it would be remembered if that ended at `until`."""
        return Settings(
            until=until,
            counting_type=self.counting_type,
            click_window_days=self.click_window_days,
            default_value=self.default_value,
            always_use_default_value=self.always_use_default_value,
            attribution_model=self.attribution_model,
        )


@dataclass(slots=True, kw_only=True)
class CustomGoal:
    """A custom goal: the campaigns that use it bid on its actions, primary or not."""

    id: int
    name: str
    actions: list[int] = field(default_factory=list)
    status: str = "ENABLED"


@dataclass(slots=True, kw_only=True)
class Tracking:
    """The actions and goals of one conversion customer.

    customer_id: who owns them: the account itself, or under cross-account tracking a manager whose clients share this
    one object. goals: account-default by pair.
    """

    customer_id: str = ""
    actions: dict[int, Action] = field(default_factory=dict)
    goals: dict[Pair, bool] = field(default_factory=dict)
    custom_goals: dict[int, CustomGoal] = field(default_factory=dict)
    next_id: int = 700_000_001

    def take_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def named(self, name: str) -> Action | None:
        """The action of this name; a removed one has none."""
        return next((a for a in self.actions.values() if a.name == name and a.now.status != "REMOVED"), None)


def biddable_by_default(pair: Pair, others: dict[Pair, bool]) -> bool:
    """Whether a goal that is new among `others` is bid on.

    Since November 2025 only if every other goal of its category is.
    """
    return pair not in _NOT_BY_DEFAULT and all(on for (category, _), on in others.items() if category == pair[0])
