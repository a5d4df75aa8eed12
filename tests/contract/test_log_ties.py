"""Events of one microsecond: no answer depends on the order in which they come."""

from __future__ import annotations

import random

import ibis
import numpy as np

from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.sessions import IDLE_MICROS, sessions_around, sessions_by_pause


def test_events_of_one_microsecond_are_of_one_session() -> None:
    """Bursts of forty: a visitor's sessions are those of the distinct times."""
    rows = (
        f"select (hash(i // 40) % 100)::bigint as visitor, (hash(i // 40 + 7) % 40 * {IDLE_MICROS // 3})::bigint as at, "
        "0 as campaign, 0 as device, i as code from range(40000) r(i) order by hash(i)"
    )
    with DuckDBEngine([]) as engine:
        engine.connection.raw_sql(f"create table log as {rows}")
        events = ibis.table(dict.fromkeys(("visitor", "at", "campaign", "device", "code"), "int64"), name="log")
        asked = sessions_by_pause(events).select("visitor", "at", "session").distinct()
        # Threads bring ties into another order each time.
        for found in [engine.numbers(asked) for _ in range(5)]:
            order = np.lexsort((found["at"], found["visitor"]))
            visitor, at, session = (found[name][order] for name in ("visitor", "at", "session"))
            same = visitor[1:] == visitor[:-1]
            apart = np.diff(at)[same]
            assert (apart > 0).all(), "a burst was torn apart"
            assert ((np.diff(session)[same] > 0) == (apart > IDLE_MICROS)).all()
            assert (apart > IDLE_MICROS).any() and (apart <= IDLE_MICROS).any()


def test_an_event_without_session_id_is_of_the_session_around_it() -> None:
    """Held against a reading of the rule event by event, in many short histories full of ties."""
    draw = random.Random(7)
    rows = [
        (visitor, draw.randrange(40) * IDLE_MICROS // 3, draw.choice([None, None, visitor * 7, visitor * 7 + 1]))
        for visitor in range(300)
        for _ in range(draw.randrange(1, 14))
    ]
    with DuckDBEngine([]) as engine:
        engine.connection.raw_sql('create table log (visitor bigint, "at" bigint, session bigint, "row" bigint)')
        engine.connection.con.executemany("insert into log values (?, ?, ?, ?)", [(*r, n) for n, r in enumerate(rows)])
        events = ibis.table(dict.fromkeys(("visitor", "at", "session", "row"), "int64"), name="log")
        asked = [engine.numbers(sessions_around(events).order_by("row"))["session"].tolist() for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]
    visits: dict[tuple[int, int], list[int]] = {}
    for visitor in range(300):
        begun, last = 0, -IDLE_MICROS * 2
        for at, row in sorted((r[1], n) for n, r in enumerate(rows) if r[0] == visitor):
            begun = at if at - last > IDLE_MICROS else begun
            last = at
            visits.setdefault((visitor, begun), []).append(row)
    largest = 300 * 7 + 1
    for visit in visits.values():
        known = [(at, session) for _, at, session in (rows[row] for row in visit) if session is not None]
        for row in visit:
            _, at, own = rows[row]
            before, after = [k for k, _ in known if k <= at], [k for k, _ in known if k > at]
            near = max(before) if before else min(after, default=None)
            around = max((session for k, session in known if k == near), default=None)
            assert asked[0][row] == (own if own is not None else around) or not known
    of_no_id = [{asked[0][row] for row in v} for v in visits.values() if all(rows[row][2] is None for row in v)]
    assert len(of_no_id) > 100 and all(len(found) == 1 and min(found) > largest for found in of_no_id)
