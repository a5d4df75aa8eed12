"""The sandbox allows FROM each resource what Google's own field tables for v25 list, all of it and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import adsync.google
from adsync.google.ads import query as shipped
from adsync.sandbox.ads.errors import AdsRefusal
from adsync.sandbox.ads.fields import field_named, fields_of
from adsync.sandbox.ads.gaql import Condition, Query
from adsync.sandbox.ads.legality import check, legal
from adsync.sandbox.ads.protocol import protocol
from adsync.sandbox.ads.selectable import ATTRIBUTED, CORE_DATES, statistics_from
from adsync.sandbox.ads.tokens import Token

V25 = protocol("v25")
SHIPPED = sorted(path.stem for path in (Path(adsync.google.__file__).parent / "queries").glob("*.gaql"))
SERVED = {name for resource, names in ATTRIBUTED.items() for name in (resource, *names)} | {"metrics", "segments"}
A_DAY = Condition("segments.date", "=", (Token("string", "2026-01-01"),))


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Mapping[str, Any]:
    path = shared_data / "gaql_schema" / "gaql_selectable_v25.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def types(shared_data: Path) -> Mapping[str, Any]:
    path = shared_data / "gaql_schema" / "gaql_types_v25.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def refusal_of(field: str, resource: str) -> str:
    """Why the field cannot be selected FROM the resource; "" when it can."""
    query = Query(select=(field,), resource=resource, where=(A_DAY,) if field in CORE_DATES else ())
    try:
        check(query, V25, is_manager=False)
    except AdsRefusal as refusal:
        return refusal.faults[0].name
    return ""


@pytest.mark.parametrize("resource", sorted(ATTRIBUTED))
def test_each_listed_field_is_accepted_and_every_other_one_refused(resource: str, tables: Mapping[str, Any]) -> None:
    # A bare resource among the segments says that its fields divide the metrics.
    listed = {name for names in tables["selectable_from"][resource].values() for name in names if "." in name}
    every = {*tables["attributes"], *tables["metrics"], *tables["segments"]}
    assert len(listed) > 10 and listed < every
    answers = {name: refusal_of(name, resource) for name in every}
    assert {name for name, refused in answers.items() if not refused} == listed
    # Of resources that nothing served is attributed to, some fields are whole messages; the sandbox knows none of these.
    known = {name for name in every - listed if field_named(V25, name) is not None}
    assert all(name.split(".")[0] not in SERVED for name in every - listed - known)
    assert {answers[name] for name in known} <= {
        "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE",
        "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE",
    }


def test_a_resource_that_is_not_served_is_refused_and_told_so(tables: Mapping[str, Any]) -> None:
    others = set(tables["resources"]) - set(ATTRIBUTED)
    assert len(others) > 150
    for resource in others:
        with pytest.raises(AdsRefusal) as caught:
            check(Query(select=(f"{resource}.resource_name",), resource=resource), V25, is_manager=False)
        assert caught.value.faults[0].name == "PROHIBITED_RESOURCE_TYPE_IN_FROM_CLAUSE"
        assert f"does not serve '{resource}'" in caught.value.faults[0].message


def test_fields_have_the_types_that_google_lists(types: Mapping[str, Any]) -> None:
    listed = {name for name in types["enum_fields"] if name.split(".")[0] in SERVED}
    selectable = {name for resource in ATTRIBUTED for name in statistics_from(resource)}
    found = {
        name
        for resource in SERVED
        for name, field in fields_of(V25, resource).items()
        if field.type == "ENUM" and (field.category == "ATTRIBUTE" or name in selectable)
    }
    assert found == {name for name in listed if name.split(".")[0] not in ("metrics", "segments") or name in selectable}
    names = {name for name in types["resource_name_fields"] if name.split(".")[0] in SERVED}
    kinds = {getattr(field_named(V25, name), "type", None) for name in names}
    assert kinds == {"RESOURCE_NAME"}


@pytest.mark.parametrize("version", ["v25", "v26"])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_query_is_legal(name: str, version: str) -> None:
    text = shipped(name).format(first="2026-02-01", last="2026-02-14")
    assert legal(text, protocol(version), is_manager=False).select
