"""Rows as Google's messages: field paths resolved on the installed client's own descriptors."""

from __future__ import annotations

from functools import cache
from typing import Any

from adsync.sandbox.ads.gaql import Query

Row = dict[str, Any]
"""Field path -> value; enums by name. A path that a row leaves out is unset, as in Google's answers."""


@cache
def _row_class() -> Any:
    from google.ads.googleads.v26.services.types.google_ads_service import GoogleAdsRow

    return GoogleAdsRow.pb()


@cache
def resolve(path: str) -> tuple[tuple[str, ...], Any] | None:
    """The attribute names along a field path and the last field's descriptor; None when there is no such field."""
    descriptor, names, field = _row_class().DESCRIPTOR, [], None
    for part in path.split("."):
        # Google's message fields avoid Python's keywords with an underscore that GAQL does not know.
        field = descriptor.fields_by_name.get(part) or descriptor.fields_by_name.get(f"{part}_") if descriptor else None
        if field is None:
            return None
        names.append(field.name)
        descriptor = field.message_type
    return tuple(names), field


def to_message(query: Query, row: Row) -> Any:
    """A GoogleAdsRow with the selected fields and the implicit resource name of the FROM resource."""
    message = _row_class()()
    for path in (f"{query.resource}.resource_name", *query.select):
        value = row.get(path)
        if value is not None:
            set_field(message, path, value)
    return message


def set_field(message: Any, path: str, value: Any) -> None:
    """Sets one field of a GoogleAdsRow by its GAQL path; enums by name, repeated messages as dicts."""
    resolved = resolve(path)
    assert resolved is not None
    names, field = resolved
    for name in names[:-1]:
        message = getattr(message, name)
    if field.enum_type is not None:
        value = field.enum_type.values_by_name[value].number
    if not isinstance(value, list):
        setattr(message, names[-1], value)
        return
    for item in value:
        added = getattr(message, names[-1]).add()
        for key, content in item.items():
            sub = added.DESCRIPTOR.fields_by_name.get(key) or added.DESCRIPTOR.fields_by_name[f"{key}_"]
            number = sub.enum_type.values_by_name[content].number if sub.enum_type else content
            setattr(added, sub.name, number)
