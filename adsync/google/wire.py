"""Google's messages in, the model's words out: the only place that knows how Google spells them on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from adsync.errors import UnexpectedAnswer
from adsync.model.ads import (
    Campaign,
    CampaignGoal,
    ConversionAction,
    ConversionGoal,
    Customer,
    CustomGoal,
)
from adsync.model.analytics import EventCount, Funnel, KeyEvent, Quality, SiteDay
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.window import Window


def enum_name(message: Any, field: str) -> str:
    """The name of an enum's value; UNKNOWN for one that this version of the client has not heard of."""
    raw = getattr(message, "_pb", message)  # the GA4 clients wrap their messages
    value = raw.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(getattr(raw, field))
    return str(value.name) if value is not None else "UNKNOWN"


def id_of(resource_name: str) -> str:
    """The last part of a resource name; "" stays "" """
    return resource_name.rpartition("/")[2]


# Google Ads ----------------------------------------------------------------------------------------------------------


def customer(row: Any) -> Customer:
    found = row.customer
    owner = found.conversion_tracking_setting.google_ads_conversion_customer
    return Customer(
        customer_id=str(found.id),
        name=found.descriptive_name,
        currency=found.currency_code,
        time_zone=found.time_zone,
        conversion_customer_id=id_of(owner) or str(found.id),
        auto_tagging=found.auto_tagging_enabled,
        manager=found.manager,
    )


def client(row: Any) -> Customer:
    """An account as its manager lists it; what only the account itself tells is left at its default."""
    found = row.customer_client
    return Customer(
        customer_id=str(found.id),
        name=found.descriptive_name,
        currency=found.currency_code,
        time_zone=found.time_zone,
        conversion_customer_id=str(found.id),
        auto_tagging=True,
        manager=found.manager,
    )


def conversion_action(row: Any) -> ConversionAction:
    found = row.conversion_action
    ga4, value = found.google_analytics_4_settings, found.value_settings
    return ConversionAction(
        id=str(found.id),
        name=found.name,
        status=enum_name(found, "status"),
        type=enum_name(found, "type_"),
        origin=enum_name(found, "origin"),
        category=enum_name(found, "category"),
        primary_for_goal=found.primary_for_goal,
        counting_type=enum_name(found, "counting_type"),
        owner_customer_id=id_of(found.owner_customer),
        attribution_model=enum_name(found.attribution_model_settings, "attribution_model"),
        click_window_days=found.click_through_lookback_window_days,
        default_value=value.default_value,
        default_currency=value.default_currency_code,
        always_use_default_value=value.always_use_default_value,
        ga4_property_id=str(ga4.property_id) if ga4.property_id else "",
        ga4_event_name=ga4.event_name,
        tag_snippet=next((s.event_snippet for s in found.tag_snippets), ""),
    )


def goal(row: Any) -> ConversionGoal:
    # `biddable` has no presence: absent on the wire is false.
    found = row.customer_conversion_goal
    return ConversionGoal(
        category=enum_name(found, "category"), origin=enum_name(found, "origin"), biddable=found.biddable
    )


def campaign_goal(row: Any) -> CampaignGoal:
    found = row.campaign_conversion_goal
    return CampaignGoal(
        campaign_id=str(row.campaign.id),
        category=enum_name(found, "category"),
        origin=enum_name(found, "origin"),
        biddable=found.biddable,
    )


def goal_config(row: Any) -> tuple[str, str, str]:
    """Campaign id, the level whose goals rule it, and the id of the custom goal it uses ("" for none)."""
    found = row.conversion_goal_campaign_config
    return str(row.campaign.id), enum_name(found, "goal_config_level"), id_of(found.custom_conversion_goal)


def custom_goal(row: Any) -> CustomGoal:
    found = row.custom_conversion_goal
    return CustomGoal(
        id=str(found.id),
        name=found.name,
        status=enum_name(found, "status"),
        action_ids=tuple(sorted(id_of(name) for name in found.conversion_actions)),
    )


