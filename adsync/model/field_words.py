"""Google's fields and values in the words of its own screens: for people. Programs get the API's names."""

from __future__ import annotations

from adsync.model.change import STANDS_FOR, TARGET_FIELDS
from adsync.model.figures import percent

PRIMARY = "primary_for_goal"

_CPA = frozenset({"target_cpa_micros", *(f for f in TARGET_FIELDS.values() if f.endswith("target_cpa_micros"))})
_ROAS = frozenset({"target_roas", *(f for f in TARGET_FIELDS.values() if f.endswith("target_roas"))})
"""A campaign's own fields, and the same by the strategy that keeps them."""

_NAMES = {
    PRIMARY: "action optimization",
    STANDS_FOR: "counts for adsync as",
    "counting_type": "count",
    "counting_method": "counting method",
    "default_value": "value",
    "default_currency": "currency",
    "always_use_default_value": "same value for each conversion",
    "attribution_model": "attribution model",
    "click_window_days": "click-through conversion window in days",
    "biddable": "used by campaigns",
    "action_ids": "conversion actions",
    "strategy": "bid strategy",
    "portfolio_id": "portfolio bid strategy",
    "goal_level": "conversion goals of",
    "custom_goal_id": "custom goal",
    "selected_actions": "selected conversion actions",
    **dict.fromkeys(_CPA, "target CPA"),
    **dict.fromkeys(_ROAS, "target ROAS"),
}
_VALUES = {
    "counting_type": {"ONE_PER_CLICK": "One", "MANY_PER_CLICK": "Every"},
    "counting_method": {"ONCE_PER_SESSION": "Once per session", "ONCE_PER_EVENT": "Once per event"},
    "status": {"ENABLED": "enabled", "HIDDEN": "hidden", "REMOVED": "removed", "PAUSED": "paused"},
    "goal_level": {"CUSTOMER": "the account", "CAMPAIGN": "the campaign"},
}


def called(field: str) -> str:
    """A field's name as people read it; an unknown one without its underscores."""
    return _NAMES.get(field, field.replace("_", " "))


def shown(value: object, field: str = "") -> str:
    """A field's value as people read it; None where there is no such object."""
    if value is None or value in ("", ()):
        return "nothing"
    if isinstance(value, bool):
        return _FLAGS.get(field, ("no", "yes"))[value]
    if field in _CPA | _ROAS and isinstance(value, int | float):
        return f"{value / 1_000_000:,.2f}" if field in _CPA else percent(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return _VALUES.get(field, {}).get(str(value), str(value))


_FLAGS = {PRIMARY: ("Secondary", "Primary")}
