"""The date by which an account's nights go."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def business_date(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment in an account's own time zone: Google Ads counts by it, clock changes included."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
