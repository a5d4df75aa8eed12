"""Reads the JSON of a request as one of Google's messages, and refuses it in Google's words."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from google.protobuf import json_format

from adsync.sandbox.http_messages import Problem

Message = TypeVar("Message", bound=Any)
_REFUSED = "Invalid JSON payload received."


class BadRequest(Exception):
    """Answers 400 INVALID_ARGUMENT with this message."""


def parsed(body: bytes, message: Message) -> Message:
    """The message, filled. Enums may come as names or numbers, 64-bit numbers as text or numbers.

    Raises Problem for what is no JSON, for names that the message does not have, and for values that do not fit.
    """
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise _refused(f"{_REFUSED} {error}") from None
    if not isinstance(document, dict):
        raise _refused(f'{_REFUSED} Unknown name "": Root element must be a message.')
    problems = _problems(document, message.DESCRIPTOR, "")
    if problems:
        raise _refused("\n".join(problems))
    try:
        json_format.ParseDict(document, message)
    except json_format.ParseError as error:
        raise _refused(f"{_REFUSED} {error}") from None
    return message


def _refused(message: str) -> Problem:
    return Problem(400, "INVALID_ARGUMENT", message)


def _problems(document: dict[str, Any], descriptor: Any, where: str) -> list[str]:
    """Every unknown name and enum value, with its path in the message's own spelling."""
    fields = {name: f for f in descriptor.fields for name in (f.json_name, f.name)}
    found = []
    for name, value in document.items():
        if name not in fields:
            at = f" at '{where}'" if where else ""
            found.append(f'{_REFUSED} Unknown name "{name}"{at}: Cannot find field.')
            continue
        field = fields[name]
        path = f"{where}.{field.name}" if where else field.name
        if field.is_repeated and isinstance(value, list):
            for number, each in enumerate(value):
                found += _value_problems(each, field, f"{path}[{number}]")
        else:
            found += _value_problems(value, field, path)
    return found


def _value_problems(value: Any, field: Any, path: str) -> list[str]:
    if field.enum_type is not None and isinstance(value, str):
        if value in field.enum_type.values_by_name or value.isdigit():
            return []
        return [f"Invalid value at '{path}' (type.googleapis.com/{field.enum_type.full_name}), \"{value}\""]
    inside = field.message_type
    # Google's well-known types (durations, wrappers) have a JSON form of their own.
    if inside is None or inside.full_name.startswith("google.protobuf.") or not isinstance(value, dict):
        return []
    return _problems(value, inside, path)
