"""Windows hold their first and their last day, and always at least one."""

from __future__ import annotations

from datetime import date

import pytest

from adsync.model.window import Window

FIRST, LAST = date(2026, 2, 27), date(2026, 3, 2)


def test_both_ends_belong_to_a_window() -> None:
    window = Window(FIRST, LAST)
    assert list(window) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
    assert len(window) == 4
    assert FIRST in window and LAST in window
    assert date(2026, 3, 3) not in window and date(2026, 2, 26) not in window


def test_a_window_that_ends_on_a_day_counts_that_day() -> None:
    assert Window.ending(LAST, days=4) == Window(FIRST, LAST)
    assert Window.ending(LAST, days=1) == Window(LAST, LAST)


def test_a_window_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot end \(2026-02-27\) before it begins \(2026-03-02\)"):
        Window(LAST, FIRST)
    with pytest.raises(ValueError, match="cannot end"):
        Window.ending(LAST, days=0)


def test_only_dates_are_in_a_window() -> None:
    assert "2026-03-01" not in Window(FIRST, LAST)


def test_a_window_reads_as_people_write_it() -> None:
    assert str(Window(FIRST, LAST)) == "2026-02-27 to 2026-03-02"
