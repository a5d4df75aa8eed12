"""Of which grade evidence is, what it cannot know, and what would tell more: in words and for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import isfinite
from typing import Any

from adsync.model.change import Change
from adsync.model.decision import CANNOT_KNOW, GRADE, RAISED_BY, Decision
from adsync.model.evidence import Evidence, Interval

_Known = tuple[str, str, str, str]
"""What evidence is about, its grade, what it cannot know, and what would tell more."""


AS_ABOVE = "What it cannot know stands above."


def change_lines(changes: Iterable[Change], told: Collection[str] = ()) -> list[str]:
    """What stands under planned changes: each grade once; nothing of what follows from no evidence, or is older than grades.

    told: what `explained` by tables above this one.
    """
    found = _lines(_known_of(change) for change in changes if GRADE in dict(change.numbers))
    return [f"{named} {AS_ABOVE if words in told else words}".rstrip() for named, words in found]


def explained(changes: Iterable[Change]) -> frozenset[str]:
    """What `change_lines` says of the grades of these changes, without whom it is about."""
    found = _lines(_known_of(change) for change in changes if GRADE in dict(change.numbers))
    return frozenset(words for _, words in found if words)


def grade_lines(decisions: Iterable[Decision]) -> list[str]:
    """What stands under a table of decisions: each grade once, with whom it is about."""
    return [f"{named} {words}".rstrip() for named, words in _lines_of_decisions(decisions)]


def explained_beside(decisions: Iterable[Decision]) -> frozenset[str]:
    """What `grade_lines` says of the grades of these decisions, without whom it is about: for `change_lines` below them."""
    return frozenset(words for _, words in _lines_of_decisions(decisions) if words)


def _lines_of_decisions(decisions: Iterable[Decision]) -> list[tuple[str, str]]:
    known = (d.evidence for d in decisions if d.evidence is not None)
    return _lines((e.event_name, e.grade, e.cannot_know, e.raised_by) for e in known)


def _known_of(change: Change) -> _Known:
    said = dict(change.numbers)
    about = change.event_name or change.title
    return about, f"{said[GRADE]}", f"{said.get(CANNOT_KNOW, '')}", f"{said.get(RAISED_BY, '')}"


def _lines(known: Iterable[_Known]) -> list[tuple[str, str]]:
    """For each grade whom it is about, and what it means."""
    by_words: dict[tuple[str, str], list[str]] = {}
    more: dict[tuple[str, str], dict[str, list[str]]] = {}
    for event, grade, cannot_know, raised_by in dict.fromkeys(known):
        key = (grade, cannot_know)
        by_words.setdefault(key, []).append(event)
        if raised_by:
            more.setdefault(key, {}).setdefault(raised_by, []).append(event)
    lines = []
    for (grade, cannot_know), events in sorted(by_words.items()):
        parts = [cannot_know] if cannot_know else []
        for words, about in more.get((grade, cannot_know), {}).items():
            parts.append(words if about == events else f"{', '.join(about)}: {words}")
        lines.append((f"Evidence of grade {grade}: {', '.join(events)}.", " ".join(parts)))
    return lines


def evidence_document(evidence: Evidence | None) -> dict[str, Any] | None:
    """For `--json`, by the names of `adsync score --json`."""
    if evidence is None:
        return None
    return {
        "event": evidence.event_name,
        "grade": evidence.grade,
        "exposed": evidence.entered,
        "converted": evidence.completed,
        "p": _interval(evidence.share),
        "lift": _interval(evidence.lift) if evidence.comparable else None,
        "risk_difference": _interval(evidence.difference) if evidence.comparable else None,
        "q": evidence.q_value,
        "coverage": evidence.coverage,
        "volume_30d": evidence.monthly,
        "verdict": evidence.verdict,
        "because": evidence.reason,
        "cannot_know": evidence.cannot_know,
        "raised_by": evidence.raised_by,
        "weaker": evidence_document(evidence.weaker),
    }


def _interval(found: Interval) -> dict[str, float | None]:
    """JSON has no infinity: an end that is nowhere is null."""
    ends = {"point": found.point, "low": found.low, "high": found.high}
    return {name: end if isfinite(end) else None for name, end in ends.items()}
