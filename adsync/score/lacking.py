"""What an event log has too little of to judge a candidate by it, and about how long it takes until there is enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import inf

from adsync.model.condition import condition
from adsync.model.exposure import Following, LogSummary, Plain, Question
from adsync.model.figures import converts, enumerated, listed, number_of, percent, percents_apart, short
from adsync.score.comparison import Adjusted
from adsync.score.pace import wait

MINIMUM_EXPOSED, MINIMUM_BOUGHT, MINIMUM_COMPARED, MINIMUM_OVERLAP = 100, 10, 1, 0.5

NEAR_OVERLAP = 0.1
"""So near to the share that is asked a few days more or less decide whether there is a lift."""

FEW_BUYERS = 30
"""Of the whole log. With fewer the intervals of two candidates overlap unless one is some three times the other, and it may be
for their sake that there is nobody to compare with."""

AT_ONE_TIME = 0.1
"""Share of those who did a candidate and the macro that did both on one day, or in one hour, up to which a log of days or hours
can judge it: what it says is of the others."""

_CUT_TO = {
    "day": ("days and no time of day", "on one day", "the time of day"),
    "hour": ("hours and no minutes", "within one hour", "minutes and seconds"),
}
"""Of the span that times are cut to: what the log has, when both were done, and what would tell which came first."""

EVERYBODY = 0.99
"""Share of all visitors who do a candidate, from which on others are no more to be had by waiting."""


def is_comparable(found: Adjusted) -> bool:
    """Whether others were there to be compared with, and for most of the visitors."""
    return found.lift is not None and found.comparison >= MINIMUM_COMPARED and found.overlap >= MINIMUM_OVERLAP


def lacking(
    event: str, plain: Plain, long: Adjusted, question: Question, log: LogSummary, pool: Sequence[str] = ()
) -> str:
    """What there is too little of, and about how long it takes at this pace; "" where there is enough.

    pool: the everyday events.
    """
    following = plain.by_candidate[event]
    if not following.did:
        return _never(event, question, log)
    if not is_comparable(long) and following.did >= max(EVERYBODY * plain.visitors, MINIMUM_EXPOSED):
        share = percent(following.did / plain.visitors)
        return f"{share} of all visitors do it: there is hardly anybody to compare them with, however long the log."
    weeks = max((question.as_of - log.first) / timedelta(weeks=1), 1 / 7)
    if too_few := _too_few(following, plain.buyers, long, question, weeks):
        return too_few
    return "" if is_comparable(long) else _nobody_beside(long, question.macro, [name for name in pool if name != event])


def out_of_order(event: str, plain: Plain, question: Question, log: LogSummary) -> str:
    """That nobody knows whether it comes before the macro, as a log of days or hours has both in one; "" where that is known."""
    f = plain.by_candidate[event]
    if not log.cut_to or f.around <= AT_ONE_TIME * f.did_and_bought:
        return ""
    has, within, finer = _CUT_TO[log.cut_to]
    both = "all" if f.around == f.did_and_bought else f"{f.around:,}"
    return (
        f"The log has {has}: of {number_of(f.did_and_bought, 'visitor')} who did it and did {question.macro} {both} did both "
        f"{within}, and nobody knows which came first. A longer log does not tell; one with {finer} does."
    )


def _never(event: str, question: Question, log: LogSummary) -> str:
    """That nobody did it, and what may be misspelt: parameters and pages are not known before they are found."""
    if event in log.names:
        return f"Nobody had done it by {question.as_of.date()}."
    asked = condition(event)
    doubtful = [f"the page {asked.page}"] if asked.page else []
    doubtful += [f"the parameter {asked.parameter}"] if asked.parameter else []
    doubtful += [f"its value {asked.equals}"] if asked.equals is not None else []
    if not doubtful:
        return "Nobody has done it in this log: is that much really meant?"
    is_or_are = "is" if len(doubtful) == 1 else "are"
    return f"It has never happened in this log: {is_or_are} {enumerated(doubtful)} spelt right?"


def _too_few(f: Following, buyers: int, long: Adjusted, question: Question, weeks: float) -> str:
    """Visitors who did it or went on to the macro, or buyers at all. The pace is that of the whole log of so many weeks: who did
    it lately counts for it, and has only not had the time."""
    exposed, before, converting = f.exposed["long"], f.did - f.after, converts(question.macro)
    unripe = (question.settling_days + question.horizon_days) / 7
    told, waits, said = list[str](), list[float](), "about"
    if exposed.visitors < MINIMUM_EXPOSED:
        told.append(_who_did_it(exposed.visitors, before, question))
        waits.append(MINIMUM_EXPOSED * weeks / before + unripe - weeks if before else inf)
    if exposed.bought < MINIMUM_BOUGHT:
        if exposed.visitors or not before:
            told.append(f"{exposed.bought} went on to {converting}, {MINIMUM_BOUGHT} are needed")
        # Where no buyer has done it yet, it takes at least as long as if all had.
        waits.append(MINIMUM_BOUGHT * weeks / (f.passed or buyers) + unripe - weeks if buyers else inf)
        said = "about" if f.passed else "at least"
    if buyers < FEW_BUYERS:
        told.append(f"{buyers} did {short(question.macro)} at all, {FEW_BUYERS} are needed")
        waits.append(FEW_BUYERS * weeks / buyers - weeks if buyers else inf)
        if exposed.bought and long.comparison < MINIMUM_COMPARED:
            told.append("none of them without it so far")
            said = "at least"
    if not told:
        return ""
    more = max(waits)
    # At the end of a log that grows the newest pace is already enough: what is lacking is a little time.
    return f"Not enough yet: {'; '.join(told)}.{wait(max(more, 0.5) if f.passed else more, said)}"


def _who_did_it(ripe: int, before: int, question: Question) -> str:
    """How many did it in all, and how many of them count."""
    time = f"{number_of(question.horizon_days, 'day')} to {converts(question.macro)}"
    if ripe == before:
        return f"{number_of(before, 'visitor')} did it, {MINIMUM_EXPOSED} are needed"
    if not ripe:
        return f"{number_of(before, 'visitor')} did it, and none has had {time} yet"
    return f"{ripe:,} of {number_of(before, 'visitor')} who did it have had {time}, {MINIMUM_EXPOSED} are needed"


def _nobody_beside(long: Adjusted, macro: str, pool: Sequence[str]) -> str:
    """That there is nobody to compare with, which a longer log of the same events hardly changes.

    Others may have done without it what its visitors had done before: they are seen only where an everyday event happens then.
    """
    if long.comparison < MINIMUM_COMPARED:
        return f"Nobody who could be compared did {short(macro)} without it, so there is no lift."
    named = f" ({listed([*map(short, pool)])})" if pool else ""
    share, asked = percents_apart(long.overlap, MINIMUM_OVERLAP)
    seen = (
        f"Only {share} of its visitors can be compared, {asked} are asked: for the others the log has no everyday event{named} "
        "at an equally likely moment by somebody who had not done it yet."
    )
    if _is_at_the_edge(long):
        return f"{seen} So near to it a few days more or less, or times of another zone, decide."
    return f"{seen} A longer log hardly changes that; one with more kinds of events may."


def at_the_edge(long: Adjusted) -> str:
    """That there is a lift by little, with a space before it; "" where that is not so."""
    if long.lift is None or not _is_at_the_edge(long):
        return ""
    share, asked = percents_apart(long.overlap, MINIMUM_OVERLAP)
    return (
        f" No more than {share} of its visitors could be compared, {asked} are asked: a few days more or less, or times of "
        "another zone, may leave no lift, or another."
    )


def _is_at_the_edge(long: Adjusted) -> bool:
    return abs(long.overlap - MINIMUM_OVERLAP) < NEAR_OVERLAP
