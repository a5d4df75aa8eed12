"""GA4's BigQuery export: nested rows, one table or file for each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from adsync.events.conditions import hits
from adsync.events.engine import Column, Table
from adsync.events.ids import TAKEN
from adsync.model.condition import Condition

_VALUE = "STRUCT(string_value VARCHAR, int_value BIGINT, float_value DOUBLE, double_value DOUBLE)"
_CLICK = (
    "STRUCT(google_ads_campaign STRUCT(campaign_id VARCHAR), manual_campaign STRUCT(source VARCHAR, medium VARCHAR), "
    "cross_channel_campaign STRUCT(default_channel_group VARCHAR))"
)
NDJSON_COLUMNS = {
    "event_timestamp": "BIGINT",
    "event_name": "VARCHAR",
    "event_params": f"STRUCT(key VARCHAR, value {_VALUE})[]",
    "user_id": "VARCHAR",
    "user_pseudo_id": "VARCHAR",
    "batch_ordering_id": "BIGINT",
    "batch_event_index": "BIGINT",
    "device": "STRUCT(category VARCHAR)",
    "ecommerce": "STRUCT(transaction_id VARCHAR, purchase_revenue DOUBLE)",
    "collected_traffic_source": "STRUCT(manual_campaign_id VARCHAR, gclid VARCHAR)",
    "session_traffic_source_last_click": _CLICK,
}
"""BigQuery writes integers as text, and leaves out what is empty: without types, days would differ in theirs."""


SETTLING = timedelta(days=3)
"""So long Google goes on rewriting the days of its export."""

_NEVER = 1 << 62
"""Later than any event. What is later still would leave no room for the order within a request."""

EDGE = "is_edge"
"""A column of days that are read only for sessions that reach into the period."""


def is_export(columns: tuple[str, ...]) -> bool:
    """Whether these are the export's columns."""
    return {"event_name", "event_timestamp", "event_params", "user_pseudo_id"} <= set(columns)


def settling_days(last: datetime, now: datetime) -> int:
    """The last days of an export, in which events may be missing; none where it ended long before it is read.

    last: its newest event. A day more than Google takes, for that event need not be of the day's end.
    """
    return SETTLING.days if now - last < SETTLING + timedelta(days=1) else 0


def from_export(rows: Table, conditions: Sequence[Condition] = ()) -> Table:
    """The columns that every form of log is brought to, row by row, and where the export has accounts, those.

    sent: a time that others of the same request share; a flat log knows only when each event was.
    """
    known = set(rows.columns)
    params = rows.event_params

    def place(name: str) -> Column:
        return rows[name].try_cast("int64").fill_null(0).clip(0, 999) if name in known else ibis.literal(0, "int64")

    session = _session(params)
    sent = rows.event_timestamp.try_cast("int64").clip(upper=_NEVER)
    more = {"account": rows.user_id.cast("string").nullif("")} if "user_id" in known else {}
    more |= {name: rows[name] for name in (EDGE, TAKEN) if name in known}
    if any(condition.event for condition in conditions):
        page = _param(params, "page_location", "string_value")
        more["hits"] = hits(rows.event_name, conditions, page, lambda key: _both(params, key))
    return rows.select(
        who=rows.user_pseudo_id.cast("string").nullif(""),
        **more,
        session=session,
        sent=sent,
        # The events of one request share their time, and a thousandth of a second is room enough for their order.
        at=sent + ibis.least(place("batch_ordering_id") * 20 + place("batch_event_index"), 999),
        name=rows.event_name.cast("string").nullif(""),
        campaign=_campaign(rows),
        channel=_channel(rows, params),
        device=_field(rows, "device", "category"),
        order_id=_field(rows, "ecommerce", "transaction_id"),
        value=_number(_field(rows, "ecommerce", "purchase_revenue"), params),
        currency=_param(params, "currency", "string_value"),
        # Two products seen at one moment are two events: only their parameters tell them apart.
        params=params.sort().hash(),
    )


def _param(params: Column, key: str, field: str) -> Column:
    """One parameter's value as text, without a row for each parameter; null where this export has no such field."""
    value = params.filter(lambda one: one["key"] == key)[0]["value"]
    return value[field].cast("string").nullif("") if field in value.type().names else ibis.null("string")


def _session(params: Column) -> Column:
    """The session's number: an integer, which some taggings send as text. It is a time, so that 0 and -1 are none."""
    fields = ("int_value", "string_value", "double_value")
    found = ibis.coalesce(*(_param(params, "ga_session_id", field).try_cast("int64") for field in fields))
    return (found > 0).ifelse(found, None)


def _both(params: Column, key: str) -> tuple[Column, Column]:
    """One parameter's value as text and as a number, whichever way a day's table has it."""
    value = params.filter(lambda one: one["key"] == key)[0]["value"]
    known = {name: value[name] for name in value.type().names}
    numbers = [known[name] for name in ("int_value", "double_value", "float_value") if name in known]
    written = [known[name].cast("string") for name in ("string_value", "int_value") if name in known]
    number = ibis.coalesce(*(one.try_cast("float64") for one in numbers), ibis.null("float64"))
    text = ibis.coalesce(*written, number.cast("string"))
    return text, ibis.coalesce(number, text.try_cast("float64"))


def _field(rows: Table, record: str, field: str) -> Column:
    """A field of a record; null where this export has neither."""
    if not _has(rows, record, field):
        return ibis.null("string")
    return rows[record][field].cast("string").nullif("").nullif("(not set)")


LAST_CLICK = "session_traffic_source_last_click"
"""Of the four places in which the export names a source, the one that is right for sessions from ads."""


def _campaign(rows: Table) -> Column:
    """The last-click campaign of the session."""
    if _has(rows, LAST_CLICK, "google_ads_campaign"):
        return _last_click(rows, "google_ads_campaign", "campaign_id")
    return _field(rows, "collected_traffic_source", "manual_campaign_id")


def _channel(rows: Table, params: Column) -> Column:
    """GA4's default channel group. Before October 2024 it was not exported, and source and medium stand in.

    Before July 2024 not even those were exported of the session: then those of the event, which few of a session's events
    have. Google's own clicks are written there as unpaid search; their click id tells them apart.
    """
    last_click = _source(*(_last_click(rows, "manual_campaign", name) for name in ("source", "medium")))
    click_id = ibis.coalesce(_field(rows, "collected_traffic_source", "gclid"), _param(params, "gclid", "string_value"))
    own = _source(*(_param(params, name, "string_value").nullif("(not set)") for name in ("source", "medium")))
    return ibis.coalesce(
        _last_click(rows, "cross_channel_campaign", "default_channel_group"),
        last_click,
        click_id.notnull().ifelse("google / cpc", own),
    )


def _source(source: Column, medium: Column) -> Column:
    return source + " / " + medium


def _last_click(rows: Table, record: str, field: str) -> Column:
    """A field of a session's last click; null where this export does not have it."""
    if not _has(rows, LAST_CLICK, record) or field not in rows[LAST_CLICK][record].type().names:
        return ibis.null("string")
    return rows[LAST_CLICK][record][field].cast("string").nullif("").nullif("(not set)")


def _has(rows: Table, record: str, field: str) -> bool:
    return record in rows.columns and field in rows[record].type().names


def _number(revenue: Column, params: Column) -> Column:
    fields = ("double_value", "float_value", "int_value", "string_value")
    numbers = [one.try_cast("float64") for one in (revenue, *(_param(params, "value", field) for field in fields))]
    return ibis.coalesce(*(one.isnan().ifelse(None, one) for one in numbers))
