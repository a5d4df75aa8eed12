"""Laws of the demand rule, over series of every shape and over whole lives of an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.decide import demand
from adsync.decide.demand import evaluate, standing
from adsync.decide.posterior import capped, chance_at_least, dispersion, weekly_median
from adsync.decide.weeks import Weeks
from adsync.model.decision import Counters, DemandDecision, Helper, Hold, LastChange, Series, Standing
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from tests.builders import TODAY, a_helper, a_hold, a_steady_series, what_is_read
from tests.property.generated import counts, counts_with_gaps, series, shuffles

LAWS = settings(max_examples=100)
FOURTEEN_WEEKS = 14 * 7
POLICY = Policy()


def at_dispersion(phi: float, macro: DailySeries, policy: Policy = POLICY) -> Standing:
    """Where a series stands when its dispersion is taken as given."""
    with patch.object(demand, "dispersion", lambda *_: phi):
        return standing(policy, what_is_read(macro))


# Laws of one evening -------------------------------------------------------------------------------------------------


@LAWS
@given(counts_with_gaps(FOURTEEN_WEEKS), st.integers(0, FOURTEEN_WEEKS - 1), st.floats(0, 50), st.floats(1, 4))
def test_one_more_macro_on_any_day_never_makes_the_demand_less_certain(
    days: list[int | None], which: int, more: float, phi: float
) -> None:
    raised = [None if n is None else n + (more if index == which else 0) for index, n in enumerate(days)]
    before, after = at_dispersion(phi, series(days)), at_dispersion(phi, series(raised))
    assert after.above_chance >= before.above_chance - 1e-12
    assert after.below_chance <= before.below_chance + 1e-12


@LAWS
@given(counts(FOURTEEN_WEEKS), counts(FOURTEEN_WEEKS), st.sets(st.integers(1, FOURTEEN_WEEKS), max_size=20))
def test_what_a_day_holds_that_is_no_evidence_is_irrelevant(days: list[int], lies: list[int], ago: set[int]) -> None:
    out = [TODAY - timedelta(days=n) for n in ago]
    told = [lie if FOURTEEN_WEEKS - index in ago else n for index, (n, lie) in enumerate(zip(days, lies, strict=True))]
    honest, lied = series(days).without(out), series(told).without(out)
    assert standing(POLICY, what_is_read(lied)) == standing(POLICY, what_is_read(honest))


@LAWS
@given(counts(FOURTEEN_WEEKS), counts(FOURTEEN_WEEKS), st.sets(st.integers(1, FOURTEEN_WEEKS + 9), max_size=20))
def test_the_value_of_a_day_that_is_set_aside_only_tells_how_lumpy_the_macro_is(
    days: list[int], lies: list[int], ago: set[int]
) -> None:
    out = frozenset(TODAY - timedelta(days=n) for n in ago)
    told = [lie if FOURTEEN_WEEKS - index in ago else n for index, (n, lie) in enumerate(zip(days, lies, strict=True))]
    with patch.object(demand, "dispersion", lambda *_: 1.5):
        honest, lied, unknown = (
            standing(POLICY, replace(what_is_read(macro), set_aside=aside))
            for macro, aside in ((series(days), out), (series(told), out), (series(days).without(out), frozenset()))
        )
    assert honest == lied == unknown
    raw = dispersion(Weeks.of(series(told), TODAY - timedelta(days=1), 12).counts, Policy())
    assert standing(POLICY, replace(what_is_read(series(told)), set_aside=out)).dispersion == raw


def shuffled_weeks(days: Sequence[int | None], random: Random) -> list[int | None]:
    """The same days, each in its week, in another order."""
    mixed: list[int | None] = []
    for first in range(0, len(days), 7):
        week = list(days[first : first + 7])
        random.shuffle(week)
        mixed += week
    return mixed


@LAWS
@given(counts_with_gaps(60 * 7), counts_with_gaps(60 * 7, most=40), shuffles)
def test_the_order_of_days_inside_a_week_changes_nothing(
    macro: list[int | None], helper: list[int | None], random: Random
) -> None:
    shuffled = what_is_read(series(shuffled_weeks(macro, random)), series(shuffled_weeks(helper, random)))
    assert standing(POLICY, shuffled) == standing(POLICY, what_is_read(series(macro), series(helper)))


@LAWS
@given(counts(FOURTEEN_WEEKS), st.integers(0, 8), shuffles)
def test_shared_credit_that_adds_up_to_the_same_gives_the_same(days: list[int], eighths: int, random: Random) -> None:
    """Attribution may credit an eighth of a sale here and the rest there: only the week's total counts."""
    kept = [n * eighths / 8 for n in days]
    given_away = shuffled_weeks(days, random)
    shared = [mine + (n or 0) * (8 - eighths) / 8 for mine, n in zip(kept, given_away, strict=True)]
    assert standing(POLICY, what_is_read(series(shared))) == standing(POLICY, what_is_read(series(days)))


