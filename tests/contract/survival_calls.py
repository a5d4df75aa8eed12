"""The calls that each stage makes for one account, in their order, and the faults of all of them.

A test compares the lists with what the sandbox was really asked: a new call is not forgotten here.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.contract.survival_kinds import (
    FUNNEL,
    LIST,
    MARK,
    MUTATE,
    REPORT,
    SEARCH,
    TOKEN,
    UNMARK,
    Fault,
    faults_of,
)

_FUNNELS = 7
PULL = (TOKEN, *[SEARCH] * 8, LIST, *[SEARCH] * 3, *[REPORT] * 4, *[FUNNEL] * _FUNNELS)
PLAN = PULL
LOOK = (*[SEARCH] * 7, LIST)
SYNC = (*PULL, *LOOK, MUTATE, SEARCH, LIST)
MARKING = (TOKEN, *LOOK, MARK, SEARCH, LIST)
CREATING = (TOKEN, *LOOK, MUTATE, SEARCH, LIST, MUTATE, SEARCH, LIST)
UNMARKING = (TOKEN, *LOOK, LIST, UNMARK, SEARCH, LIST)

Case = tuple[int, Fault]


def cases(calls: Sequence[str]) -> list[Case]:
    """Every fault at every call."""
    return [(at, fault) for at, call in enumerate(calls) for fault in faults_of(call)]


def by_call(found: Sequence[Case]) -> dict[int, list[Fault]]:
    """The faults to try at each call."""
    grouped: dict[int, list[Fault]] = {}
    for at, fault in found:
        grouped.setdefault(at, []).append(fault)
    return grouped


def named(calls: Sequence[str], found: Sequence[Case]) -> list[str]:
    return [f"{at:02d} {calls[at].rpartition('/')[2].rpartition(' ')[2]} {fault}" for at, fault in found]


TELLING = ("UNAVAILABLE middle", "UNAVAILABLE once", "quota of the day", "elsewhere", "empty")
"""What tells most about a read."""

BRIEFLY = ("UNAVAILABLE middle", "elsewhere")
"""Of reads these are tried at every call in `make test`; everything else in `make verify`."""
