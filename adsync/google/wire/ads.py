"""Messages of Google Ads in, the model's words out."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from adsync.errors import UnexpectedAnswer
from adsync.google.wire.names import enum_name, enum_names, id_of
from adsync.model.ads import (
    Campaign,
    CampaignGoal,
    ConversionAction,
    ConversionGoal,
    Customer,
    CustomGoal,
    DataExclusion,
)
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.window import Window


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
        last_request=_moment(row.metrics.conversion_last_received_request_date_time),
    )


def _moment(text: str) -> str:
    """A moment to the second; "" for what is none, because nothing but a check depends on it."""
    return text[:19] if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", text) else ""


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
    found, shared = row.campaign, row.accessible_bidding_strategy
    # Of a portfolio that a manager shares with the account, only the second view may be seen.
    own_and_shared = (found, row.bidding_strategy, shared)
    owner, me = str(shared.owner_customer_id or ""), found.resource_name.removeprefix("customers/").partition("/")[0]
    return Campaign(
        id=str(found.id),
        name=found.name,
        status=enum_name(found, "status"),
        channel=enum_name(found, "advertising_channel_type"),
        strategy=enum_name(found, "bidding_strategy_type"),
        system_status=enum_name(found, "bidding_strategy_system_status"),
        portfolio_id=id_of(found.bidding_strategy),
        portfolio_owner_id="" if owner == me else owner,
        target_cpa_micros=max(
            max(m.target_cpa.target_cpa_micros, m.maximize_conversions.target_cpa_micros) for m in own_and_shared
        ),
        target_roas=max(
            max(m.target_roas.target_roas, m.maximize_conversion_value.target_roas) for m in own_and_shared
        ),
        goal_level=level,
        custom_goal_id=custom_goal_id,
        selected_actions=tuple(sorted(id_of(name) for name in found.selective_optimization.conversion_actions)),
    )


def data_exclusion(row: Any) -> DataExclusion | None:
    """None for one that ends before it begins: it excludes nothing."""
    """Raises UnexpectedAnswer for moments that are none, or an end that is not after the start."""
    found = row.bidding_data_exclusion
    days = _touched(found.start_date_time, found.end_date_time)
    if days is None:
        return None
    return DataExclusion(
        name=found.name,
        days=days,
        scope=enum_name(found, "scope"),
        campaign_ids=tuple(sorted(id_of(name) for name in found.campaigns)),
        channels=enum_names(found, "advertising_channel_types"),
        devices=enum_names(found, "devices"),
    )


def _touched(start: str, end: str) -> Window | None:
    """The days from a moment to another one, which lies outside: an end at midnight leaves its day out; None where it
    is not later."""
    try:
        first, last = datetime.fromisoformat(start), datetime.fromisoformat(end) - timedelta(seconds=1)
    except ValueError:
        raise UnexpectedAnswer(f"Google Ads gave {start!r} to {end!r} for the days of a data exclusion.") from None
    return Window(first.date(), last.date()) if first <= last else None


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
