"""The same rule, night by night over a stretch of time: what it would have done, with what was known on each night.

Backtests and simulations both call it; they decide nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.decide.demand import evaluate
from adsync.decide.guards import evidence, holds_of
from adsync.decide.watch import Watch, Watched, look, watch
from adsync.model.decision import Counters, DemandDecision, Helper, Hold, LastChange, Series
from adsync.model.policy import Policy
from adsync.model.window import Window

Known = Callable[[date], Watched]
"""What is known on a night. Where nothing is restated it is the same object every night: then only new days are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """After how many days what is proposed is applied: 0 at once, None never.

    second_cycle: what is proposed within a year of a return, and is for a person to decide.
    """

    demote: int | None = 0
    restore: int | None = 0
    second_cycle: int | None = None

    def days(self, decision: DemandDecision) -> int | None:
        """For this decision."""
        if decision.verdict == "restore":
            return self.restore
        return self.demote if decision.automatic else self.second_cycle


AT_ONCE = Answers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night of a replay. applied: "demote", "restore" or nothing. primary: helpers that are bid on after it."""

    on: date
    decision: DemandDecision
    applied: str = ""
    primary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proposal:
    due: date
    verdict: str
    action_ids: tuple[str, ...]


def replay(
    policy: Policy,
    known: Known,
    helpers: Sequence[Helper],
    nights: Window,
    *,
    macro: str = "purchase",
    skip_days: int = 1,
    answers: Answers = AT_ONCE,
) -> Iterator[Night]:
    """Decides each of these nights and applies what comes of it, with the delay of whoever has to agree.

    skip_days: the newest days that are not complete, today included.
    """
    actors = tuple(helpers)
    counters = Counters()
    last_change: LastChange | None = None
    sight = _Sight(policy, known, macro, skip_days)
    proposal: _Proposal | None = None
    for today in nights:
        series, holds = sight.on(today)
        decision, counters = evaluate(policy, counters, actors, last_change, series, holds, today)
        proposal = _proposed(proposal, decision, answers, today)
        applied = ""
        if proposal is not None and proposal.due <= today:
            applied = proposal.verdict
            up = applied == "restore"
            actors = tuple(replace(h, primary=up) if h.action_id in proposal.action_ids else h for h in actors)
            last_change, proposal = LastChange(on=today, direction="up" if up else "down"), None
        yield Night(
            on=today, decision=decision, applied=applied, primary=tuple(h.event_name for h in actors if h.primary)
        )


def _proposed(before: _Proposal | None, decision: DemandDecision, answers: Answers, today: date) -> _Proposal | None:
    """What waits to be applied. What is no longer asked for is withdrawn, as a plan is by the next one."""
    if decision.verdict not in ("demote", "restore"):
        return None
    if before is not None and (before.verdict, before.action_ids) == (decision.verdict, decision.action_ids):
        return before
    days = answers.days(decision)
    return None if days is None else _Proposal(today + timedelta(days=days), decision.verdict, decision.action_ids)


class _Sight:
    """What a night sees: series, and what the guards say of them."""

    def __init__(self, policy: Policy, known: Known, macro: str, skip_days: int) -> None:
        self._policy, self._known, self._macro, self._skip = policy, known, macro, skip_days
        self._seen: Watched | None = None
        self._watch = Watch()
        self._until = date.min

    def on(self, today: date) -> tuple[Series, list[Hold]]:
        last_day = today - timedelta(days=self._skip)
        seen = self._known(today)
        if seen is self._seen and last_day == self._until + timedelta(days=1):
            self._watch = look(self._watch, seen, last_day)
        else:
            self._watch = watch(seen, last_day)
        self._seen, self._until = seen, last_day
        series = evidence(self._policy, seen, self._watch, last_day, "helper" if seen.companion else "")
        return series, holds_of(self._policy, self._macro, self._watch, last_day, today)
