"""What the stages ask of the outside world. Adapters live in google/ and state/; only wiring.py names them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from adsync.model.activity import ActivityModel, ActivityTable
from adsync.model.ads import AccountState, Campaign, ConversionAction, ConversionGoal, Customer, DataExclusion
from adsync.model.analytics import EventReport, Funnel, FunnelPart, FunnelQuota, KeyEvent, OrderIds, SiteReport
from adsync.model.capability import Capability, ManagedField
from adsync.model.change import Change
from adsync.model.channel import TouchQuestion, TouchTable
from adsync.model.decision import Conclusion, Hold, ScopeCounters
from adsync.model.exposure import Compared, Frequent, LogSummary, NamedSums, Plain, Question
from adsync.model.funnel import FunnelCount, FunnelQuestion, Order
from adsync.model.holds import KnownHold
from adsync.model.incident import StepDays
from adsync.model.lead_up import Buyers, LeadUp
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.log_scores import LogScores, PastShare
from adsync.model.outcome_review import Concluded, OutcomeReview
from adsync.model.patterns import Together
from adsync.model.plan import Approval, Plan
from adsync.model.probe import Probe
from adsync.model.pulled import Coverage, Report, SettingsCopy, Snapshot
from adsync.model.seal import Verified
from adsync.model.sharing import CrossAccount, Sharing
from adsync.model.stability import History, SegmentCount
from adsync.model.volume import ActionDay, CampaignDay, CampaignVolume, DailySeries
from adsync.model.window import Window


class Axis(StrEnum):
    """To which day a conversion belongs."""

    CONVERSION = "conversion"
    CLICK = "click"


class Clock(Protocol):
    """Tells the time; in the sandbox, the sandbox's."""

    def now(self) -> datetime:
        """The moment, in UTC."""


# Event-level data -----------------------------------------------------------------------------------------------------


class EventAnswers(Protocol):
    """The counted tables of one question to an event log."""

    def frequent(self) -> Frequent: ...

    def activity(self, parts: Collection[str] = ()) -> ActivityTable:
        """What the activity model is fitted to. parts: events that are the macro by another name, and no moments before it."""

    def rate(self, horizon: str, model: ActivityModel) -> None:
        """Expects of every moment what the model says; before both horizons are rated nothing can be compared."""

    def by_name(self, horizon: str) -> NamedSums: ...

    def compared(self, pool: Sequence[str]) -> Mapping[str, Mapping[str, Compared]]:
        """By horizon and candidate: its first occurrences, and moments with these names by visitors who had not done it yet."""

    def plain(self) -> Plain: ...

    def together(self, names: Sequence[str]) -> Together:
        """What is counted of several candidates at once; twelve at most."""

    def history(self) -> Mapping[str, History]:
        """By candidate: its first times by day, and what was expected of them by week."""

    def segments(self, dimension: str) -> Mapping[str, tuple[SegmentCount, ...]]:
        """By candidate: its first times by a dimension that the log's labels have."""


class Scorable(Protocol):
    """What scoring asks of single events."""

    @property
    def summary(self) -> LogSummary: ...

    def names_until(self, last: datetime) -> Mapping[str, int]:
        """Events by name up to a moment; 0 for those that came later."""

    def ask(self, question: Question) -> EventAnswers: ...


class EventLog(Scorable, Protocol):
    """Single events of visitors, wherever they live; only counted tables leave it."""

    def funnel(self, question: FunnelQuestion) -> tuple[FunnelCount, ...]:
        """How far visitors came in a period: all of them first, then each segment."""

    def step_days(self, question: FunnelQuestion) -> tuple[StepDays, ...]:
        """Each pair of neighbouring steps day by day, for all visitors and each segment."""

    def touches(self, question: TouchQuestion) -> TouchTable:
        """Whose first and last touch a channel or campaign was. The log's labels must have the dimension."""

    def lead_up(self, macro: str, last: datetime) -> LeadUp:
        """What buyers did in the hours before they bought, of events up to this moment."""

    def buyers(self, macro: str, last: datetime) -> Buyers:
        """Who did the macro up to this moment."""

    def came_first(self, names: Collection[str], last: datetime) -> Mapping[tuple[str, str], Order]:
        """By two of these events, in what order visitors did them for the first time, up to this moment."""


# Google --------------------------------------------------------------------------------------------------------------


