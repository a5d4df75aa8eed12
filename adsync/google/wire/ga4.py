"""Answers of GA4 in, the model's words out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from adsync.errors import UnexpectedAnswer
from adsync.google.wire.names import enum_name
from adsync.model.analytics import EventCount, Funnel, FunnelPart, FunnelQuota, KeyEvent, OrderIds, Quality, SiteDay
from adsync.model.window import Window


def quality(metadata: Any) -> Quality:
    """What the answer says of itself; lossy in any date range is lossy."""
    return Quality(
        time_zone=metadata.time_zone,
        currency=metadata.currency_code,
        sampled_share=_sampled_share(metadata),
        thresholded=metadata.subject_to_thresholding,
        folded=metadata.data_loss_from_other_row,
        empty_reason=metadata.empty_reason,
    )


def _sampled_share(metadata: Any) -> float | None:
    """The part of the visitors that was read, 0 to 1, where it was least; None where all were."""
    shares = [
        s.samples_read_count / s.sampling_space_size for s in metadata.sampling_metadatas if s.sampling_space_size
    ]
    return min(shares) if shares else None


def rows(response: Any) -> Iterable[dict[str, str]]:
    """Each row of a report as {header: value}; an empty report has none.

    Raises UnexpectedAnswer when a row does not fit its headers.
    """
    # The wrapper makes a new object at every dot; what it wraps is read ten times as fast.
    response = type(response).pb(response)
    dimensions = [h.name for h in response.dimension_headers]
    # Funnels name each metric twice and give its value once: the first mention is the one that holds.
    metrics = list(dict.fromkeys(h.name for h in response.metric_headers))
    for row in response.rows:
        if len(row.dimension_values) != len(dimensions) or len(row.metric_values) != len(metrics):
            raise UnexpectedAnswer("A GA4 report has rows that do not fit its headers.")
        yield {
            **dict(zip(dimensions, (v.value for v in row.dimension_values), strict=True)),
            **dict(zip(metrics, (v.value for v in row.metric_values), strict=True)),
        }


def must_answer(report: Any, *, dimensions: Sequence[str], metrics: Sequence[str]) -> None:
    """Raises UnexpectedAnswer unless a report has these columns: an empty report has them, too."""
    wanted = [*dimensions, *metrics]
    found = [h.name for h in (*report.dimension_headers, *report.metric_headers)]
    if not set(wanted) <= set(found):
        named = ", ".join(dict.fromkeys(found)) or "no columns"
        raise UnexpectedAnswer(f"GA4 answered with {named} instead of {', '.join(wanted)}.")


def ga4_date(text: str) -> date:
    """GA4 writes dates as YYYYMMDD. Raises UnexpectedAnswer for anything else, "(other)" among it."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise UnexpectedAnswer(f"GA4 gave {text!r} for a date.") from None


def count(text: str) -> int:
    """A metric that counts things. GA4 sends numbers as text, and types some fractions as integers."""
    try:
        return round(float(text))
    except ValueError:
        raise UnexpectedAnswer(f"GA4 gave {text!r} for a number.") from None


def event_count(row: dict[str, str]) -> EventCount:
    return EventCount(
        date=ga4_date(row["date"]),
        event_name=row["eventName"],
        events=count(row["eventCount"]),
        sessions=count(row["sessions"]),
        users=count(row["totalUsers"]),
    )


def site_day(row: dict[str, str]) -> SiteDay:
    return SiteDay(date=ga4_date(row["date"]), sessions=count(row["sessions"]), users=count(row["totalUsers"]))


def sessions_of_day(row: dict[str, str]) -> tuple[date, int]:
    return ga4_date(row["date"]), count(row["sessions"])


def order(row: dict[str, str]) -> tuple[str, int]:
    """A transaction id, and how often it came."""
    return row["transactionId"], count(row["eventCount"])


_NAMELESS = frozenset({"", "(not set)"})


def order_ids(orders: Iterable[tuple[str, int]], window: Window, quality: Quality) -> OrderIds:
    """Counts only: whose order it was is not carried on."""
    found = list(orders)
    times = [n for name, n in found if name not in _NAMELESS]
    return OrderIds(
        window=window,
        events=sum(n for _, n in found),
        orders=len(times),
        repeated=sum(n > 1 for n in times),
        without_id=sum(n for name, n in found if name in _NAMELESS),
        quality=quality,
    )


def funnel(response: Any, event_name: str, window: Window, horizon_days: int) -> Funnel:
    """Users of the first and second step; a step that nobody reached may be missing from the answer.

    Raises UnexpectedAnswer for a table of something else.
    """
    table = response.funnel_table
    must_answer(table, dimensions=["funnelStepName"], metrics=["activeUsers"])
    users = {"1": 0, "2": 0}
    for row in rows(table):
        step = row["funnelStepName"].partition(".")[0]
        if step in users and TOTAL not in row.values():
            users[step] = count(row["activeUsers"])
    return Funnel(
        event_name=event_name,
        window=window,
        horizon_days=horizon_days,
        entered=users["1"],
        completed=min(users["2"], users["1"]),
        sampled_share=_sampled_share(table.metadata),
    )


TOTAL = "RESERVED_TOTAL"
"""What GA4 calls the row of all values together."""


def funnel_parts(response: Any, event_name: str, by: str, dimension: str) -> tuple[FunnelPart, ...]:
    """Each value of the dimension that anybody had at the first step; a step that nobody reached may be missing.

    Raises UnexpectedAnswer for a table of something else.
    """
    table = response.funnel_table
    must_answer(table, dimensions=["funnelStepName", dimension], metrics=["activeUsers"])
    users: dict[str, dict[str, int]] = {"1": {}, "2": {}}
    for row in rows(table):
        step = row["funnelStepName"].partition(".")[0]
        if step in users and row[dimension] != TOTAL:
            users[step][row[dimension]] = count(row["activeUsers"])
    return tuple(
        FunnelPart(
            event_name=event_name,
            by=by,
            segment=segment,
            entered=entered,
            completed=min(users["2"].get(segment, 0), entered),
        )
        for segment, entered in users["1"].items()
        if entered
    )


def funnel_quota(found: Any) -> FunnelQuota:
    """What is left of the tokens; what Google leaves out is nothing."""
    return FunnelQuota(
        day=found.tokens_per_day.remaining,
        hour=found.tokens_per_hour.remaining,
        project_hour=found.tokens_per_project_per_hour.remaining,
    )


def key_event(found: Any) -> KeyEvent:
    return KeyEvent(
        resource_name=found.name,
        event_name=found.event_name,
        counting_method=enum_name(found, "counting_method"),
        deletable=found.deletable,
    )
