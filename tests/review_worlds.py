"""Outcome reviews for tests: campaigns day by day around a change, and what was fixed of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from adsync.decide.outcome_windows import AT_LEAST, BEFORE_WEEKS, windows
from adsync.model.outcome_review import CampaignCounts, OutcomeReview
from adsync.model.window import Window
from tests.builders import CUSTOMER_ID

CHANGED_ON = date(2026, 3, 2)
FIRST_READ = CHANGED_ON - timedelta(days=7 * BEFORE_WEEKS)


def a_review(compared_with: Sequence[str] = (), **different: object) -> OutcomeReview:
    """Of a change of campaign "1", eight weeks before against four after."""
    before, after = windows(CHANGED_ON, None, late=False)
    values: dict[str, object] = {
        "entry_id": 7,
        "customer_id": CUSTOMER_ID,
        "changed_on": CHANGED_ON,
        "macros": ("100",),
        "campaigns": ("1",),
        "compared_with": tuple(compared_with),
        "before": before,
        "after": after,
        "due_on": after.last + timedelta(days=1),
        "at_least": AT_LEAST,
    }
    return OutcomeReview(**{**values, **different})  # type: ignore[arg-type]


def days_of(
    macros: Sequence[float], campaign_id: str = "1", cost: float = 50.0, clicks: int = 100
) -> list[CampaignCounts]:
    """A campaign from the first day that is read on, one number of macros a day."""
    return [
        CampaignCounts(date=FIRST_READ + timedelta(days=n), campaign_id=campaign_id, macros=m, clicks=clicks, cost=cost)
        for n, m in enumerate(macros)
    ]


def read_days(review: OutcomeReview) -> int:
    """How many days there are from the first that is read to the last that is compared."""
    return len(Window(FIRST_READ, review.after.last))


def steps(before: float, after: float, review: OutcomeReview) -> list[float]:
    """So many macros a day until the change, and so many from then on."""
    change = (CHANGED_ON - FIRST_READ).days
    return [before] * change + [after] * (read_days(review) - change)
