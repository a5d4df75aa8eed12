"""One version of the Google Ads API: its messages, and field paths resolved on its own descriptors."""

from __future__ import annotations

import threading
from typing import Any

from google.protobuf import message_factory

from adsync.sandbox.ads.descriptors import pool_of, versions
from adsync.sandbox.ads.gaql import Query

OURS = "v26"
"""The version that adsync itself speaks."""

Row = dict[str, Any]
"""Field path -> value; enums by name. A path that a row leaves out is unset, as in Google's answers."""

Resolved = tuple[tuple[str, ...], Any]
"""The attribute names along a field path, and the last field's descriptor."""


class UnknownVersion(Exception):
    """The installed client has no such version."""


class Protocol:
    """The messages of one version."""

    def __init__(self, version: str, pool: Any) -> None:
        self.version = version
        self.pool = pool
        self._announced = version
        self._package = f"google.ads.googleads.{version}"
        self._classes: dict[str, Any] = {}
        self._resolved: dict[str, Resolved | None] = {}

    def announced_as(self, version: str) -> Protocol:
        """The same messages under the name of another version, to refuse a call in a version that nobody knows."""
        other = Protocol(self.version, self.pool)
        other._announced = version
        return other

    @property
    def failure_key(self) -> str:
        """The metadata key under which a failure travels."""
        return f"google.ads.googleads.{self._announced}.errors.googleadsfailure-bin"

    def message(self, name: str) -> Any:
        """A message class by its name inside the version, such as "services.SearchGoogleAdsRequest"."""
        return self._class(f"{self._package}.{name}")

    def status(self) -> Any:
        """The class of google.rpc.Status, whose details hold messages of this version."""
        return self._class("google.rpc.Status")

    def _class(self, full_name: str) -> Any:
        found = self._classes.get(full_name)
        if found is None:
            found = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(full_name))
            self._classes[full_name] = found
        return found

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
            value = _number(field.enum_type, value)
        if not isinstance(value, list):
            setattr(message, names[-1], value)
            return
        for item in value:
            added = getattr(message, names[-1]).add()
            for key, content in item.items():
                sub = added.DESCRIPTOR.fields_by_name.get(key) or added.DESCRIPTOR.fields_by_name[f"{key}_"]
                setattr(added, sub.name, _number(sub.enum_type, content) if sub.enum_type else content)


def _number(enum: Any, name: str) -> int:
    """An enum's value; UNKNOWN in a version that was made before the value was."""
    known = enum.values_by_name
    return int((known.get(name) or known["UNKNOWN"]).number)


_PROTOCOLS: dict[str, Protocol] = {}
_LOADING = threading.Lock()


def protocol(version: str = OURS) -> Protocol:
    """The protocol of a version, loaded when it is first asked for.

    Raises UnknownVersion for one that the installed client does not have.
    """
    if version not in versions():
        raise UnknownVersion(version)
    with _LOADING:
        if version not in _PROTOCOLS:
            _PROTOCOLS[version] = Protocol(version, pool_of(version))
        return _PROTOCOLS[version]
