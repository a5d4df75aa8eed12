"""The made-up sites are what they say: each has its trap, and what is said of their candidates is true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.event_regimes import KINDS, UNRELATED
from tests.event_worlds import EXIT, HEARTBEAT, REGIMES, TIMERS, World, draw, write_csv, write_parquet

OF_UNRELATED = tuple(name for name in REGIMES if not KINDS[name].helpers and not KINDS[name].signs)
OF_HELPERS = tuple(name for name in REGIMES if name not in OF_UNRELATED)
# Where the log does not carry the campaign, moments that look alike are not.
COMPARABLE = tuple(name for name in OF_UNRELATED if KINDS[name].campaign_logged)


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> World:
    """Of the module, so that all tests of one regime follow each other and one log at a time is in memory."""
    return draw(request.param, seed=1)


def of(*regimes: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", regimes, indirect=True)


@dataclass(frozen=True)
class Moments:
    """What visitors did before they bought for the first time, by visitor, session and time.

    alike: one number for all moments at the same position of a session, in sessions of the same number, of one campaign.
    A heartbeat has the position of the event before it; exits, after which no session goes on, are left out.
    buys: the purchase comes later in this session.
    """

    visitor: np.ndarray
    alike: np.ndarray
    name: np.ndarray
    buys: np.ndarray

    def lift_and_z(self, name: str) -> tuple[float, float]:
        """How much likelier a purchase is at a visitor's first such event than at moments alike of those who have not done it.

        z: by how many standard errors it differs; visitors count as one each.
        """
        first = np.full(self.visitor.max() + 1, len(self.name))
        rows = np.flatnonzero(self.name == name)[::-1]
        first[self.visitor[rows]] = rows
        row, size = np.arange(len(self.name)), self.alike.max() + 1
        did, not_yet = row == first[self.visitor], row < first[self.visitor]
        seen, other = (np.bincount(self.alike[mask], minlength=size) for mask in (did, not_yet))
        did &= (other > 0)[self.alike]
        expected = np.bincount(self.alike[not_yet], self.buys[not_yet], size) / np.maximum(other, 1)
        weight = did - not_yet * (seen / np.maximum(other, 1))[self.alike]
        excess = np.bincount(self.visitor, weight * (self.buys - expected[self.alike]))
        lift = self.buys[did].sum() / expected[self.alike[did]].sum()
        return float(lift), float(excess.sum() / np.sqrt((excess**2).sum()))


def moments_of(world: World) -> Moments:
    log, visitor = world.columns, visitors(world)
    order = np.lexsort((log["event_timestamp"], log["session_id"], visitor))
    visitor, start, name = visitor[order], log["session_id"][order], log["event_name"][order]
    row = np.arange(len(name))
    comes = np.r_[True, np.diff(visitor) != 0]
    opens = comes | np.r_[True, np.diff(start) != 0]
    session = np.cumsum(opens)
    steps = np.cumsum(~np.isin(name, TIMERS), dtype=np.int64)
    number = session - session[np.maximum.accumulate(np.where(comes, row, 0))]
    position = steps - steps[np.maximum.accumulate(np.where(opens, row, 0))]
    sale = np.full(visitor.max() + 1, len(row))
    sales = row[name == "purchase"][::-1]
    sale[visitor[sales]] = sales
    before = (row < sale[visitor]) & (name != EXIT)
    buys = np.r_[session, 0][sale[visitor]] == session
    _, campaign = np.unique(log["campaign_id"][order], return_inverse=True)
    _, alike = np.unique(((number * 10_000 + position) * 10 + campaign)[before], return_inverse=True)
    return Moments(visitor[before], alike, name[before], buys[before].astype(float))


@lru_cache(maxsize=1)
def visitors(world: World) -> np.ndarray:
    return np.unique(world.columns["user_pseudo_id"], return_inverse=True)[1]


def did(world: World, name: str) -> np.ndarray:
    """By visitor."""
    return np.bincount(visitors(world), world.columns["event_name"] == name) > 0


def naive_lift(world: World, name: str) -> float:
    buyers, users = did(world, world.macro), did(world, name)
    return float(buyers[users].mean() / buyers[~users].mean())


@pytest.mark.parametrize("regime", REGIMES)
def test_the_same_seed_gives_the_same_log_and_another_gives_another(regime: str) -> None:
    first, again, other = (draw(regime, seed, visitors=2_000, days=30).columns for seed in (5, 5, 6))
    assert all(np.array_equal(first[column], again[column]) for column in first)
    assert not np.array_equal(first["event_timestamp"], other["event_timestamp"])


@pytest.mark.parametrize("regime", REGIMES)
def test_a_log_is_in_order_of_time_and_sessions_are_of_one_visitor_and_never_overlap(regime: str) -> None:
    world = draw(regime, seed=1, visitors=5_000)
    log, visitor = world.columns, visitors(world)
    time = log["event_timestamp"]
    assert {column: values.dtype.kind for column, values in log.items()} == {
        "user_pseudo_id": "U",
        "event_timestamp": "i",
        "event_name": "U",
        "session_id": "i",
        "campaign_id": "U",
        "device": "U",
    }
    assert (np.diff(time) >= 0).all()
    assert time[-1] - time[0] <= 90 * 86_400 * 10**6
    assert set(np.unique(log["event_name"])) == {"page_view", world.macro, *world.candidates}
    order = np.lexsort((time, visitor))
    turn = (np.diff(log["session_id"][order]) != 0) | (np.diff(visitor[order]) != 0)
    pairs = len(np.unique(visitor * 10**10 + log["session_id"]))
    assert turn.sum() + 1 == pairs, "a visitor who has gone on to the next session does not return to the one before"


@of(*REGIMES)
def test_between_one_and_five_visitors_in_a_hundred_buy(world: World) -> None:
    assert 0.01 < did(world, world.macro).mean() < 0.05


@pytest.mark.parametrize("regime", REGIMES)
def test_as_many_buy_in_two_weeks_and_among_fewer_visitors(regime: str) -> None:
    few = did(draw(regime, seed=2, visitors=8_000, days=14), "purchase")
    assert len(few) == (1_200 if regime == "small site" else 8_000)
    assert 0.01 < few.mean() < 0.05


@of(*REGIMES)
def test_the_event_after_the_sale_never_comes_before_it(world: World) -> None:
    time, name, visitor = world.columns["event_timestamp"], world.columns["event_name"], visitors(world)
    first = np.full(visitor.max() + 1, np.iinfo(np.int64).max)
    sales = np.flatnonzero(name == world.macro)[::-1]
    first[visitor[sales]] = time[sales]
    for after in world.after:
        mine = name == after
        assert mine.sum() > 30
        assert (time[mine] > first[visitor[mine]]).all()


@of(*OF_UNRELATED)
def test_who_did_an_event_that_says_nothing_bought_far_more_often(world: World) -> None:
    assert world.helpers == ()
    lifts = [naive_lift(world, name) for name in UNRELATED]
    assert sum(lift > 1.2 for lift in lifts) > 0.8 * len(lifts), lifts


@of("equally active", "busy and idle", "loyal", "deep sessions")
def test_leaving_out_what_came_after_the_sale_helps_only_where_all_are_equally_active(
    world: World, request: pytest.FixtureRequest
) -> None:
    visitor, time, name = visitors(world), world.columns["event_timestamp"], world.columns["event_name"]
    sale = np.full(visitor.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(sale, visitor[name == world.macro], time[name == world.macro])
    before, buyers = time < sale[visitor], did(world, world.macro)
    lifts = []
    for event in UNRELATED:
        users = np.bincount(visitor[before], name[before] == event, len(sale)) > 0
        lifts.append(buyers[users].mean() / buyers[~users].mean())
    trapped = sum(lift > 1.2 for lift in lifts) / len(lifts)
    assert trapped < 0.1 if "equally active" in request.node.name else trapped > 0.9, lifts


@of(*COMPARABLE)
def test_at_moments_alike_an_unrelated_event_says_nothing(world: World) -> None:
    moments = moments_of(world)
    found = {name: moments.lift_and_z(name) for name in {*UNRELATED, HEARTBEAT} & {*world.candidates}}
    assert all(abs(z) < 4 for _, z in found.values()), found


@of(*OF_HELPERS)
def test_at_moments_alike_helpers_announce_the_purchase_in_their_order(world: World) -> None:
    helpers, moments = world.helpers, moments_of(world)
    found = {name: moments.lift_and_z(name) for name in helpers}
    lifts = [lift for lift, _ in found.values()]
    assert lifts == sorted(lifts, reverse=True), found
    assert found[helpers[0]][1] > 4
    assert min(lifts) > 1


@of(*OF_HELPERS)
def test_who_did_an_event_that_says_nothing_bought_more_often_than_who_did_a_helper(world: World) -> None:
    helped = min(naive_lift(world, name) for name in world.helpers)
    assert max(naive_lift(world, name) for name in ("account_page", "login")) > helped
    assert naive_lift(world, *world.after) > 20


@of("equally active")
def test_two_visitors_may_have_sessions_of_the_same_number(world: World) -> None:
    number = world.columns["session_id"]
    assert len(np.unique(visitors(world) * 10**10 + number)) > len(np.unique(number))


@of("campaigns differ", "campaigns unlogged")
def test_one_log_carries_the_campaign_and_the_other_does_not(world: World, request: pytest.FixtureRequest) -> None:
    campaigns = set(np.unique(world.columns["campaign_id"]))
    assert campaigns == ({"(not set)"} if "unlogged" in request.node.name else {"c1", "c2", "c3", "c4", "c5"})


@of("bots")
def test_a_few_bots_make_thousands_of_events_and_buy_nothing(world: World) -> None:
    events = np.bincount(visitors(world))
    bots = events > 1_000
    assert 5 < bots.sum() < 50
    assert events[bots].sum() > 0.1 * events.sum()
    assert not did(world, world.macro)[bots].any()


@of("timers")
def test_hearts_beat_every_ten_seconds_and_every_session_has_one_end(world: World) -> None:
    log = world.columns
    beats = log["event_timestamp"][log["event_name"] == HEARTBEAT]
    since = beats - log["session_id"][log["event_name"] == HEARTBEAT] * 10**6
    # The number of a session is the second in which it began.
    assert (since % (10 * 10**6) < 10**6 + 2).all()
    session = visitors(world) * 10**10 + log["session_id"]
    ended, times = np.unique(session[log["event_name"] == EXIT], return_counts=True)
    assert (times == 1).all()
    assert len(ended) > 0.99 * len(np.unique(session)), "but for those that the end of the log cuts"


def test_both_files_hold_the_log(tmp_path: Path) -> None:
    world = draw("timers", seed=3, visitors=500, days=20)
    write_parquet(world, tmp_path / "log.parquet")
    write_csv(world, tmp_path / "log.csv")
    for name in ("log.parquet", "log.csv"):
        with duckdb.connect() as connection:
            types = {row[0]: row[1] for row in connection.execute(f"describe from '{tmp_path / name}'").fetchall()}
            read = connection.execute(f"from '{tmp_path / name}'").fetchnumpy()
        assert types == {
            column: "BIGINT" if values.dtype.kind == "i" else "VARCHAR" for column, values in world.columns.items()
        }
        assert all((read[column] == values).all() for column, values in world.columns.items())
