"""The same rule, night by night over a stretch of time: what it would have done, with what was known on each night.

Backtests and simulations both call it; they decide nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.decide.demand import evaluate, weighs
from adsync.decide.episodes import Watch, Watched
from adsync.decide.guards import evidence, holds_of
from adsync.decide.lookout import Lookout
from adsync.model.decision import Counters, DemandDecision, Helper, Hold, LastChange, Series
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known on a night.

    part: the macros of the scope that is weighed, where that is not all that is watched.
    last_day: the newest day that is complete. helper_event: what the companion counts. holds: what stops the rule beside
    what is seen in the numbers. seen: that, where somebody has looked already. on_value: whether what is weighed bids for
    value, which makes the demand line where the policy names none; None where that is not known.
    """

    watched: Watched
    last_day: date
    helper_event: str = "helper"
    holds: tuple[Hold, ...] = ()
    seen: Watch | None = None
    part: DailySeries | None = None
    on_value: bool | None = None

    @property
    def macro(self) -> DailySeries:
        """What is weighed."""
        return self.watched.macro if self.part is None else self.part

    def line(self, policy: Policy) -> Policy:
        """The policy with the demand line of this night."""
        return policy if self.on_value is None else policy.for_bidding(on_value=self.on_value)

    @classmethod
    def final(cls, watched: Watched, today: date) -> Known:
        """Of numbers that are complete on the day after, and never restated."""
        return cls(watched=watched, last_day=today - timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """After how many days what is proposed is applied: 0 at once, None never.

    second_cycle: what is proposed within a year of a return, and is for a person to decide.
    """

    demote: int | None = 0
    restore: int | None = 0
    second_cycle: int | None = None

    @classmethod
    def of(cls, auto: Collection[str], days: int) -> Answers:
        """Of a person who takes so many days to approve what does not run by itself."""
        return cls(demote=0 if "demote" in auto else days, restore=0 if "restore" in auto else days)

    def days(self, decision: DemandDecision) -> int | None:
        """For this decision."""
        if decision.verdict == "restore":
            return self.restore
        return self.demote if decision.automatic else self.second_cycle


AT_ONCE = Answers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night of a replay.

    counters: after the decision. applied: "demote", "restore" or nothing. primary: helpers that are bid on after it.
    """

    on: date
    decision: DemandDecision
    counters: Counters
    applied: str = ""
    primary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proposal:
    due: date
    verdict: str
    action_ids: tuple[str, ...]


def stand_ins(number: int) -> tuple[Helper, ...]:
    """Helpers that are all bid on, the first of them the least valuable: for accounts whose own are not known."""
    return tuple(
        Helper(action_id=str(n), event_name=f"helper {n}", primary=True, trusted=True, worth=n / (number + 1))
        for n in range(1, number + 1)
    )


def replay(
    policy: Policy,
    known: Callable[[date], Known],
    helpers: Sequence[Helper],
    nights: Iterable[date],
    *,
    macro: str = "purchase",
    answers: Answers = AT_ONCE,
) -> Iterator[Night]:
    """Decides each of these nights and applies what comes of it, with the delay of whoever has to agree."""
    actors = tuple(helpers)
    counters = Counters()
    last_change: LastChange | None = None
    lookout = Lookout(policy)
    proposal: _Proposal | None = None
    primary = _primary(actors)
    series: Series | None = None
    for today in nights:
        night = known(today)
        seen = lookout.watch(night.watched, night.last_day) if night.seen is None else night.seen
        line = night.line(policy)
        if series is None or weighs(line, counters, today):
            # On other nights the rule reads no series, so an older one does.
            series = _evidence(line, night, seen)
        holds = [*night.holds, *holds_of(line, macro, seen, night.last_day, today)]
        decision, counters = evaluate(line, counters, actors, last_change, series, holds, today)
        proposal = _proposed(proposal, decision, answers, today)
        applied = ""
        if proposal is not None and proposal.due <= today:
            applied = proposal.verdict
            up = applied == "restore"
            actors = tuple(replace(h, primary=up) if h.action_id in proposal.action_ids else h for h in actors)
            last_change = LastChange.following(last_change, today, "up" if up else "down")
            proposal = None
            primary = _primary(actors)
        yield Night(on=today, decision=decision, counters=counters, applied=applied, primary=primary)


def _primary(helpers: Iterable[Helper]) -> tuple[str, ...]:
    return tuple(helper.event_name for helper in helpers if helper.primary)


def _evidence(policy: Policy, night: Known, seen: Watch) -> Series:
    event = night.helper_event if night.watched.companion else ""
    watched = night.watched if night.part is None else replace(night.watched, macro=night.part)
    return evidence(policy, watched, seen, night.last_day, event)


def _proposed(before: _Proposal | None, decision: DemandDecision, answers: Answers, today: date) -> _Proposal | None:
    """What waits to be applied. What is no longer asked for is withdrawn, as a plan is by the next one."""
    if decision.verdict not in ("demote", "restore"):
        return None
    if before is not None and (before.verdict, before.action_ids) == (decision.verdict, decision.action_ids):
        return before
    days = answers.days(decision)
    return None if days is None else _Proposal(today + timedelta(days=days), decision.verdict, decision.action_ids)
