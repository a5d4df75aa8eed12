"""Laws of the scores of event logs, over the real engine: what may not change an answer, and what must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsync.events import answers as thinned
from adsync.events import log as limits
from adsync.model.activity import HORIZONS, ActivityTable
from adsync.model.condition import condition
from adsync.model.exposure import GROUPS, QUANTILES, STRATA, Compared, NamedSums, Plain, Question, Sums
from adsync.score.activity import fit_activity
from adsync.score.comparison import Adjusted, adjusted, comparison_pool
from adsync.wiring import event_log
from tests.event_worlds import World, draw, write_csv, write_parquet
from tests.score_oracle import DAY, SECOND

MACRO = "purchase"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Everything that a log is asked for, and what is made of it."""

    question: Question
    activity: ActivityTable
    by_name: NamedSums
    pool: tuple[str, ...]
    compared: dict[tuple[str, str], Compared]
    plain: Plain

    @property
    def adjusted(self) -> dict[tuple[str, str], Adjusted]:
        return {key: adjusted(table) for key, table in self.compared.items()}


def ask(paths: Sequence[Path], candidates: Sequence[str], horizon_days: int = 14) -> Counted:
    with event_log(paths, conditions=[condition(name) for name in candidates]) as events:
        question = Question(
            macro=MACRO,
            candidates=tuple(candidates),
            horizon_days=horizon_days,
            as_of=events.summary.last,
            settling_days=0,
        )
        answers = events.ask(question)
        activity = answers.activity()
        for horizon in HORIZONS:
            answers.rate(horizon, fit_activity(activity, horizon))
        by_name = answers.by_name("day")
        pool = comparison_pool(by_name)
        compared = {(h, name): of for h, each in answers.compared(pool).items() for name, of in each.items()}
        return Counted(
            question=question,
            activity=activity,
            by_name=by_name,
            pool=pool,
            compared=compared,
            plain=answers.plain(),
        )


def of_world(world: World, folder: Path, candidates: Sequence[str] | None = None) -> Counted:
    path = folder / "events.parquet"
    write_parquet(world, path)
    return ask([path], candidates or world.candidates)


def as_numbers(one: Compared) -> list[list[float]]:
    return [
        getattr(sums, name).ravel().tolist()
        for sums in (one.exposed, one.others)
        for name in ("moments", "bought", "expected")
    ]


def is_same(one: Counted, other: Counted) -> bool:
    """To the last digit: all that is compared, and those compared with."""
    return set(one.pool) == set(other.pool) and all(
        as_numbers(table) == as_numbers(other.compared[key]) for key, table in one.compared.items()
    )


def with_rows(world: World, **more: np.ndarray) -> World:
    """With these rows as well, in order of time."""
    columns = {name: np.concatenate([values, more[name]]) for name, values in world.columns.items()}
    return taken(replace(world, columns=columns), np.argsort(columns["event_timestamp"], kind="stable"))


def taken(world: World, rows: np.ndarray) -> World:
    return replace(world, columns={name: values[rows] for name, values in world.columns.items()})


def changed(world: World, **columns: np.ndarray) -> World:
    return replace(world, columns={**world.columns, **columns})


@pytest.fixture(scope="module")
def world() -> World:
    return draw("planted helpers", seed=11, visitors=3_000, days=60)


