"""Which fields go together in a report. Google knows far more such rules; these are the ones people run into."""

from __future__ import annotations

from collections.abc import Sequence

from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.metrics import Metric
from adsync.sandbox.ga4.parsing import BadRequest

_EXPLORER = "https://ga-dev-tools.web.app/ga4/dimensions-metrics-explorer/"


def go_together(dimension: Dimension, metric: Metric) -> bool:
    """Credit belongs to key events, not to sessions; ad cost comes from Google Ads, which knows no visitors."""
    if metric.scope == "ads" and dimension.of_clicks is None:
        return False
    return (dimension.scope, metric.scope) != ("attribution", "session")


def check(dimensions: Sequence[Dimension], metrics: Sequence[Metric]) -> None:
    """Raises BadRequest naming a field without which the rest would fit better."""
    clashes = [(d, m) for d in dimensions for m in metrics if not go_together(d, m)]
    if not clashes:
        return
    first_dimension, first_metric = clashes[0]
    # Whichever of the two is in the way more often; the metric when it is a draw.
    by_dimension = sum(d is first_dimension for d, _ in clashes)
    by_metric = sum(m is first_metric for _, m in clashes)
    name = first_dimension.name if by_dimension > by_metric else first_metric.name
    raise BadRequest(
        f"Please remove {name} to make the request compatible for example. The request's dimensions & metrics are "
        f"incompatible. To learn more, see {_EXPLORER}"
    )
