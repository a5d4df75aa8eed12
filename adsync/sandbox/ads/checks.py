"""The checks of an operation that do not depend on what it is about: masks, enums, texts, ranges."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from adsync.sandbox.ads.errors import AdsRefusal
from adsync.sandbox.ads.message_fields import field_of, set_paths
from adsync.sandbox.ads.operations import Operation

_TOO_LONG = 255


def check_fields(operation: Operation, mask: tuple[str, ...]) -> None:
    """Refuses a mask that is missing or wrong, fields that cannot be written, and values that an enum does not have."""
    if operation.verb == "create":
        if mask:
            raise operation.refuse_mask("FIELD_MASK_NOT_ALLOWED", "The field mask is not allowed on create.")
        for path in set_paths(operation.wanted):
            if path != "resource_name" and not _is_message(operation, path):
                _check_created(operation, path)
                _check_enum(operation, path)
        return
    if not mask:
        raise operation.refuse_mask("FIELD_MASK_MISSING", "The field mask must be provided for update operations.")
    for path in operation.paths:
        _check_updated(operation, path)
        _check_enum(operation, path)


def _check_created(operation: Operation, path: str) -> None:
    if path == "id":
        raise operation.refuse(
            "new_resource_creation_error",
            "CANNOT_SET_ID_FOR_CREATE",
            "The id of a new resource is not yours to set.",
            path,
        )
    if path not in operation.kind.created:
        _check_written(operation, path)


def _check_updated(operation: Operation, path: str) -> None:
    descriptor, message = None, operation.wanted.DESCRIPTOR
    for name in path.split("."):
        descriptor = field_of(message, name)
        if descriptor is None:
            raise operation.refuse(
                "field_mask_error", "FIELD_NOT_FOUND", f"The field mask contains an unknown field: '{path}'.", path
            )
        message = None if descriptor.is_repeated else descriptor.message_type
    if message is not None and message.fields:
        raise operation.refuse(
            "field_mask_error", "FIELD_HAS_SUBFIELDS", f"The field mask names a field with subfields: '{path}'.", path
        )
    _check_written(operation, path)


def _check_written(operation: Operation, path: str) -> None:
    if path in operation.kind.fixed or path.split(".")[0] in operation.kind.fixed:
        raise immutable(operation, path)
    if path not in operation.kind.played:
        raise operation.refuse(
            "mutate_error", "MUTATE_NOT_ALLOWED", f"The sandbox does not play the field '{path}'.", path
        )


def _is_message(operation: Operation, path: str) -> bool:
    message = operation.wanted.DESCRIPTOR
    for name in path.split("."):
        descriptor = field_of(message, name)
        message = descriptor.message_type
    return bool(message and message.fields and not descriptor.is_repeated)


def _check_enum(operation: Operation, path: str) -> None:
    message, names = operation.wanted, path.split(".")
    for name in names[:-1]:
        message = getattr(message, name)
    descriptor = field_of(message.DESCRIPTOR, names[-1])
    if descriptor.enum_type is None:
        return
    number = getattr(message, descriptor.name)
    known = descriptor.enum_type.values_by_number.get(number)
    if known is None or known.name in ("UNSPECIFIED", "UNKNOWN"):
        shown = known.name if known else str(number)
        raise operation.refuse(
            "request_error", "INVALID_ENUM_VALUE", f"Enum value '{shown}' cannot be used.", path, trigger=shown
        )


def immutable(operation: Operation, path: str) -> AdsRefusal:
    return operation.refuse("field_error", "IMMUTABLE_FIELD", f"The field '{path}' cannot be changed.", path)


def check_text(operation: Operation, path: str, limit: int = _TOO_LONG) -> str:
    """A text that must be there. Raises AdsRefusal."""
    text = str(operation.value(path))
    if not text.strip():
        raise operation.refuse("field_error", "REQUIRED", "The required field was not present.", path)
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise operation.refuse(
            "string_format_error", "ILLEGAL_CHARS", "The input string value contains disallowed characters.", path
        )
    if len(text) > limit:
        raise operation.refuse(
            "string_length_error", "TOO_LONG", f"Longer than {limit} characters.", path, trigger=text
        )
    return text


def check_unique_name(
    operation: Operation, taken: Iterable[str], category: str, error: str, message: str, limit: int = _TOO_LONG
) -> str:
    """The wanted name, which none of the others has. taken: their names. Raises AdsRefusal, with this error for twins."""
    name = check_text(operation, "name", limit)
    if name in taken:
        raise operation.refuse(category, error, message, "name", trigger=name)
    return name


def check_range(operation: Operation, path: str, low: float, high: float) -> None:
    """Raises AdsRefusal for a number outside of low to high; what is no number is too high."""
    value = operation.value(path)
    if value < low:
        raise operation.refuse("range_error", "TOO_LOW", f"Too low: at least {low:g}.", path, trigger=str(value))
    if not value <= high:
        raise operation.refuse("range_error", "TOO_HIGH", f"Too high: at most {high:g}.", path, trigger=str(value))
