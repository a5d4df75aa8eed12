"""The metrics that the sandbox works out, each from sums of what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Where a number stands in the sums of one row: traffic, conversions by click date, the same by conversion date.
CLICKS, COST, IMPRESSIONS = 0, 1, 2
BY_CLICK_DATE, BY_CONVERSION_DATE = 3, 7
WIDTH = 11
_COUNTED, _ALL, _VALUE, _ALL_VALUE = range(BY_CLICK_DATE, BY_CONVERSION_DATE)
_LATER = BY_CONVERSION_DATE - BY_CLICK_DATE

Sums = Sequence[float]
Metric = tuple[frozenset[int], Callable[[Sums], float]]
"""The columns of the sums that a metric needs, and its value."""


def _whole(column: int) -> Metric:
    return frozenset({column}), lambda sums: int(sums[column])


def _sum(column: int) -> Metric:
    return frozenset({column}), lambda sums: sums[column]


def _ratio(above: int, below: int, times: float = 1.0) -> Metric:
    """0 where there is nothing to divide by, as Google shows it."""
    return frozenset({above, below}), lambda sums: sums[above] * times / sums[below] if sums[below] else 0.0


PLAYED: dict[str, Metric] = {
    "metrics.clicks": _whole(CLICKS),
    "metrics.impressions": _whole(IMPRESSIONS),
    "metrics.cost_micros": _whole(COST),
    "metrics.interactions": _whole(CLICKS),
    "metrics.ctr": _ratio(CLICKS, IMPRESSIONS),
    "metrics.interaction_rate": _ratio(CLICKS, IMPRESSIONS),
    "metrics.average_cpc": _ratio(COST, CLICKS),
    "metrics.average_cost": _ratio(COST, CLICKS),
    "metrics.average_cpm": _ratio(COST, IMPRESSIONS, 1_000),
    "metrics.conversions": _sum(_COUNTED),
    "metrics.all_conversions": _sum(_ALL),
    "metrics.conversions_value": _sum(_VALUE),
    "metrics.all_conversions_value": _sum(_ALL_VALUE),
    "metrics.conversions_by_conversion_date": _sum(_COUNTED + _LATER),
    "metrics.all_conversions_by_conversion_date": _sum(_ALL + _LATER),
    "metrics.conversions_value_by_conversion_date": _sum(_VALUE + _LATER),
    "metrics.all_conversions_value_by_conversion_date": _sum(_ALL_VALUE + _LATER),
    "metrics.cost_per_conversion": _ratio(COST, _COUNTED),
    "metrics.cost_per_all_conversions": _ratio(COST, _ALL),
    "metrics.value_per_conversion": _ratio(_VALUE, _COUNTED),
    "metrics.value_per_all_conversions": _ratio(_ALL_VALUE, _ALL),
    "metrics.value_per_conversions_by_conversion_date": _ratio(_VALUE + _LATER, _COUNTED + _LATER),
    "metrics.value_per_all_conversions_by_conversion_date": _ratio(_ALL_VALUE + _LATER, _ALL + _LATER),
    "metrics.conversions_from_interactions_rate": _ratio(_COUNTED, CLICKS),
    "metrics.all_conversions_from_interactions_rate": _ratio(_ALL, CLICKS),
}
"""Every other legal metric is 0 here."""
