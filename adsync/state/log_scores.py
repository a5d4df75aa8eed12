"""What the readings of an account's event log said: one row for each candidate and night; no visitor is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, select

from adsync.model.evidence import Interval, Verdict
from adsync.model.log_scores import LogScore, LogScores, PastShare
from adsync.model.selection import Selection
from adsync.state import tables
from adsync.state.documents import from_text, member, to_text

_ENDS = {"point": "", "low": "_low", "high": "_high"}


def store(connection: Connection, customer_id: str, found: LogScores) -> None:
    """In the place of what the same night had stored before."""
    for table in (tables.log_reading, tables.log_score):
        connection.execute(delete(table).where(table.c.customer_id == customer_id, table.c.as_of == found.as_of))
    reading = {column.name: getattr(found, column.name, None) for column in tables.log_reading.columns}
    selection = to_text(found.selection) if found.selection is not None else ""
    connection.execute(insert(tables.log_reading), [{**reading, "customer_id": customer_id, "selection": selection}])
    rows = [
        {"customer_id": customer_id, "as_of": found.as_of, "place": place, **_row(score)}
        for place, score in enumerate(found.scores)
    ]
    if rows:
        connection.execute(insert(tables.log_score), rows)


def newest(connection: Connection, customer_id: str, as_of: date, macro: str) -> LogScores | None:
    """What the newest reading up to a night said of a macro."""
    table = tables.log_reading
    wanted = (
        select(table)
        .where(table.c.customer_id == customer_id, table.c.as_of <= as_of, table.c.macro == macro)
        .order_by(table.c.as_of.desc())
        .limit(1)
    )
    reading = connection.execute(wanted).one_or_none()
    if reading is None:
        return None
    scores = tables.log_score
    rows = connection.execute(
        select(scores)
        .where(scores.c.customer_id == customer_id, scores.c.as_of == reading.as_of)
        .order_by(scores.c.place)
    )
    return LogScores(
        as_of=reading.as_of,
        macro=reading.macro,
        first=reading.first,
        last=reading.last,
        mature_until=reading.mature_until,
        horizon_days=reading.horizon_days,
        visitors=reading.visitors,
        buyers=reading.buyers,
        scores=tuple(map(_score, rows)),
        selection=from_text(Selection, reading.selection, table, customer_id=customer_id, as_of=reading.as_of)
        if reading.selection
        else None,
    )


def shares(connection: Connection, customer_id: str, as_of: date, macro: str) -> Mapping[str, tuple[PastShare, ...]]:
    """Each candidate's share in every reading up to a night, oldest first; of those that had enough to say."""
    reading, score = tables.log_reading, tables.log_score
    same = and_(reading.c.customer_id == score.c.customer_id, reading.c.as_of == score.c.as_of)
    wanted = (
        select(score, reading.c.horizon_days)
        .join(reading, same)
        .where(
            score.c.customer_id == customer_id,
            score.c.as_of <= as_of,
            reading.c.macro == macro,
            score.c.verdict != Verdict.NOT_ENOUGH.value,
        )
        .order_by(score.c.as_of)
    )
    found: dict[str, list[PastShare]] = {}
    for row in connection.execute(wanted):
        share = Interval(row.p, row.p_low, row.p_high)
        past = PastShare(as_of=row.as_of, horizon_days=row.horizon_days, share=share)
        found.setdefault(row.event, []).append(past)
    return {event: tuple(each) for event, each in found.items()}


def _row(score: LogScore) -> dict[str, Any]:
    row = asdict(score)
    for name in tables.INTERVALS:
        interval = row.pop(name)
        row |= {f"{name}{end}": interval[part] if interval else None for part, end in _ENDS.items()}
    return {**row, "verdict": score.verdict.value}


def _score(row: Row[Any]) -> LogScore:
    share = _interval(row, "p")
    assert share is not None, "the column is never null"
    return LogScore(
        event=row.event,
        grade=row.grade,
        exposed=row.exposed,
        converted=row.converted,
        p=share,
        lift=_interval(row, "lift"),
        lift_day=_interval(row, "lift_day"),
        risk_difference=_interval(row, "risk_difference"),
        q=row.q,
        coverage=row.coverage,
        volume_30d=row.volume_30d,
        overlap=row.overlap,
        worth=row.worth,
        verdict=member(Verdict, row.verdict, tables.log_score, event=row.event, as_of=row.as_of),
        because=row.because,
    )


def _interval(row: Row[Any], name: str) -> Interval | None:
    ends = [getattr(row, f"{name}{end}") for end in _ENDS.values()]
    return None if None in ends else Interval(*ends)
