"""How an overview says when the next check is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adsync.model.overview import Overview, Urgency
from tests.builders import TODAY


@pytest.mark.parametrize(
    ("in_days", "text"),
    [(None, "tonight"), (-3, "tonight"), (0, "tonight"), (1, "Tuesday 2026-06-02"), (7, "Monday 2026-06-08")],
)
def test_the_next_check_is_named_by_its_day_and_date(in_days: int | None, text: str) -> None:
    day = None if in_days is None else TODAY + timedelta(days=in_days)
    seen = Overview(account="shop", urgency=Urgency.FINE, stands="Helpers stay.", as_of=TODAY, next_check=day)
    assert seen.next_check_words == text


def test_of_what_was_never_pulled_no_check_is_named() -> None:
    assert Overview(account="shop", urgency=Urgency.NOTHING_PULLED, stands="Nothing.").next_check_words == ""