@LAWS
@given(counts_with_gaps(FOURTEEN_WEEKS), st.floats(5, 200), st.floats(5, 200))
def test_a_higher_demand_is_never_more_certain(days: list[int | None], one: float, other: float) -> None:
    low, high = sorted((one, other))
    macro = what_is_read(series(days))
    modest = standing(Policy(demand_per_30_days=low), macro)
    greedy = standing(Policy(demand_per_30_days=high), macro)
    assert greedy.above_chance <= modest.above_chance
    assert greedy.needed >= modest.needed


@LAWS
@given(counts_with_gaps(FOURTEEN_WEEKS, most=4))
def test_the_needed_count_is_the_one_at_which_the_demand_is_shown(days: list[int | None]) -> None:
    now = standing(POLICY, what_is_read(series(days)))
    if now.effective_days:
        shown = now.above_chance >= POLICY.demote_confidence
        assert shown or now.counted < now.needed
        assert not shown or now.counted > now.needed - 1


@LAWS
@given(counts_with_gaps(FOURTEEN_WEEKS))
def test_the_return_count_is_the_one_at_which_too_few_are_shown(days: list[int | None]) -> None:
    now = standing(POLICY, what_is_read(series(days)))
    if now.recent_days:
        assert (now.below_chance >= POLICY.return_confidence) == (now.recent <= now.returns_at)


@LAWS
@given(counts_with_gaps(FOURTEEN_WEEKS, most=60))
def test_a_week_never_counts_more_than_it_held(days: list[int | None]) -> None:
    macro = series(days)
    weeks = Weeks.of(macro, macro.last, 12)
    phi = dispersion(weeks.counts, Policy())
    tamed = capped(weeks.counts, weeks.days, weekly_median(weeks.counts, weeks.days), 2.0, phi)
    assert all(0 <= kept <= seen for kept, seen in zip(tamed, weeks.counts, strict=True))
    assert standing(POLICY, what_is_read(macro)).counted == pytest.approx(sum(tamed))


@LAWS
@given(st.integers(0, 30))
def test_steady_weeks_lose_nothing_to_the_cap(per_day: int) -> None:
    assert standing(POLICY, what_is_read(series([per_day] * 84))).counted == 84 * per_day


@LAWS
@given(st.integers(0, 400), st.floats(50.4, 84), st.floats(5, 200), st.floats(1, 4))
def test_twice_the_evidence_for_twice_the_demand_is_no_less_certain(
    count: int, days: float, per_30_days: float, phi: float
) -> None:
    once = chance_at_least(count, days, per_30_days, phi)
    if once >= 0.6:
        assert chance_at_least(2 * count, days, 2 * per_30_days, phi) >= once - 1e-12


@LAWS
@given(counts_with_gaps(70 * 7), counts_with_gaps(30), counts_with_gaps(30), st.integers(0, 3))
def test_nothing_that_comes_after_the_last_usable_day_changes_the_answer(
    past: list[int | None], one: list[int | None], other: list[int | None], above: int
) -> None:
    last_day = TODAY - timedelta(days=1)

    def said(future: list[int | None]) -> tuple[DemandDecision, Counters]:
        whole = series([*past, *future], last=last_day + timedelta(days=30))
        read = Series(macro=whole, last_day=last_day, helper=whole, helper_event="add_to_cart")
        counters = Counters(checked_on=TODAY - timedelta(days=7), above=above, below=1)
        return evaluate(POLICY, counters, [a_helper(), a_helper("201", primary=False)], None, read, (), TODAY)

    assert said(one) == said(other)