@pytest.fixture(scope="module")
def counted(world: World, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return of_world(world, tmp_path_factory.mktemp("log"))


def test_what_buyers_do_after_the_macro_changes_nothing(world: World, counted: Counted, tmp_path: Path) -> None:
    log_ = world.columns
    sold, last, dice = np.flatnonzero(log_["event_name"] == MACRO), log_["event_timestamp"].max(), Random(1)
    rows = np.repeat(sold, 6)
    since = np.array([dice.choice((1, 20, 86_400, 9 * 86_400)) * SECOND for _ in rows])
    more = {name: values[rows] for name, values in log_.items()}
    more["event_timestamp"] = np.minimum(more["event_timestamp"] + since, last)
    more["event_name"] = np.array([dice.choice(world.candidates) for _ in rows])
    other = of_world(with_rows(world, **more), tmp_path)
    assert is_same(counted, other)
    for name, following in counted.plain.by_candidate.items():
        assert following.exposed == other.plain.by_candidate[name].exposed
    after = {name: (counted.plain.by_candidate[name].after, f.after) for name, f in other.plain.by_candidate.items()}
    assert all(more > few for few, more in after.values()), "they were there"


def test_the_names_of_events_mean_nothing(world: World, counted: Counted, tmp_path: Path) -> None:
    names = sorted({*world.columns["event_name"].tolist()} - {MACRO})
    called = dict(zip(names, [*reversed(names[:7]), *names[7:]], strict=True)) | {MACRO: MACRO}
    called["view_item"], called["page_view"] = called["page_view"], called["view_item"]
    renamed = np.array([called[name] for name in world.columns["event_name"].tolist()])
    other = of_world(changed(world, event_name=renamed), tmp_path, [called[name] for name in world.candidates])
    assert {called[name] for name in counted.pool} == set(other.pool)
    for (horizon, name), table in counted.compared.items():
        assert as_numbers(table) == as_numbers(other.compared[horizon, called[name]])


def test_names_mean_nothing_where_all_happens_at_once(world: World, tmp_path: Path) -> None:
    minutes = world.columns["event_timestamp"] // (60 * SECOND) * 60 * SECOND
    at_once = changed(world, event_timestamp=minutes)
    called = {"scroll": "zz", "view_item": "aa"}
    renamed = np.array([called.get(name, name) for name in world.columns["event_name"].tolist()])
    asked = {name: called.get(name, name) for name in world.candidates}
    asked |= {"60s": "60s", "300s": "300s", "view_item*3": "aa*3", "scroll*3/7d": "zz*3/7d"}
    one = of_world(at_once, tmp_path, [*asked])
    two = of_world(changed(at_once, event_name=renamed), tmp_path, [*asked.values()])
    assert {called.get(name, name) for name in one.pool} == set(two.pool)
    for (horizon, name), table in one.compared.items():
        assert as_numbers(table) == as_numbers(two.compared[horizon, asked[name]]), name


def test_twice_as_many_visitors_leave_lifts_and_narrow_intervals(
    world: World, counted: Counted, tmp_path: Path
) -> None:
    columns = world.columns
    twins = np.char.add("twin-", columns["user_pseudo_id"])
    double = of_world(with_rows(world, **{**columns, "user_pseudo_id": twins}), tmp_path)
    moved, narrower = [], []
    for (horizon, name), few in counted.adjusted.items():
        many = double.adjusted[horizon, name]
        assert (many.exposed, many.bought) == (2 * few.exposed, 2 * few.bought)
        if few.lift is None or many.lift is None or few.bought < 10:
            continue
        moved.append(abs(log(many.lift.point / few.lift.point)))
        narrower.append(log(few.lift.high / few.lift.low) / log(many.lift.high / many.lift.low))
    # The activity model is drawn towards the average by two buyers, who now weigh half.
    assert fmean(moved) < 0.05 and max(moved) < 0.15
    assert len(narrower) >= 12
    # A standard error from forty groups is itself known to about a tenth.
    assert exp(fmean(map(log, narrower))) == pytest.approx(sqrt(2), rel=0.12)


def test_what_always_fires_with_the_page_view_says_nothing(world: World, tmp_path: Path) -> None:
    views = taken(world, np.flatnonzero(world.columns["event_name"] == "page_view")).columns
    beside = with_rows(world, **{**views, "event_name": np.full(len(views["event_name"]), "page_seen")})
    found = of_world(beside, tmp_path, ["page_seen"])
    for horizon in HORIZONS:
        lift = found.adjusted[horizon, "page_seen"].lift
        assert lift is not None and lift.point == pytest.approx(1.0, abs=0.02)


def test_whole_weeks_later_everything_is_the_same(world: World, counted: Counted, tmp_path: Path) -> None:
    later = changed(world, event_timestamp=world.columns["event_timestamp"] + 5 * 7 * DAY)
    assert is_same(counted, of_world(later, tmp_path))


def test_order_of_rows_split_and_kind_of_files_do_not_matter(world: World, counted: Counted, tmp_path: Path) -> None:
    rows = np.random.default_rng(5).permutation(len(world.columns["event_name"]))
    parts = [tmp_path / f"part-{number}.parquet" for number in range(5)]
    for path, some in zip(parts, np.array_split(rows, 5), strict=True):
        write_parquet(taken(world, some), path)
    assert is_same(counted, ask(parts, world.candidates))
    write_csv(taken(world, rows), tmp_path / "log.csv")
    from_text = ask([tmp_path / "log.csv"], world.candidates)
    assert is_same(counted, from_text) and from_text.plain == counted.plain


def test_a_candidate_alone_is_counted_as_among_others(world: World, counted: Counted, tmp_path: Path) -> None:
    for name in ("store_locator", "login"):
        alone = of_world(world, tmp_path, [name])
        assert alone.plain.by_candidate[name] == counted.plain.by_candidate[name]
        for horizon in HORIZONS:
            assert as_numbers(alone.compared[horizon, name]) == as_numbers(counted.compared[horizon, name])


def test_nothing_is_compared_with_the_macro(counted: Counted) -> None:
    assert MACRO in counted.by_name.names and MACRO not in counted.pool
    assert not counted.by_name.sums[counted.by_name.names.index(MACRO)].moments.any()


def test_who_is_thinned_out_stays_in_the_counts(
    world: World, counted: Counted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ENOUGH_EVENTS", 12_000)
    monkeypatch.setattr(thinned, "ENOUGH_MOMENTS", 6_000)
    monkeypatch.setattr(limits, "RARE", 100)
    thin = of_world(world, tmp_path)
    assert max(thin.activity.weight) > 1
    assert sum(thin.activity.moments["day"]) < 0.6 * sum(counted.activity.moments["day"])
    assert replace(thin.plain, together={}) == replace(counted.plain, together={})
    some, whole = (sum(found.plain.together.values()) for found in (thin, counted))
    # A few busy visitors make most pairs: which of them are among the chosen matters.
    assert some == pytest.approx(whole, rel=0.25)
    for key, of_all in counted.adjusted.items():
        of_some = thin.adjusted[key]
        assert of_some.bought == of_all.bought
        if of_all.lift is not None and of_all.bought >= 10:
            assert of_some.lift is not None and of_all.lift.low < of_some.lift.point < of_all.lift.high, key


@given(
    cells=st.lists(
        st.tuples(
            st.integers(0, STRATA - 1), st.integers(0, GROUPS - 1), st.integers(0, 3), st.booleans(), st.booleans()
        ),
        max_size=12,
    )
)
def test_something_is_expected_exactly_where_buyers_can_be_compared_with(
    cells: list[tuple[int, int, int, bool, bool]],
) -> None:
    exposed, others = (
        Sums(
            moments=np.zeros((STRATA, GROUPS), np.int64),
            bought=np.zeros((STRATA, GROUPS), np.int64),
            expected=np.zeros((STRATA, GROUPS)),
        )
        for _ in range(2)
    )
    for stratum, group, bought, is_exposed, _ in cells:
        sums = exposed if is_exposed else others
        sums.moments[stratum, group] += 5
        sums.bought[stratum, group] += bought
        sums.expected[stratum, group] += 0.5
    seen = {stratum % QUANTILES for stratum, _, _, is_exposed, _ in cells if is_exposed}
    comparable = {stratum % QUANTILES for stratum, _, bought, is_exposed, _ in cells if not is_exposed and bought}
    found = adjusted(Compared(exposed=exposed, others=others))
    assert (found.expected > 0) == bool(seen & comparable) == (found.lift is not None)
