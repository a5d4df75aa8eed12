"""The kinds of account that are simulated, as data: how many sales a month, and what befalls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adsync.model.simulated import Should

YEAR = 365
"""Nights of a simulated year."""

HISTORY = 120
"""Days before the first night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of days on which something is different. Days count from the first night.

    days: how many. factor: how many times as many sales there are; ramp: in how many days it comes, and goes again at
    the end, of those; recorded: how many times as many the tag reports of them. traffic: how much of the clicks and of
    what the helper sees is left. first: None for some day of the year. declared: a person has told adsync of it.
    """

    days: int
    factor: float = 1.0
    ramp: int = 0
    recorded: float = 1.0
    traffic: float = 1.0
    first: int | None = None
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of account.

    rate: (day, sales a month) knots, linear in between. helper: how often the helper happens for each sale; 0 for none.
    helper_rate: its own knots, where it does not go with the sales. frailty: coefficient of variation of what weeks
    have in common. weekend: sales on Saturdays and Sundays against other days. dependence: share of the sales that are
    lost within weeks when no helper is bid on any more. late: sales come days and weeks after the click. falls: the
    night from which too few sales are left. last_year: the spells befell the account a year before as well.
    """

    name: str
    title: str
    rate: tuple[tuple[int, float], ...]
    should: Should
    spells: tuple[Spell, ...] = ()
    helper: float = 4.0
    helper_rate: tuple[tuple[int, float], ...] = ()
    frailty: float = 0.0
    weekend: float = 1.0
    dependence: float = 0.0
    late: bool = False
    falls: int | None = None
    last_year: bool = False


def _steady(per_month: float) -> tuple[tuple[int, float], ...]:
    return ((0, per_month),)


_FADING = ((-84, 55.0), (66, 12.0))

_ALL = (
    Kind(name="steady-10", title="10 a month, for ever", rate=_steady(10), should="stay"),
    Kind(name="steady-25", title="25 a month, where the naive rule goes wrong", rate=_steady(25), should="stay"),
    Kind(name="steady-32", title="32 a month: a close call", rate=_steady(32), should="either"),
    Kind(name="steady-45", title="45 a month", rate=_steady(45), should="retire"),
    Kind(name="steady-60", title="60 a month", rate=_steady(60), should="retire"),
    Kind(name="weekdays-25", title="25 a month, none at weekends", rate=_steady(25), weekend=0.0, should="stay"),
    Kind(name="lumpy-25", title="25 a month in good and bad weeks", rate=_steady(25), frailty=0.6, should="stay"),
    Kind(name="lumpy-60", title="60 a month in good and bad weeks", rate=_steady(60), frailty=0.6, should="retire"),
    Kind(
        name="sale-3x",
        title="25 a month and a week of three times as many",
        rate=_steady(25),
        spells=(Spell(days=7, factor=3.0),),
        should="stay",
    ),
    Kind(
        name="sale-5x",
        title="25 a month and a week of five times as many",
        rate=_steady(25),
        spells=(Spell(days=7, factor=5.0),),
        should="stay",
    ),
    Kind(
        name="season-declared",
        title="25 a month and a season of 45 days, declared",
        rate=_steady(25),
        spells=(Spell(days=45, factor=2.0, declared=True),),
        should="stay",
    ),
    Kind(
        name="season",
        title="25 a month and 45 days at 1.6 times, coming and going in two weeks",
        rate=_steady(25),
        spells=(Spell(days=45, factor=1.6, ramp=14),),
        should="stay",
    ),
    Kind(
        name="season-again",
        title="the same season, which was there last year",
        rate=_steady(25),
        spells=(Spell(days=45, factor=1.6, ramp=14),),
        last_year=True,
        should="stay",
    ),
    Kind(
        name="season-long",
        title="25 a month and 75 days at 1.6 times, coming and going in two weeks",
        rate=_steady(25),
        spells=(Spell(days=75, factor=1.6, ramp=14),),
        should="stay",
    ),
    Kind(
        name="season-2x",
        title="25 a month and 45 days at twice, coming and going in two weeks",
        rate=_steady(25),
        spells=(Spell(days=45, factor=2.0, ramp=14),),
        should="stay",
    ),
    Kind(
        name="season-overnight",
        title="25 a month and 45 days at twice, from one day to the next",
        rate=_steady(25),
        spells=(Spell(days=45, factor=2.0),),
        should="stay",
    ),
    Kind(
        name="tag-tenfold",
        title="25 a month and a tag that fires ten times for a week",
        rate=_steady(25),
        spells=(Spell(days=7, recorded=10.0),),
        should="stay",
    ),
    Kind(
        name="tag-twice",
        title="25 a month and a tag that counts twice for three weeks",
        rate=_steady(25),
        spells=(Spell(days=21, recorded=2.0),),
        should="stay",
    ),
    Kind(
        name="tag-silent",
        title="45 a month and a tag that is silent for ten days",
        rate=_steady(45),
        spells=(Spell(days=10, recorded=0.0, first=150),),
        should="retire",
    ),
    Kind(
        name="pause",
        title="60 a month and campaigns that rest for three weeks",
        rate=_steady(60),
        spells=(Spell(days=21, factor=0.0, traffic=0.03, first=150),),
        should="retire",
    ),
    Kind(
        name="fading",
        title="from 55 to 12 a month in 150 days, from the first known day on",
        rate=_FADING,
        should="stay",
    ),
    Kind(
        name="fading-unseen",
        title="the same, without a helper to see it by",
        rate=_FADING,
        helper=0.0,
        should="stay",
    ),
    Kind(
        name="fading-alone",
        title="50 to 12 a month in 120 days, while the helper goes on as before",
        rate=((-60, 50), (60, 12)),
        helper_rate=((0, 50),),
        should="stay",
    ),
    Kind(name="growing", title="from 15 to 60 a month in half a year", rate=((0, 15), (180, 60)), should="retire"),
    Kind(name="step", title="from 18 to 55 a month overnight", rate=((29, 18), (30, 55)), should="retire"),
    Kind(
        name="fall",
        title="60 a month until day 180, then 12",
        rate=((179, 60), (180, 12)),
        falls=180,
        should="return",
    ),
    Kind(
        name="fall-late",
        title="60 a month until day 180, then 12, with sales up to weeks after the click",
        rate=((179, 60), (180, 12)),
        late=True,
        falls=180,
        should="return",
    ),
    Kind(
        name="dependent",
        title="50 a month that lose 60 % without helpers",
        rate=_steady(50),
        dependence=0.6,
        should="either",
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name, in the order in which they are shown."""
