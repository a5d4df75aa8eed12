"""The date ranges of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adsync.sandbox.ga4.parsing import BadRequest

MAX_RANGES = 4
# Analytics began then; Google refuses anything earlier, this day included.
_TOO_EARLY, _TOO_LATE = date(2015, 8, 13), date(3000, 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """One date range. name: what the `dateRange` column shows."""

    name: str
    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1


def date_ranges(asked: Any, today: date) -> list[Days]:
    """The ranges, with relative days counted from today.

    Raises BadRequest.
    """
    if not asked:
        raise BadRequest("A dateRange is required.")
    if len(asked) > MAX_RANGES:
        raise BadRequest(
            f"Requests are limited to {MAX_RANGES} dateRanges.\n  This request contains {len(asked)} dateRanges."
        )
    found = []
    for number, each in enumerate(asked):
        first = _day("start", each.start_date, today)
        last = _day("end", each.end_date, today)
        if last < first:
            raise BadRequest(
                "start_date must be less than or equal to end_date. "
                f"start_date = {each.start_date} and end_date = {each.end_date}"
            )
        if each.name.startswith(("date_range_", "RESERVED_")):
            raise BadRequest(
                f"Date range name {each.name} is invalid: names cannot begin with date_range_ or RESERVED_."
            )
        found.append(Days(each.name or f"date_range_{number}", first, last))
    names = [each.name for each in found]
    if len(set(names)) < len(names):
        raise BadRequest(
            f"Found duplicate date range names: {', '.join(sorted({n for n in names if names.count(n) > 1}))}"
        )
    return found


def _day(which: str, text: str, today: date) -> date:
    ago = text.removesuffix("daysAgo")
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    try:
        found = (
            today - timedelta(days=int(ago))
            if ago != text and ago.isascii() and ago.isdigit()
            else date.fromisoformat(text)
        )
    except (ValueError, OverflowError):
        found = None
    # fromisoformat also reads 20260302 and 2026-W10-1.
    if found is None or (ago == text and text != found.isoformat()):
        raise BadRequest(
            f"Invalid {which}Date : {text}. {which}Date must be YYYY-MM-DD, NdaysAgo, yesterday, or today."
        )
    if not _TOO_EARLY < found < _TOO_LATE:
        raise BadRequest(f"The {which}_date must be after {_TOO_EARLY} and before {_TOO_LATE}. {which}_date = {text}")
    return found
