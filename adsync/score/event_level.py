"""Evidence of grade A, from single events: what it takes to be a good helper, and why each candidate is or is not one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import MONTH_DAYS, TOO_CLOSE_SECONDS, LogSummary, Plain, Question, month_days
from adsync.model.figures import converts, number_of, percent, plural, short, times
from adsync.model.grade import A
from adsync.model.policy import Policy
from adsync.model.score import MINIMUM_LIFT, Score, ScoreReport, is_ranked
from adsync.score.comparison import Adjusted
from adsync.score.intervals import benjamini_hochberg, wilson
from adsync.score.lacking import at_the_edge, is_comparable, lacking, out_of_order
from adsync.score.pace import longest_horizon
from adsync.score.told_apart import told_apart
from adsync.score.twins import MOST_VISITORS, SAME_MOMENTS, is_at_once, nested
from adsync.score.use import share_and_use

LEVEL = 0.95

OTHERS = "equally active visitors who had not done it yet"
"""Some of them do it later: it is less than the ratio between those who ever do it and those who never do."""

EARLIEST = 0.02
"""With a smaller chance of the macro after it, even bidding to values learns from a helper hardly more than from visits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A candidate and everything that its verdict is made of."""

    event: str
    plain: Plain
    day: Adjusted
    long: Adjusted
    question: Question
    log: LogSummary
    pool: Sequence[str]
    policy: Policy


def score_report(
    question: Question,
    log: LogSummary,
    plain: Plain,
    day: Mapping[str, Adjusted],
    long: Mapping[str, Adjusted],
    pool: Sequence[str],
    left_out: Sequence[tuple[str, str]],
    policy: Policy,
) -> ScoreReport:
    """Every candidate with its verdict, those that announce most of the macro first."""
    mature = question.as_of - timedelta(days=question.settling_days + question.horizon_days)
    span = max((question.as_of - log.first) / timedelta(days=1), 1.0)
    cases = [
        _Case(
            event=name,
            plain=plain,
            day=_with_gates(day[name], in_order=not out_of_order(name, plain, question, log)),
            long=_with_gates(long[name], in_order=not out_of_order(name, plain, question, log)),
            question=question,
            log=log,
            pool=pool,
            policy=policy,
        )
        for name in question.candidates
    ]
    q_values = benjamini_hochberg([_p_value(case) for case in cases])
    a_month = MONTH_DAYS / month_days(log.first, question.as_of)
    scores = [_score(case, q, span, a_month) for case, q in zip(cases, q_values, strict=True)]
    scores.sort(key=lambda s: (-s.announces, -(s.lift.point if s.lift else 0.0), s.event))
    if not log.cut_to:  # there whatever is done on one day, or in one hour, falls together
        scores = without_duplicates(scores, plain, question.macro)
    if not is_ranked(scores):
        scores = sorted((replace(s, announces=0.0) for s in scores), key=lambda s: (-s.volume_30d, s.event))
    return ScoreReport(
        macro=question.macro,
        level=LEVEL,
        horizon_days=question.horizon_days,
        as_of=question.as_of,
        mature_until=mature.date(),
        log=log,
        visitors=plain.visitors,
        buyers=plain.buyers,
        volume_30d=plain.buyer_months * a_month,
        base_share=wilson(plain.buyers, plain.visitors),
        scores=tuple(scores),
        compared_with=tuple(pool),
        left_out=tuple(left_out),
        notes=tuple(_notes(question, log, plain, scores, mature)),
    )


def _notes(
    question: Question, log: LogSummary, plain: Plain, scores: Sequence[Score], mature: datetime
) -> Iterator[str]:
    """What the reader should know of the log and the ranking. mature: after it a horizon has not passed yet."""
    if plain.visitors and plain.buyers > plain.visitors * MOST_VISITORS:
        yield (
            f"{percent(plain.buyers / plain.visitors)} of all visitors do {short(question.macro)}, which leaves little to "
            "announce. Is it the main goal itself, or an event of nearly every visit? Scores are of what --macro names."
        )
    if mature.date() <= log.first.date():
        yield _too_short(question, log, nobody=mature <= log.first)
    if any(s.verdict is Verdict.NOT_ENOUGH for s in scores) and not is_ranked(scores):
        unordered = [out_of_order(s.event, plain, question, log) for s in scores]
        why = "nobody knows what came before what" if all(unordered) else "there is too little of every candidate"
        yield f"No ranking: {why}. They stand in the order of how many do them."


def _too_short(question: Question, log: LogSummary, *, nobody: bool) -> str:
    """That the horizon has passed for nobody, or only for who came on the log's first day; and which one can be judged."""
    settling = question.settling_days
    days = (question.as_of - log.first) / timedelta(days=1)
    uncounted = f"an export's last {settling} do not count yet, for Google goes on rewriting them"
    # And one whole day at least.
    judged = max(longest_horizon(days - settling), int(days - settling >= 2))
    way_out = (
        f"A shorter horizon can be judged: --horizon-days {judged}"
        if judged
        else "Come back with a longer log: about three months are a good start."
    )
    return (
        f"The log covers {number_of(round(days), 'day')}{f' ({uncounted})' if settling else ''}: "
        f"{'nobody' if nobody else 'hardly anybody'} has had {number_of(question.horizon_days, 'day')} to do "
        f"{short(question.macro)} in. {way_out}"
    )