class AdsReader(Protocol):
    """Reads one Google Ads account. Every method is one unit: all of it or an error.

    operations: API operations used so far. Raises AccessDenied, GoogleRefused, TryAgainLater, UnexpectedAnswer.
    """

    @property
    def operations(self) -> int: ...

    def customer(self) -> Customer: ...

    def sharing(self, customer: Customer, *, anew: bool = False) -> Sharing | None:
        """Who uses the conversion actions of the account that owns this one's; None where it owns them itself.

        anew: asked now, and not earlier in the same run.
        """

    def of(self, customer_id: str) -> AdsReader:
        """Reads another account; its operations count here as well."""

    def with_clients(self, state: AccountState, agreed: CrossAccount | None, *, anew: bool = False) -> AccountState:
        """The account with who else uses its conversion actions, and with their campaigns where the config agrees to changes
        that meet them; goals are then the owner's, which all their campaigns inherit. anew: as in `sharing`."""

    def actions(self) -> tuple[ConversionAction, ...]:
        """All conversion actions of every status."""

    def campaigns(self) -> tuple[Campaign, ...]:
        """How each bids; on which goals is left out."""

    def goals(self) -> tuple[ConversionGoal, ...]:
        """The account's own, not those of campaigns."""

    def account_state(self, customer: Customer, as_of: date) -> AccountState:
        """Actions, goals on all levels, campaigns."""

    def exclusions(self) -> tuple[DataExclusion, ...]:
        """Those that hold."""

    def conversions(self, window: Window, axis: Axis) -> tuple[ActionDay, ...]: ...

    def campaign_days(self, window: Window) -> tuple[CampaignDay, ...]: ...


class OpenQuestions(Protocol):
    """Asks one Google Ads account what its documentation leaves open, and changes nothing."""

    def ask(self, yesterday: date) -> Probe:
        """Raises what AdsReader raises when the account cannot be read at all."""


class Analytics(Protocol):
    """Reads one GA4 property. Raises the same errors as AdsReader."""

    @property
    def requests(self) -> int: ...

    def event_report(self, window: Window, events: Sequence[str]) -> EventReport: ...

    def site_report(self, window: Window, customer_id: str) -> SiteReport:
        """customer_id: the account whose ads brought the sessions that are counted apart."""

    def order_ids(self, event_name: str, window: Window) -> OrderIds: ...

    def funnel(self, first: str, then: str, window: Window, horizon_days: int) -> Funnel: ...

    def funnel_quota(self) -> FunnelQuota: ...

    def funnel_parts(
        self, first: str, then: str, window: Window, horizon_days: int, by: str
    ) -> tuple[tuple[FunnelPart, ...], FunnelQuota]:
        """The same funnel apart by device or channel, and what is left of the quota after it."""

    def key_events(self) -> tuple[KeyEvent, ...]: ...


class Validator(Protocol):
    """Asks Google what it would accept, and changes nothing. Raises the same errors as AdsReader.

    operations: API operations used so far; each action that is asked about is one.
    """

    @property
    def operations(self) -> int: ...

    def refusals(self, field: ManagedField, actions: Sequence[ConversionAction]) -> Mapping[str, str]:
        """By action the code of Google's error if that field were written; "" where it would accept it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Google's answer to a change. object_id: of what was created or changed."""

    object_id: str
    request_id: str


class Writer(Protocol):
    """Sends changes, one at a time, without ever repeating one.

    Raises OutcomeUnknown when no clear answer came; every other error means that nothing was changed.
    """

    @property
    def operations(self) -> int: ...

    def send(self, change: Change, *, validate_only: bool = False) -> Receipt: ...


# State ---------------------------------------------------------------------------------------------------------------


