"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from adsync.state.cells import check_cells

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones, so they are put back on reading."""

    impl = DateTime
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


def _key(name: str, kind: Any = String) -> Column[Any]:
    return Column(name, kind, primary_key=True, nullable=False)


def _numbers(name: str, *keys: Column[Any], values: tuple[Column[Any], ...]) -> Table:
    """Numbers as known on each night: a new row only where one changed; all values null where it has vanished."""
    return Table(name, metadata, _key("customer_id"), *keys, _key("as_of", Date), *values, sqlite_with_rowid=False)


event_count = _numbers(
    "event_count",
    _key("date", Date),
    _key("event_name"),
    values=(Column("events", Integer), Column("sessions", Integer), Column("users", Integer)),
)
site_day = _numbers(
    "site_day",
    _key("date", Date),
    # ad_sessions: null as well where GA4 did not tell, and in copies of versions that did not ask.
    values=(Column("sessions", Integer), Column("users", Integer), Column("ad_sessions", Integer)),
)
action_day = _numbers(
    "action_day",
    _key("axis"),
    _key("date", Date),
    _key("campaign_id"),
    _key("action_id"),
    values=(
        Column("conversions", Float),
        Column("all_conversions", Float),
        Column("value", Float),
        Column("all_value", Float),
    ),
)
campaign_day = _numbers(
    "campaign_day",
    _key("date", Date),
    _key("campaign_id"),
    values=(Column("cost_micros", BigInteger), Column("clicks", Integer), Column("impressions", BigInteger)),
)
funnel = Table(
    "funnel",
    metadata,
    _key("customer_id"),
    _key("event_name"),
    _key("as_of", Date),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("entered", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("sampled_share", Float),
)
funnel_part = Table(
    "funnel_part",
    metadata,
    _key("customer_id"),
    _key("event_name"),
    _key("dimension"),
    _key("segment"),
    _key("as_of", Date),
    Column("entered", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
)
INTERVALS = ("p", "lift", "lift_day", "risk_difference")
log_reading = Table(
    "log_reading",
    metadata,
    _key("customer_id"),
    _key("as_of", Date),
    Column("macro", String, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("mature_until", Date, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("visitors", Integer, nullable=False),
    Column("buyers", Integer, nullable=False),
    # "" where none was made.
    Column("selection", Text, nullable=False),
)
log_score = Table(
    "log_score",
    metadata,
    _key("customer_id"),
    _key("as_of", Date),
    _key("event"),
    # place: in the order of the reading, the best first.
    Column("place", Integer, nullable=False),
    Column("grade", String, nullable=False),
    Column("exposed", Integer, nullable=False),
    Column("converted", Integer, nullable=False),
    *(Column(f"{name}{end}", Float, nullable=name != "p") for name in INTERVALS for end in ("", "_low", "_high")),
    Column("q", Float, nullable=False),
    Column("coverage", Float, nullable=False),
    Column("volume_30d", Float, nullable=False),
    Column("overlap", Float, nullable=False),
    Column("worth", Float),
    Column("verdict", String, nullable=False),
    Column("because", Text, nullable=False),
)
order_ids = Table(
    "order_ids",
    metadata,
    _key("customer_id"),
    _key("as_of", Date),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("events", Integer, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("without_id", Integer, nullable=False),
)
tag_request = Table(
    "tag_request",
    metadata,
    _key("customer_id"),
    _key("as_of", Date),
    Column("document", Text, nullable=False),
)
coverage = Table(
    "coverage",
    metadata,
    _key("customer_id"),
    _key("report"),
    _key("as_of", Date),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("pulled_at", Moment, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("fault", Text, nullable=False),
    Column("backfill", Boolean, nullable=False),
)
snapshot = Table(
    "snapshot",
    metadata,
    _key("customer_id"),
    _key("as_of", Date),
    Column("document", Text, nullable=False),
)
capability = Table(
    "capability",
    metadata,
    _key("customer_id"),
    _key("action_id"),
    _key("field"),
    _key("as_of", Date),
    Column("asked_at", Moment, nullable=False),
    # Google's error; "" where it would accept the change.
    Column("code", String, nullable=False),
)
memory = Table(
    "memory",
    metadata,
    _key("customer_id"),
    Column("counters", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
)
hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("code", String, nullable=False),
    Column("seen_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("cleared_at", Moment),
    Column("cleared_by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("hold_of_account", "customer_id"),
)
plan = Table(
    "plan",
    metadata,
    _key("id"),
    Column("customer_id", String, nullable=False),
    Column("account", String, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("origin", String, nullable=False),
    Column("document", Text, nullable=False),
    Index("plan_by_account", "customer_id", "made_at"),
)
approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("change_hash", String, nullable=False),
    Column("change_name", String, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("after_entry", Integer, nullable=False),
    Index("approval_by_account", "customer_id", "change_hash"),
)
change_log = Table(
    "change_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("change_name", String, nullable=False),
    Column("change_hash", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("approved_by", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("request_id", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("change_log_by_account", "customer_id", "opened_at"),
)
seal = Table(
    "seal",
    metadata,
    _key("customer_id"),
    _key("number", Integer),
    Column("entry_id", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("hash", String, nullable=False),
    Column("keyed", Boolean, nullable=False),
)
outcome_review = Table(
    "outcome_review",
    metadata,
    _key("entry_id", Integer),
    Column("customer_id", String, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("document", Text, nullable=False),
    # What was found; null until the day on which it was.
    Column("concluded_on", Date),
    Column("conclusion", Text),
    Index("outcome_review_of_account", "customer_id"),
)
run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("operations_planned", Integer, nullable=False),
    Column("operations", Integer, nullable=False),
    Column("outcome", String, nullable=False),
)
account_run = Table(
    "account_run",
    metadata,
    _key("run_id", Integer),
    _key("customer_id"),
    Column("as_of", Date),
    Column("outcome", String, nullable=False),
    Column("operations", Integer, nullable=False),
    Column("error", JSON),
)
lease = Table(
    "lease",
    metadata,
    _key("name"),
    Column("holder", String, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)

for _table in metadata.tables.values():
    check_cells(_table)
