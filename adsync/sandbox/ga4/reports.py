"""runReport: what a property answers about its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from adsync.sandbox.ga4 import compatibility, distortion, filters
from adsync.sandbox.ga4.cells import Cells
from adsync.sandbox.ga4.columns import Column
from adsync.sandbox.ga4.gathering import Gathered, gather
from adsync.sandbox.ga4.metrics import INTEGER, Metric
from adsync.sandbox.ga4.names import find_metric
from adsync.sandbox.ga4.ordering import ordered
from adsync.sandbox.ga4.questions import AGGREGATIONS, Question, question
from adsync.sandbox.ga4.quota import tokens
from adsync.sandbox.ga4.view import View
from adsync.sandbox.http_messages import Answer
from adsync.sandbox.world import Bools, Floats, Ints

RANGE = "dateRange"


def run_report(view: View, request: Any) -> tuple[Answer, int]:
    """A RunReportResponse as JSON, and what it costs in tokens.

    Raises BadRequest, with Google's wording, for what the report cannot hold.
    """
    asked = question(view, request)
    compatibility.check(asked.fields, [*asked.metrics, *asked.having])
    table = _table(view, asked)
    answer: Answer = {"kind": "analyticsData#runReport"}
    names = [*asked.dimension_names, *([RANGE] if len(asked.ranges) > 1 else [])]
    if names:
        answer["dimensionHeaders"] = [{"name": name} for name in names]
    shown = [n for n, invisible in enumerate(asked.invisible) if not invisible]
    if shown:
        answer["metricHeaders"] = [{"name": asked.metric_names[n], "type": asked.metrics[n].type} for n in shown]
    page = ordered(table.labels, table.values, names, asked.metric_names, request.order_bys)
    # An empty report carries no `rows` key at all.
    if len(page):
        answer["rowCount"] = len(page)
    page = page[asked.offset : asked.offset + asked.limit]
    if len(page):
        answer["rows"] = _rows(table, page, shown)
    answer |= _aggregations(table, asked, shown)
    answer["metadata"] = _metadata(view, asked, table)
    cost = tokens(
        fields=len(asked.dimensions) + len(asked.metrics),
        days=sum(len(each) for each in asked.ranges),
        rows=len(page),
        conditions=sum(1 for f in (request.dimension_filter, request.metric_filter) for _ in filters.leaves(f)),
    )
    return answer, cost


@dataclass(frozen=True, kw_only=True)
class Table:
    """A report's rows before they are put in order. labels: a column for each dimension; values: rows x metrics.

    totals: for each date range its values over all rows that are shown. samples: one for each date range.
    """

    labels: list[Column]
    values: Floats
    totals: Floats
    samples: list[distortion.Sample]
    folded: bool


def _table(view: View, asked: Question) -> Table:
    samples = [distortion.sampled(view, view.seen(each.first, each.last)) for each in asked.ranges]
    everything, was_folded = gather(view, asked, samples)
    gathered = everything.only(_passed(asked, everything))
    columns = [gathered.columns[d.name] for d in asked.dimensions]
    row, count = distortion.numbered([*columns, gathered.of_range])
    cells = gathered.cells(row, count)
    values = _values(cells, asked.metrics)
    shown = _shown(view, asked, cells, values)
    in_shown = gathered.only(shown[row])
    first = _first_of_each(row, count)
    if len(asked.ranges) > 1:
        columns.append(gathered.of_range)
    return Table(
        labels=[column.only(first).only(shown) for column in columns],
        values=values[shown],
        totals=_values(in_shown.cells(in_shown.of_range.codes, len(asked.ranges)), asked.metrics),
        samples=samples,
        folded=was_folded,
    )


def _passed(asked: Question, gathered: Gathered) -> Bools:
    def leaf(wanted: Any) -> Bools:
        return gathered.columns[asked.resolved[wanted.field_name]].where(filters.text_test(wanted))

    return filters.combined(asked.dimension_filter, leaf, np.ones(len(gathered.of_range.codes), bool))


def _values(cells: Cells, metrics: list[Metric]) -> Floats:
    """Rows x metrics; what is counted is whole, even when it is scaled up from a sample."""
    columns = [np.rint(m.values(cells)) if m.type == INTEGER else m.values(cells) for m in metrics]
    return np.stack(columns, axis=1) if columns else np.zeros((cells.rows, 0))


def _shown(view: View, asked: Question, cells: Cells, values: Floats) -> Bools:
    """Rows that are not left out: for want of users, for being all zero, or by the filter on metrics."""
    shown = np.ones(cells.rows, bool)
    fewest = view.position("ga4_thresholding")
    if fewest is not None:
        shown &= cells.users() >= fewest
    if asked.metrics and not asked.keep_empty_rows:
        shown &= values.any(axis=1)
    computed = {m.name: values[:, n] for n, m in enumerate(asked.metrics)}

    def leaf(wanted: Any) -> Bools:
        found = find_metric(view, wanted.field_name)
        if found.name not in computed:
            computed[found.name] = found.values(cells)
        return filters.number_test(wanted, computed[found.name])

    return shown & filters.combined(asked.metric_filter, leaf, np.ones(cells.rows, bool))


def _first_of_each(row: Ints, count: int) -> Ints:
    """For each row the position of one event in it."""
    first = np.zeros(count, np.int64)
    first[row[::-1]] = np.arange(len(row))[::-1]
    return first


def _rows(table: Table, page: Ints, shown: list[int]) -> list[Answer]:
    # Each text becomes a JSON object once, however often it occurs: reports repeat themselves a lot.
    dimensions = []
    for column in table.labels:
        texts = [{"value": label} for label in column.labels]
        dimensions.append([texts[code] for code in column.codes[page].tolist()])
    numbers = []
    for n in shown:
        values = table.values[page, n].tolist()
        written = {value: {"value": number_text(value)} for value in set(values)}
        numbers.append([written[value] for value in values])
    if not dimensions:
        return [{"metricValues": row} for row in zip(*numbers, strict=True)]
    if not numbers:
        return [{"dimensionValues": row} for row in zip(*dimensions, strict=True)]
    return [
        {"dimensionValues": labels, "metricValues": values}
        for labels, values in zip(zip(*dimensions, strict=True), zip(*numbers, strict=True), strict=True)
    ]


def number_text(value: float) -> str:
    """A number as Google writes it: whole ones without a point, others with 15 digits, or 17 where 15 lose something."""
    if value == int(value):
        return str(int(value))
    short = f"{value:.15g}"
    return short if float(short) == value else f"{value:.17g}"


def _aggregations(table: Table, asked: Question, shown: list[int]) -> Answer:
    """The rows apart from the others; with several date ranges, one for each."""
    answer: Answer = {}
    if not len(table.values):
        return answer
    ranges = len(asked.ranges)
    of_range = table.labels[-1] if ranges > 1 else None
    for kind in asked.aggregations:
        key, word = AGGREGATIONS[kind]
        rows = []
        for number, each in enumerate(asked.ranges):
            mine = table.values if of_range is None else table.values[of_range.where(each.name.__eq__)]
            if key == "totals":
                numbers = table.totals[number]
            elif len(mine):
                numbers = mine.min(axis=0) if key == "minimums" else mine.max(axis=0)
            else:
                numbers = np.zeros(len(asked.metrics))
            labels = [word] * len(asked.dimensions) + ([each.name] if of_range else [])
            row: Answer = {"metricValues": [{"value": number_text(float(numbers[n]))} for n in shown]}
            rows.append(({"dimensionValues": [{"value": label} for label in labels]} if labels else {}) | row)
        answer[key] = rows
    return answer


def _metadata(view: View, asked: Question, table: Table) -> Answer:
    metadata: Answer = {"currencyCode": asked.currency, "timeZone": view.shop.time_zone}
    if table.folded:
        metadata["dataLossFromOtherRow"] = True
    if view.position("ga4_thresholding") is not None:
        metadata["subjectToThresholding"] = True
    if view.position("ga4_sampling") is not None:
        metadata["samplingMetadatas"] = [sampling_metadata(sample) for sample in table.samples]
    return metadata


def sampling_metadata(sample: distortion.Sample) -> Answer:
    return {"samplesReadCount": str(len(sample.index)), "samplingSpaceSize": str(sample.space)}
