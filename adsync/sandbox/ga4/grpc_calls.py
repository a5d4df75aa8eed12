"""GA4 over gRPC: a call becomes the request that it is over HTTP, passes what that passes, and its answer a message."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc
from google.protobuf import json_format

from adsync.sandbox.fault_kinds import Content, When
from adsync.sandbox.ga4.methods import METHODS, Method
from adsync.sandbox.grpc_server import seconds_left, serialised, status_trailer
from adsync.sandbox.http_messages import Answer, Problem, Request, Suffered
from adsync.sandbox.rest import Rest
from adsync.sandbox.stumbling import stumbled
from adsync.sandbox.wrong_answers import GARBAGE

_LONGEST_WORDS = 2_000
"""In bytes. Words travel twice in the trailers, where a client takes 8 KB before it drops them and the status with them."""


class Ga4Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers GA4's methods; one that is missing answers UNIMPLEMENTED by name."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        path = details.method
        if not path.startswith("/google.analytics."):
            return None
        method = METHODS.get(path)

        def answer(asked: Any, context: grpc.ServicerContext) -> Any:
            if method is None:
                _refuse(context, Problem(501, "UNIMPLEMENTED", f"The sandbox does not serve {path}."))
            try:
                return self._answer(method, asked, context)
            except Problem as problem:
                _refuse(context, problem)
            except Exception as error:  # noqa: BLE001  (an answer, whatever a request holds)
                _refuse(context, Problem(500, "INTERNAL", stumbled(error)))

        return grpc.unary_unary_rpc_method_handler(
            answer,
            # In the thread that answers: the first message of a package loads its client.
            request_deserializer=method and (lambda content: method.request_class.FromString(content)),
            response_serializer=serialised,
        )

    def _answer(self, method: Method, asked: Any, context: grpc.ServicerContext) -> Any:
        """The message to send back. Raises Problem."""
        headers = dict(context.invocation_metadata())
        request = as_http(method, asked, str(headers.get("authorization", "")))
        document, trouble = self._rest.carry_out(request, lambda: seconds_left(context))
        if trouble.when is When.MIDDLE:
            # A single answer comes in one piece: half of it is nothing.
            raise Suffered(trouble)
        return GARBAGE if trouble.content is Content.GARBLED else as_message(method, document)


def as_http(method: Method, asked: Any, authorization: str) -> Request:
    """The HTTP request that a message means, by Google's own rules. Raises Problem where it means none."""
    from google.api_core.path_template import transcode

    rule = {"method": method.verb, "uri": method.uri} | ({"body": method.body} if method.body else {})
    try:
        found = transcode([rule], message=asked)
    except ValueError:
        raise _malformed(method) from None
    query = found["query_params"]
    try:
        body = json_format.MessageToJson(found["body"]).encode() if "body" in found else b""
    except (json_format.Error, ValueError) as error:
        raise Problem(400, "INVALID_ARGUMENT", f"The request holds what cannot be: {error}") from None
    # A field mask is written by the paths it has; of other fields only single values are left for a query.
    values = {
        field.json_name: ",".join(value.paths) if field.message_type else str(value)
        for field, value in query.ListFields()
    }
    return Request(method.verb, found["uri"], body, authorization, values)


def as_message(method: Method, document: Answer) -> Any:
    """The answer as a message. Raises Problem where the message has no such fields: nothing is dropped silently."""
    try:
        return json_format.ParseDict(document, method.response_class())
    except json_format.ParseError as error:
        said = f"The sandbox stumbled over its own answer, which is no {method.response}: {error}"
        raise Problem(500, "INTERNAL", said) from error


def _malformed(method: Method) -> Problem:
    field, template = method.named
    form = template.replace("*", "123")
    said = f"The value for the '{field}' field was invalid but must be in format '{form}'."
    return Problem(400, "INVALID_ARGUMENT", said)


def _refuse(context: grpc.ServicerContext, problem: Problem) -> NoReturn:
    # Without blanks at the ends, with which Node's client loses a status message. In the trailers as well: Python's
    # client raises ValueError where the two differ.
    said = problem.message.encode()[:_LONGEST_WORDS].decode(errors="ignore").strip()
    # What comes from something on the way to Google has a bare status.
    if not isinstance(problem, Suffered) or problem.trouble.failure is not None:
        told = Problem(problem.code, problem.status, said, details=problem.details)
        context.set_trailing_metadata((status_trailer(told),))
    context.abort(grpc.StatusCode[problem.status], said)
    raise AssertionError("abort always raises")
