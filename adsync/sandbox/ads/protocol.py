"""One version of the Google Ads API: its messages, and rows written into them."""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache
from typing import Any

from google.protobuf import message_factory

from adsync.sandbox.ads.descriptors import pool_of, versions
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.rows import Write, paths_of

OURS = "v26"
"""The version that adsync itself speaks."""

Row = dict[str, Any]
"""Field path -> value; enums by name. A path that a row leaves out is unset, as in Google's answers."""


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

    def to_message(self, query: Query, row: Row) -> Any:
        """A GoogleAdsRow with the selected fields and the resource names that come along with them."""
        message = self._row()
        omit = ("omit_unselected_resource_names", True) in query.parameters
        for write in _writes(self, query.resource, query.select, not omit):
            value = row.get(write.path)
            if value is not None:
                write(message, value)
        return message

    @cached_property
    def _row(self) -> Any:
        return self.message("services.GoogleAdsRow")


@lru_cache(maxsize=512)
def _writes(spoken: Protocol, resource: str, select: tuple[str, ...], implicit_names: bool) -> tuple[Write, ...]:
    """What writes the fields of a query's rows: programs ask the same few queries over and over."""
    row = spoken.message("services.GoogleAdsRow").DESCRIPTOR
    return tuple(Write(row, path) for path in paths_of(resource, select, implicit_names=implicit_names))


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
