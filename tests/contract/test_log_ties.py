"""Events of one microsecond: no answer depends on the order in which they come."""

from __future__ import annotations

import ibis
import numpy as np

from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.moments import IDLE_MICROS, sessions_by_pause


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
