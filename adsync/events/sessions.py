"""Whether session ids are such, and the sessions of events that have none: the visit around them."""

from __future__ import annotations

import ibis

from adsync.events.engine import Engine, Table
from adsync.model.activity import DAY_MICROS, SECOND_MICROS

IDLE_MICROS = 30 * 60 * SECOND_MICROS
"""GA4's own limit: after half an hour without an event a visit is a new one."""

LONG_SESSIONS = 0.05
"""Share of the sessions that last longer than a day, above which what stands for them are no ids of sessions."""

_LOOKED_AT = 200_000
"""Events at which one sees how long sessions last. Of a larger log the visitors of about as many are taken, by their hash."""

_OURS = 1 << 61
"""Beyond the 60 bits of hashed ids and the numbers that logs write: no visit bears the id of a session."""

# By ranges of time: whatever order events of one microsecond come in, they are of one visit.
_BY_TIME = {"group_by": "visitor", "order_by": "at"}


def longer_than_a_day(engine: Engine, events: Table, rows: int) -> float:
    """Of the sessions that the ids make, the share that lasts longer than a day, as no visit does. rows: how many events."""
    one_in = max(1, rows // _LOOKED_AT)
    known = events.filter(events.session.notnull() & ((events.visitor >> 8) % one_in == 0))
    each = known.group_by(["visitor", "session"]).agg(lasted=ibis._["at"].max() - ibis._["at"].min())
    found = engine.totals(each.agg(sessions=each.count(), longer=(each.lasted > DAY_MICROS).sum()))
    return found["longer"] / found["sessions"] if found["sessions"] else 0.0


def sessions_by_pause(events: Table) -> Table:
    """Events with a session number of their own: a new one after half an hour without an event."""
    found = _in_visits(events)
    return found.mutate(session=found.begun + _OURS).drop("begun", "ended")


def sessions_around(events: Table) -> Table:
    """Events each with a session. One without belongs to that of the event before it in the same visit, else after it.

    A visit none of whose events has a session is one of its own, as where a log has no session ids. So one row more or less
    that lacks its id changes nothing but its own visit, and no row is lost.
    """
    # As a rule these are few visitors, such as those whose orders a server sends, and the others cost little.
    lacking = events.filter(events.session.isnull()).select("visitor").distinct()
    return events.anti_join(lacking, "visitor").union(_filled(events.semi_join(lacking, "visitor")))


def _filled(events: Table) -> Table:
    known_at = events.session.notnull().ifelse(events["at"], None)
    near = events.mutate(
        earlier=known_at.max().over(ibis.window(**_BY_TIME, range=(None, 0))),
        later=known_at.min().over(ibis.window(**_BY_TIME, range=(0, None))),
    )
    visits = _in_visits(near)
    here = ibis.cases(
        (visits.earlier >= visits.begun, visits.earlier),
        (visits.ended.isnull() | (visits.later < visits.ended), visits.later),
    )
    lost = visits.mutate(near=visits.session.isnull().ifelse(here, None))
    # Of the sessions of one microsecond always the same one, in whichever order they stand.
    ids = events.filter(events.session.notnull()).group_by("visitor", near="at").agg(around=ibis._.session.max())
    joined = lost.left_join(ids, ["visitor", "near"])
    found = joined.mutate(session=ibis.coalesce(joined.session, joined.around, joined.begun + _OURS))
    return found.select(*events.columns)


def _in_visits(events: Table) -> Table:
    """begun: when the visit of an event began; ended: when the visitor's next one begins, null where none does."""
    pause = events["at"] - events["at"].max().over(ibis.window(**_BY_TIME, range=(None, -1)))
    starts = events.mutate(start=(pause.fill_null(IDLE_MICROS + 1) > IDLE_MICROS).ifelse(events["at"], None))
    return starts.mutate(
        begun=starts.start.max().over(ibis.window(**_BY_TIME, range=(None, 0))),
        ended=starts.start.min().over(ibis.window(**_BY_TIME, range=(1, None))),
    ).drop("start")
