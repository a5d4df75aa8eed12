"""One version of the Google Ads API: its messages, and field paths resolved on its own descriptors."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from google.protobuf import descriptor_pool, message_factory

from adsync.sandbox.ads.gaql import Query

OURS = "v26"
"""The version that adsync itself speaks."""

Row = dict[str, Any]
"""Field path -> value; enums by name. A path that a row leaves out is unset, as in Google's answers."""

Resolved = tuple[tuple[str, ...], Any]
"""The attribute names along a field path, and the last field's descriptor."""


class Protocol:
    """The messages of one version."""

    def __init__(self, version: str, pool: Any) -> None:
        self.version = version
        self._package = f"google.ads.googleads.{version}"
        self._pool = pool
        self._resolved: dict[str, Resolved | None] = {}

    @property
    def failure_key(self) -> str:
        """The metadata key under which a failure travels."""
        return f"{self._package}.errors.googleadsfailure-bin"

    def message(self, name: str) -> Any:
        """A message class by its name inside the version, such as "services.SearchGoogleAdsRequest"."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"{self._package}.{name}"))

    def resolve(self, path: str) -> Resolved | None:
        """A GAQL field path on GoogleAdsRow; None when this version has no such field."""
        if path not in self._resolved:
            self._resolved[path] = self._resolve(path)
        return self._resolved[path]

    def _resolve(self, path: str) -> Resolved | None:
        descriptor, names, field = self.message("services.GoogleAdsRow").DESCRIPTOR, [], None
        for part in path.split("."):
            # Google's message fields avoid Python's keywords with an underscore that GAQL does not know.
            fields = descriptor.fields_by_name if descriptor else {}
            field = fields.get(part) or fields.get(f"{part}_")
            if field is None:
                return None
            names.append(field.name)
            descriptor = field.message_type
        return tuple(names), field

    def to_message(self, query: Query, row: Row) -> Any:
        """A GoogleAdsRow with the selected fields and the implicit resource name of the FROM resource."""
        message = self.message("services.GoogleAdsRow")()
        for path in (f"{query.resource}.resource_name", *query.select):
            value = row.get(path)
            if value is not None:
                self.set_field(message, path, value)
        return message

    def set_field(self, message: Any, path: str, value: Any) -> None:
        """Sets one field of a GoogleAdsRow by its GAQL path; enums by name, repeated messages as dicts."""
        resolved = self.resolve(path)
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


@cache
def protocol(version: str = OURS) -> Protocol:
    """The protocol of a version that the installed client knows."""
    import_module(f"google.ads.googleads.{version}.services")
    return Protocol(version, descriptor_pool.Default())
