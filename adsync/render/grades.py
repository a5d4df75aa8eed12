"""Of which grade evidence is, what it cannot know, and what would tell more: in words and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from adsync.model.change import Change
from adsync.model.decision import CANNOT_KNOW, GRADE, RAISED_BY, Decision
from adsync.model.evidence import Evidence, Interval


def change_lines(change: Change) -> tuple[str, ...]:
    """What stands under a change; nothing where it follows from no evidence, or is older than grades."""
    said = dict(change.numbers)
    if GRADE not in said:
        return ()
    words = (f"Evidence of grade {said[GRADE]}.", said.get(CANNOT_KNOW), said.get(RAISED_BY))
    return (" ".join(str(part) for part in words if part),)


def grade_lines(decisions: Iterable[Decision]) -> list[str]:
    """What stands under a table of decisions: each grade once, with whom it is about."""
    by_words: dict[tuple[str, str], list[str]] = {}
    more: dict[tuple[str, str], dict[str, list[str]]] = {}
    for evidence in (d.evidence for d in decisions if d.evidence is not None):
        key = (evidence.grade, evidence.cannot_know)
        by_words.setdefault(key, []).append(evidence.event_name)
        if evidence.raised_by:
            more.setdefault(key, {}).setdefault(evidence.raised_by, []).append(evidence.event_name)
    lines = []
    for (grade, cannot_know), events in sorted(by_words.items()):
        line = f"Evidence of grade {grade}: {', '.join(events)}. {cannot_know}".rstrip()
        for words, about in more.get((grade, cannot_know), {}).items():
            line += f" {words}" if about == events else f" {', '.join(about)}: {words}"
        lines.append(line)
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
