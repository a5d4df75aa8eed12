"""Replays a history and puts its figures together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from adsync.backtest.assumed import other_lines
from adsync.backtest.figures import Lines, figures_of, in_the_end, weeks_of
from adsync.backtest.rules import hysteresis, naive
from adsync.decide import words
from adsync.decide.lookout import Lookout
from adsync.decide.replay import AT_ONCE, Answers, Known, Night, replay, stand_ins
from adsync.model.backtest import Backtest, Change, ReplayedNight, RuleFigures, Sensitivity, Standstill
from adsync.model.policy import Policy
from adsync.model.window import Window

OTHER_DEMANDS = (25.0, 30.0, 40.0, 50.0)

CAVEAT = (
    "Nothing here says what sales would have been: this history was made under the settings of then, and bidding would "
    "have answered to others."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What to replay.

    nights: what was known on each, oldest first, and how campaigns bid then, which makes the demand line where the policy
    names none. approximate: those of them on which later knowledge stands in.
    helpers: how many are bid on at first. why_approximate: "" where nothing stands in.
    """

    source: str
    macro: str
    nights: Mapping[date, Known]
    policy: Policy
    helpers: int = 1
    answers: Answers = AT_ONCE
    approximate: frozenset[date] = frozenset()
    why_approximate: str = ""
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> Policy:
        """The policy with the demand line of the newest night: that by which rules are compared."""
        return self.nights[max(self.nights)].line(self.policy)


@dataclass(frozen=True, slots=True)
class _Told:
    """A night of the replay, what is said of it, and who was bid on before it."""

    night: Night
    because: str
    before: tuple[str, ...]


def backtest(case: Case) -> Backtest:
    """What the rule would have done with a history, and other rules with the same.

    Raises ValueError where there are no nights.
    """
    # Every demand line sees the same in the numbers.
    lookout = Lookout(case.policy)
    seen = {
        on: known if known.seen is not None else replace(known, seen=lookout.watch(known.watched, known.last_day))
        for on, known in case.nights.items()
    }
    case = replace(case, nights=seen)
    told = list(_told(case))
    macro = in_the_end(case.nights)
    nights = list(case.nights)
    changes = tuple(_changes(told))
    return Backtest(
        source=case.source,
        macro=case.macro,
        days=Window(macro.first, macro.last),
        replayed=Window(nights[0], nights[-1]),
        demand=case.line.demand,
        return_line=case.policy.return_per_30_days,
        helpers=case.helpers,
        approximate=case.why_approximate,
        notes=(*case.notes, *other_lines(case.policy, case.nights)),
        stands=next((t.because for t in reversed(told) if t.because), ""),
        changes=changes,
        proposals=tuple(_proposals(told)),
        held=tuple(_held(told)),
        rules=_rules(case, told, changes),
        sensitivity=tuple(_sensitivity(case)),
        weeks=weeks_of(macro),
        caveat=CAVEAT,
        nights=tuple(_as_shown(t, approximate=t.night.on in case.approximate) for t in told),
    )


def with_demand(policy: Policy, demand: float) -> Policy:
    """The same policy with another demand line; the return line stays two thirds of it or less."""
    other = replace(policy, demand_per_30_days=demand)
    return replace(other, return_per_30_days=min(other.return_per_30_days, other.highest_return_line))


def _replayed(case: Case, policy: Policy) -> Iterator[Night]:
    helpers = stand_ins(case.helpers)
    return replay(policy, case.nights.__getitem__, helpers, case.nights, macro=case.macro, answers=case.answers)


def _told(case: Case) -> Iterator[_Told]:
    before = tuple(helper.event_name for helper in stand_ins(case.helpers))
    for night in _replayed(case, case.policy):
        yield _Told(night, _because(case, night, before), before)
        before = night.primary


def _because(case: Case, night: Night, before: Sequence[str]) -> str:
    """The sentence of the night; "" between two checks, when nothing is weighed."""
    decision = night.decision
    if decision.verdict != "hold" and not decision.checked:
        return ""
    resting = len(before) < case.helpers
    said = words.of_demand(
        case.macro,
        decision,
        decision.policy or case.policy,
        night.counters,
        any_primary=bool(before),
        any_resting=resting,
    )
    if decision.verdict == "demote" and not decision.automatic:
        return f"{said} {words.waiting_for_person(case.policy.cycle_days)}"
    return said


def _changes(told: Sequence[_Told]) -> Iterator[Change]:
    said = ""
    for t in told:
        said = t.because or said
        if t.night.applied:
            yield _change(t, t.night.applied, said, t.night.primary)


def _proposals(told: Sequence[_Told]) -> Iterator[Change]:
    """Each retirement that was left to a person, on the first night on which it was asked for."""
    waiting = False
    for t in told:
        asked = t.night.decision.verdict == "demote" and not t.night.decision.automatic and not t.night.applied
        if asked and not waiting:
            yield _change(t, "demote", t.because, t.before[1:])
        waiting = asked or (waiting and t.night.decision.verdict == "hold")


def _held(told: Sequence[_Told]) -> Iterator[Standstill]:
    for held, group in groupby(told, key=lambda t: t.night.decision.verdict == "hold"):
        if held:
            nights = list(group)
            yield Standstill(first=nights[0].night.on, last=nights[-1].night.on, because=nights[0].because)


def _change(t: _Told, verb: str, because: str, after: Sequence[str]) -> Change:
    return Change(
        date=t.night.on,
        verb=verb,
        helpers=tuple(sorted(set(t.before) ^ set(after))),
        helpers_primary=len(after),
        because=because,
    )


def _as_shown(t: _Told, *, approximate: bool) -> ReplayedNight:
    weighed = t.night.decision.weighed
    return ReplayedNight(
        date=t.night.on,
        verdict=t.night.decision.verdict,
        helpers_primary=len(t.night.primary),
        counted=None if weighed is None else round(weighed.counted, 2),
        needed=None if weighed is None else weighed.needed,
        because=t.because,
        approximate=approximate,
    )


def _rules(case: Case, told: Sequence[_Told], changes: Sequence[Change]) -> tuple[RuleFigures, ...]:
    macro, nights, demand = in_the_end(case.nights), list(case.nights), case.line.demand
    upper, lower = demand * 4 / 3, demand * 2 / 3
    lines = Lines(demand=demand, few=case.policy.return_per_30_days, plenty=upper)
    own = figures_of(
        "adsync",
        nights,
        [bool(t.night.primary) for t in told],
        macro,
        lines,
        retirements=[c.date for c in changes if c.verb == "demote"],
        returns=[c.date for c in changes if c.verb == "restore"],
    )
    return (
        own,
        figures_of(f"{demand:.0f} in the last 30 days", nights, naive(case.nights, demand), macro, lines),
        figures_of(
            f"{upper:.0f}/{lower:.0f}, three checks", nights, hysteresis(case.nights, upper, lower), macro, lines
        ),
    )


def _sensitivity(case: Case) -> Iterator[Sensitivity]:
    own = case.line.demand
    for demand in sorted({*OTHER_DEMANDS, own}):
        policy = case.policy if demand == own else with_demand(case.policy, demand)
        applied = [(night.on, night.applied) for night in _replayed(case, policy) if night.applied]
        yield Sensitivity(
            demand=demand,
            return_line=round(policy.return_per_30_days, 2),
            changes=len(applied),
            first_retirement=next((on for on, what in applied if what == "demote"), None),
        )
