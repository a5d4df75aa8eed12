"""Every query that adsync ships is one that Google's own field tables allow, and one that the sandbox answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.ads.googleads.errors import GoogleAdsException

import adsync.google
from adsync.google.ads import query
from adsync.sandbox.ads.errors import AdsRefusal
from adsync.sandbox.ads.gaql import parse
from adsync.sandbox.ads.legality import check
from adsync.sandbox.ads.protocol import protocol
from adsync.sandbox.ads.selectable import ATTRIBUTED
from tests.contract.clients import CUSTOMER, MANAGER, error_codes, search
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

QUERIES = sorted(path.stem for path in (Path(adsync.google.__file__).parent / "queries").glob("*.gaql"))
_SHAPE = re.compile(r"SELECT (?P<select>.+) FROM (?P<resource>\w+)(?: WHERE (?P<where>.+))?", re.DOTALL)
_FIELD = re.compile(r"\b[a-z_0-9]+(?:\.[a-z_0-9]+)+\b")


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Mapping[str, Any]:
    """Google's field tables for v25."""
    path = shared_data / "gaql_schema" / "gaql_selectable_v25.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def selectable(tables: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """For each resource the fields that may stand in a query FROM it."""
    return {
        resource: frozenset(name for names in by_kind.values() for name in names)
        for resource, by_kind in tables["selectable_from"].items()
    }


def parts(name: str) -> tuple[str, list[str], list[str]]:
    """FROM, SELECT and the fields of WHERE of a shipped query."""
    match = _SHAPE.fullmatch(query(name))
    assert match, query(name)
    selected = [field.strip() for field in match["select"].split(",")]
    return match["resource"], selected, _FIELD.findall(re.sub(r"'[^']*'", "", match["where"] or ""))


def answered(name: str) -> str:
    """The query as it is sent, for two weeks where it wants a window."""
    return query(name).format(first="2026-02-01", last="2026-02-14")


def test_there_are_queries_and_each_is_one_line_when_sent() -> None:
    assert len(QUERIES) >= 11
    assert not any("\n" in query(name) for name in QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_a_shipped_query_selects_only_what_google_lets_it(name: str, selectable: Mapping[str, frozenset[str]]) -> None:
    resource, selected, conditions = parts(name)
    allowed = selectable[resource]
    assert allowed, f"the tables know nothing of {resource}"
    assert [field for field in (*selected, *conditions) if field not in allowed] == []
    assert len(selected) == len(set(selected))


@pytest.mark.parametrize("name", QUERIES)
def test_a_shipped_query_that_asks_for_days_says_which(name: str) -> None:
    _, selected, conditions = parts(name)
    has_dates = "segments.date" in selected
    assert ("segments.date" in conditions) is has_dates
    assert ("{first}" in query(name) and "{last}" in query(name)) is has_dates


@pytest.mark.parametrize("name", QUERIES)
def test_a_shipped_query_never_mixes_actions_with_cost(name: str) -> None:
    _, selected, _ = parts(name)
    about_actions = any(field.startswith("segments.conversion_action") for field in selected)
    about_traffic = {"metrics.cost_micros", "metrics.clicks", "metrics.impressions"} & set(selected)
    assert not (about_actions and about_traffic)


@pytest.mark.parametrize("name", QUERIES)
def test_the_sandbox_answers_a_shipped_query(name: str, shared_sandbox: LocalSandbox) -> None:
    customer = MANAGER if name == "customer_clients" else CUSTOMER
    rows = search(shared_sandbox, answered(name), customer=customer)
    assert bool(rows) is (name not in ("custom_goals", "data_exclusions")), "the sandbox has neither until one is made"
    resource, _, _ = parts(name)
    assert all(getattr(row, resource).resource_name for row in rows)


@pytest.mark.parametrize("name", QUERIES)
def test_the_sandbox_refuses_a_shipped_query_with_a_misspelt_field(name: str, shared_sandbox: LocalSandbox) -> None:
    _, selected, _ = parts(name)
    customer = MANAGER if name == "customer_clients" else CUSTOMER
    with pytest.raises(GoogleAdsException) as caught:
        search(shared_sandbox, answered(name).replace(selected[0], f"{selected[0]}_x", 1), customer=customer)
    assert error_codes(caught.value.failure) == ["query_error.UNRECOGNIZED_FIELD"]


@pytest.mark.parametrize("resource", sorted(ATTRIBUTED))
def test_the_sandbox_lets_no_field_pass_that_google_would_not(
    resource: str, tables: Mapping[str, Any], selectable: Mapping[str, frozenset[str]]
) -> None:
    def passes(field: str) -> bool:
        dates = " WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'" if field == "segments.date" else ""
        try:
            check(parse(f"SELECT {field} FROM {resource}{dates}"), protocol(), is_manager=False)
        except AdsRefusal:
            return False
        return True

    every = [*tables["attributes"], *tables["metrics"], *tables["segments"]]
    passing = {field for field in every if passes(field)}
    assert len(passing) > 10
    assert passing <= selectable[resource]


def test_the_categories_and_counting_types_are_googles() -> None:
    from google.ads.googleads.v26.enums.types.conversion_action_category import ConversionActionCategoryEnum
    from google.ads.googleads.v26.enums.types.conversion_action_counting_type import ConversionActionCountingTypeEnum

    from adsync.catalog import CATALOGUE, MAIN_GOALS
    from adsync.model.ads import CATEGORIES

    found: Any = ConversionActionCategoryEnum.ConversionActionCategory
    known = {category.name for category in found} - {"UNSPECIFIED", "UNKNOWN"}
    assert set(CATEGORIES) == known
    assert {entry.category for entry in (*CATALOGUE, *MAIN_GOALS)} <= known
    types: Any = ConversionActionCountingTypeEnum.ConversionActionCountingType
    assert {entry.counting_type for entry in (*CATALOGUE, *MAIN_GOALS)} <= {found.name for found in types}
