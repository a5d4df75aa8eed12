"""The order of a report's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adsync.sandbox.ga4.columns import Column
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.world import Floats, Ints


def ordered(
    labels: Sequence[Column], values: Floats, dimensions: Sequence[str], metrics: Sequence[str], order_bys: Any
) -> Ints:
    """Positions of all rows, first to last. Without a wish, by the first metric, the largest first.

    Rows that tie are in the order of their dimensions. Raises BadRequest for fields that the report does not show.
    """
    keys: list[Any] = []
    for wanted in order_bys:
        kind = wanted.WhichOneof("one_order_by")
        if kind == "metric":
            key: Any = values[:, _place(metrics, wanted.metric.metric_name)]
        elif kind == "dimension":
            column = labels[_place(dimensions, wanted.dimension.dimension_name)]
            key = _ranks(column, _reading(wanted.dimension))
        else:
            raise BadRequest("Reports are ordered by a metric or a dimension; pivots are for pivot reports.")
        keys.append(-key if wanted.desc else key)
    if not keys and values.shape[1]:
        keys.append(-values[:, 0])
    keys += [_ranks(column, str) for column in labels]
    # The last key of lexsort is the first to be looked at.
    return np.lexsort(keys[::-1]) if keys else np.arange(len(values))


def _place(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise BadRequest(f"Field {name} exists in OrderBy but is not defined in input Dimensions/Metrics list")
    return names.index(name)


def _reading(wanted: Any) -> Callable[[str], Any]:
    """By what a dimension's value is compared."""
    kind = wanted.DESCRIPTOR.enum_types_by_name["OrderType"].values_by_number.get(wanted.order_type)
    match kind.name if kind else "":
        case "ORDER_TYPE_UNSPECIFIED" | "ALPHANUMERIC":
            return str
        case "CASE_INSENSITIVE_ALPHANUMERIC":
            return str.casefold
        case "NUMERIC":
            return _as_number
    raise BadRequest(f"Invalid order type {wanted.order_type}.")


def _as_number(text: str) -> float:
    """What is no number is equal to all else that is none, and comes before every number."""
    try:
        return float(text)
    except ValueError:
        return -np.inf


def _ranks(column: Column, reading: Callable[[str], Any]) -> Ints:
    """Each row's place among the values of its column; equal readings share one."""
    read = [reading(label) for label in column.labels]
    place = {value: rank for rank, value in enumerate(sorted(set(read)))}
    ranks: Ints = np.array([place[value] for value in read], np.int64)[column.codes]
    return ranks
