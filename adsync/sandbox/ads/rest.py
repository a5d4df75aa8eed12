"""Google Ads over HTTP and JSON: the same methods behind the same door."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import grpc
from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from adsync.sandbox.ads.desk import Desk, Found
from adsync.sandbox.ads.errors import AdsRefusal, NotServed, trailers
from adsync.sandbox.ads.methods import METHODS
from adsync.sandbox.ads.protocol import Protocol
from adsync.sandbox.fault_kinds import HTTP_OF_STATUS
from adsync.sandbox.grpc_server import STATUS_KEY
from adsync.sandbox.http_messages import Answer, Problem, Reply
from adsync.sandbox.stumbling import stumbled
from adsync.sandbox.transcoding import parsed

_VERSION = re.compile(r"/(v\d+)/(.+)")
_METHOD = re.compile(r"(?:customers/[^/:]+(?:/\w+(?:/[^/:]+)?)?|\w+(?:/[^/:]+)?):\w+", re.ASCII)
_LIST = re.compile(r"customers/[^/:]+/\w+", re.ASCII)
"""What the paths of methods look like: customers/1/labels:mutate, geoTargetConstants:suggest; customers/1/invoices."""
_LONGEST_CALL_SECONDS = 120.0


class _Aborted(Exception):
    """The call ends with a status other than OK."""


@dataclass
class _HttpContext:
    """What the door wants of gRPC's context, for a call that came over HTTP."""

    headers: Mapping[str, str]
    status: grpc.StatusCode = grpc.StatusCode.OK
    said: str = ""
    metadata: dict[str, str | bytes] = field(default_factory=dict)

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [(name.lower(), value) for name, value in self.headers.items()]

    def send_initial_metadata(self, metadata: tuple[tuple[str, str], ...]) -> None:
        self.metadata.update(metadata)

    def set_trailing_metadata(self, metadata: tuple[tuple[str, str | bytes], ...]) -> None:
        self.metadata.update(metadata)

    def time_remaining(self) -> float:
        return _LONGEST_CALL_SECONDS

    def is_active(self) -> bool:
        return True

    def abort(self, status: grpc.StatusCode, said: str) -> NoReturn:
        self.status, self.said = status, said
        raise _Aborted


class AdsRest:
    """Answers `/v26/customers/1234567890/googleAds:search` and its like."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._routes = [
            (verb, _pattern(template), name)
            for name, method in METHODS.items()
            if method.rest
            for verb, template in [method.rest.split(" ", 1)]
        ]

    def serves(self, path: str) -> bool:
        """Whether a path is one of Google Ads' and not of another API."""
        return _VERSION.fullmatch(path) is not None

    def answer(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answers one request."""
        try:
            return self._answer(verb, path, headers, body)
        except Exception as error:  # noqa: BLE001  (what the door did not see: the connection would break)
            told = _told(Problem(500, "INTERNAL", stumbled(error)))
            return replace(told, request_id=secrets.token_urlsafe(16))

    def _answer(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        context = _HttpContext(headers)
        match = _VERSION.fullmatch(path)
        assert match is not None
        version, place = match.groups()
        name, fields = self._route(verb, place)
        if not name and not self._is_methods(verb, place):
            return _told(Problem(404, "NOT_FOUND", f"There is nothing at {verb} {path}."))
        grpc_path = f"/google.ads.googleads.{version}.services.{name}"
        try:
            if not name:
                self._desk.check_version(version)
                raise NotServed(f"{verb} {path}")
            found = self._desk.find(grpc_path)
        except AdsRefusal as refusal:
            request_id, spoken = self._desk.refused(grpc_path)
            context.status, context.said = refusal.status, refusal.said
            context.metadata.update(trailers(refusal, request_id, spoken))
            return _failed(context, spoken, name in METHODS and METHODS[name].streams)
        try:
            request = parsed(body, found.request_class(), fields, pool=found.protocol.pool)
        except Problem as problem:
            return _told(problem, found.method.streams)
        return self._carried_out(found, request, context)

    def _route(self, verb: str, place: str) -> tuple[str, dict[str, str]]:
        for its_verb, pattern, name in self._routes:
            match = pattern.fullmatch(place)
            if match and verb == its_verb:
                return name, match.groupdict()
        return "", {}

    def _is_methods(self, verb: str, place: str) -> bool:
        """Whether a place without a route is that of a method of Google's; with another verb, none of ours is."""
        if any(pattern.fullmatch(place) for _, pattern, _ in self._routes):
            return False
        return bool(_METHOD.fullmatch(place) or (verb == "GET" and _LIST.fullmatch(place)))

    def _carried_out(self, found: Found, request: Any, context: _HttpContext) -> Reply:
        messages: list[Any] = []
        try:
            messages.extend(self._desk.admitted(found)(request, context))
        except _Aborted:
            # Of a single answer nothing has come when its status is bad; of a stream what went before stays sent.
            if not (found.method.streams and messages):
                return _failed(context, found.protocol, found.method.streams)
        parts = [_body(message, found.protocol) for message in messages]
        body = b"[" + b",\n".join(parts) + b"\n]" if found.method.streams else parts[0]
        # A stream that broke off lacks its last bracket, and the connection ends before it would come.
        sent = body if context.status is grpc.StatusCode.OK else body[:-1]
        return Reply(200, sent, len(body), request_id=str(context.metadata["request-id"]))


def _pattern(template: str) -> re.Pattern[str]:
    """`customers/{customer_id}/x` or `{resource_name=googleAdsFields/[^/]+}` as a regular expression."""
    return re.compile(re.sub(r"\{(\w+)(?:=([^}]+))?\}", lambda m: f"(?P<{m[1]}>{m[2] or '[^/:]+'})", template))


def _body(message: Any, spoken: Protocol) -> bytes:
    if isinstance(message, bytes):
        return message
    return json.dumps(json_format.MessageToDict(message, descriptor_pool=spoken.pool)).encode()


def _failed(context: _HttpContext, spoken: Protocol, streams: bool) -> Reply:
    """Google's error document, as a call that was admitted ends with."""
    details: tuple[Answer, ...] = ()
    failure = context.metadata.get(spoken.failure_key)
    if isinstance(failure, bytes):
        message = spoken.message("errors.GoogleAdsFailure").FromString(failure)
        kind = f"type.googleapis.com/{spoken.failure_key.removesuffix('.googleadsfailure-bin')}.GoogleAdsFailure"
        details = ({"@type": kind, **json_format.MessageToDict(message, descriptor_pool=spoken.pool)},)
    elif isinstance(status := context.metadata.get(STATUS_KEY), bytes):
        # Google's front end refused the call: its messages belong to no version of the API.
        details = tuple(json_format.MessageToDict(each) for each in Status.FromString(status).details)
    problem = Problem(HTTP_OF_STATUS[context.status.name], context.status.name, context.said, details=details)
    return replace(_told(problem, streams), request_id=str(context.metadata.get("request-id", "")))


def _told(problem: Problem, streams: bool = False) -> Reply:
    """An error; in an array where the method streams, since its answers are items of one."""
    return Reply.of(problem.code, [problem.document] if streams else problem.document)
