"""Google's front end between JSON and the messages of its APIs: fills a request, or refuses it in Google's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeVar

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor

from adsync.sandbox.http_messages import Problem
from adsync.sandbox.json_text import BadJson, camel_case, read_json

Message = TypeVar("Message", bound=Any)
Violation = tuple[str, str]
"""Where in the message, in its own spelling ("" for the whole of it), and what is wrong."""

_REFUSED = "Invalid JSON payload received."
_NO_MESSAGE = ("", f'{_REFUSED} Unknown name "": Root element must be a message.')
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TYPES = {number: name for name, number in vars(FieldDescriptor).items() if name.startswith("TYPE_")}
_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, (1 << 64) - 1),
}


def parsed(body: bytes, message: Message, bound: Mapping[str, str] | None = None, *, pool: Any = None) -> Message:
    """The message, filled. Enums may come as names or numbers, numbers as text, a list's only item without its list.

    bound: fields whose values stand in the path. pool: the descriptors of the message's version.
    Raises Problem for what is no JSON, for names that the message does not have, for values that do not fit, and for a
    value that contradicts the path's.
    """
    try:
        document = read_json(body)
        found = list(_of_message(document, message.DESCRIPTOR, "")) if isinstance(document, dict) else [_NO_MESSAGE]
        if found:
            raise _refused(found)
        json_format.ParseDict(document, message, descriptor_pool=pool)
    except (BadJson, json_format.ParseError) as error:
        raise Problem(400, "INVALID_ARGUMENT", f"{_REFUSED} {error}") from None
    except RecursionError:
        raise Problem(400, "INVALID_ARGUMENT", f"{_REFUSED} Message too deep. Max recursion depth reached.") from None
    for name, value in (bound or {}).items():
        said = getattr(message, name)
        if said not in ("", value):
            raise Problem(
                400,
                "INVALID_ARGUMENT",
                f"The binding value {value} of the field {name} is conflicting with the value {said} in the body.",
            )
        setattr(message, name, value)
    return message


def _refused(violations: list[Violation]) -> Problem:
    told = [{"field": where, "description": what} if where else {"description": what} for where, what in violations]
    return Problem(
        400,
        "INVALID_ARGUMENT",
        "\n".join(what for _, what in violations),
        details=({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": told},),
    )


def _of_message(document: dict[str, Any], descriptor: Any, where: str) -> Iterator[Violation]:
    """What is wrong with the fields of one message. Puts values that may be written shorter into their full form."""
    set_already: set[str] = set()
    for name, value in document.items():
        field = _fields(descriptor).get(name)
        if field is None:
            yield where, f'{_REFUSED} Unknown name "{name}"{_at(where)}: Cannot find field.'
            continue
        if value is None:
            continue  # as good as left out
        choice = field.containing_oneof
        if choice is not None and len(choice.fields) > 1:  # one field alone: proto3's `optional`
            if choice.name in set_already:
                taken = f"oneof field '{choice.name}' is already set. Cannot set '{name}'"
                yield where, f"Invalid value{_at(where)} (oneof), {taken}"
                continue
            set_already.add(choice.name)
        path = f"{where}.{_spelled(field)}" if where else _spelled(field)
        if isinstance(value, list):
            if not field.is_repeated:
                cannot = "Proto field is not repeating, cannot start list."
                yield where, f'{_REFUSED} Unknown name "{name}"{_at(where)}: {cannot}'
                continue
            for number, each in enumerate(value):
                yield from _of_value(each, field, f"{path}[{number}]", where)
            continue
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL and value in ("true", "false"):
            value = value == "true"
        if field.message_type is not None and field.message_type.full_name == "google.protobuf.FieldMask":
            value = _mask_in_json(value)
        yield from _of_value(value, field, path, where)
        document[name] = [value] if field.is_repeated else value


def _of_value(value: Any, field: Any, path: str, where: str) -> Iterator[Violation]:
    inside = field.message_type
    # Google's well-known types (durations, wrappers) have a JSON form of their own.
    if isinstance(value, dict) and inside is not None and not inside.full_name.startswith("google.protobuf."):
        yield from _of_message(value, inside, path)
    elif isinstance(value, dict) and inside is None:
        yield where, f"Invalid value{_at(where)} ({_spelled(field)}), Starting an object on a scalar field"
    elif not _fits(value, field):
        yield path, f"Invalid value at '{path}' ({_type(field)}), {json.dumps(value, ensure_ascii=False)}"


def _fits(value: Any, field: Any) -> bool:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:  # bytes as well
            return isinstance(value, str)
        case FieldDescriptor.CPPTYPE_BOOL:
            return isinstance(value, bool)
        case FieldDescriptor.CPPTYPE_ENUM:
            return value in field.enum_type.values_by_name if _is_word(value) else _is_whole(value)
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return _is_number(value)
        case FieldDescriptor.CPPTYPE_MESSAGE:
            return _fits_message(value, field.message_type)
        case kind:
            least, most = _BITS[kind]
            return _is_whole(value) and least <= int(value) <= most


def _mask_in_json(value: Any) -> Any:
    """A field mask's paths in the spelling of JSON, which Google's front end does not insist on."""
    if not isinstance(value, str):
        return value
    found = camel_case(value)
    return value if "_" in found else found


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and not _is_whole(value)


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.removeprefix("-").isdigit() and len(value) < 21
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        # Infinity is taken by its name, not as what a number runs over into.
        return value in ("NaN", "Infinity", "-Infinity") or bool(_NUMBER.fullmatch(value) and isfinite(float(value)))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits_message(value: Any, kind: Any) -> bool:
    if not kind.full_name.startswith("google.protobuf."):
        return False  # only an object would
    try:
        json_format.ParseDict(value, message_factory.GetMessageClass(kind)())
    except json_format.ParseError:
        return False
    return True


def _type(field: Any) -> str:
    named = field.enum_type or field.message_type
    return f"type.googleapis.com/{named.full_name}" if named is not None else _TYPES[field.type]


def _at(where: str) -> str:
    return f" at '{where}'" if where else ""


@cache
def _fields(descriptor: Any) -> dict[str, Any]:
    """Fields by both of their spellings."""
    return {name: field for field in descriptor.fields for name in (field.json_name, _spelled(field))}


def _spelled(field: Any) -> str:
    """A field's name as Google spells it: its clients for Python add an underscore to words of the language."""
    name: str = field.name
    return name.removesuffix("_")
