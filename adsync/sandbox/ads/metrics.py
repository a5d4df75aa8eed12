"""The metrics that the sandbox works out, each from sums of what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Where a number stands in the sums of one row: traffic, conversions by click date, the same by conversion date.
CLICKS, COST, IMPRESSIONS = 0, 1, 2
BY_CLICK_DATE, BY_CONVERSION_DATE = 3, 7
WIDTH = 11
_COUNTED, _ALL, _VALUE, _ALL_VALUE = range(4)

Sums = Sequence[float]


def _column(number: int) -> Callable[[Sums], float]:
    return lambda sums: sums[number]


def _whole(number: int) -> Callable[[Sums], float]:
    return lambda sums: int(sums[number])


def _ratio(above: int, below: int, times: float = 1.0) -> Callable[[Sums], float]:
    """0 where there is nothing to divide by, as Google shows it."""
    return lambda sums: sums[above] * times / sums[below] if sums[below] else 0.0


_WEIGHTS = {
    "conversions": _COUNTED,
    "all_conversions": _ALL,
    "conversions_value": _VALUE,
    "all_conversions_value": _ALL_VALUE,
}
_MILLIONTH = 1e-6

PLAYED: dict[str, tuple[frozenset[int], Callable[[Sums], float]]] = {
    f"metrics.{name}": (frozenset(columns), value)
    for name, columns, value in (
        ("clicks", (CLICKS,), _whole(CLICKS)),
        ("impressions", (IMPRESSIONS,), _whole(IMPRESSIONS)),
        ("cost_micros", (COST,), _whole(COST)),
        ("interactions", (CLICKS,), _whole(CLICKS)),
        ("ctr", (CLICKS, IMPRESSIONS), _ratio(CLICKS, IMPRESSIONS)),
        ("interaction_rate", (CLICKS, IMPRESSIONS), _ratio(CLICKS, IMPRESSIONS)),
        ("average_cpc", (COST, CLICKS), _ratio(COST, CLICKS)),
        ("average_cost", (COST, CLICKS), _ratio(COST, CLICKS)),
        ("average_cpm", (COST, IMPRESSIONS), _ratio(COST, IMPRESSIONS, 1_000)),
        *((name, (BY_CLICK_DATE + at,), _column(BY_CLICK_DATE + at)) for name, at in _WEIGHTS.items()),
        *(
            (f"{name}_by_conversion_date", (BY_CONVERSION_DATE + at,), _column(BY_CONVERSION_DATE + at))
            for name, at in _WEIGHTS.items()
        ),
        *(
            entry
            for name, dear, short in (
                ("conversions", _COUNTED, "conversion"),
                ("all_conversions", _ALL, "all_conversions"),
            )
            for number, value in ((BY_CLICK_DATE + dear, BY_CLICK_DATE + dear + 2),)
            for entry in (
                (f"cost_per_{short}", (COST, number), _ratio(COST, number)),
                (f"value_per_{short}", (value, number), _ratio(value, number)),
                (f"{name}_from_interactions_rate", (number, CLICKS), _ratio(number, CLICKS)),
                (f"{name}_from_interactions_value_per_interaction", (value, CLICKS), _ratio(value, CLICKS)),
                (f"{name}_value_per_cost", (value, COST), _ratio(value, COST, 1 / _MILLIONTH)),
                (
                    f"value_per_{name}_by_conversion_date",
                    (number + 4, value + 4),
                    _ratio(value + 4, number + 4),
                ),
            )
        ),
    )
}
"""Metric -> the columns of the sums that it needs, and its value. Every other legal metric is 0 here."""