# Lives of an account -------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """One account, night after night; what the rule asks for is applied at once.

    levels: macros a month for each stretch of six weeks, after half a year of the first one.
    """

    levels: Sequence[float]
    helpers: list[Helper] = field(default_factory=lambda: [a_helper("200", worth=0.1), a_helper("201", worth=0.2)])
    policy: Policy = POLICY
    apply: bool = True
    born: date = TODAY

    def __post_init__(self) -> None:
        days = [self.levels[0] / 30] * 182 + [level / 30 for level in self.levels for _ in range(42)]
        self.macro = DailySeries(self.born - timedelta(days=182), tuple(days))
        self.helper = DailySeries(self.macro.first, tuple(4 * n for n in days))
        self.counters = Counters()
        self.last_change: LastChange | None = None
        self.changes: list[tuple[date, str, DemandDecision]] = []

    @property
    def nights(self) -> int:
        return 42 * len(self.levels)

    def evaluated(self, today: date, holds: Sequence[Hold] = ()) -> tuple[DemandDecision, Counters]:
        """What one night says; nothing is remembered."""
        read = Series(
            macro=self.macro, last_day=today - timedelta(days=1), helper=self.helper, helper_event="add_to_cart"
        )
        return evaluate(self.policy, self.counters, self.helpers, self.last_change, read, holds, today)

    def night(self, number: int, holds: Sequence[Hold] = ()) -> DemandDecision:
        today = self.born + timedelta(days=number)
        decision, self.counters = self.evaluated(today, holds)
        if self.apply and decision.verdict in ("demote", "restore"):
            assert decision.action_ids
            up = decision.verdict == "restore"
            self.helpers = [replace(h, primary=up) if h.action_id in decision.action_ids else h for h in self.helpers]
            self.last_change = LastChange(on=today, direction="up" if up else "down")
            self.changes.append((today, self.last_change.direction, decision))
        return decision


levels = st.lists(st.sampled_from([0.0, 10.0, 25.0, 60.0, 100.0]), min_size=3, max_size=9)
steps = st.lists(st.integers(1, 12), min_size=1, max_size=12)


def some_nights(steps: Sequence[int], until: int) -> list[int]:
    """Nights with these gaps between them, over and over."""
    nights, n = [0], 0
    while (following := nights[-1] + steps[n % len(steps)]) < until:
        nights.append(following)
        n += 1
    return nights


LIVES = settings(max_examples=15)


@LIVES
@given(levels, steps)
def test_no_two_changes_are_closer_than_the_gap_between_them(levels: list[float], steps: list[int]) -> None:
    life = Life(levels)
    for number in some_nights(steps, life.nights):
        life.night(number)
    for (before, earlier, _), (on, direction, decision) in pairwise(life.changes):
        down_again = (earlier, direction) == ("down", "down")
        assert (on - before).days >= (14 if down_again else 28)
        if (earlier, direction) == ("up", "down"):
            assert decision.automatic == ((on - before).days >= 365)
    assert all(len(d.action_ids) == 1 for _, direction, d in life.changes if direction == "down")


def test_a_life_of_ups_and_downs_sees_changes_of_every_kind() -> None:
    """What the law above says is not said of empty lists."""
    life = Life([60.0, 60.0, 5.0, 5.0, 60.0, 60.0, 60.0])
    for number in range(life.nights):
        life.night(number)
    directions = [direction for _, direction, _ in life.changes]
    assert directions == ["down", "down", "up", "down", "down"]
    assert [d.automatic for _, _, d in life.changes] == [True, True, True, False, True]


@LIVES
@given(levels, steps)
def test_running_a_night_again_changes_nothing(levels: list[float], steps: list[int]) -> None:
    life = Life(levels, apply=False)
    for number in some_nights(steps, life.nights):
        said = life.night(number)
        again, counters = life.evaluated(life.born + timedelta(days=number))
        assert counters == life.counters
        assert again == said


@LIVES
@given(levels, steps)
def test_running_a_night_again_after_it_was_applied_changes_nothing_that_follows(
    levels: list[float], steps: list[int]
) -> None:
    once, twice = Life(levels), Life(levels)
    for number in some_nights(steps, once.nights):
        once.night(number)
        twice.night(number)
        twice.night(number)
    assert [(on, direction) for on, direction, _ in twice.changes] == [
        (on, direction) for on, direction, _ in once.changes
    ]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=10))
def test_a_steady_volume_retires_at_exactly_the_third_check_however_many_nights_are_missed(steps: list[int]) -> None:
    life = Life([60.0] * 7)
    checks: list[int] = []
    for number in some_nights(steps, life.nights):
        if not checks or number - checks[-1] >= 7:
            checks.append(number)
        decision = life.night(number)
        assert decision.checked == (checks[-1] == number)
        if decision.verdict == "demote":
            break
        assert life.counters.above == len(checks)
    assert len(checks) == 3
    assert life.changes[0][0] == life.born + timedelta(days=checks[2])


@pytest.mark.parametrize("per_30_days", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("every", [1, 7, 10])
def test_a_low_volume_never_retires_anybody(per_30_days: float, every: int) -> None:
    life = Life([per_30_days] * 6)
    assert {life.night(number).verdict for number in range(0, life.nights, every)} == {"keep"}


@LIVES
@given(st.lists(st.sampled_from([0.0, 3.0, 100.0]), min_size=2, max_size=5), steps)
def test_no_volume_at_all_retires_nobody_whatever_was_before(levels: list[float], steps: list[int]) -> None:
    life = Life([*levels, 0.0, 0.0, 0.0], apply=False)
    # Twelve weeks after the last macro nothing speaks for a retirement any more.
    for number in some_nights(steps, life.nights):
        decision = life.night(number)
        if number > 42 * len(levels) + 84 + 7:
            assert decision.verdict == "keep"


@LIVES
@given(levels, steps, st.sets(st.integers(0, 60), min_size=1, max_size=30), st.booleans())
def test_a_hold_freezes_what_it_forbids_and_nothing_forbidden_happens_inside(
    levels: list[float], steps: list[int], held: set[int], returns_too: bool
) -> None:
    life = Life(levels)
    hold = replace(a_hold(), returns_too=returns_too)
    for index, number in enumerate(some_nights(steps, life.nights)):
        before, changes = life.counters, len(life.changes)
        decision = life.night(number, [hold] if index in held else [])
        if index not in held:
            continue
        after = life.counters
        assert decision.verdict in ({"hold"} if returns_too else {"hold", "restore"})
        assert {direction for _, direction, _ in life.changes[changes:]} <= (set() if returns_too else {"up"})
        # A change that was applied since the last check starts both counts anew.
        assert after.above in (before.above, 0) and (changes or after.above == before.above)
        if returns_too:
            assert after.below in (before.below, 0) and (changes or after.below == before.below)


@LIVES
@given(levels, steps)
def test_a_retirement_is_asked_for_only_after_enough_checks_or_in_the_fast_lane(
    levels: list[float], steps: list[int]
) -> None:
    life = Life(levels)
    for number in some_nights(steps, life.nights):
        decision = life.night(number)
        if decision.verdict == "demote" and decision.checked:
            assert life.counters.above >= 3 or decision.standing.fast_lane
            assert all(passed for _, passed, _ in decision.standing.gates)
        if decision.verdict == "restore" and decision.checked:
            assert life.counters.below >= 2


@LIVES
@given(levels, st.integers(0, 200))
def test_looking_at_an_earlier_day_changes_nothing(levels: list[float], back: int) -> None:
    life = Life(levels)
    for number in range(0, life.nights, 7):
        life.night(number)
        checked_on = life.counters.checked_on
        assert checked_on is not None
        earlier = checked_on - timedelta(days=1 + back)
        decision, counters = life.evaluated(earlier)
        assert (decision.verdict, counters) == ("keep", life.counters)


def test_a_steady_sixty_a_month_is_retired_on_day_fourteen_and_for_good() -> None:
    life = Life([60.0] * 8, helpers=[a_helper()])
    for number in range(life.nights):
        life.night(number)
    assert [(on - life.born, direction) for on, direction, _ in life.changes] == [(timedelta(days=14), "down")]
    assert standing(POLICY, what_is_read(a_steady_series(60))).gates
