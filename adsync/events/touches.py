"""First and last touches of visitors who did something, counted in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis

from adsync.events.engine import Column, Engine, Table
from adsync.events.funnel_counts import ROOM
from adsync.events.plain import micros
from adsync.events.sessions import sessions_by_pause
from adsync.model.activity import DAY_MICROS, UNKNOWN
from adsync.model.channel import TouchQuestion, TouchTable


def touch_table(
    engine: Engine,
    events: Table,
    question: TouchQuestion,
    code: Mapping[str, int],
    labels: Sequence[str],
    *,
    has_sessions: bool,
) -> TouchTable:
    """labels: of the dimension, by code. A touch is a session with a known label, from its first event on."""
    span, first = question.lookback_days * DAY_MICROS, micros(question.first)
    known = events.filter((events["at"] > first - span) & (events["at"] <= micros(question.last)))
    known = known if has_sessions else sessions_by_pause(known)
    # A time and a label in one whole number, which sorts by time.
    known = known.mutate(
        place=(known[question.dimension] != 0).ifelse(
            known["at"] * ROOM + known[question.dimension], ibis.null("int64")
        )
    )
    sessions = known.group_by(["visitor", "session"]).agg(begun=known["at"].min(), label=known.place.min() % ROOM)
    touches = engine.keep("touches", sessions.filter(sessions.label.notnull()).drop("session"))
    inside = known.filter(known["at"] >= first)
    asked = [code[event] for event in question.events]
    done = inside.filter(inside.code.isin(asked)).group_by(["visitor", "code"]).agg(at=inside["at"].min())
    done = engine.keep("done", done)
    visitors, did = _visitors(engine, inside, question.events, asked, labels)
    touched = _touched(engine, done, touches, code, labels, span)
    engine.forget("touches", "done")
    return TouchTable(visitors=visitors, did=did, touched=touched)


def _visitors(
    engine: Engine, inside: Table, events: Sequence[str], asked: Sequence[int], labels: Sequence[str]
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Visitors by label, and those of them who did each event."""
    did = {f"d{n}": (inside.code == one).cast("int64").max() for n, one in enumerate(asked)}
    each = inside.group_by("visitor").agg(label=_or_unknown(inside.place.min() % ROOM), **did)
    rows = engine.numbers(
        each.group_by("label").agg(visitors=each.count(), **{name: each[name].sum().cast("int64") for name in did})
    )
    names = [_name(labels, n) for n in rows["label"]]

    def by_label(column: str) -> dict[str, int]:
        return {name: int(n) for name, n in zip(names, rows[column], strict=True)}

    return by_label("visitors"), {event: by_label(f"d{n}") for n, event in enumerate(events)}


def _touched(
    engine: Engine, done: Table, touches: Table, code: Mapping[str, int], labels: Sequence[str], span: int
) -> dict[str, dict[tuple[str, str], int]]:
    """By event, visitors by the labels of their first and last touch up to it."""
    before = done.join(touches, "visitor")
    before = before.filter((before.begun <= before["at"]) & (before.begun > before["at"] - span))
    place = before.begun * ROOM + before.label
    ends = before.group_by(["visitor", "code"]).agg(first=place.min() % ROOM, last=place.max() % ROOM)
    joined = done.left_join(ends, ["visitor", "code"])
    joined = joined.mutate(first=_or_unknown(joined["first"]), last=_or_unknown(joined["last"]))
    rows = engine.numbers(joined.group_by(["code", "first", "last"]).agg(n=joined.count()))
    event = {place: name for name, place in code.items()}
    found: dict[str, dict[tuple[str, str], int]] = {}
    for one, begun, ended, n in zip(rows["code"], rows["first"], rows["last"], rows["n"], strict=True):
        found.setdefault(event[int(one)], {})[_name(labels, begun), _name(labels, ended)] = int(n)
    return found


def _or_unknown(label: Column) -> Column:
    return label.fill_null(0).cast("int64")


def _name(labels: Sequence[str], number: int) -> str:
    return labels[int(number)] if number else UNKNOWN
