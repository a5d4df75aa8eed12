"""What a query may ask: which fields exist, which go together, and what Google says when they do not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.fields import Field, fields_named, resources
from adsync.sandbox.ads.gaql import Query, parse
from adsync.sandbox.ads.literals import literals
from adsync.sandbox.ads.protocol import Protocol
from adsync.sandbox.ads.selectable import (
    ACTION_SEGMENTS,
    ATTRIBUTED,
    CONVERSION_SEGMENTS,
    CORE_DATES,
    is_of_conversions,
    statistics_from,
)
from adsync.sandbox.ads.spans import has_finite_dates
from adsync.sandbox.switches import Switches


@lru_cache(maxsize=1024)
def legal(text: str, protocol: Protocol, *, is_manager: bool) -> Query:
    """The query of this text, where Google would take it in this version.

    Raises AdsRefusal. What depends on the day or on a switch is looked at by `check_switches` and when rows are made.
    """
    query = parse(text)
    check(query, protocol, is_manager=is_manager)
    return query


def check(query: Query, protocol: Protocol, *, is_manager: bool) -> None:
    """Raises AdsRefusal for what this version's fields and the FROM resource do not allow."""
    _check_resource(query.resource, protocol)
    fields = fields_named(protocol, query.referenced)
    check_names(query, fields)
    for field in fields.values():
        _check_field(query, field, is_manager=is_manager)
    check_values(query, fields)
    _check_selected(query)
    _check_pairs(query)
    if set(CORE_DATES) & set(query.select) and not has_finite_dates(query):
        raise refuse(
            "query_error",
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "A finite date range is required in the WHERE clause, because a date segment is selected.",
        )


def check_switches(query: Query, switches: Switches) -> None:
    """Raises AdsRefusal where a switch says that Google does not answer what its field tables list."""
    if switches["duplicate_field"] == "refused" and len(set(query.select)) < len(query.select):
        twice = next(name for name in query.select if query.select.count(name) > 1)
        raise refuse(
            "query_error",
            "PROHIBITED_FIELD_COMBINATION_IN_SELECT_CLAUSE",
            f"The field '{twice}' is selected more than once.",
            trigger=twice,
        )
    by_date = [name for name in query.referenced if name.endswith("_by_conversion_date")]
    if not by_date:
        return
    for switch, segments in (
        ("conversions_by_date_per_action", ACTION_SEGMENTS),
        (
            "conversions_by_date_per_lag",
            {"segments.conversion_lag_bucket", "segments.conversion_or_adjustment_lag_bucket"},
        ),
    ):
        found = [name for name in query.select if name in segments]
        if found and switches[switch] == "refused":
            raise _prohibited_pair(found[0], by_date[0])


def _check_resource(resource: str, protocol: Protocol) -> None:
    if resource in ATTRIBUTED:
        return
    if resource in resources(protocol):
        raise refuse(
            "query_error",
            "PROHIBITED_RESOURCE_TYPE_IN_FROM_CLAUSE",
            f"The sandbox does not serve '{resource}' in the FROM clause; it serves {', '.join(ATTRIBUTED)}.",
            trigger=resource,
        )
    raise refuse(
        "query_error",
        "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
        f"'{resource}' is not a valid resource name.",
        trigger=resource,
    )


def check_names(query: Query, fields: Mapping[str, Field]) -> None:
    """Raises AdsRefusal for a name that is not among these fields, or is not for the clause that it stands in."""
    for place, names in (
        ("SELECT", query.select),
        ("WHERE", [condition.field for condition in query.where]),
        ("ORDER_BY", [name for name, _ in query.order_by]),
    ):
        for name in names:
            _check_name(name, fields.get(name), place)


def _check_name(name: str, field: Field | None, place: str) -> None:
    if field is None:
        raise refuse("query_error", "UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.", trigger=name)
    if not field.selectable:
        raise refuse("query_error", f"PROHIBITED_FIELD_IN_{place}_CLAUSE", f"'{name}' is not selectable.", trigger=name)
    if place == "ORDER_BY" and not field.sortable:
        raise refuse(
            "query_error",
            "PROHIBITED_FIELD_IN_ORDER_BY_CLAUSE",
            f"Cannot order by '{name}': it is not sortable.",
            trigger=name,
        )


def check_values(query: Query, fields: Mapping[str, Field]) -> None:
    """Raises AdsRefusal for operators and values that do not fit their fields."""
    for condition in query.where:
        literals(condition, fields[condition.field])


def _check_field(query: Query, field: Field, *, is_manager: bool) -> None:
    name = field.name
    if field.category == "METRIC" and is_manager:
        raise refuse(
            "query_error",
            "REQUESTED_METRICS_FOR_MANAGER",
            "Metrics cannot be requested for a manager account. To retrieve metrics, issue separate requests against each "
            "client account under the manager account.",
        )
    if field.category == "ATTRIBUTE":
        resource = name.split(".", 1)[0]
        if resource not in (query.resource, *ATTRIBUTED[query.resource]):
            where = "SELECT" if name in query.select else "WHERE"
            raise refuse(
                "query_error",
                f"PROHIBITED_RESOURCE_TYPE_IN_{where}_CLAUSE",
                f"Cannot select or filter on fields of '{resource}', which are incompatible with the resource in the "
                f"FROM clause: '{query.resource}'.",
                trigger=name,
            )
    elif name not in statistics_from(query.resource):
        raise refuse(
            "query_error",
            f"PROHIBITED_{field.category}_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on '{name}', which is incompatible with the resource in the FROM clause: "
            f"'{query.resource}'.",
            trigger=name,
        )


def _check_selected(query: Query) -> None:
    """Segments divide the rows, so that they are selected wherever they are named; days alone are not."""
    for name in query.referenced:
        if name.startswith("segments.") and name not in CORE_DATES and name not in query.select:
            raise refuse(
                "query_error",
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
                f"The following field must be present in SELECT clause: '{name}'.",
                trigger=name,
            )


def _check_pairs(query: Query) -> None:
    segments = [name for name in query.select if name in CONVERSION_SEGMENTS]
    metrics = [name for name in query.referenced if name.startswith("metrics.") and not is_of_conversions(name)]
    if segments and metrics:
        raise _prohibited_pair(segments[0], metrics[0])


def _prohibited_pair(segment: str, metric: str) -> Exception:
    return refuse(
        "query_error",
        "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        f"Cannot select or filter on the following segments: '{segment}', since they are incompatible with the metric "
        f"'{metric}'.",
        trigger=metric,
    )
