"""The scores of a small log once more, event by event: plain loops, no engine, no arrays. What the real ones are held against.

    oracle = Oracle(events, question)
    oracle.lifts("day")

Written from docs/statistics.md, "Scores from event logs", and the docstrings, not from the queries.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import md5
from itertools import combinations
from math import inf
from pathlib import Path
from statistics import median
from typing import Final, TypeVar

from scipy.stats import gamma

from adsync.model.condition import Condition
from adsync.model.exposure import Question

SECOND: Final = 10**6
DAY: Final = 86_400 * SECOND
GROUPS, QUANTILES = 40, 8
COUNTED: Final = frozenset(2**n for n in range(9))
"""Of repeats within a session."""
TOO_CLOSE: Final = 10 * SECOND
CLASSES: Final = (
    "names_seen",
    "position",
    "on_site",
    "session_number",
    "age",
    "pace",
    "campaign",
    "device",
    "quarter",
    "weekday",
    "week",
    "day",
    "away",
    "events_before",
)


@dataclass(frozen=True, slots=True)
class Event:
    """A row of a log. at: microseconds since 1970, UTC. campaign, device: None where they are not known."""

    visitor: str
    session: int
    at: int
    name: str
    campaign: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """An event that is compared. left: until the macro; new: the candidates that the visitor never did before.

    name: "" for a repeat that counts only for the condition that it fulfils.
    """

    visitor: str
    name: str
    at: int
    left: int | None
    position: int
    cell: tuple[int, ...]
    new: frozenset[str]
    done: frozenset[str]


@dataclass(slots=True)
class Sum:
    """Moments, those that the macro followed, and how many were expected to be."""

    moments: int = 0
    bought: int = 0
    expected: float = 0.0

    def add(self, other: Sum) -> None:
        """Both together."""
        self.moments += other.moments
        self.bought += other.bought
        self.expected += other.expected


@dataclass(slots=True)
class FirstTimes:
    """Visitors, those whom the macro followed, and how many of equally active others it would have followed."""

    exposed: int = 0
    bought: int = 0
    expected: float = 0.0


_Key = TypeVar("_Key")
Cells = dict[tuple[int, int], Sum]
"""By stratum and group of visitors."""


def write(events: Sequence[Event], path: Path) -> Path:
    """A flat log as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_pseudo_id", "session_id", "event_timestamp", "event_name", "campaign_id", "device"])
        rows.writerows([e.visitor, e.session, e.at, e.name, e.campaign or "", e.device or ""] for e in events)
    return path


def hashed(visitor: str) -> int:
    """60 bits of MD5."""
    return int(md5(visitor.encode()).hexdigest()[:15], 16)


def level(value: float, cuts: Sequence[float]) -> int:
    """How many of these have been reached."""
    return sum(value >= cut for cut in cuts)


