"""Conversion actions as rows of values by field path."""

from __future__ import annotations

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.protocol import Row
from adsync.sandbox.ads.tracking import Action


def action_row(account: AdsAccount, action: Action) -> Row:
    """A conversion action as Google describes it, to its owner and to the accounts that it tracks for."""
    owner = f"customers/{account.owner_id}"
    row: Row = {
        "conversion_action.resource_name": f"{owner}/conversionActions/{action.id}",
        "conversion_action.id": action.id,
        "conversion_action.name": action.name,
        "conversion_action.status": action.now.status,
        "conversion_action.type": action.type,
        "conversion_action.origin": action.origin,
        "conversion_action.category": action.category,
        "conversion_action.owner_customer": owner,
        "conversion_action.primary_for_goal": action.now.primary,
        "conversion_action.include_in_conversions_metric": account.counts_now(action),
        "conversion_action.counting_type": action.counting_type,
        "conversion_action.click_through_lookback_window_days": action.click_window_days,
        "conversion_action.view_through_lookback_window_days": action.view_window_days,
        "conversion_action.value_settings.default_value": action.default_value,
        "conversion_action.value_settings.default_currency_code": action.currency or account.currency,
        "conversion_action.value_settings.always_use_default_value": action.always_use_default_value,
        "conversion_action.attribution_model_settings.attribution_model": action.attribution_model,
    }
    if action.phone_call_duration_seconds is not None:
        row["conversion_action.phone_call_duration_seconds"] = action.phone_call_duration_seconds
    if action.app_id:
        row["conversion_action.app_id"] = action.app_id
    if action.is_mirror:
        row["conversion_action.google_analytics_4_settings.property_id"] = int(action.property_id)
        row["conversion_action.google_analytics_4_settings.property_name"] = account.property.name
        row["conversion_action.google_analytics_4_settings.event_name"] = action.fires_on
    elif action.has_tag:
        send_to = f"AW-{account.customer_id}/{action.id:x}"
        row["conversion_action.tag_snippets"] = [
            {
                "type": "WEBPAGE",
                "page_format": "HTML",
                "event_snippet": f"<script>gtag('event', 'conversion', {{'send_to': '{send_to}'}});</script>",
            }
        ]
    return row
