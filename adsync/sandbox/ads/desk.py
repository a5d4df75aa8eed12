"""What every call of Google Ads passes, however it comes: its version, its method, the door, and its price."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.descriptors import versions
from adsync.sandbox.ads.door import Door
from adsync.sandbox.ads.errors import NotServed, refuse
from adsync.sandbox.ads.methods import METHODS, Method
from adsync.sandbox.ads.protocol import OURS, Protocol, protocol
from adsync.sandbox.estate import Estate
from adsync.sandbox.oauth import TokenIssuer

_VERSION = re.compile(r"/google\.ads\.googleads\.(v\d+)\.")
_PATH = re.compile(rf"{_VERSION.pattern}services\.(\w+/\w+)")


@dataclass(frozen=True, slots=True)
class Found:
    """A method in one version. name: such as "GoogleAdsService/Search"."""

    protocol: Protocol
    name: str
    method: Method

    @property
    def request_class(self) -> Any:
        return self.protocol.message(f"services.{self.method.request}")


class Desk:
    """Finds what answers a call."""

    def __init__(self, estate: Estate, tokens: TokenIssuer, latency: float) -> None:
        """latency: seconds that every answer takes longer than it needs."""
        self._estate = estate
        self._tokens = tokens
        self._door = Door(estate, tokens, latency)

    def find(self, path: str) -> Found:
        """The method of a gRPC path. Raises AdsRefusal for a closed version, NotServed for an unknown method."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise NotServed(path)
        version, name = match.groups()
        self.check_version(version)
        if name not in METHODS:
            raise NotServed(path)
        return Found(protocol(version), name, METHODS[name])

    def check_version(self, version: str) -> None:
        """Raises AdsRefusal for a version that is not open."""
        if version not in versions() or version in self._estate.project.retired:
            raise refuse(
                "request_error",
                "UNSUPPORTED_VERSION",
                f"Version {version} is deprecated. Requests to this version will be blocked.",
            )

    def refused(self, path: str) -> tuple[str, Protocol]:
        """The request id and the protocol in which to refuse what was not found.

        A version that the installed client does not have is spoken in ours: what a failure holds hardly ever changes.
        """
        match = _VERSION.match(path)
        version = match[1] if match else OURS
        spoken = protocol(version) if version in versions() else protocol(OURS).announced_as(version)
        return secrets.token_urlsafe(16), spoken

    def admitted(self, found: Found) -> Callable[[Any, Any], Iterator[Any]]:
        """What answers a request, given gRPC's context of the call."""
        return self._door.admitted(found.protocol, found.name, lambda request, call: self._answer(found, request, call))

    def _answer(self, found: Found, request: Any, call: Call) -> list[Any]:
        with self._estate.lock:
            self._estate.project.charge(found.method.operations(request), self._estate.now)
            self._estate.note("project")
        known = replace(call, user=self._tokens.user(call.metadata.get("authorization", "")))
        return found.method.answer(self._estate, request, known)
