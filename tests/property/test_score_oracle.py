"""What the engine counts and concludes of a log is what plain loops over its events do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adsync.events.moments import SUM_BITS
from adsync.model.activity import HORIZONS, MARGINS
from adsync.model.condition import Condition, conditions
from adsync.model.exposure import Question, Sums
from adsync.model.stability import History, SegmentCount
from adsync.score.activity import fit_activity
from adsync.score.comparison import adjusted, comparison_pool, ratios
from adsync.score.weekly import EPOCH, weeks_of
from adsync.wiring import event_log
from tests.event_worlds import draw
from tests.score_oracle import CLASSES, DAY, SECOND, Cells, Event, FirstTimes, Oracle, write

MONDAY = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * SECOND
NAMES = ("page_view", "a", "b", "c", "heartbeat", "purchase")
CONDITIONS = conditions("1s,300s,page_view*2,heartbeat*3,heartbeat*5/7d,a*2/1d")
QUICK = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def a_log(dice: Random, visitors: int, step: int) -> list[Event]:
    """Few visitors who do much at once. step: seconds between most events; at 0 many fall together."""
    events, told = [], dice.random() < 0.6
    for visitor in range(visitors):
        campaign = dice.choice((None, "c1", "c2")) if told else None
        device = dice.choice((None, "mobile", "desktop")) if told else None
        for session in range(1, 1 + dice.choice((1, 1, 2, 4))):
            # Sessions may begin before midnight and run at once with others of the same visitor.
            at = begun = MONDAY + dice.randrange(21) * DAY - dice.randrange(7_200) * SECOND
            for _ in range(dice.choice((1, 3, 6, 20))):
                # None lasts longer than a day, or the ids would be taken for none of sessions.
                at = min(at + dice.choice((0, 1, step, 5 * step, 300)) * SECOND, begun + DAY)
                name = dice.choices(NAMES, (5, 2, 1, 1, 6, 1))[0]
                events.append(Event(f"v{visitor}", session, at, name, campaign, device))
                if told and dice.random() < 0.05:
                    # The same once more, and from another campaign: no order is known.
                    events += [events[-1], dataclasses.replace(events[-1], campaign="c2")]
    dice.shuffle(events)
    return events


def asked(
    events: Sequence[Event],
    horizon_days: int = 5,
    settling_days: int = 0,
    among: Sequence[Condition] = (),
) -> Question:
    names = {e.name for e in events}
    return Question(
        macro="purchase",
        candidates=(*sorted(names - {"purchase", "page_view"}), *(c.name for c in among)),
        horizon_days=horizon_days,
        as_of=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=max(e.at for e in events)),
        settling_days=settling_days,
    )


def is_same(sums: Sums, cells: Cells) -> bool:
    """Whole numbers exactly; what is expected to a billionth of a buyer for each moment."""
    moments, bought = np.zeros_like(sums.moments), np.zeros_like(sums.bought)
    expected = np.zeros_like(sums.expected)
    for cell, one in cells.items():
        moments[cell], bought[cell], expected[cell] = one.moments, one.bought, one.expected
    return (
        bool((sums.moments == moments).all())
        and bool((sums.bought == bought).all())
        and bool((abs(sums.expected - expected) <= 1e-9 * moments).all())
    )


def hold_against(events: Sequence[Event], question: Question, path: Path, among: Sequence[Condition] = ()) -> None:
    """Every counted table, the pool and the lifts. Expectations differ by the billionths to which they are rounded."""
    oracle = Oracle(events, question, max(e.at for e in events), among)
    assert CLASSES == MARGINS
    with event_log([write(events, path)], conditions=among) as log:
        answers = log.ask(question)
        table = answers.activity()
        for h in HORIZONS:
            answers.rate(h, fit_activity(table, h))
        pool = comparison_pool(answers.by_name("day"))
        plain = answers.plain()
        compared_in = answers.compared(pool)
        counted = {h: (answers.by_name(h), compared_in[h]) for h in HORIZONS}
        over_time = answers.history()
        by = {kind: answers.segments(kind) for kind in ("campaign", "device") if kind in log.summary.labels}
    rows = list(zip(*(table.classes[name].tolist() for name in MARGINS), strict=True))
    assert len(rows) == len(set(rows)) and set(table.weight.tolist()) == {1.0}
    assert set(pool) == oracle.pool
    assert plain.together == oracle.together()
    for candidate in question.candidates:
        following = plain.by_candidate[candidate]
        flat = {name: getattr(following, name) for name in ("did", "did_and_bought", "after", "around", "passed")}
        for h in HORIZONS:
            flat |= {f"visitors_{h}": following.exposed[h].visitors, f"bought_{h}": following.exposed[h].bought}
        told = oracle.following(candidate)
        assert flat == {name: told[name] for name in flat}
    for h, (named, compared) in counted.items():
        cells = zip(table.moments[h].tolist(), table.bought[h].tolist(), strict=True)
        assert dict(zip(rows, cells, strict=True)) == oracle.activity(h)
        by_name = oracle.by_name(h)
        for name, sums in zip(named.names, named.sums, strict=True):
            assert is_same(sums, by_name.get(name, {})), (h, name)
        for candidate, both in compared.items():
            exposed, others = oracle.compared(h, candidate, pool)
            assert is_same(both.exposed, exposed) and is_same(both.others, others), (h, candidate)
            lift, told_lift = adjusted(both).lift, oracle.lift(h, candidate)
            assert (lift is None) == (told_lift is None)
            if h == "long":
                segments = {kind: counts[candidate] for kind, counts in by.items()}
                hold_first_times_against(oracle, both.others, candidate, over_time[candidate], segments)
            if lift is not None:
                assert lift.point == pytest.approx(told_lift, rel=1e-9 / min(smallest(exposed), smallest(others), 1.0))


def hold_first_times_against(
    oracle: Oracle,
    others: Sums,
    candidate: str,
    history: History,
    by: Mapping[str, Sequence[SegmentCount]],
) -> None:
    """Week by week and segment by segment: counts exactly, and all days together what is asked without them."""
    whole = oracle.following(candidate)
    assert (history.did.sum(), history.exposed.sum(), history.bought.sum()) == (
        whole["did"],
        whole["visitors_long"],
        whole["bought_long"],
    )
    expects = ratios(others)
    first, mature = (EPOCH + timedelta(microseconds=at) for at in (oracle.events[0].at, oracle.last["long"]))
    told = oracle.weeks(candidate)
    weeks = {
        (w.first - EPOCH).days: (w.exposed, w.converted, w.expected) for w in weeks_of(history, expects, first, mature)
    }
    assert set(told) <= set(weeks)
    for monday, (exposed, converted, expected) in weeks.items():
        same = told.get(monday, FirstTimes())
        assert (exposed, converted) == (same.exposed, same.bought)
        assert expected == pytest.approx(same.expected, rel=1e-4, abs=1e-6)
    for kind, counts in by.items():
        segments = oracle.segments(candidate, kind)
        assert {s.label: (s.exposed, s.bought) for s in counts} == {
            label: (s.exposed, s.bought) for label, s in segments.items()
        }
        for s in counts:
            expected = float((s.expected * expects).sum())
            assert expected == pytest.approx(segments[s.label].expected, rel=1e-4, abs=1e-6)


def smallest(cells: Cells) -> float:
    """What is expected of the least likely moment: of it a billionth is rounded away."""
    return min((one.expected / one.moments for one in cells.values()), default=1.0)


@QUICK
@given(
    seed=st.integers(0, 2**32),
    visitors=st.integers(5, 60),
    step=st.sampled_from((0, 1, 10, 3_600)),
    sum_bits=st.sampled_from((SUM_BITS, 0)),  # with many names and candidates one sum does not hold both
)
def test_a_drawn_log_is_counted_as_loops_do(seed: int, visitors: int, step: int, sum_bits: int, tmp_path: Path) -> None:
    events = a_log(Random(seed), visitors, step)
    # Of a log without the macro nothing is asked: the command says so first.
    assume(any(event.name == "purchase" for event in events))
    among = CONDITIONS if seed % 2 else ()
    among = tuple(c for c in among if not c.event or any(e.name == c.event for e in events))
    question = asked(events, horizon_days=1 + seed % 7, settling_days=seed % 3, among=among)
    with patch("adsync.events.moments.SUM_BITS", sum_bits):
        hold_against(events, question, tmp_path / f"{seed}-{visitors}-{step}.csv", among)


@pytest.mark.parametrize("regime", ["planted helpers", "timers", "campaigns differ"])
def test_a_small_site_is_counted_as_loops_do(regime: str, tmp_path: Path) -> None:
    world = draw(regime, seed=5, visitors=300)
    columns = (
        world.columns[name].tolist()
        for name in ("user_pseudo_id", "session_id", "event_timestamp", "event_name", "campaign_id", "device")
    )
    events = [Event(*row) for row in zip(*columns, strict=True)]
    hold_against(events, asked(events, horizon_days=30), tmp_path / "log.csv")
