"""The fields of GAQL, derived from the message descriptors of one API version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from adsync.sandbox.ads.protocol import Protocol

# Selected as a whole, although they are messages with fields of their own.
_WHOLE = frozenset(
    {
        "change_event.changed_fields",
        "change_event.new_resource",
        "change_event.old_resource",
        "metrics.search_volume",
    }
)
# In the messages, and not in Google's field tables.
_HIDDEN = frozenset(
    {
        "ad_group.targeting_setting.target_restriction_operations",
        "asset.image_asset.data",
        "asset.media_bundle_asset.data",
        "campaign.maximize_conversion_value.cpc_bid_ceiling_micros",
        "campaign.maximize_conversion_value.cpc_bid_floor_micros",
        "campaign.maximize_conversions.cpc_bid_ceiling_micros",
        "campaign.maximize_conversions.cpc_bid_floor_micros",
        "campaign.targeting_setting.target_restriction_operations",
    }
)
_REFERENCES = frozenset({"resource_name", "owner_customer", "client_customer", "google_ads_conversion_customer"})
_WHOLE_NUMBERS = {"INT32", "INT64", "UINT64"}
_NUMBERS = frozenset({"=", "!=", "<", ">", "<=", ">=", "BETWEEN", "IN", "NOT IN"})
_SETS = frozenset({"=", "!=", "IN", "NOT IN"})
OPERATORS: dict[str, frozenset[str]] = {
    "BOOLEAN": frozenset({"=", "!="}),
    "DATE": frozenset({"=", "<", ">", "<=", ">=", "BETWEEN", "DURING", "IN"}),
    # Live accounts refuse >= and <= on fractional numbers, as the library's own documentation says.
    "DOUBLE": frozenset({"=", "!=", "<", ">", "IN", "NOT IN"}),
    "FLOAT": frozenset({"=", "!=", "<", ">", "IN", "NOT IN"}),
    "ENUM": _SETS,
    "INT32": _NUMBERS,
    "INT64": _NUMBERS,
    "UINT64": _NUMBERS,
    "MESSAGE": frozenset(),
    "RESOURCE_NAME": _SETS,
    "STRING": _SETS | {"LIKE", "NOT LIKE", "REGEXP_MATCH", "NOT REGEXP_MATCH"},
}
"""The operators that each type of a single value takes, beside IS NULL and IS NOT NULL."""

REPEATED_OPERATORS = frozenset({"CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. type: Google's GoogleAdsFieldDataType; constants: of an enum; type_url: of an enum or a message."""

    name: str
    type: str
    repeated: bool = False
    constants: tuple[str, ...] = ()
    type_url: str = ""
    selectable: bool = True

    @property
    def category(self) -> str:
        return {"metrics": "METRIC", "segments": "SEGMENT"}.get(self.name.split(".", 1)[0], "ATTRIBUTE")

    @property
    def filterable(self) -> bool:
        return self.type != "MESSAGE"

    @property
    def sortable(self) -> bool:
        return self.type != "MESSAGE" and not self.repeated

    @property
    def is_number(self) -> bool:
        return self.type in _WHOLE_NUMBERS or self.type in ("DOUBLE", "FLOAT")

    @property
    def is_whole_number(self) -> bool:
        return self.type in _WHOLE_NUMBERS

    @property
    def operators(self) -> frozenset[str]:
        if not self.filterable:
            return frozenset()
        nulls = {"IS NULL", "IS NOT NULL"} if self.category == "ATTRIBUTE" else set()
        return (REPEATED_OPERATORS if self.repeated else OPERATORS[self.type]) | nulls


@cache
def resources(protocol: Protocol) -> frozenset[str]:
    """What can stand before the first dot, metrics and segments left out."""
    names = protocol.message("services.GoogleAdsRow").DESCRIPTOR.fields_by_name
    return frozenset(names) - {"metrics", "segments"}


@cache
def fields_of(protocol: Protocol, resource: str) -> dict[str, Field]:
    """All fields of a resource, of `metrics` or of `segments` by their names; empty for what this version lacks."""
    row = protocol.message("services.GoogleAdsRow").DESCRIPTOR
    if resource not in row.fields_by_name:
        return {}
    return {f.name: f for f in _leaves(protocol, row.fields_by_name[resource].message_type, f"{resource}.")}


def field_named(protocol: Protocol, name: str) -> Field | None:
    """The field of this name; None when this version has none that could be selected or filtered."""
    return fields_of(protocol, name.split(".", 1)[0]).get(name)


def fields_named(protocol: Protocol, names: Iterable[str]) -> dict[str, Field]:
    """Those of these fields that this version has."""
    found = ((name, field_named(protocol, name)) for name in names)
    return {name: field for name, field in found if field is not None}


@cache
def fields_of_fields(protocol: Protocol) -> dict[str, Field]:
    """The fields of GoogleAdsField, by their names without anything before them."""
    return {f.name: f for f in _leaves(protocol, protocol.message("resources.GoogleAdsField").DESCRIPTOR, "")}


def _leaves(protocol: Protocol, message: Any, prefix: str) -> Iterator[Field]:
    for descriptor in message.fields:
        # Google's message fields avoid Python's keywords with an underscore that GAQL does not know.
        name = f"{prefix}{descriptor.name.rstrip('_')}"
        sub = descriptor.message_type
        if sub is None or descriptor.is_repeated or not sub.fields or name in _WHOLE:
            yield _field(protocol, descriptor, name)
        else:
            yield from _leaves(protocol, sub, f"{name}.")


def _field(protocol: Protocol, descriptor: Any, name: str) -> Field:
    common = {"name": name, "repeated": descriptor.is_repeated, "selectable": name not in _HIDDEN}
    if descriptor.enum_type is not None:
        constants = tuple(value.name for value in descriptor.enum_type.values)
        return Field(type="ENUM", constants=constants, type_url=descriptor.enum_type.full_name, **common)
    if descriptor.message_type is not None:
        return Field(type="MESSAGE", type_url=descriptor.message_type.full_name, **common)
    return Field(type=_scalar(protocol, descriptor, name), **common)


def _scalar(protocol: Protocol, descriptor: Any, name: str) -> str:
    kinds = {
        descriptor.TYPE_BOOL: "BOOLEAN",
        descriptor.TYPE_DOUBLE: "DOUBLE",
        descriptor.TYPE_FLOAT: "FLOAT",
        descriptor.TYPE_INT32: "INT32",
        descriptor.TYPE_INT64: "INT64",
        descriptor.TYPE_UINT64: "UINT64",
    }
    if descriptor.type in kinds:
        return kinds[descriptor.type]
    last = name.rsplit(".", 1)[-1]
    if (
        name in ("segments.week", "segments.month", "segments.quarter")
        or last.endswith(("_date", "_date_time"))
        or last == "date"
    ):
        return "DATE"
    # The descriptors do not mark which strings name another resource; their names do.
    return "RESOURCE_NAME" if last in _REFERENCES or last in resources(protocol) else "STRING"
