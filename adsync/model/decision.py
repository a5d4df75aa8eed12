"""What should become of each helper, and the state that decisions carry from night to night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from adsync.model.evidence import Evidence
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries

Numbers = tuple[tuple[str, float | int | str], ...]
"""The figures behind a decision, in the order in which they are shown."""

SHARE_THAT_BUYS, AT_LEAST, AT_MOST = "share that buys", "at least", "at most"
"""The figures of a promotion that say P(macro | micro), and its interval."""

GRADE, CANNOT_KNOW, RAISED_BY = "grade", "cannot know", "would tell more"
"""What is said of the evidence behind a change: its grade, what that leaves open, and what would tell more."""


class Verb(StrEnum):
    """What is done to an object at Google."""

    KEY_EVENT = "key_event"
    CREATE = "create"
    ENABLE = "enable"
    UPDATE = "update"
    VALUE = "value"
    PROMOTE = "promote"
    RESTORE = "restore"
    DEMOTE = "demote"
    TARGET = "target"
    # Whether campaigns bid on a goal at all; where Google lets nobody demote the helper that is alone in it.
    GOAL = "goal"
    # The inverses of the first three; only a rollback asks for them.
    UNMARK = "unmark"
    REMOVE = "remove"
    HIDE = "hide"
    # A person's word on who looks after an action. Nothing of it is Google's: the change log alone says so.
    ADOPT = "adopt"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A conversion action that stands for a micro-conversion, as the demand rule sees it.

    worth: P(macro | micro), by which the least valuable goes first. trusted: a person once promoted it through adsync.
    """

    action_id: str
    event_name: str
    primary: bool
    trusted: bool
    worth: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """The newest applied change of who is primary.

    direction: "down" after a demotion, "up" after a return, "first" after a promotion by a person. returned_on: when helpers
    came back before that, if they ever did.
    """

    on: date
    direction: str
    returned_on: date | None = None

    @property
    def newest_return(self) -> date | None:
        """The newest return, this change itself among them."""
        return self.on if self.direction == "up" else self.returned_on

    @classmethod
    def following(cls, before: LastChange | None, on: date, direction: str) -> LastChange:
        """The change that follows on another one, or on none."""
        return cls(on=on, direction=direction, returned_on=before.newest_return if before else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What the demand rule remembers between weekly checks.

    above, below: checks in a row. before_*: their values before the check of `checked_on`, so that a second run of
    that day judges again without counting twice. standing: the verdict that holds until the next check. policy: fingerprint
    of that by which it was made; "" where that is not known.
    """

    checked_on: date | None = None
    above: int = 0
    below: int = 0
    before_above: int = 0
    before_below: int = 0
    standing: str = "keep"
    policy: str = ""

    def is_recent(self, today: date, weeks: int) -> bool:
        """Whether some of the evidence that was counted is still within the newest weeks."""
        return self.checked_on is not None and (today - self.checked_on).days <= 7 * weeks

    def as_known(self, day: date) -> Counters:
        """As far as it was known on a day: the count of a later check is not that of the one before it."""
        return self if self.checked_on is None or self.checked_on <= day else Counters(checked_on=self.checked_on)

    def next_check(self, every_days: int) -> date:
        """The first day on which evidence is weighed again; the earliest of all dates when it never was."""
        return date.min if self.checked_on is None else self.checked_on + timedelta(days=every_days)


ScopeCounters = Mapping[str, Counters]
"""Those of each scope, by its key. The key "" stands for a record of the time when an account was one scope."""


def next_check(counters: ScopeCounters, every_days: int) -> date:
    """The first day on which evidence of any scope is weighed again; the earliest of all dates when none ever was.

    A scope that was not weighed when it was due is not there at present, and nothing waits for it.
    """
    newest = max((each.checked_on for each in counters.values() if each.checked_on is not None), default=None)
    dues = [each.next_check(every_days) for each in counters.values()]
    return min((due for due in dues if newest is None or due > newest), default=date.min)


AHEAD_DAYS = 7
"""A check that is dated so much later than today was made under a wrong clock; of a few days it may be this clock."""


def believable(counters: ScopeCounters, today: date) -> ScopeCounters:
    """Without those of a clock that ran far ahead."""
    if date.max - today < timedelta(days=AHEAD_DAYS):
        return counters
    last = today + timedelta(days=AHEAD_DAYS)
    return {key: each for key, each in counters.items() if each.checked_on is None or each.checked_on <= last}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What stops automation, since when, and what a person should do.

    about: what exactly is seen, where a code can be seen of several things: a conversion action's id where it stops that
    one's decisions only, else a fingerprint. detail: what else makes it another one: ending it ends no other detail.
    returns_too: whether helpers must not come back either. A doubtful tag forbids to retire them only: too many signals are
    no harm while somebody looks.
    note: it stops nothing, and is only said. seen_begin: of what is not as adsync left it, whether `since` is when a copy first
    found it so, and not when adsync left it. puts_back: whether adsync could put that back, as far as is known of Google.
    """

    code: str
    since: date
    saw: str
    todo: str
    returns_too: bool = False
    about: str = ""
    detail: str = ""
    note: bool = False
    seen_begin: bool = False
    puts_back: bool = True

    @property
    def name(self) -> str:
        """What tells it from others of the same night."""
        return " ".join(part for part in (self.code, self.about, self.detail) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What the demand rule reads: the macro by conversion date, and a frequent helper as a thermometer if there is one.

    last_day: the newest day that is complete; nothing after it is read. set_aside: days of the macro that are known and
    yet no evidence. How lumpy the macro is, is judged with them.
    """

    macro: DailySeries
    last_day: date
    set_aside: frozenset[date] = frozenset()
    helper: DailySeries | None = None
    helper_event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a macro's volume stands against its lines.

    counted: macros in the last 12 whole weeks (weeks capped); needed: the total that would show the demand.
    effective_days: usable days among those 84. recent: macros in the newest 28 days.
    above_chance: P(rate >= demand). below_chance: P(rate <= return line). starved: demand is surely not met. cut_weeks: how
    many of the weeks were capped.
    """

    last_day: date
    demand: float
    counted: float
    needed: float
    effective_days: float
    dispersion: float
    above_chance: float
    recent: float
    recent_days: float
    return_line: float
    returns_at: float
    below_chance: float
    starved: bool
    weekly: tuple[float, ...] = ()
    gates: tuple[tuple[str, bool, str], ...] = ()
    fast_lane: bool = False
    cut_weeks: int = 0

    @property
    def monthly(self) -> float:
        """Macros per 30 days over the usable days of the 12 weeks."""
        return 30.0 * self.counted / self.effective_days if self.effective_days else 0.0


_VERDICTS = frozenset({"demote", "restore", "keep", "hold"})


def _must_be_a_verdict(word: str) -> None:
    if word not in _VERDICTS:
        raise ValueError(f"{word!r} is no verdict of the demand rule: {', '.join(sorted(_VERDICTS))}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeStanding:
    """Where one scope stands. name: its campaigns. spend: its share of what all scopes cost in the weeks that decide, 0-1.

    on_value: it bids for value. verdict: what the rule says of it alone. reason: why, in a sentence. helpers_rest: there are
    helpers that could come back.
    """

    key: str
    name: str
    on_value: bool
    spend: float
    verdict: str
    standing: Standing
    reason: str
    helpers_rest: bool = False

    def __post_init__(self) -> None:
        _must_be_a_verdict(self.verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Days of the weeks that decide that are no evidence, and what was seen on them.

    code: of the guard, "freeze" for a declared season, "unknown" for days that were not copied whole. since: when it began,
    which may be before the weeks that decide. first, last: of its days in them. days: how many these are.
    """

    code: str
    since: date
    first: date
    last: date
    days: int
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandDecision:
    """What the demand rule says tonight, of one scope or of the whole account.

    verdict: "demote", "restore", "keep" or "hold". action_ids: whom it concerns. automatic: False when a person must
    agree because a full cycle was completed within a year. checked: False on nights between two checks. needs_person: why
    somebody must agree to a retirement. weighed: the numbers behind it; None where none were worked out. policy: that by
    which it was decided; None in records that are older than this field. line: which demand applies, why, and what it
    takes to show it. scopes: of an account, the parts that were decided each by itself, those that cost most first.
    helper_holds: what stops single helpers only. notes: what the guards only say. set_aside: which days of the weeks that
    decide are no evidence.
    """

    verdict: str
    weighed: Standing | None = None
    action_ids: tuple[str, ...] = ()
    automatic: bool = True
    checked: bool = False
    holds: tuple[Hold, ...] = ()
    notes: tuple[Hold, ...] = ()
    reason: str = ""
    needs_person: str = ""
    policy: Policy | None = None
    line: str = ""
    scopes: tuple[ScopeStanding, ...] = ()
    helper_holds: tuple[Hold, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

    def __post_init__(self) -> None:
        _must_be_a_verdict(self.verdict)

    @property
    def said(self) -> tuple[Hold, ...]:
        """All that was seen: what holds everything, what holds single helpers, and notes."""
        return (*self.holds, *self.helper_holds, *self.notes)

    @property
    def stands(self) -> str:
        """The reason, and why a person must agree: what is said of the account as a whole."""
        return f"{self.reason} {self.needs_person}".strip()

    @property
    def standing(self) -> Standing:
        """The numbers. Raises ValueError on a night between two checks to which nobody has added them."""
        if self.weighed is None:
            raise ValueError("Nothing was weighed on this night; ask decide.demand.standing for the numbers.")
        return self.weighed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What should become of one event; `verb` is None where nothing changes. value: in account currency, to be given.

    hold: what stops this helper, and what a person should do.
    needs_person: why a person must decide. only_proposed: why nobody can agree to it.
    """

    event_name: str
    because: str
    verb: Verb | None = None
    action_id: str = ""
    value: float = 0.0
    numbers: Numbers = ()
    evidence: Evidence | None = None
    needs_person: str = ""
    hold: Hold | None = None
    only_proposed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of one night for one account."""

    demand: DemandDecision
    each: tuple[Decision, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a night made of the volume, kept so that looking at it does not weigh it again.

    settings: fingerprint of the account's config; under other settings the conclusion would be another.
    """

    as_of: date
    settings: str
    demand: DemandDecision
