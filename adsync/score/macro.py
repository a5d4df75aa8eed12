"""What should be known of the macro itself before anything is read of it: whether all of it bears one name, and who does it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil

from adsync.model.exposure import Frequent, Plain
from adsync.model.figures import enumerated, number_of, plural, short, spelled
from adsync.model.lead_up import Buyers
from adsync.score.candidates import letters, nearest
from adsync.score.period import KnownUntil, days_from, end_of

REPEATED = 2.0
"""Visitor-months with the macro for each buyer, above which most of its volume is of visitors who had done it before."""

MISSED, QUIET_DAYS = 10, 14
"""So many macros would have come beside so many other events, and so many days have passed, where a log is said to lack it at one
of its ends: ten in a row do not fail to come by chance."""

USUAL_PAUSE = 1.5
"""Times the macro's longest pause before, up to which it may come again: some firms enter their contracts once a month."""

TRIED = 0.05
"""Share of its times by which a macro is there for good: a test of it lies before."""

SLOW_DAYS = 60
"""So many days pass at a log's start before a macro is said to begin late that took over from no other name: a sale may take five
weeks, and those who began before the log are not in it."""

ALONE = 0.02
"""Share of buyers up to which they are said to do nothing else: of real visitors hardly one buys without any other event."""

_FIRST_TIMES = (
    "where ads are to bring new customers, let the site send an event of its own for the first time, and name that with "
    "--macro."
)


def repeats(macro: str, events: int, plain: Plain, days: float) -> Iterator[str]:
    """That most of its volume are repeats by the same visitors. events: of the macro, in so many days."""
    if plain.buyer_months <= REPEATED * plain.buyers:
        return
    yield (
        f"{_done_before(macro, events, plain.buyers)} "
        f'"In 30 days", and whether {short(macro)} is frequent enough alone, count each of them in every month in which he does '
        f"it; p and lift are of the first time. First times are about {30 * plain.buyers / days:,.0f} in 30 days: "
        f"{_FIRST_TIMES}"
    )


def repeats_on_the_way(macro: str, events: int, buyers: Buyers) -> Iterator[str]:
    """The same where visitors' ways to it are counted."""
    if buyers.months <= REPEATED * buyers.count:
        return
    yield (
        f"{_done_before(macro, events, buyers.count)} Counted is whoever does it in these days, for the first time or not: "
        f"{_FIRST_TIMES}"
    )


def _done_before(macro: str, events: int, buyers: int) -> str:
    return (
        f"{events - buyers:,} of {events:,} {plural(macro)} are of visitors who had done it before, such as renewals; "
        f"{number_of(buyers, 'visitor')} did it at all."
    )


def alone(macro: str, buyers: int, others: int) -> Iterator[str]:
    """That who does it does nothing else, as where a server sends it with visitor ids of its own.

    others: how many of them did anything else.
    """
    if buyers < MISSED or others > ALONE * buyers:
        return
    yield (
        f"{'None' if not others else 'Hardly one'} of the {number_of(buyers, 'visitor')} who did {short(macro)} did any of "
        "the other events: does what sends it know visitors by another id? As long as it does, nothing can be seen to come "
        "before it. Send it with the visitor id of the site's own events."
    )


def alone_in(macro: str, plain: Plain, frequent: Frequent) -> Iterator[str]:
    """The same of what is counted for a score, where the event that most of them did stands for all others."""
    others = [*plain.by_candidate.values(), *frequent.following.values()]
    if others:
        yield from alone(macro, plain.buyers, max(following.did_and_bought for following in others))


def named_otherwise(macro: str, known_until: KnownUntil, first: datetime, last: datetime) -> Iterator[str]:
    """That the macro stops long before the end of a log or begins long after its start, with what may be its other name; and
    what else is spelt like it."""
    known = known_until(last)
    told = set[str]()
    for note, other in _ends(macro, known, known_until, first, last):
        told |= {*other}
        yield note
    alike = [name for name in known if known[name] and name not in {macro, *told} and letters(name) == letters(macro)]
    if alike and known[macro]:
        named = enumerated(f"{short(name)} ({number_of(known[name], 'event')})" for name in sorted(alike))
        yield (
            f"Beside {short(macro)} ({number_of(known[macro], 'event')}) the log has {named}, the same but for capitals, spaces "
            f"and signs. One event by {spelled(1 + len(alike))} names? Counted is {short(macro)} alone: let all have one "
            "name."
        )


def last_of(macro: str, known_until: KnownUntil, first: datetime, last: datetime) -> date | None:
    """The day of the last macro, where none has come for so long that it is no chance; else None.

    Nor where it has paused as long before, unless another name begins then.
    """
    stopped = _stopped(macro, known_until, first, last)
    if stopped is None or _new_name(macro, known_until, stopped, last):
        return stopped
    usual = ceil((last.date() - stopped).days / USUAL_PAUSE)
    return None if _has_paused(macro, known_until, days_from(first.date(), last.date()), stopped, usual) else stopped


