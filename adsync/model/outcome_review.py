"""Outcome reviews: what the volume has gone along with since who is bid on was changed. Formulas: docs/statistics.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from adsync.model.ads import AccountState
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.evidence import Interval
from adsync.model.goal import goal_now, switches_on
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.window import Window

REVIEWED = frozenset({Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE, Verb.GOAL})
"""The changes that open a review: those of who is bid on."""

DISTURBING = frozenset({"promote", "restore", "demote", "value", "target", "goal"})
"""The changes after which bidding goes by something else: two of them in one comparison cannot be told apart."""


class ReviewVerdict(StrEnum):
    """How main conversions per cost stand after a change, against before it."""

    IMPROVED = "improved"
    HELD = "held"
    REGRESSED = "regressed"
    INCONCLUSIVE = "inconclusive"


class Doubt(StrEnum):
    """Why a comparison says nothing of the change."""

    UNKNOWN_DAYS = "unknown_days"
    SEASON = "season"
    TAG = "tag"
    PAUSED = "paused"
    NOT_IN_FORCE = "not_in_force"
    ANOTHER_CHANGE = "another_change"
    SETTINGS = "settings"
    SPEND = "spend"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """One doubt. saw: what it is about, in a sentence."""

    doubt: Doubt
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReview:
    """What was fixed when a change was applied, before anybody could know how it would go.

    entry_id: of the change. changed_on: in the account's time zone. macros: ids of the actions that are counted. campaigns: ids
    of those that bid on something else since. compared_with: ids of those that do not; none where they are too small.
    before, after: whole weeks. at_least: macros that the weeks before must hold, and half as many must have been in
    sight after them.
    """

    entry_id: int
    customer_id: str
    changed_on: date
    macros: tuple[str, ...]
    campaigns: tuple[str, ...]
    compared_with: tuple[str, ...]
    before: Window
    after: Window
    due_on: date
    at_least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCounts:
    """Main conversions, clicks and cost of one campaign on one day. cost: in account currency."""

    date: date
    campaign_id: str
    macros: float = 0.0
    clicks: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Several campaigns over the usable days of a window. cost: in account currency."""

    macros: float
    clicks: int
    cost: float
    days: int

    @property
    def cost_per_macro(self) -> float | None:
        return self.cost / self.macros if self.macros else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What a review found on its day, once and for all.

    per_cost: main conversions per cost, after over before, with its 90 % interval; where others_before is there, over the
    same ratio of the campaigns that were not touched. per_click, per_day: beside it, of the touched campaigns alone. None
    where there was nothing to divide. doubts: why it is inconclusive. way_back: of a regression, the plan that takes the
    change back; no_way_back: why there is none.
    """

    on: date
    verdict: ReviewVerdict
    doubts: tuple[Doubted, ...] = ()
    before: Counted | None = None
    after: Counted | None = None
    others_before: Counted | None = None
    others_after: Counted | None = None
    per_cost: Interval | None = None
    per_click: Interval | None = None
    per_day: Interval | None = None
    dispersion: float = 1.0
    way_back: str = ""
    no_way_back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedChange:
    """A review, the change that it is about, and what has become of both.

    concluded: None while it is open. taken_back: the entry that put the object back to where it was. steps: the
    days in its windows on which its own group moves something else.
    """

    review: OutcomeReview
    entry: ChangeLogEntry
    concluded: Concluded | None = None
    taken_back: ChangeLogEntry | None = None
    steps: tuple[date, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.concluded is None and self.taken_back is None

    @property
    def stands(self) -> str:
        """In one word, or three: "open", "taken back", or the verdict."""
        if self.concluded is not None:
            return self.concluded.verdict.value
        return "open" if self.taken_back is None else "taken back"


def taken_back(entry: ChangeLogEntry, entries: Sequence[ChangeLogEntry]) -> ChangeLogEntry | None:
    """The first later entry that made an action primary or secondary again, or switched a goal, as it was before this one."""
    flag = "biddable" if entry.change.verb is Verb.GOAL else "primary_for_goal"
    was = dict(entry.change.before or ()).get(flag)
    for later in entries:
        if later.id <= entry.id or not later.outcome.is_done or later.change.object_id != entry.change.object_id:
            continue
        if later.change.verb in REVIEWED and dict(later.change.after or ()).get(flag) == was:
            return later
    return None


def is_in_force(change: Change, state: AccountState) -> bool:
    """Whether a change of who is bid on stands in an account: its action counts, or its goal is bid on, as it wants."""
    if change.verb is Verb.GOAL:
        goal = goal_now(state.goals, change)
        return bool(dict(goal or ()).get("biddable")) == switches_on(change)
    action = state.action(change.object_id)
    counts = action is not None and action.status == "ENABLED" and action.primary_for_goal
    return counts == bool(dict(change.after or ())["primary_for_goal"])


def opens_a_review(entry: ChangeLogEntry) -> bool:
    """Whether an entry is a promotion, return or demotion that adsync has made.

    What a person takes back opens none: the weeks before it hold the change that was taken back.
    """
    return entry.outcome is Outcome.APPLIED and entry.change.verb in REVIEWED and entry.origin != "rollback"
