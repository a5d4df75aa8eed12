"""An account's candidates by its own numbers, grade by grade: what is known, what is not, and what would say more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.grade import A, B
from adsync.model.history import History
from adsync.model.policy import Policy
from adsync.model.score import MINIMUM_LIFT
from adsync.model.tier import AccountScores, TierScore, Unasked
from adsync.score.evidence import too_few_to_rank
from adsync.score.grades import of_conditions

UNDECIDED = (Verdict.NOT_ENOUGH, Verdict.UNKNOWN)
"""Verdicts with which a grade says nothing of a candidate."""


def account_scores(account: Account, history: History, evidence: Sequence[Evidence]) -> AccountScores:
    """evidence: of any grade, each candidate at most once; those without any were done by nobody. Besides, what the account's
    log of events says of its conditions."""
    macro, users = account.macro.event_name, history.users
    baseline = next((f for f in history.funnels if f.event_name == BASELINE_EVENT), None)
    conditions, silent = of_conditions(account, history.log_scores, history.as_of)
    told = [_of_evidence(known, account.policy) for known in (*evidence, *conditions)]
    unasked = tuple(Unasked(grade=A.name, events=events, because=why) for why, events in silent.items())
    scores = AccountScores(account=account.name, macro=macro, as_of=history.as_of, unasked=unasked)
    if any(score.grade == A.name for score in told):
        scores = replace(scores, log=history.log_scores)
    if baseline is None:
        note = f"GA4's funnels have not been copied yet: adsync pull --account {account.name}"
        return replace(scores, scores=tuple(told), notes=(note,))
    known = {e.event_name for e in evidence}
    too_few = too_few_to_rank(macro, baseline, users)
    missing = [_of_nobody(c.event_name) for c in account.candidates if c.event_name not in known]
    return replace(
        scores,
        first=baseline.window.first,
        last=baseline.window.last,
        horizon_days=baseline.horizon_days,
        visitors=baseline.entered,
        buyers=baseline.completed,
        scores=tuple(_ranked([*told, *missing], by_strength=not too_few)),
        notes=(f"No ranking. {too_few}",) if too_few else (),
    )


def undecided(found: AccountScores) -> tuple[str, ...]:
    """The candidates that do occur, and of which no grade so far says anything."""
    return tuple(score.event for score in found.scores if score.verdict in UNDECIDED)


def _ranked(scores: Sequence[TierScore], *, by_strength: bool) -> Iterator[TierScore]:
    """By grade, and those that announce most first. Those of which too little is known keep the account's order, below."""
    for grade in sorted({score.grade for score in scores}):
        mine = [score for score in scores if score.grade == grade]
        decided = [score for score in mine if score.verdict not in UNDECIDED]
        if by_strength:
            decided.sort(key=lambda score: (-(score.announces or 0.0), score.event))
        yield from decided
        yield from (score for score in mine if score.verdict in UNDECIDED)


def _of_evidence(known: Evidence, policy: Policy) -> TierScore:
    asked = MINIMUM_LIFT if known.grade == A.name else policy.minimum_lift
    return TierScore(
        event=known.event_name,
        exposed=known.entered,
        converted=known.completed,
        p=known.share,
        lift=known.lift if known.comparable else None,
        risk_difference=known.difference if known.comparable else None,
        q=known.q_value,
        coverage=known.coverage,
        volume_30d=known.monthly,
        announces=known.announces,
        grade=known.grade,
        verdict=known.verdict,
        because=known.reason,
        cannot_know=known.cannot_know,
        raised_by=known.raised_by or B.raised_by,
        cannot_tell=known.verdict is Verdict.NOT_BETTER and known.lift.high > asked,
    )


def _of_nobody(event: str) -> TierScore:
    return TierScore(
        event=event,
        exposed=0,
        converted=0,
        p=Interval(0.0, 0.0, 1.0),
        lift=None,
        risk_difference=None,
        q=None,
        coverage=0.0,
        volume_30d=0.0,
        announces=0.0,
        grade=B.name,
        verdict=Verdict.NOT_ENOUGH,
        because="Not enough yet: nobody did it on the days that GA4's funnels look at.",
        cannot_know=B.cannot_know,
        raised_by="An event that nobody does says more once the site sends it to GA4 under this very name.",
    )
