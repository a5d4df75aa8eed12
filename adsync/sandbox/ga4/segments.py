"""Segments of a funnel: which events belong to chosen users, sessions or events."""

from __future__ import annotations

from typing import Any

import numpy as np

from adsync.sandbox.ga4 import filters
from adsync.sandbox.ga4.conditions import Events, Lift, lifted
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.world import Bools

MAX_SEGMENTS = 4
_EVENT, _SESSION, _USER = 0, 1, 2


def segments(events: Events, asked: Any) -> list[tuple[str, Bools]]:
    """Name, as the report shows it, and events of each segment; all events under no name when none is asked for.

    Raises BadRequest for what is not served.
    """
    everything = np.ones(len(events.index), bool)
    if not asked:
        return [("", everything)]
    if len(asked) > MAX_SEGMENTS:
        raise BadRequest(
            f"Requests are limited to {MAX_SEGMENTS} segments.\n  This request contains {len(asked)} segments."
        )
    found = []
    for number, each in enumerate(asked, start=1):
        kind = each.WhichOneof("one_segment_scope")
        if kind is None:
            raise BadRequest("A segment must be a userSegment, a sessionSegment or an eventSegment.")
        found.append((f"{number}. {each.name or f'Segment {number}'}", _members(events, kind, getattr(each, kind))))
    return found


def _members(events: Events, kind: str, segment: Any) -> Bools:
    scope = {"event_segment": _EVENT, "session_segment": _SESSION, "user_segment": _USER}[kind]
    unit = kind.removesuffix("_segment")
    included, exclusion = f"{unit}_inclusion_criteria", f"{unit}_exclusion_criteria"
    if not segment.HasField(included) and not segment.HasField("exclusion"):
        raise BadRequest("A segment needs inclusion criteria or an exclusion.")
    members = np.ones(len(events.index), bool)
    if segment.HasField(included):
        members &= _meets(events, getattr(segment, included), scope, whole=scope)
    if segment.HasField("exclusion"):
        # Excluded for good, a user is out with all sessions; for a time, with those in which the criteria are met.
        for_good = getattr(segment.exclusion, f"{unit}_exclusion_duration") == _PERMANENT[scope]
        whole = scope if for_good or scope != _USER else _SESSION
        members &= ~_meets(events, getattr(segment.exclusion, exclusion), scope, whole=whole)
    return members


_PERMANENT = {_EVENT: 1, _SESSION: 2, _USER: 2}


def _meets(events: Events, criteria: Any, scope: int, *, whole: int) -> Bools:
    """Events of the events, sessions or users (`whole`) that meet all groups of some criteria."""
    if scope == _USER and criteria.and_sequence_groups:
        raise BadRequest("The sandbox does not serve sequences in segments.")
    if not criteria.and_condition_groups:
        raise BadRequest("Segment criteria need at least one condition group.")
    lift = _lift(events, whole)
    parts = []
    for group in criteria.and_condition_groups:
        # Named from narrow to wide: within the same event, within the same session, across all sessions.
        within = group.condition_scoping - 1 if group.condition_scoping else scope
        if not 0 <= within <= scope:
            raise BadRequest("The condition scoping is wider than the segment.")
        parts.append(lift(_within(events, group.segment_filter_expression, _lift(events, min(within, whole)))))
    met: Bools = np.all(parts, axis=0)
    return met


def _within(events: Events, expression: Any, lift: Lift) -> Bools:
    """Units that meet an expression, each filter by any of the unit's events."""
    if expression.WhichOneof("expr") is None:
        raise BadRequest("A condition group needs a segmentFilterExpression.")
    return filters.combined(
        expression, lambda wanted: lift(events.fulfilling(wanted)), np.ones(len(events.index), bool)
    )


def _lift(events: Events, scope: int) -> Lift:
    if scope == _EVENT:
        return lambda mask: mask
    log = events.view.log
    return lifted(np.asarray((log.session if scope == _SESSION else log.visitor)[events.index], np.int64))
