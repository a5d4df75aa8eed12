"""Laws of a chart's labels: every change is there, no label covers another, and all lie inside."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from adsync.render.marks import Mark, height_of, placed
from tests.builders import TODAY

WIDTH, DAYS = 640, 400

marks = st.lists(
    st.builds(
        lambda days, letters: Mark(TODAY + timedelta(days=days), "x" * letters),
        st.integers(0, DAYS),
        st.integers(1, 120),
    ),
    max_size=30,
)


@given(marks)
def test_no_label_covers_another_and_none_leaves_the_chart(marks: list[Mark]) -> None:
    found = placed(marks, TODAY, TODAY + timedelta(days=DAYS), WIDTH)
    assert sorted((p.mark for p in found), key=str) == sorted(marks, key=str)
    assert all(0 <= p.left < p.right <= WIDTH for p in found)
    for one, other in combinations(found, 2):
        assert one.row != other.row or one.right <= other.left or other.right <= one.left
    assert (height_of(found) > 0) == bool(marks)


@given(marks)
def test_no_line_runs_through_the_label_of_a_change_on_its_own_side(marks: list[Mark]) -> None:
    found = placed(marks, TODAY, TODAY + timedelta(days=DAYS), WIDTH)
    for line, label in ((a, b) for a in found for b in found if a is not b and a.late is b.late):
        at = line.right if line.late else line.left
        assert not (label.left < at < label.right and line.row <= label.row)