def campaign(row: Any, level: str, custom_goal_id: str) -> Campaign:
    found, portfolio = row.campaign, row.bidding_strategy
    own_and_shared = (found, portfolio)
    return Campaign(
        id=str(found.id),
        name=found.name,
        status=enum_name(found, "status"),
        channel=enum_name(found, "advertising_channel_type"),
        strategy=enum_name(found, "bidding_strategy_type"),
        system_status=enum_name(found, "bidding_strategy_system_status"),
        portfolio_id=id_of(found.bidding_strategy),
        target_cpa_micros=max(
            max(m.target_cpa.target_cpa_micros, m.maximize_conversions.target_cpa_micros) for m in own_and_shared
        ),
        target_roas=max(
            max(m.target_roas.target_roas, m.maximize_conversion_value.target_roas) for m in own_and_shared
        ),
        goal_level=level,
        custom_goal_id=custom_goal_id,
    )


def action_day(row: Any, *, by_conversion_date: bool) -> ActionDay:
    metrics = row.metrics
    numbers = (
        (
            metrics.conversions_by_conversion_date,
            metrics.all_conversions_by_conversion_date,
            metrics.conversions_value_by_conversion_date,
            metrics.all_conversions_value_by_conversion_date,
        )
        if by_conversion_date
        else (
            metrics.conversions,
            metrics.all_conversions,
            metrics.conversions_value,
            metrics.all_conversions_value,
        )
    )
    return ActionDay(
        date=date.fromisoformat(row.segments.date),
        campaign_id=str(row.campaign.id),
        action_id=id_of(row.segments.conversion_action),
        conversions=numbers[0],
        all_conversions=numbers[1],
        value=numbers[2],
        all_value=numbers[3],
    )


def campaign_day(row: Any) -> CampaignDay:
    return CampaignDay(
        date=date.fromisoformat(row.segments.date),
        campaign_id=str(row.campaign.id),
        cost_micros=row.metrics.cost_micros,
        clicks=row.metrics.clicks,
        impressions=row.metrics.impressions,
    )


# GA4 -----------------------------------------------------------------------------------------------------------------


def quality(metadata: Any) -> Quality:
    """What the answer says of itself; lossy in any date range is lossy."""
    shares = [
        s.samples_read_count / s.sampling_space_size for s in metadata.sampling_metadatas if s.sampling_space_size
    ]
    return Quality(
        time_zone=metadata.time_zone,
        currency=metadata.currency_code,
        sampled_share=min(shares) if shares else None,
        thresholded=metadata.subject_to_thresholding,
        folded=metadata.data_loss_from_other_row,
        empty_reason=metadata.empty_reason,
    )


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


def funnel(response: Any, event_name: str, window: Window, horizon_days: int) -> Funnel:
    """Users of the first and second step; a step that nobody reached may be missing from the answer.

    Raises UnexpectedAnswer for a table of something else.
    """
    table = response.funnel_table
    must_answer(table, dimensions=["funnelStepName"], metrics=["activeUsers"])
    users = {"1": 0, "2": 0}
    for row in rows(table):
        step = row["funnelStepName"].partition(".")[0]
        if step in users and "RESERVED_TOTAL" not in row.values():
            users[step] = count(row["activeUsers"])
    shares = [
        s.samples_read_count / s.sampling_space_size for s in table.metadata.sampling_metadatas if s.sampling_space_size
    ]
    return Funnel(
        event_name=event_name,
        window=window,
        horizon_days=horizon_days,
        entered=users["1"],
        completed=min(users["2"], users["1"]),
        sampled_share=min(shares) if shares else None,
    )


def key_event(found: Any) -> KeyEvent:
    return KeyEvent(
        resource_name=found.name,
        event_name=found.event_name,
        counting_method=enum_name(found, "counting_method"),
        deletable=found.deletable,
    )
