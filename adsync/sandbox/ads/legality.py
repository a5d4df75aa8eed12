"""What a query may ask: which fields exist, which go together, and what Google says when they do not."""

from __future__ import annotations

from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.protocol import Protocol

# Which other resources may be selected FROM each.
ATTRIBUTED = {
    "customer": (),
    "customer_client": ("customer",),
    "conversion_action": ("customer",),
    "customer_conversion_goal": ("customer",),
    "campaign_conversion_goal": ("campaign", "customer"),
    "conversion_goal_campaign_config": ("campaign", "customer"),
    "custom_conversion_goal": ("customer",),
    "campaign": ("customer", "bidding_strategy"),
}
CONVERSION_METRICS = {
    "metrics.conversions": (False, 0),
    "metrics.all_conversions": (False, 1),
    "metrics.conversions_value": (False, 2),
    "metrics.all_conversions_value": (False, 3),
    "metrics.conversions_by_conversion_date": (True, 0),
    "metrics.all_conversions_by_conversion_date": (True, 1),
    "metrics.conversions_value_by_conversion_date": (True, 2),
    "metrics.all_conversions_value_by_conversion_date": (True, 3),
}
TRAFFIC_METRICS = {"metrics.clicks": 0, "metrics.cost_micros": 1, "metrics.impressions": 2}
ACTION_SEGMENTS = {
    "segments.conversion_action",
    "segments.conversion_action_name",
    "segments.conversion_action_category",
}
CAMPAIGN_SEGMENTS = ACTION_SEGMENTS | {"segments.date"}


def check(query: Query, protocol: Protocol, *, is_manager: bool) -> None:
    if query.resource not in ATTRIBUTED:
        raise refuse(
            "query_error", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"'{query.resource}' is not a valid resource name."
        )
    conditions = [condition.field for condition in query.where]
    ordered = [name for name, _ in query.order_by]
    for name in (*query.select, *conditions, *ordered):
        _check_field(query, protocol, name, is_manager=is_manager)
    for name in (*conditions, *ordered):
        if name.startswith("segments.") and name != "segments.date" and name not in query.select:
            raise refuse(
                "query_error",
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
                f"The following field must be present in SELECT clause: '{name}'.",
            )
    traffic = TRAFFIC_METRICS.keys() & set(query.select)
    if traffic and ACTION_SEGMENTS & set(query.select):
        raise refuse(
            "query_error",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on 'segments.conversion_action' together with '{sorted(traffic)[0]}'.",
        )
    if "segments.date" in query.select and not _has_finite_dates(query):
        raise refuse(
            "query_error",
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "A finite date range is required because 'segments.date' is selected.",
        )


def _check_field(query: Query, protocol: Protocol, name: str, *, is_manager: bool) -> None:
    resource = name.split(".", 1)[0]
    if protocol.resolve(name) is None:
        raise refuse("query_error", "UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.", trigger=name)
    if resource == "metrics" and is_manager:
        raise refuse(
            "query_error",
            "REQUESTED_METRICS_FOR_MANAGER",
            "Metrics cannot be requested for a manager account. Issue separate requests against each client account.",
        )
    if resource in ("metrics", "segments"):
        _check_statistic(query, name)
    elif resource not in (query.resource, *ATTRIBUTED[query.resource]):
        raise refuse(
            "query_error",
            "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE",
            f"Cannot select fields of '{resource}', since it is incompatible with FROM '{query.resource}'.",
        )


def _check_statistic(query: Query, name: str) -> None:
    served: set[str] = set()
    if query.resource == "campaign":
        served = {*CONVERSION_METRICS, *TRAFFIC_METRICS, *CAMPAIGN_SEGMENTS}
    elif query.resource == "conversion_action":
        served = {"metrics.conversion_last_received_request_date_time"}
    if name not in served:
        kind = "METRIC" if name.startswith("metrics.") else "SEGMENT"
        raise refuse(
            "query_error",
            f"PROHIBITED_{kind}_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on '{name}' FROM '{query.resource}'.",
        )


def _has_finite_dates(query: Query) -> bool:
    operators = {c.operator for c in query.where if c.field == "segments.date"}
    return bool(operators & {"BETWEEN", "="}) or (bool(operators & {">", ">="}) and bool(operators & {"<", "<="}))
