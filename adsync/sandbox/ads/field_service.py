"""GoogleAdsFieldService: what may be asked, told as data. It describes what this sandbox serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.conditions import kept, sort
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.fields import Field, fields_of, fields_of_fields
from adsync.sandbox.ads.gaql import parse
from adsync.sandbox.ads.legality import check_names, check_values
from adsync.sandbox.ads.protocol import Protocol, Row
from adsync.sandbox.ads.rows import set_path
from adsync.sandbox.ads.selectable import ATTRIBUTED, CONVERSION_SEGMENTS, is_of_conversions, statistics_from
from adsync.sandbox.estate import Estate

_MOST_PER_PAGE = 10_000
_PREFIX = "googleAdsFields/"


def search_google_ads_fields(estate: Estate, request: Any, call: Call) -> list[Any]:
    """Unlike GoogleAdsService it has no FROM and takes a page size."""
    query = parse(request.query, has_from=False)
    known = fields_of_fields(call.protocol)
    check_names(query, known)
    check_values(query, known)
    if not 0 <= request.page_size <= _MOST_PER_PAGE:
        raise refuse("request_error", "INVALID_PAGE_SIZE", f"The page size is at most {_MOST_PER_PAGE}.")
    token = request.page_token or "0"
    if not (token.isascii() and token.isdigit() and len(token) < 10):
        raise refuse("request_error", "INVALID_PAGE_TOKEN", "The page token is not one of this query's.")
    today = datetime.fromtimestamp(estate.now, UTC).date()
    rows = kept(_artifacts(call.protocol).values(), query, known, today)
    sort(rows, query)
    found = rows[: query.limit]
    start, end = int(token), int(token) + (request.page_size or _MOST_PER_PAGE)
    response = call.protocol.message("services.SearchGoogleAdsFieldsResponse")()
    response.total_results_count = len(rows)
    response.results.extend(_message(call.protocol, row, ("resource_name", *query.select)) for row in found[start:end])
    if end < len(found):
        response.next_page_token = str(end)
    return [response]


def get_google_ads_field(_: Estate, request: Any, call: Call) -> list[Any]:
    if not request.resource_name.startswith(_PREFIX):
        raise refuse(
            "request_error",
            "RESOURCE_NAME_MALFORMED",
            f"Resource name '{request.resource_name}' is malformed: expected '{_PREFIX}{{google_ads_field}}'.",
        )
    row = _artifacts(call.protocol).get(request.resource_name.removeprefix(_PREFIX))
    if row is None:
        raise refuse("request_error", "RESOURCE_NOT_FOUND", f"There is no '{request.resource_name}'.")
    return [_message(call.protocol, row, row)]


def _message(protocol: Protocol, row: Row, names: Iterable[str]) -> Any:
    message = protocol.message("resources.GoogleAdsField")()
    for name in dict.fromkeys(names):
        if row.get(name) is not None:
            set_path(message, name, row[name])
    return message


@cache
def _artifacts(protocol: Protocol) -> dict[str, Row]:
    """Every resource that is served and every field that may be selected FROM one, by name."""
    return {row["name"]: row for row in (*_resources(protocol), *_attributes(protocol), *_statistics(protocol))}


def _resources(protocol: Protocol) -> Iterator[Row]:
    for resource, attributed in ATTRIBUTED.items():
        metrics = _of_kind(protocol, resource, "metrics")
        segments = _of_kind(protocol, resource, "segments")
        yield {
            "resource_name": f"{_PREFIX}{resource}",
            "name": resource,
            "category": "RESOURCE",
            "data_type": "MESSAGE",
            "selectable": False,
            "filterable": False,
            "sortable": False,
            "is_repeated": False,
            "selectable_with": [*attributed, *segments, *metrics],
            "attribute_resources": list(attributed),
            "metrics": metrics,
            "segments": segments,
        }


def _of_kind(protocol: Protocol, resource: str, kind: str) -> list[str]:
    return sorted(name for name in statistics_from(resource) if name in fields_of(protocol, kind))


def _attributes(protocol: Protocol) -> Iterator[Row]:
    """An attribute goes with what its resource goes with, and with the resources that it is attributed to."""
    for resource in sorted({*ATTRIBUTED, *(name for names in ATTRIBUTED.values() for name in names)}):
        takers = [taker for taker, attributed in ATTRIBUTED.items() if resource in attributed]
        partners = [*takers, *ATTRIBUTED.get(resource, ()), *sorted(statistics_from(resource))]
        known = {*ATTRIBUTED, *fields_of(protocol, "metrics"), *fields_of(protocol, "segments")}
        for field in fields_of(protocol, resource).values():
            if field.selectable:
                yield _field(field, [name for name in dict.fromkeys(partners) if name in known])


def _statistics(protocol: Protocol) -> Iterator[Row]:
    """A metric or segment goes with the resources that it may be selected FROM, and with what they share beside it."""
    for kind in ("metrics", "segments"):
        for name, field in fields_of(protocol, kind).items():
            takers = [resource for resource in ATTRIBUTED if name in statistics_from(resource)]
            if takers:
                shared = frozenset[str]().union(*(statistics_from(resource) for resource in takers)) - {name}
                beside = [other for other in sorted(shared) if _goes_with(name, other) and _exists(protocol, other)]
                yield _field(field, [*takers, *beside])


def _goes_with(name: str, other: str) -> bool:
    """Metrics are told the segments that divide them, segments the metrics that they divide and other segments."""
    if name.startswith("metrics."):
        return other.startswith("segments.") and (other not in CONVERSION_SEGMENTS or is_of_conversions(name))
    return other.startswith("segments.") or name not in CONVERSION_SEGMENTS or is_of_conversions(other)


def _exists(protocol: Protocol, name: str) -> bool:
    return name in fields_of(protocol, name.split(".", 1)[0])


def _field(field: Field, partners: list[str]) -> Row:
    return {
        "resource_name": f"{_PREFIX}{field.name}",
        "name": field.name,
        "category": field.category,
        "data_type": field.type,
        "selectable": True,
        "filterable": field.filterable,
        "sortable": field.sortable,
        "is_repeated": field.repeated,
        "selectable_with": partners,
        "enum_values": list(field.constants),
        "type_url": field.type_url or None,
    }
