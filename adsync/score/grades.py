"""Which evidence speaks for each candidate: single events where they have something to say, else GA4's funnels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from adsync.model.account import Account
from adsync.model.evidence import Evidence, Interval
from adsync.model.grade import A
from adsync.model.log_scores import A_LOG, LogScore, LogScores, why_silent
from adsync.model.window import Window

NOTHING = Interval(0.0, 0.0, 0.0)


def best_evidence(
    account: Account, funnels: Sequence[Evidence], log: LogScores | None, night: date
) -> tuple[Evidence, ...]:
    """The strongest evidence for every candidate of which anything is known, in the account's order.

    funnels: of grade B. log: what the newest reading of the event log said; None where there is none. Grade A speaks
    while the log is young, where it has the candidate, and a verdict.
    """
    weaker = {e.event_name: e for e in funnels}
    found = []
    for candidate in account.candidates:
        event = candidate.event_name
        known = weaker.get(event)
        if log is not None and log.speaks_of(event, night) and (score := log.of(event)) is not None:
            found.append(_from_log(score, log, known))
        elif known is not None:
            found.append(replace(known, raised_by=why_silent(log, event, night) if account.event_log else A_LOG))
    return tuple(found)


def of_conditions(
    account: Account, log: LogScores | None, night: date
) -> tuple[tuple[Evidence, ...], Mapping[str, tuple[str, ...]]]:
    """What the log says of the account's conditions, of which nothing else knows; and by the reason those it says nothing of."""
    told, silent = [], dict[str, tuple[str, ...]]()
    for condition in account.conditions:
        score = log.of(condition.name) if log is not None and log.is_believed(night) else None
        if log is not None and score is not None:
            told.append(_from_log(score, log, None))
        else:
            why = (
                why_silent(log, condition.name, night) if account.event_log else f"Only a log knows conditions. {A_LOG}"
            )
            silent[why] = (*silent.get(why, ()), condition.name)
    return tuple(told), silent


def _from_log(score: LogScore, log: LogScores, weaker: Evidence | None) -> Evidence:
    difference = score.risk_difference or NOTHING
    comparable = score.lift is not None and score.risk_difference is not None
    return Evidence(
        event_name=score.event,
        window=Window(log.first, max(log.mature_until, log.first)),
        horizon_days=log.horizon_days,
        entered=score.exposed,
        completed=score.converted,
        visitors=log.visitors,
        buyers=log.buyers,
        share=score.p,
        without=_without(score.p, difference) if comparable else NOTHING,
        lift=score.lift or NOTHING,
        difference=difference,
        coverage=score.coverage,
        q_value=score.q,
        monthly=score.volume_30d,
        verdict=score.verdict,
        reason=score.because,
        grade=score.grade,
        cannot_know=A.cannot_know,
        raised_by=A.raised_by,
        comparable=comparable,
        weaker=weaker,
    )


def _without(share: Interval, difference: Interval) -> Interval:
    """What would have followed anyway: the share less the difference, whose ends trade places."""
    point, low, high = (
        min(max(share.point - less, 0.0), 1.0) for less in (difference.point, difference.high, difference.low)
    )
    return Interval(point, low, high)