def _with_gates(found: Adjusted, *, in_order: bool) -> Adjusted:
    """Without a lift where there is hardly anybody to compare with, or nobody knows what came first. With a p-value of 1 it
    stays among those that q is corrected for, which is the stricter way."""
    return found if in_order and is_comparable(found) else replace(found, lift=None, p_value=1.0)


def _within_a_day(lift: Interval) -> str:
    return f"within a day {times(lift.point)} ({lift.low:.2f}-{lift.high:.2f}) as many"


def _p_value(case: _Case) -> float:
    """Two horizons are two chances to look good."""
    return min(1.0, 2 * min(case.day.p_value, case.long.p_value))


def _score(case: _Case, q: float, span: float, a_month: float) -> Score:
    """span: days of the log. a_month: the part of the months in which is counted that 30 days are."""
    following = case.plain.by_candidate[case.event]
    exposed = following.exposed["long"]
    volume = following.months * a_month
    verdict, because = _verdict(case, q, is_rarer=following.months <= case.plain.buyer_months)
    low = max(case.long.difference.low, 0.0) if case.long.lift else 0.0
    return Score(
        event=case.event,
        exposed=exposed.visitors,
        converted=exposed.bought,
        p=wilson(exposed.bought, exposed.visitors, LEVEL),
        lift=case.long.lift,
        lift_day=case.day.lift,
        risk_difference=case.long.difference if case.long.lift else None,
        naive_lift=_naive_lift(case),
        q=q,
        coverage=following.passed / case.plain.buyers if case.plain.buyers else 0.0,
        overlap=case.long.overlap,
        volume_30d=volume,
        # Who does it for the first time, and before the macro, is whom the difference speaks of.
        announces=30.0 * (following.did - following.after) / span * low,
        grade=A.name,
        verdict=verdict,
        because=because + at_the_edge(case.long),
    )


def _naive_lift(case: _Case) -> float | None:
    f, plain = case.plain.by_candidate[case.event], case.plain
    others, bought = plain.visitors - f.did, plain.buyers - f.did_and_bought
    if not f.did or others <= 0 or bought <= 0:
        return None
    return (f.did_and_bought / f.did) / (bought / others)


