"""Logs whose journeys are known: written by hand, or from public data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

INCIDENT_EVENTS = {
    "product_view": "view_item",
    "cart": "view_cart",
    "shipping_details": "add_shipping_info",
    "payment_details": "add_payment_info",
}
"""What GA4 calls the events of the public log with incidents."""

HEAD = "user_pseudo_id,event_timestamp,event_name,session_id,device,channel,campaign_id"


def event(
    visitor: str, at: datetime, name: str, session: int = 1, device: str = "", channel: str = "", campaign: str = ""
) -> str:
    """One row of a flat log."""
    return f"{visitor},{at.isoformat()},{name},{session},{device},{channel},{campaign}"


def a_time(day: date, seconds: float = 0.0) -> datetime:
    """So long after noon."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(seconds=seconds)


def write_log(path: Path, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return path


def write_incidents(shared_data: Path, path: Path, names: Mapping[str, str] = INCIDENT_EVENTS) -> Path:
    """The public log with documented incidents, as a flat log. names: what its events are called there; else their own."""
    named = " ".join(f"when '{theirs}' then '{ours}'" for theirs, ours in (names or {"": ""}).items())
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select user_id, session_id, case event {named} else event end as event_name, "
            "timestamp as event_timestamp, platform as device, acquisition_channel as channel "
            f"from read_csv('{shared_data / 'ecom_incidents' / 'ecom.csv.gz'}')) to '{path}' (format csv, header)"
        )
    return path


def write_session_day(shared_data: Path, path: Path) -> Path:
    """A day of a real shop, as a flat log in GA4's words; what is no step of the funnel is a page view."""
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select fullVisitorId as user_pseudo_id, visitId as session_id, channelGrouping as channel, "
            "(visitStartTime * 1000 + h.time) * 1000 + h.hitNumber as event_timestamp, "
            "case h.eCommerceAction.action_type when '2' then 'view_item' when '3' then 'add_to_cart' "
            "when '5' then 'begin_checkout' when '6' then 'purchase' else 'page_view' end as event_name "
            "from (select *, unnest(hits) as h from "
            f"read_parquet('{shared_data / 'ga3_session_day' / 'ga_sample.parquet'}'))) to '{path}' (format parquet)"
        )
    return path
