"""Addresses of datasets."""

from __future__ import annotations

import pytest

from adsync.errors import UsageError
from adsync.model.dataset import dataset


@pytest.mark.parametrize("project", ["shop-123", "example.com:shop", "demo"])
def test_a_dataset_is_its_project_and_its_name(project: str) -> None:
    found = dataset(f"bigquery://{project}/analytics_371001234")
    assert (found.project, found.name) == (project, "analytics_371001234")
    assert str(found) == f"{project}.analytics_371001234"


@pytest.mark.parametrize(
    "address",
    [
        "bigquery://",
        "bigquery://shop",
        "bigquery://shop/",
        "bigquery://shop/analytics_1/events_20260101",
        "bigquery://shop/analytics_1?x=1",
        "bigquery://shop/analytics_1`; drop",
        "bigquery://sh`op/analytics_1",
        "bigquery:///analytics_1",
        "bigquery://shop/analytics-1",
        "bigquery://shop/analytics_1\n",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="bigquery://PROJECT/analytics_"):
        dataset(address)
