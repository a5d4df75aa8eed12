"""How Google spells enums and names of resources."""

from __future__ import annotations

from typing import Any


def enum_name(message: Any, field: str) -> str:
    """The name of an enum's value; UNKNOWN for one that this version of the client has not heard of."""
    raw = getattr(message, "_pb", message)  # the GA4 clients wrap their messages
    return _constant(raw, field, getattr(raw, field))


def enum_names(message: Any, field: str) -> tuple[str, ...]:
    """The same of a field that holds several, sorted."""
    raw = getattr(message, "_pb", message)
    return tuple(sorted(_constant(raw, field, number) for number in getattr(raw, field)))


def _constant(raw: Any, field: str, number: int) -> str:
    value = raw.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(number)
    return str(value.name) if value is not None else "UNKNOWN"


def id_of(resource_name: str) -> str:
    """The last part of a resource name; "" stays "" """
    return resource_name.rpartition("/")[2]
