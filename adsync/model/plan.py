"""A plan: one account's changes, in order, and who has to agree to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from adsync.model.ads import VALUE_BIDDING
from adsync.model.change import Change
from adsync.model.goal import GoalMember
from adsync.model.policy import Policy
from adsync.model.sharing import Client

NIGHT, ROLLBACK, ASKED = "night", "rollback", "asked"
"""Where plans come from. A person asks for adoptions, and for what others have switched to be as it was."""


class Consent(StrEnum):
    """What a planned change needs before it may be applied."""

    AUTO = "auto"
    REVIEW = "review"
    PROPOSAL = "proposal"  # shown, but adsync will not apply it, approved or not


class TargetKind(StrEnum):
    """What a fixed target is about."""

    CPA = "CPA"  # cost of a conversion, in account currency
    ROAS = "ROAS"  # value for each unit of cost: 3.5 is 350 %


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMove:
    """Where a fixed target would have to go so that it asks the same of the same ads.

    steps: how many it takes to get there, each by 20 % of itself at most. shared_by: campaigns that have it in common; what
    all of them count decides.
    """

    kind: TargetKind
    now: float
    fair: float
    steps: int
    shared_by: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEffect:
    """What bidding of one campaign will see in 30 days, at the pace of the newest four weeks.

    before, after: conversions. value_before, value_after: what they are reported to be worth, in account currency. target:
    None without a fixed target, where it may stay, and where one of the numbers is 0. client: the account whose campaign it
    is, in words; "" for the plan's own. goes_along: it has a fixed target, which moves in the same group or may stay.
    held_by: kind and id of what holds that target; None in plans that are older than this field. stays_at: the target that it
    was set to before what is taken back, where it stands there still; 0 for every other.
    """

    campaign_id: str
    campaign: str
    strategy: str
    before: float
    after: float
    value_before: float = 0.0
    value_after: float = 0.0
    target: TargetMove | None = None
    client: str = ""
    goes_along: bool = False
    held_by: tuple[str, str] | None = None
    stays_at: float = 0.0

    @property
    def moves_value(self) -> bool:
        """Whether bidding that is after value will see another one."""
        return self.strategy in VALUE_BIDDING and self.value_before != self.value_after


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A change, the consent it needs and why, and what it does to bidding.

    group: the name of what it is approved or refused with, as a whole: that under which its first change was first planned.
    not_before: the first day on which it may be made; only in groups. clients: every account that it meets, where several
    use the conversion actions of one. others: of a goal that is switched, the other actions.
    """

    change: Change
    consent: Consent
    consent_because: str = ""
    effects: tuple[CampaignEffect, ...] = ()
    group: str = ""
    not_before: date | None = None
    clients: tuple[Client, ...] = ()
    others: tuple[GoalMember, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One account's changes, made against the state whose fingerprint it carries.

    id: ACCOUNT-DATE-N. origin: NIGHT, ROLLBACK or ASKED. Change number n of plan P is called P/n.
    policy: that which led to it; None for what a person asked for, and in plans that are older than this field.
    edited: names of the changes that are not stored as they were planned.
    """

    id: str
    account: str
    customer_id: str
    made_on: date
    made_at: datetime
    fingerprint: str
    changes: tuple[PlannedChange, ...]
    origin: str = NIGHT
    policy: Policy | None = None
    edited: tuple[str, ...] = ()

    def numbered(self) -> tuple[tuple[str, PlannedChange], ...]:
        """Every change with the name by which people call it."""
        return tuple((f"{self.id}/{n}", planned) for n, planned in enumerate(self.changes, start=1))


APPROVAL_DAYS = 7
CLOCKS_DIFFER = timedelta(hours=1)
"""Two machines on one state may differ by as much. What lies further ahead was written while a clock ran ahead."""
"""How long a yes holds, and how old a plan may be whose changes run by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word on exactly one change, by its hash.

    by: the name of the system's user, unverified. until: the last moment at which it holds.
    """

    change_hash: str
    customer_id: str
    change_name: str
    approved: bool
    by: str
    at: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        # A no is kept, whatever its day: without it a change might run by itself.
        return now <= self.until and not (self.approved and self.is_ahead(now))

    def is_ahead(self, now: datetime) -> bool:
        """Whether it was given by a clock that ran ahead: nobody would know for how long it holds."""
        return self.at > now + CLOCKS_DIFFER