class Oracle:
    """A log and a question, with everything that the answer is made of. conditions: those among its candidates."""

    def __init__(
        self, events: Sequence[Event], question: Question, as_of: int, conditions: Sequence[Condition] = ()
    ) -> None:
        self.question, self.as_of = question, as_of
        # Rows that are equal in all are one; how frequent a campaign is counts them all.
        self.rows = events
        self.events = sorted(set(events), key=lambda e: e.at)
        self.known = [e for e in self.events if e.at <= as_of]
        self.span = {"day": DAY, "long": question.horizon_days * DAY}
        self.last = {h: as_of - question.settling_days * DAY - s for h, s in self.span.items()}
        self.macro_at: dict[str, int] = {}
        self.first_at: dict[tuple[str, str], int] = {}
        for e in self.known:
            self.first_at.setdefault((e.visitor, e.name), e.at)
            if e.name == question.macro:
                self.macro_at.setdefault(e.visitor, e.at)
        self.due: dict[tuple[str, int], set[str]] = defaultdict(set)
        for c in conditions:
            for visitor, at in self._fulfilled(c).items():
                self.first_at[visitor, c.name] = at
                self.due[visitor, at].add(c.name)

    def _fulfilled(self, c: Condition) -> dict[str, int]:
        """When each visitor did what a condition wants, for the first time."""
        found: dict[str, int] = {}
        begun: dict[tuple[str, int], int] = {}
        times: dict[tuple[str, int | None], list[int]] = defaultdict(list)
        for e in self.known:
            session = e.visitor, e.session
            is_so = e.at - begun.setdefault(session, e.at) >= c.seconds * SECOND if c.seconds else False
            if c.event == e.name:
                of = times[(e.visitor, None) if c.within_days else session]
                of.append(e.at)
                is_so = len(of) >= c.times and (not c.within_days or e.at - of[-c.times] <= c.within_days * DAY)
            if is_so:
                found.setdefault(e.visitor, e.at)
        return found

    # What was known at each moment ------------------------------------------------------------------------------------

    @cached_property
    def moments(self) -> list[Moment]:
        """All that are compared, of all visitors."""
        sessions: dict[str, dict[int, list[Event]]] = defaultdict(lambda: defaultdict(list))
        for e in self.known:
            macro_at = self.macro_at.get(e.visitor)
            if e.name != self.question.macro and (macro_at is None or macro_at - e.at > TOO_CLOSE):
                sessions[e.visitor][e.session].append(e)
        return [moment for visitor, of in sessions.items() for moment in self._of_visitor(visitor, of)]

    def _of_visitor(self, visitor: str, sessions: dict[int, list[Event]]) -> Iterator[Moment]:
        ordered = sorted(sessions, key=lambda number: (sessions[number][0].at, hashed(visitor) ^ number))
        first, earlier = sessions[ordered[0]][0].at, frozenset[str]()
        last, events_before = None, 0
        repeats = {number: self._repeats(session) for number, session in sessions.items()}
        carriers = self._carriers(visitor, repeats)
        for number, session in enumerate(ordered, start=1):
            events = sessions[session]
            away = None if last is None else events[0].at - last
            fulfilled: dict[str, int] = {}
            for place, (e, repeat) in enumerate(repeats[session]):
                due = self.due.get((visitor, e.at), set())
                carried = due if carriers.get(e.at) == (session, place) else set()
                fulfilled |= dict.fromkeys(carried, e.at)
                if repeat not in COUNTED and not carried:
                    continue
                before = [other.name for other in events if other.at < e.at]
                seen = {*before, *(name for name, at in fulfilled.items() if at < e.at)}
                yield Moment(
                    visitor=visitor,
                    name=e.name if repeat in COUNTED else "",
                    at=e.at,
                    left=self.macro_at[visitor] - e.at if visitor in self.macro_at else None,
                    position=len(before) + 1,
                    cell=self._cell(e, before, events[0].at, first, number, away, events_before),
                    new=frozenset({e.name} if repeat == 1 else ()) - earlier & {*self.question.candidates} | carried,
                    done=(earlier | seen | due | {e.name}) & {*self.question.candidates},
                )
            earlier |= {e.name for e in events} | fulfilled.keys()
            last, events_before = events[0].at, events_before + len(events)

    def _repeats(self, session: Sequence[Event]) -> list[tuple[Event, int]]:
        """A session's events in order, each with how often its name has come by then."""
        times: Counter[str] = Counter()
        found = []
        for e in sorted(session, key=lambda e: (e.at, *self._codes(e))):
            times[e.name] += 1
            found.append((e, times[e.name]))
        return found

    def _carriers(self, visitor: str, repeats: Mapping[int, Sequence[tuple[Event, int]]]) -> dict[int, tuple[int, int]]:
        """Which event counts for the conditions of its microsecond, as its session and place: names do not decide."""
        at_once: dict[int, list[tuple[tuple[object, ...], tuple[int, int]]]] = defaultdict(list)
        for session, events in repeats.items():
            for place, (e, repeat) in enumerate(events):
                if (visitor, e.at) in self.due:
                    order = (repeat not in COUNTED, *self._codes(e), repeat, hashed(visitor) ^ session)
                    at_once[e.at].append((order, (session, place)))
        return {at: min(some)[1] for at, some in at_once.items()}

    def _cell(
        self,
        e: Event,
        before: Sequence[str],
        start: int,
        first: int,
        number: int,
        away: int | None,
        events_before: int,
    ) -> tuple[int, ...]:
        found = {
            "names_seen": min(len(set(before)), 12),
            "position": level(len(before), (*range(1, 13), 14, 17, 21, 26, 32, 40, 50, 64, 90, 130, 200)),
            "on_site": level((e.at - start) / SECOND, (30, 90, 240, 600, 1_500)),
            "session_number": level(number, (2, 3, 4, 6, 9, 14, 22)),
            "age": level((e.at - first) / DAY, (1, 3, 7, 14, 30)),
            "pace": level(number / (1 + (e.at - first) / DAY), (0.1, 0.2, 0.4, 0.8, 2.0, 5.0)),
            "quarter": e.at % DAY // (DAY // 4),
            "weekday": e.at // DAY % 7,
            "week": (e.at - self.events[0].at) // (7 * DAY),
            "day": e.at // DAY - self.events[0].at // DAY,
            "away": 0 if away is None else 1 + level(away / 3_600 / SECOND, (3, 6, 12, 18, 24, 36, 48, 72, 120, 240)),
            "events_before": level(events_before, (1, 6, 12, 18, 25, 35, 60, 120)),
        }
        found["campaign"], found["device"] = self._codes(e)
        return tuple(found[name] for name in CLASSES)

    def _codes(self, e: Event) -> tuple[int, int]:
        return self._ranks["campaign"].get(e.campaign, 1), self._ranks["device"].get(e.device, 1)

    @cached_property
    def _ranks(self) -> dict[str, dict[str | None, int]]:
        """0 for unknown, 2, 3, ... for the most frequent; the others are 1."""
        ranks = {}
        for kind, most in (("campaign", 30), ("device", 6)):
            often = Counter(value for e in self.rows if (value := getattr(e, kind)) is not None)
            named = sorted(often, key=lambda value: (-often[value], value))[:most]
            ranks[kind] = {None: 0, **{value: n for n, value in enumerate(named, start=2)}}
        return ranks

    def mature(self, horizon: str) -> list[Moment]:
        """Those after which the whole horizon has been seen."""
        return [m for m in self.moments if m.at <= self.last[horizon]]

    def bought(self, m: Moment, horizon: str) -> bool:
        """Whether the macro followed within the horizon."""
        return m.left is not None and m.left <= self.span[horizon]

    # What activity explains -------------------------------------------------------------------------------------------

    def activity(self, horizon: str) -> dict[tuple[int, ...], tuple[int, int]]:
        """Mature moments, and those that the macro followed, by their classes; all cells, mature or not."""
        found = {m.cell: (0, 0) for m in self.moments}
        for m in self.mature(horizon):
            n, y = found[m.cell]
            found[m.cell] = n + 1, y + self.bought(m, horizon)
        return found

    def fit(self, horizon: str) -> tuple[dict[tuple[int, ...], float], list[float]]:
        """The expected share of every cell, and the cuts between quantiles."""
        table = self.activity(horizon)
        total = sum(n for n, _ in table.values())
        base = sum(y for _, y in table.values()) / max(total, 1)
        shares = dict.fromkeys(table, base)
        self._rounds(table, shares, frozenset())
        if days := self._days_that_stand_out(table, shares):
            self._rounds(table, shares, days)
        return shares, self._cuts(table, shares)

    @staticmethod
    def _rounds(
        table: dict[tuple[int, ...], tuple[int, int]], shares: dict[tuple[int, ...], float], days: frozenset[int]
    ) -> None:
        for _ in range(12):
            largest = 0.0
            for k, name in enumerate(CLASSES):
                classes = {cell[k] for cell in table if name != "day" or cell[k] in days}
                seen, expected = dict.fromkeys(classes, 2.0), dict.fromkeys(classes, 2.0)
                for cell, (n, y) in table.items():
                    if cell[k] in classes:
                        seen[cell[k]] += y
                        expected[cell[k]] += n * shares[cell]
                for of in classes:
                    largest = max(largest, abs(seen[of] / expected[of] - 1))
                for cell in shares:
                    if cell[k] in classes:
                        shares[cell] *= seen[cell[k]] / expected[cell[k]]
            if largest < 0.02:
                break

    @staticmethod
    def _days_that_stand_out(
        table: dict[tuple[int, ...], tuple[int, int]], shares: dict[tuple[int, ...], float]
    ) -> frozenset[int]:
        place = CLASSES.index("day")
        seen: Counter[int] = Counter()
        expected: dict[int, float] = defaultdict(float)
        for cell, (n, y) in table.items():
            seen[cell[place]] += y
            expected[cell[place]] += n * shares[cell]
        known = {day: mean for day, mean in expected.items() if mean > 0}
        if not known:
            return frozenset()
        spread = max(1.0, median((seen[day] - mean) ** 2 / mean for day, mean in known.items()) / 0.4549)
        found = set()
        for day, mean in known.items():
            # Of a count that need be none, the tail of the gamma distribution.
            k, m = seen[day] / spread, mean / spread
            if (k > 0 and gamma(k).cdf(m) < 0.01) or gamma(k + 1).sf(m) < 0.01:
                found.add(day)
        return frozenset(found)

    @staticmethod
    def _cuts(table: dict[tuple[int, ...], tuple[int, int]], shares: dict[tuple[int, ...], float]) -> list[float]:
        """Eight parts of equally many expected buyers; each cut lies halfway between two shares that do occur."""
        total = sum(table[cell][0] * share for cell, share in shares.items())
        if total <= 0:
            return []
        running, parts, below, cuts = 0.0, 1, 0.0, []
        ordered = sorted(shares, key=lambda cell: shares[cell])
        lower: dict[tuple[int, ...], float] = {}
        current = 0.0
        for cell in ordered:
            if shares[cell] > current * (1 + 1e-9):
                below, current = current, shares[cell]
            lower[cell] = (below + current) / 2
        for cell in ordered:
            running += table[cell][0] * shares[cell]
            while parts < QUANTILES and running >= total * parts / QUANTILES * (1 - 1e-9):
                cuts.append(lower[cell])
                parts += 1
        return cuts

    # What is compared -------------------------------------------------------------------------------------------------

    @cached_property
    def _rated(self) -> dict[str, list[tuple[Moment, tuple[int, int], Sum]]]:
        found = {}
        for horizon in self.span:
            shares, cuts = self.fit(horizon)
            found[horizon] = [
                (
                    m,
                    (
                        level(m.position, (2, 4, 7, 13)) * QUANTILES + level(shares[m.cell], cuts),
                        hashed(m.visitor) % GROUPS,
                    ),
                    Sum(1, self.bought(m, horizon), shares[m.cell]),
                )
                for m in self.mature(horizon)
            ]
        return found

    @cache  # noqa: B019 -- an oracle lives as long as its test
    def by_name(self, horizon: str) -> dict[str, Cells]:
        """The sums of each event name."""
        found: dict[str, Cells] = defaultdict(lambda: defaultdict(Sum))
        for m, cell, one in self._rated[horizon]:
            if m.name:
                found[m.name][cell].add(one)
        return found

    def compared(self, horizon: str, candidate: str, pool: Sequence[str]) -> tuple[Cells, Cells]:
        """First occurrences, and moments of the pool by those who had not done it yet."""
        exposed: Cells = defaultdict(Sum)
        others: Cells = defaultdict(Sum)
        for m, cell, one in self._rated[horizon]:
            if candidate in m.new:
                exposed[cell].add(one)
            if m.name in pool and candidate not in m.done:
                others[cell].add(one)
        return exposed, others

    @cached_property
    def pool(self) -> set[str]:
        """Everyday events: whoever differs by the largest factor goes, while a fifth of all moments stays."""
        left = {name: cells for name, cells in self.by_name("day").items() if cells}
        size = {name: sum(s.moments for s in cells.values()) for name, cells in left.items()}
        enough = sum(size.values()) / 5
        while len(left) > 1:
            total = _joined([*left.values()])
            factors = sorted(((_deviation(cells, total), name) for name, cells in left.items()), reverse=True)
            stays = sum(size[name] for name in left)
            goes = next((name for factor, name in factors if factor > 1 and stays - size[name] >= enough), None)
            if goes is None:
                break
            del left[goes]
        return set(left)

    def lift(self, horizon: str, candidate: str) -> float | None:
        """Buyers over those whom the exposed would have had as others."""
        exposed, others = self.compared(horizon, candidate, sorted(self.pool))
        whole = _as_others(exposed, others)
        return sum(s.bought for s in exposed.values()) / whole if whole > 0 else None

    # Over time and by kind of visitor ---------------------------------------------------------------------------------

    def weeks(self, candidate: str) -> dict[int, FirstTimes]:
        """By the Monday, in days since 1970, and only where somebody is counted."""
        return self._first_times(candidate, lambda _, at: at // DAY - (at // DAY - 4) % 7)

    def segments(self, candidate: str, kind: str) -> dict[str, FirstTimes]:
        """By campaign or device of that microsecond: where the log names two, the rarer one."""
        ranks, said = self._ranks[kind], defaultdict(list)
        for e in self.known:
            said[e.visitor, e.at].append(ranks.get(getattr(e, kind), 1))
        called = {0: "(not known)", 1: "(others)"} | {rank: str(name) for name, rank in ranks.items() if rank}
        return self._first_times(candidate, lambda visitor, at: called[max(said[visitor, at])])

    def _first_times(self, candidate: str, key: Callable[[str, int], _Key]) -> dict[_Key, FirstTimes]:
        _, others = self.compared("long", candidate, sorted(self.pool))
        compared = _by_stratum(others)
        found: dict[_Key, FirstTimes] = defaultdict(FirstTimes)
        for (visitor, name), at in self.first_at.items():
            left = self.macro_at[visitor] - at if visitor in self.macro_at else None
            if name == candidate and at <= self.last["long"] and (left is None or left > TOO_CLOSE):
                found[key(visitor, at)].exposed += 1
                found[key(visitor, at)].bought += left is not None and left <= self.span["long"]
        for m, (stratum, _), one in self._rated["long"]:
            if candidate in m.new:
                found[key(m.visitor, m.at)].expected += one.expected * _ratio(compared, stratum)
        return found

    # Plain counts -----------------------------------------------------------------------------------------------------

    def following(self, candidate: str) -> dict[str, int]:
        """How visitors who ever did a candidate relate to the macro."""
        found: Counter[str] = Counter()
        for (visitor, name), at in self.first_at.items():
            if name != candidate:
                continue
            macro_at = self.macro_at.get(visitor)
            left = None if macro_at is None else macro_at - at
            found["did"] += 1
            found["did_and_bought"] += left is not None
            found["after"] += left is not None and left <= TOO_CLOSE
            found["around"] += left is not None and abs(left) <= TOO_CLOSE
            found["passed"] += left is not None and TOO_CLOSE < left <= self.span["long"]
            for horizon, span in self.span.items():
                if (left is None or left > TOO_CLOSE) and at <= self.last[horizon]:
                    found[f"visitors_{horizon}"] += 1
                    found[f"bought_{horizon}"] += left is not None and left <= span
        return found

    def together(self) -> dict[tuple[str, str], int]:
        """Visitors whose first times of two candidates lie within ten seconds."""
        found: Counter[tuple[str, str]] = Counter()
        for a, b in combinations(sorted(self.question.candidates), 2):
            for (visitor, name), at in self.first_at.items():
                if name == a and abs(at - self.first_at.get((visitor, b), inf)) <= TOO_CLOSE:
                    found[a, b] += 1
        return dict(found)


def _joined(each: Sequence[Cells]) -> Cells:
    total: Cells = defaultdict(Sum)
    for cells in each:
        for cell, one in cells.items():
            total[cell].add(one)
    return total


def _by_stratum(cells: Cells) -> dict[int, Sum]:
    found: dict[int, Sum] = defaultdict(Sum)
    for (stratum, _), one in cells.items():
        found[stratum].add(one)
    return found


def _ratio(others: dict[int, Sum], stratum: int) -> float:
    """Buyers over expected ones, drawn towards the quantile of all positions where few were expected."""
    own, whole = others.get(stratum, Sum()), Sum()
    for other, one in others.items():
        if other % QUANTILES == stratum % QUANTILES:
            whole.add(one)
    trust = own.expected / (own.expected + 0.2)
    here = own.bought / own.expected if own.expected > 0 else 0.0
    coarse = whole.bought / whole.expected if whole.expected > 0 else 0.0
    return trust * here + (1 - trust) * coarse


def _as_others(exposed: Cells, others: Cells) -> float:
    compared = _by_stratum(others)
    return sum(one.expected * _ratio(compared, stratum) for stratum, one in _by_stratum(exposed).items())


def _deviation(cells: Cells, total: Cells) -> float:
    compared = _by_stratum(total)
    ratio = {stratum: _ratio(compared, stratum) for stratum, _ in cells}
    bought, expected = [0.0] * GROUPS, [0.0] * GROUPS
    for (stratum, group), one in cells.items():
        bought[group] += one.bought
        expected[group] += one.expected * ratio[stratum]
    if sum(expected) <= 0:
        return 1.0
    gap = [b - e for b, e in zip(bought, expected, strict=True)]
    mean = sum(gap) / GROUPS
    error = (sum((g - mean) ** 2 for g in gap) * GROUPS / (GROUPS - 1)) ** 0.5
    factor = sum(bought) / sum(expected)
    if 1 / 1.2 <= factor <= 1.2 or abs(sum(gap)) <= 3 * error:
        return 1.0
    return max(factor, 1 / factor) if factor > 0 else float("inf")
