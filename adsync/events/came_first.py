"""Which of two events visitors do first."""

from __future__ import annotations

from collections.abc import Mapping

from adsync.events.engine import Engine, Table


def came_first(engine: Engine, events: Table, code: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By two of these events, visitors who did the one earlier than the other for the first time. events: known ones."""
    name = {place: known for known, place in code.items()}
    firsts = events.filter(events.code.isin(sorted(name))).group_by(["visitor", "code"]).agg(at=events["at"].min())
    # Kept: it stands on both sides of the join, and would be worked out for each.
    firsts = engine.keep("first_times", firsts)
    other = firsts.view()
    both = firsts.join(other, [firsts.visitor == other.visitor, firsts["at"] < other["at"]], rname="{name}_other")
    rows = engine.numbers(both.group_by(["code", "code_other"]).agg(visitors=both.count()))
    engine.forget("first_times")
    return {
        (name[int(one)], name[int(then)]): int(n)
        for one, then, n in zip(rows["code"], rows["code_other"], rows["visitors"], strict=True)
    }
