"""Until when a funnel counts: the last visits, however few, and no contracts that go on after them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from adsync.model.exposure import LogSummary
from adsync.score.period import period_end

SITE_ENDS = date(2026, 4, 4)


def period_of(tail: int, days: int = 28, asked: date | None = None, **more: int) -> tuple[date, tuple[str, ...]]:
    """Ninety days of ten views, a purchase on every third; a month and a half later, on the last Sunday, so many views more.

    more: further rows of that day, of other events.
    """
    first, last = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 5, 24, 10, tzinfo=UTC)
    site = [first.date() + timedelta(days=n) for n in range(90)]
    assert site[-1] == SITE_ENDS

    def until(moment: datetime) -> dict[str, int]:
        days = sum(day <= moment.date() for day in site)
        later = {name: n * (moment >= last) for name, n in more.items()}
        return {"page_view": 10 * days + tail * (moment >= last), "purchase": days // 3} | later

    log = LogSummary(
        rows=9, names={}, excluded={}, visitors=9, first=first, last=last, files=1, form="flat log"
    )  # fmt: skip
    end, notes = period_end(log, asked, days, until, "purchase")
    assert end in (last, datetime.combine(end, time.max, UTC))
    return end.date(), notes


def test_a_period_ends_with_the_last_visits_where_only_contracts_come_after_them() -> None:
    assert period_of(3, contract=60) == (
        SITE_ENDS,
        (
            "After 2026-04-04 the log has hardly any visits: counted is until then. With --as-of 2026-05-24 the last 28 days.",
        ),
    )
    assert period_of(3, asked=date(2026, 5, 24)) == (date(2026, 5, 24), ())
    assert period_of(3, days=1)[1][0].endswith("the last 1 day.")
    assert period_of(0, days=60) == (date(2026, 5, 24), ()), "some of these days have visits"


@pytest.mark.parametrize(
    ("views", "renamed", "has_visits"), [(28, 0, False), (29, 0, True), (30, 0, True), (3, 200, True)]
)
def test_a_period_of_few_visits_is_one_all_the_same(views: int, renamed: int, has_visits: bool) -> None:
    """A tenth of the 280 of a usual month; or page views that have another name now."""
    assert (period_of(views, screen_view=renamed)[0] != SITE_ENDS) is has_visits


def test_where_the_main_conversion_comes_only_later_the_period_is_the_last_one() -> None:
    log = LogSummary(
        rows=9, names={}, excluded={}, visitors=9, first=datetime(2026, 1, 5, tzinfo=UTC),
        last=datetime(2026, 5, 24, tzinfo=UTC), files=1, form="flat log",
    )  # fmt: skip

    def until(moment: datetime) -> dict[str, int]:
        return {"page_view": 900, "purchase": 5 * (moment >= log.last)}

    assert period_end(log, None, 28, until, "purchase") == (log.last, ())
