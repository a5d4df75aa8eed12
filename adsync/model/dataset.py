"""A dataset of BigQuery, as people name it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adsync.errors import UsageError

SCHEME = "bigquery://"

READ_DAYS = 120
"""How far back a log reaches unless said otherwise: three months that count, and a horizon of 30 days after them."""

MOST_DAYS = 700
"""A query has a megabyte at most, and each table takes more than a thousand characters of it."""

MAX_GB = 50.0
"""That may be billed unless said otherwise: about USD 0.30 on demand."""

# Old projects belong to a domain: example.com:project. Nothing that could end a quoted name in SQL.
_ADDRESS = re.compile(r"bigquery://(?P<project>[A-Za-z0-9][A-Za-z0-9.:-]*)/(?P<name>\w+)/?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """project: which holds the dataset."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}.{self.name}"


def dataset(address: str) -> Dataset:
    """Of bigquery://PROJECT/DATASET. Raises UsageError."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UsageError(
            f"{address!r} is no address of a dataset.",
            "One looks like bigquery://PROJECT/analytics_371001234: no table, and nothing else behind it.",
        )
    return Dataset(project=found["project"], name=found["name"])