def _verdict(case: _Case, q: float, *, is_rarer: bool) -> tuple[Verdict, str]:
    f, macro = case.plain.by_candidate[case.event], case.question.macro
    if unknown := out_of_order(case.event, case.plain, case.question, case.log):
        return Verdict.NOT_ENOUGH, unknown
    if is_at_once(f):
        return (
            Verdict.DUPLICATE,
            f"It is {short(macro)} by another name: {percent(f.around / f.did)} happen within {TOO_CLOSE_SECONDS} seconds of it "
            f"({f.around:,} of {number_of(f.did, 'visitor')}), which is too late to count as before it.",
        )
    if shares := nested(f, case.plain):
        onwards, passed = shares
        return Verdict.DUPLICATE, (
            f"It is {short(macro)} by another name, some time before it: {percent(onwards)} of those who do it go on to "
            f"{converts(macro)}, and {percent(passed)} of those who {converts(macro)} have done it. Bidding on both would count "
            "one step twice."
        )
    if f.did and f.after / f.did > 0.5:
        return Verdict.AFTER_MACRO, (
            f"{percent(f.after / f.did)} of the visitors who do it do so for the first time after {short(macro)}, or within "
            f"{TOO_CLOSE_SECONDS} seconds before it: it cannot announce it."
        )
    if too_little := lacking(case.event, case.plain, case.long, case.question, case.log, case.pool):
        return Verdict.NOT_ENOUGH, too_little
    lifts = [a.lift for a in (case.long, case.day) if a.lift]
    best = max(lifts, key=lambda lift: lift.low)
    beside = f"{times(best.point)} as many as {OTHERS}"
    if best != case.long.lift:
        # The table has the lift over the horizon: another number wants its own words, and its own interval.
        beside = f"{_within_a_day(best)} as {OTHERS}"
    if q >= case.policy.false_discovery_rate or best.low <= MINIMUM_LIFT:
        return Verdict.NOT_BETTER, _not_better(case, case.long.lift or best, best, q)
    exposed = f.exposed["long"]
    share = wilson(exposed.bought, exposed.visitors, LEVEL)
    shown, use = share_and_use(share.point, case.policy.minimum_share)
    known = f"{shown} go on to {converts(macro)}{';' if beside.startswith('within') else ','} {beside}"
    if share.high < EARLIEST:
        return Verdict.TOO_EARLY, f"{known}; {percent(EARLIEST)} are asked."
    if is_rarer:
        return Verdict.TOO_RARE, f"{known}, but it is no more frequent than {plural(macro)} themselves."
    return Verdict.GOOD, f"{known}.{use}"


def _not_better(case: _Case, lift: Interval, best: Interval, q: float) -> str:
    """That nobody can tell, where the lift over the horizon may be one that matters; else that it is no better."""
    if best.low > MINIMUM_LIFT:
        among = number_of(len(case.question.candidates), "candidate")
        # The table has the lift over the horizon alone.
        shown = "" if best == case.long.lift else f"{_within_a_day(best)}, but "
        seen = f"Cannot be told apart from chance: {shown}among {among} one looks as good by chance (q = {q:.2f})"
    else:
        said = told_apart(lift, MINIMUM_LIFT, OTHERS)
        seen = (
            f"{said}: {lift.point:.2f} times as many, 95 % {lift.low:.2f} to {lift.high:.2f}; more than "
            f"{MINIMUM_LIFT:.1f} is asked of its lower end"
        )
    naive = _naive_lift(case)
    if naive is None or naive <= 1.5:
        return f"{seen}."
    often = f"{converts(case.question.macro)} {times(naive)} as often as others"
    return f"{seen}. Visitors who do it {often}, which their activity may explain as well."


def without_duplicates(scores: Sequence[Score], plain: Plain, macro: str) -> list[Score]:
    """Of two events that fall together only the better one is good."""
    kept: list[Score] = []
    for score in scores:
        twin = next((better for better in kept if _in_common(score, better, plain) > SAME_MOMENTS), None)
        if twin is not None and score.verdict in (Verdict.GOOD, Verdict.TOO_EARLY, Verdict.TOO_RARE):
            because = (
                f"It happens at the same moments as {short(twin.event)}, which announces more {plural(macro)}: "
                f"{percent(_in_common(score, twin, plain))} of those who do the rarer one do both within 10 seconds. Bidding "
                "on both would count one step twice."
            )
            score = replace(score, verdict=Verdict.DUPLICATE, because=because)
        kept.append(score)
    return kept


def _in_common(one: Score, other: Score, plain: Plain) -> float:
    """The share of the rarer one's visitors for whom both fall together."""
    a, b = sorted((one.event, other.event))
    smaller = min(plain.by_candidate[one.event].did, plain.by_candidate[other.event].did)
    return plain.together.get((a, b), 0) / smaller if smaller > 0 else 0.0