class Numbers(Protocol):
    """Google's numbers as they were known on each night. Accounts go by customer id."""

    def store_events(self, customer_id: str, report: EventReport, coverage: Coverage) -> None: ...

    def store_site(self, customer_id: str, report: SiteReport, coverage: Coverage) -> None: ...

    def store_orders(self, customer_id: str, orders: OrderIds | None, coverage: Coverage) -> None:
        """None: they were not asked for, and the coverage says why."""

    def store_funnels(self, customer_id: str, funnels: Sequence[Funnel], coverage: Coverage) -> None: ...

    def store_funnel_parts(self, customer_id: str, parts: Sequence[FunnelPart], coverage: Coverage) -> None: ...

    def store_log_scores(self, customer_id: str, scores: LogScores | None, coverage: Coverage) -> None:
        """None: the log could not be read, and the coverage says why. What was stored before stays."""

    def store_conversions(
        self, customer_id: str, axis: Axis, days: Sequence[ActionDay], coverage: Coverage
    ) -> None: ...

    def store_campaign_days(self, customer_id: str, days: Sequence[CampaignDay], coverage: Coverage) -> None: ...

    def store_snapshot(self, customer_id: str, snapshot: Snapshot, coverage: Coverage) -> None: ...

    def store_capabilities(self, customer_id: str, found: Sequence[Capability], coverage: Coverage) -> None:
        """What was asked and not answered keeps its older answer; the coverage says why."""

    def coverage(self, customer_id: str, report: Report, as_of: date) -> tuple[Coverage, ...]:
        """Every copy of a report up to a night, oldest first."""

    def newest_copies(self, customer_id: str, until: date) -> Mapping[Report, Coverage]:
        """The newest copy of each report that was made up to a night."""

    def conversion_series(
        self, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        """All conversions of each action by day, as known on that night."""

    def grouped_series(
        self,
        customer_id: str,
        action_ids: Sequence[str],
        axis: Axis,
        window: Window,
        as_of: date,
        groups: Mapping[str, str],
        others: str = "",
    ) -> Mapping[str, DailySeries]:
        """All conversions of these actions together by day, for each group of campaigns, as known on that night.

        groups: the group of each campaign id. others: that of all other campaigns; "" leaves them out.
        """

    def value_series(
        self, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        """What all conversions of each action were worth, by day, in account currency."""

    def campaign_conversions(
        self, customer_id: str, window: Window, as_of: date, axis: Axis = Axis.CONVERSION
    ) -> tuple[ActionDay, ...]:
        """Conversions by day, campaign and action over a window, as known on that night."""

    def campaign_days(self, customer_id: str, window: Window, as_of: date) -> tuple[CampaignDay, ...]:
        """Clicks and cost by day and campaign over a window, as known on that night."""

    def campaign_volumes(
        self, customer_id: str, action_ids: Sequence[str], window: Window, as_of: date, axis: Axis = Axis.CONVERSION
    ) -> tuple[CampaignVolume, ...]:
        """Conversions of these actions together and cost, of each campaign over a window, as known on that night."""

    def user_series(
        self, customer_id: str, events: Sequence[str], window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        """Users who did each event, by day, as known on that night."""

    def ad_session_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        """GA4's sessions from the account's ads, by day, as known on that night."""

    def click_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        """Ad clicks of all campaigns, by day, as known on that night."""

    def cost_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        """The cost of all campaigns, by day, in account currency."""

    def funnels(self, customer_id: str, as_of: date) -> tuple[Funnel, ...]:
        """The newest funnels known on that night."""

    def funnel_parts(self, customer_id: str, as_of: date) -> tuple[FunnelPart, ...]:
        """The parts of the newest funnels known on that night; none where that night did not ask for them."""

    def log_scores(self, customer_id: str, as_of: date, macro: str) -> LogScores | None:
        """What the newest reading of the event log until that night said of a macro."""

    def log_shares(self, customer_id: str, as_of: date, macro: str) -> Mapping[str, tuple[PastShare, ...]]:
        """By candidate: P(macro | candidate) in every reading until that night that had enough to say, oldest first."""

    def orders(self, customer_id: str, as_of: date) -> tuple[tuple[date, OrderIds], ...]:
        """What the newest nights until then found of the orders, oldest first, without those that could not tell."""

    def snapshot(self, customer_id: str, as_of: date | None = None) -> Snapshot | None: ...

    def capabilities(self, customer_id: str, as_of: date) -> tuple[Capability, ...]:
        """Google's newest answers until a night to what it would let adsync write, by actions and fields."""

    def settings_copies(self, customer_id: str, first: date, last: date) -> tuple[SettingsCopy, ...]:
        """How the settings stood on a night, and each time that they were found to be others until another, oldest first.

        Where nothing was copied before the first night, from the first copy after it on.
        """

    def settings_at(self, customer_id: str, moment: datetime) -> AccountState | None:
        """What the newest copy until a moment had found, however often that night was copied again; None before the first."""


class Ledger(Protocol):
    """Plans, approvals and the change log."""

    def as_known(self, until: datetime) -> Ledger:
        """The same for whoever looks back: what was written until a moment, and what was not known then is open."""

    def store_plan(self, plan: Plan) -> None: ...

    def newest_plan(self, customer_id: str, origin: str = "") -> Plan | None: ...

    def plan(self, plan_id: str) -> Plan | None: ...

    def next_plan_number(self, account: str, made_on: date) -> int: ...

    def approve(self, approvals: Sequence[Approval]) -> None: ...

    def approvals(self, customer_id: str) -> Mapping[str, Approval]:
        """The newest word on each change that has not been used up by applying it, by the change's hash."""

    def open_entry(self, entry: ChangeLogEntry) -> int:
        """Makes an intent durable before anything is sent; returns the entry's id."""

    def record_entry(self, entry: ChangeLogEntry, *, object_id: str = "") -> int:
        """Writes down at once what is closed already, for nothing is sent; object_id as in `close_entry`."""

    def close_entry(
        self,
        entry_id: int,
        outcome: Outcome,
        at: datetime,
        *,
        request_id: str = "",
        note: str = "",
        object_id: str = "",
    ) -> None: ...

    def entries(
        self, customer_ids: Sequence[str] = (), *, since: datetime | None = None, only_open: bool = False
    ) -> tuple[ChangeLogEntry, ...]:
        """The change log, oldest first; of all accounts when none is named."""

    def entry(self, entry_id: int) -> ChangeLogEntry | None: ...

    def head(self, customer_id: str) -> str:
        """The hash of the newest seal of an account's log: whoever notes it elsewhere sees later whether its end was cut off."""

    def verified(self, customer_id: str, head: str = "") -> Verified:
        """Whether an account's log is as it was written. head: one that was noted earlier."""


class Memory(Protocol):
    """What decisions remember."""

    def as_known(self, day: date) -> Memory:
        """The same for whoever looks back: of checks that were made after a day only the date is told."""

    def counters(self, customer_id: str) -> ScopeCounters: ...

    def conclusion(self, customer_id: str) -> Conclusion | None:
        """What the newest night concluded."""

    def remember(self, customer_id: str, counters: ScopeCounters, conclusion: Conclusion) -> None: ...


class Holds(Protocol):
    """What has stopped automation, from night to night."""

    def as_known(self, day: date, until: datetime) -> Holds:
        """The same for whoever looks back: those that had begun by a day, and what a person had ended until a moment."""

    def see(self, customer_id: str, holds: Sequence[Hold], as_of: date) -> None:
        """Tonight's holds: those that go on keep their number, new ones get one, those that are not among them end."""

    def known(self, customer_ids: Sequence[str] = (), *, lasting: bool = True) -> tuple[KnownHold, ...]:
        """Oldest first; of all accounts when none is named. lasting: only those that have not ended."""

    def clear(self, hold_id: int, at: datetime, by: str, reason: str) -> bool:
        """A person ends a hold; False, and nothing is written, where it does not last any more."""

    def cleared(self, customer_id: str) -> frozenset[tuple[str, date]]:
        """The name of each and since when: what a person has ended is not seen again."""


class OutcomeReviews(Protocol):
    """What is compared after each change, fixed beforehand, and what was found."""

    def as_known(self, day: date) -> OutcomeReviews:
        """The same for whoever looks back: what was found after a day is not known yet."""

    def open(self, review: OutcomeReview) -> bool:
        """False, and nothing is written, where the change has one already: what was fixed stays."""

    def conclude(self, entry_id: int, found: Concluded) -> bool:
        """Once and for all; False, and nothing is written, where it is concluded already."""

    def known(self, customer_ids: Sequence[str] = ()) -> tuple[tuple[OutcomeReview, Concluded | None], ...]:
        """In the order of their entries; of all accounts when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that adsync remembers of accounts."""

    numbers: Numbers
    ledger: Ledger
    memory: Memory
    holds: Holds
    reviews: OutcomeReviews


class RunAllowance(Protocol):
    """The changes that a run may still make over all accounts. limit: at its beginning."""

    limit: int

    def take(self) -> bool:
        """Takes one; False where none is left."""

    def give_back(self) -> None:
        """One that was taken did not become a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All that one account's night may touch.

    changes: that the run may still make. open_log: opens the account's log of single events; None where it has none.
    """

    ads: AdsReader
    analytics: Analytics
    validator: Validator
    writer: Writer
    state: State
    clock: Clock
    changes: RunAllowance
    timeout_seconds: float
    open_log: Callable[[], AbstractContextManager[Scorable]] | None = None
