"""What a person should know of the rows of a log, from their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adsync.model.figures import enumerated, percent, short

CURRENCIES_NAMED = 5
WORDS_NAMED = 5

NEARLY_ALL = 0.98
"""Share of the times that are cut from which on a log's are: a few rows from elsewhere, or by chance, make them no truer."""

ENOUGH_TIMES, CUT_SHARE, MORE_CUT = 10, 0.2, 3
"""Times of a macro, and share of them, from which on they are said to be cut, and how many times the other events' share that is
at least: of whole minutes one in fifteen is a quarter of an hour by chance, of multiples of five one in three."""

LARGE_SHARE = 0.1
"""Of all events, above which one visitor is told of, where there are so many that this is no small log:"""
MANY_VISITORS = 100


def on_nobody(taken: Mapping[str, int]) -> tuple[str, ...]:
    """What was taken for no id, so that a person can see whose id it is after all. taken: rows by word."""
    return (f"Taken for no visitor's id: {_words(taken)}.",) if taken else ()


def _words(taken: Mapping[str, int]) -> str:
    """taken: rows by word, the most frequent first."""
    named = [f'"{word[:40]}" ({n:,} event{"" if n == 1 else "s"})' for word, n in taken.items()]
    if len(named) > WORDS_NAMED:
        named = [*named[:WORDS_NAMED], f"{len(named) - WORDS_NAMED} more"]
    return enumerated(named)


def on_one_id(people: Mapping[str, int]) -> tuple[str, ...]:
    """That one id, which nobody is shown, may be many people's.

    people: visitors (people), their events, and the most of one; and the most of a machine, if there is any.
    """
    machine = people["most_of_machine"]
    count, of_all = max(people["most"], machine), people["events"] + people["machine"]
    if people["people"] < MANY_VISITORS or count < LARGE_SHARE * of_all:
        return ()
    left_out, else_they = (
        (" and is left out as a machine", "all of them are left out")
        if machine == count
        else ("", "they are one person here")
    )
    return (
        f"One visitor has {count:,} of {of_all:,} events ({percent(count / of_all)}){left_out}. If that id stands for many, such "
        f"as all who have not signed in, leave it empty: else {else_they}.",
    )


def are_cut(counts: Mapping[str, int]) -> bool:
    """Whether a log has no times within a minute: two rows that are alike may then be two events."""
    return counts["whole_minute"] >= NEARLY_ALL * counts["timed"]


@dataclass(frozen=True, slots=True)
class _Grain:
    """What times are cut to. counted: how the times that are so are counted; are: what those are called, within: one of them."""

    counted: str
    are: str
    within: str


_GRAINS = {
    "day": _Grain("midnight", "midnights", "on one day"),
    "hour": _Grain("whole_hour", "whole hours", "within one hour"),
}
"""The coarsest first: a midnight is a whole hour too."""


def cut_to(counts: Mapping[str, int]) -> str:
    """Within which span, "day" or "hour", a log has no times; "" where it has some within an hour."""
    return next((span for span, grain in _GRAINS.items() if counts[grain.counted] >= NEARLY_ALL * counts["timed"]), "")


def on_rows(counts: Mapping[str, int], currencies: Sequence[str]) -> list[str]:
    """Times that are cut, values that are no numbers, and currencies that differ: the most frequent ones first."""
    notes = []
    if span := cut_to(counts):
        grain = _GRAINS[span]
        notes.append(
            f"{_all(counts, grain.counted)} are {grain.are}: what came before what {grain.within} is unknown. A score takes "
            f"nothing as done before the main conversion of the same {span}, and judges only what hardly anybody does in the "
            f"same; a funnel takes its steps of one {span} as done in order, and its median time of 0 s means {grain.within}."
        )
    elif are_cut(counts):
        notes.append(
            f"{_all(counts, 'whole_minute')} are whole minutes: what came before what within one is unknown, and a score takes "
            "nothing of a minute as done before the main conversion of that minute. Rows that are alike count as so many "
            "events, but orders with an id. Write the times with their seconds."
        )
    if unread := counts["unread_values"]:
        are = (
            "1 value is no number that can be read and is"
            if unread == 1
            else f"{unread:,} values are no numbers that can be read and are"
        )
        notes.append(
            f"{are} not used. A decimal point is wanted; a decimal comma is read where semicolons separate the columns."
        )
    if len(currencies) > 1:
        more = f" and {len(currencies) - CURRENCIES_NAMED} more" if len(currencies) > CURRENCIES_NAMED else ""
        named = ", ".join(name[:10] for name in currencies[:CURRENCIES_NAMED])
        notes.append(f"Values are in {len(currencies)} currencies ({named}{more}); none of them is used.")
    return notes


def on_days_of(macro: str | None, counts: Mapping[str, int]) -> tuple[str, ...]:
    """That the macro has days or hours where the rest of the log has times, as what comes from books beside a site does."""
    cut, timed = counts["macro_quarter"], counts["macro_timed"]
    if macro is None or cut < max(ENOUGH_TIMES, CUT_SHARE * timed):
        return ()
    others_cut, others_timed = counts["whole_quarter"] - cut, counts["timed"] - timed
    if cut * others_timed < MORE_CUT * others_cut * timed:
        return ()
    which = "The times" if cut >= NEARLY_ALL * timed else f"{cut:,} of {timed:,} times"
    return (
        f"{which} of {short(macro)} are midnights, full hours or quarters of one, and others are not: what is done before it on "
        "its day, or in its hour, may count as done after it, and such a sale looks like one that nothing announced. Write it "
        "with its time of day.",
    )


def _all(counts: Mapping[str, int], cut: str) -> str:
    return "All times" if counts[cut] == counts["timed"] else "Nearly all times"


def on_sessions(without: int, rows: int, taken: Mapping[str, int]) -> tuple[str, ...]:
    """A note on events that have no session id where others have one.

    taken: those of them that have a word or a number in its place which stands for none, by that.
    """
    if not without or (without == rows and not taken):
        return ()
    words = f" Taken for no session's id: {_words(taken)}." if taken else ""
    have, belong = ("has", "it belongs") if without == 1 else ("have", "each belongs")
    return (
        f"{without:,} of {rows:,} events {have} no session id: {belong} to the session of what the visitor did just before or "
        f"after, and after half an hour without anything to a visit of its own.{words}",
    )


def on_long_sessions(share: float) -> tuple[str, ...]:
    """A note that the session ids of a log are not used. share: of the sessions that last longer than a day."""
    return (
        f"Session ids are not used: {percent(share)} of their sessions last longer than a day, as where a tag sends one id for "
        "all, or the visitor's own. A pause of half an hour ends a visit instead.",
    )
