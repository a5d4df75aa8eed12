"""getMetadata and checkCompatibility: which fields there are, and which go with which."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ga4 import compatibility, filters
from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.dimensions import DIMENSIONS
from adsync.sandbox.ga4.metrics import METRICS, Metric, event_metrics
from adsync.sandbox.ga4.names import find_dimension, find_metric, key_event_names
from adsync.sandbox.ga4.view import View
from adsync.sandbox.http_messages import Answer

_COMPATIBLE, _INCOMPATIBLE = 1, 2


def metadata(view: View | None) -> Answer:
    """A Metadata as JSON; without a property, the fields that every property has."""
    custom = event_metrics(key_event_names(view)) if view else []
    return {
        "name": f"properties/{view.shop.property_id if view else 0}/metadata",
        "dimensions": [_dimension(d) for d in DIMENSIONS.values()],
        "metrics": [_metric(m) for m in (*METRICS.values(), *custom)],
    }


def check_compatibility(view: View, request: Any) -> Answer:
    """A CheckCompatibilityResponse as JSON.

    Raises BadRequest when what is asked about does not go together in itself.
    """
    dimensions = [find_dimension(d.name) for d in request.dimensions]
    dimensions += [find_dimension(f.field_name) for f in filters.leaves(request.dimension_filter)]
    metrics = [find_metric(view, m.name) for m in request.metrics]
    metrics += [find_metric(view, f.field_name) for f in filters.leaves(request.metric_filter)]
    compatibility.check(dimensions, metrics)
    answer: Answer = {"dimensionCompatibilities": [], "metricCompatibilities": []}
    for d in DIMENSIONS.values():
        fits = all(compatibility.go_together(d, m) for m in metrics)
        _add(answer["dimensionCompatibilities"], request, fits, {"dimensionMetadata": _dimension(d)})
    for m in (*METRICS.values(), *event_metrics(key_event_names(view))):
        fits = all(compatibility.go_together(d, m) for d in dimensions)
        _add(answer["metricCompatibilities"], request, fits, {"metricMetadata": _metric(m)})
    return {key: value for key, value in answer.items() if value}


def _add(found: list[Answer], request: Any, fits: bool, described: Answer) -> None:
    wanted = request.compatibility_filter
    if not wanted or wanted == (_COMPATIBLE if fits else _INCOMPATIBLE):
        found.append({**described, "compatibility": "COMPATIBLE" if fits else "INCOMPATIBLE"})


def _dimension(found: Dimension) -> Answer:
    described: Answer = {
        "apiName": found.name,
        "uiName": found.title,
        "description": found.about,
        "category": found.category,
    }
    return described | ({"deprecatedApiNames": list(found.old_names)} if found.old_names else {})


def _metric(found: Metric) -> Answer:
    described: Answer = {
        "apiName": found.name,
        "uiName": found.title,
        "description": f"{found.title}, worked out from the sandbox's world.",
        "type": found.type,
        "category": found.category,
    }
    # What is false or empty is left out, as Google does.
    described |= {"deprecatedApiNames": list(found.old_names)} if found.old_names else {}
    return described | ({"customDefinition": True} if found.custom else {})