def _stopped(macro: str, known_until: KnownUntil, first: datetime, last: datetime) -> date | None:
    known, quiet = known_until(last), timedelta(days=QUIET_DAYS)
    if not known[macro] or 2 * quiet > last - first or known_until(last - quiet)[macro] < known[macro]:
        return None
    days = days_from(first.date(), last.date())
    stopped = days[bisect_left(days, known[macro], key=lambda day: known_until(end_of(day))[macro])]
    return stopped if _missed(macro, known, sum(known.values()) - sum(known_until(end_of(stopped)).values())) else None


def _new_name(macro: str, known_until: KnownUntil, stopped: date, last: datetime) -> tuple[str, ...]:
    """The name most like the macro's that begins when it stops, else the only one that takes over within the day."""
    known, before = known_until(last), known_until(end_of(stopped - timedelta(days=1)))
    then, next_day = (known_until(end_of(stopped + timedelta(days=n))) for n in (QUIET_DAYS, 1))
    others = _others(macro, known)
    new = nearest(macro, [name for name in others if not before[name] and then[name]])[:1]
    earlier = sum(before.values())
    return tuple(new) or _if_one(n for n in others if not before[n] and next_day[n] and _missed(n, known, earlier))


def _has_paused(macro: str, known_until: KnownUntil, days: Sequence[date], stopped: date, length: int) -> bool:
    """Whether the macro has once not come for so many days, the one on which it came again counted, though others came.

    A pause after its very first ones is a test's. It looks only at as many days as it must: each is a count of all events.
    """

    def until(day: date) -> Mapping[str, int]:
        return known_until(end_of(day))

    known, end = until(stopped), days.index(stopped)
    at = bisect_left(days, max(1, TRIED * known[macro]), key=lambda day: until(day)[macro])
    while at + length <= end + 1:
        before, then = until(days[at]), until(days[at + length - 1])
        if then[macro] > before[macro]:
            at = bisect_left(days, then[macro], lo=at + 1, hi=at + length, key=lambda day: until(day)[macro])
        elif _missed(macro, known, sum(then.values()) - sum(before.values())):
            return True
        else:
            at = bisect_left(days, before[macro] + 1, lo=at + length, hi=end + 1, key=lambda day: until(day)[macro])
    return False


def _ends(
    macro: str, known: Mapping[str, int], known_until: KnownUntil, first: datetime, last: datetime
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The macro's ends within a log, each with the name that is offered, if any: the one most like it, else the only one that
    takes over within the day and is missed before, or the other way round. known: at the last moment."""
    quiet = timedelta(days=QUIET_DAYS)
    if not known[macro] or 2 * quiet > last - first:
        return
    if stopped := last_of(macro, known_until, first, last):
        new = _new_name(macro, known_until, stopped, last)
        yield (
            f"The last {short(macro)} is of {stopped}, {number_of((last.date() - stopped).days, 'day')} before the end"
            f"{_other(new, 'begins then: is it the new name?')} Nothing that is later counts for it. Let both have one name, "
            f"or look at the days before: --as-of {stopped}.",
            new,
        )
    if not known_until(first + quiet)[macro]:
        days = days_from(first.date(), last.date())
        began = days[bisect_left(days, 1, key=lambda day: known_until(end_of(day))[macro])]
        then, late = known_until(end_of(began)), (began - first.date()).days
        others = _others(macro, known)
        old = nearest(macro, [name for name in others if then[name] == known[name] > 0])[:1]
        if not old:
            two_before, later = known_until(end_of(began - timedelta(days=2))), sum(known.values()) - sum(then.values())
            old = _if_one(n for n in others if two_before[n] < then[n] == known[n] and _missed(n, known, later))
        beside = sum(known_until(end_of(began - timedelta(days=1))).values())
        if (old or late >= SLOW_DAYS) and _missed(macro, known, beside):
            yield (
                f"The first {short(macro)} is of {began}, {number_of(late, 'day')} after the start"
                f"{_other(old, 'ends then: was it the old name?')} Whatever is done long before it seems to announce nothing. "
                "Let both have one name, or take a log that begins then.",
                old,
            )


def _others(macro: str, known: Mapping[str, int]) -> list[str]:
    """The most frequent first."""
    return sorted((name for name in known if name != macro), key=lambda name: (-known[name], name))


def _if_one(names: Iterable[str]) -> tuple[str, ...]:
    """The only one of these, that no name of several is offered by chance."""
    found = tuple(names)
    return found if len(found) == 1 else ()


def _missed(macro: str, known: Mapping[str, int], beside: int) -> bool:
    """Whether at the pace of the whole log too many would have come beside so many of the other events."""
    return known[macro] * beside >= MISSED * max(sum(known.values()) - known[macro], 1)


def _other(names: tuple[str, ...], asks: str) -> str:
    return f". {short(names[0])} {asks}" if names else ": has it been renamed?"
