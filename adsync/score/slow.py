"""That much of the macro comes later than the horizon after a candidate, so that its figures are too low."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from adsync.model.evidence import Verdict
from adsync.model.exposure import Following, LogSummary, Plain, Question
from adsync.model.figures import number_of, short
from adsync.model.score import Score
from adsync.score.lacking import MINIMUM_BOUGHT
from adsync.score.pace import longest_horizon

ENOUGH, LATE = 30, 1 / 3
"""So many must have done the macro after a candidate, and more than this share of them too late, where it is said: of a few, and
of a tail, the horizon is nobody's question."""

AT_ONCE = 2
"""Times as many on the first day as where all wait alike, above which it is no long wait: some do it at once, others when they
come again, and of most who come again no earlier visit was the reason."""

FURTHER, MUCH_FURTHER, LONGEST_DAYS = 1.5, 3, 90
"""How many times as long a horizon is advised, at least and at most, and the longest that Google Ads has (conversion window)."""

_CONCERNED = (Verdict.GOOD, Verdict.NOT_BETTER, Verdict.TOO_EARLY)
"""What a share that is too low may have decided; beside them what has too few conversions within the horizon."""


def late(question: Question, log: LogSummary, plain: Plain, scores: Sequence[Score]) -> Iterator[str]:
    """One note for all: of a good candidate before others, and of the one with most who are late.

    None where a good candidate has its time: beside it the others are what returning visitors do in any case.
    """
    found = [s for s in scores if _is_concerned(s) and _are_late(plain.by_candidate[s.event], question.horizon_days)]
    good = [s for s in scores if s.verdict is Verdict.GOOD and _went_on(plain.by_candidate[s.event]) >= ENOUGH]
    if not found or any(s not in found for s in good):
        return
    most = max(found, key=lambda s: (s.verdict is Verdict.GOOD, _too_late(plain.by_candidate[s.event]), s.event))
    of, macro = plain.by_candidate[most.event], short(question.macro)
    did_so = f"{_too_late(of):,} did so" if of.passed else "all did so"
    yield (
        f"Of {number_of(_went_on(of), 'visitor')} who did {macro} after {short(most.event)} {did_so} more than "
        f"{number_of(question.horizon_days, 'day')} later: p, lift and worth leave them out. {_way_out(question, log)}"
    )


def _is_concerned(score: Score) -> bool:
    return score.verdict in _CONCERNED or (score.verdict is Verdict.NOT_ENOUGH and score.converted < MINIMUM_BOUGHT)


def _went_on(of: Following) -> int:
    return of.did_and_bought - of.after


def _too_late(of: Following) -> int:
    return _went_on(of) - of.passed


def _are_late(of: Following, horizon_days: int) -> bool:
    went_on = _went_on(of)
    if went_on < ENOUGH or _too_late(of) <= LATE * went_on:
        return False
    # Where all wait alike, of each day's rest the same share does it on the next.
    at_once = 1 - (_too_late(of) / went_on) ** (1 / horizon_days)
    return bool(of.exposed["day"].bought <= AT_ONCE * at_once * went_on)


def _way_out(question: Question, log: LogSummary) -> str:
    days = (question.as_of - log.first) / timedelta(days=1)
    judged = longest_horizon(days - question.settling_days)
    longer = min(MUCH_FURTHER * question.horizon_days, LONGEST_DAYS, judged)
    if longer >= FURTHER * question.horizon_days:
        return f"--horizon-days {longer} counts more of them."
    if judged > longer or FURTHER * question.horizon_days > LONGEST_DAYS:
        return f"{LONGEST_DAYS} days are the longest that can be asked: a candidate nearer to it says more."
    return f"A log of {number_of(round(days), 'day')} is too short for a longer horizon: come back with a longer one."
