"""One operation of a mutate request, and the checks that do not depend on what it is about: names, masks, enums."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adsync.sandbox.ads.account import AdsAccount, Campaign
from adsync.sandbox.ads.errors import AdsRefusal, refuse
from adsync.sandbox.ads.tracking import Tracking
from adsync.sandbox.switches import Switches

_NAME = re.compile(r"customers/(\d{10})/([a-zA-Z]+)/(-?[^/]+)")
_TOO_LONG = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. kind: what it is about; verb: create, update or remove; wanted: the message of create and update.

    paths: what an update's mask names. name: the resource name as given, "" on a create without one.
    """

    index: int
    kind: Kind
    verb: str
    wanted: Any
    paths: tuple[str, ...]
    name: str

    def refuse(self, category: str, error: str, message: str, path: str = "", **more: Any) -> AdsRefusal:
        """What to raise when the operation is refused; path: of the field at fault, inside the resource."""
        where = f"{self.verb}.{path}" if path else ""
        return refuse(category, error, message, operation=self.index, field=where, **more)

    def value(self, path: str) -> Any:
        """The wanted value at a path; an enum's by name."""
        message, names = self.wanted, path.split(".")
        for name in names[:-1]:
            message = getattr(message, name)
        descriptor = field_of(message.DESCRIPTOR, names[-1])
        value = getattr(message, descriptor.name)
        return descriptor.enum_type.values_by_number[value].name if descriptor.enum_type else value

    def names(self, path: str) -> bool:
        """Whether the operation says something about this field: a create that sets it, an update whose mask names it."""
        return path in (self.paths if self.verb == "update" else set_paths(self.wanted))


Handler = Callable[["Mutation", Operation], str]
"""Carries an operation out on the draft and returns the resource's name; raises AdsRefusal before changing anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource that can be changed.

    singular: as MutateOperation spells it. played: the fields that can be written; fixed: those that never can, once
    the resource exists; created: those of `fixed` that a create sets. A field that is in neither is refused by its name.
    view: the mutable fields of a resource, by its name. is_goal: its service knows no partial_failure.
    owned_by_tracking: it belongs to whoever owns the conversion actions.
    """

    singular: str
    collection: str
    played: frozenset[str]
    fixed: frozenset[str]
    view: Callable[[Mutation, str], dict[str, Any]]
    created: frozenset[str] = frozenset()
    create: Handler | None = None
    update: Handler | None = None
    remove: Handler | None = None
    is_goal: bool = False
    owned_by_tracking: bool = False


@dataclass(slots=True, kw_only=True)
class Mutation:
    """One mutate request under way, on copies of the accounts it may change.

    accounts: all that share the tracking. temporary: what each temporary id stands for: (collection, id), or None where
    making it failed.
    """

    customer_id: str
    tracking: Tracking
    accounts: dict[str, AdsAccount]
    switches: Switches
    now: int
    temporary: dict[int, tuple[str, int] | None] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    @property
    def account(self) -> AdsAccount:
        """The client at hand. Raises AdsRefusal for a manager, which has no campaigns."""
        if self.customer_id not in self.accounts:
            raise refuse("request_error", "CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT", "Name a client account.")
        return self.accounts[self.customer_id]

    def resource_name(self, collection: str, key: int | str) -> str:
        return f"customers/{self.customer_id}/{collection}/{key}"

    def key(self, operation: Operation) -> str:
        """The last part of the operation's resource name. Raises AdsRefusal where the name is not one of its kind."""
        if not operation.name:
            raise operation.refuse("request_error", "RESOURCE_NAME_MISSING", "The resource name is required.")
        found = _NAME.fullmatch(operation.name)
        if found is None or found[2] != operation.kind.collection:
            raise operation.refuse(
                "request_error", "RESOURCE_NAME_MALFORMED", f"Resource name '{operation.name}' is malformed."
            )
        if found[1] != self.customer_id:
            raise not_found(operation)
        return found[3]

    def reference(self, operation: Operation, name: str, collection: str, path: str) -> int | None:
        """The id behind the name of another resource, a temporary one among them; None for what cannot be one."""
        found = _NAME.fullmatch(name)
        if found is None or found[2] != collection or not re.fullmatch(r"-?\d+", found[3]):
            raise operation.refuse(
                "request_error", "RESOURCE_NAME_MALFORMED", f"Resource name '{name}' is malformed.", path
            )
        number = int(found[3])
        if number >= 0:
            return number
        if number not in self.temporary:
            raise operation.refuse("mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.", path, trigger=name)
        made = self.temporary[number]
        if made is None:
            raise operation.refuse(
                "new_resource_creation_error",
                "TEMP_ID_RESOURCE_HAD_ERRORS",
                "The resource with this temporary id failed validation.",
                path,
                trigger=name,
            )
        return made[1] if made[0] == collection else None

    def campaign(self, operation: Operation, key: str) -> Campaign:
        found = (campaign for campaign in self.account.campaigns if str(campaign.id) == key)
        campaign = next(found, None)
        if campaign is None:
            raise not_found(operation)
        return campaign


def not_found(operation: Operation) -> AdsRefusal:
    return operation.refuse("mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.", trigger=operation.name)


def immutable(operation: Operation, path: str) -> AdsRefusal:
    return operation.refuse("field_error", "IMMUTABLE_FIELD", f"The field '{path}' cannot be changed.", path)


def check_text(operation: Operation, path: str, limit: int = _TOO_LONG) -> str:
    """A text that must be there. Raises AdsRefusal."""
    text = str(operation.value(path))
    if not text.strip():
        raise operation.refuse("field_error", "REQUIRED", "The required field was not present.", path)
    if len(text) > limit:
        raise operation.refuse(
            "string_length_error", "TOO_LONG", f"Longer than {limit} characters.", path, trigger=text
        )
    return text


def check_range(operation: Operation, path: str, low: float, high: float) -> None:
    """Raises AdsRefusal for a number outside of low to high; what is no number is too high."""
    value = operation.value(path)
    if value < low:
        raise operation.refuse("range_error", "TOO_LOW", f"Too low: at least {low:g}.", path, trigger=str(value))
    if not value <= high:
        raise operation.refuse("range_error", "TOO_HIGH", f"Too high: at most {high:g}.", path, trigger=str(value))


# Masks and fields ------------------------------------------------------------------------------------------------------


def field_of(descriptor: Any, name: str) -> Any:
    """A message's field by the name that masks use: Google's messages avoid Python's keywords with an underscore."""
    fields = descriptor.fields_by_name if descriptor else {}
    return fields.get(name) or fields.get(f"{name}_")


def set_paths(message: Any, prefix: str = "") -> Iterator[str]:
    """The paths of all fields that a message sets, as a mask would name them."""
    for descriptor, value in message.ListFields():
        path = prefix + descriptor.name.removesuffix("_")
        if descriptor.message_type and not descriptor.is_repeated and descriptor.message_type.fields:
            yield path
            yield from set_paths(value, f"{path}.")
        else:
            yield path


def check_fields(operation: Operation, mask: tuple[str, ...]) -> None:
    """Refuses a mask that is missing or wrong, fields that cannot be written, and values that an enum does not have."""
    if operation.verb == "create":
        if mask:
            raise operation.refuse(
                "field_mask_error", "FIELD_MASK_NOT_ALLOWED", "The field mask is not allowed on create."
            )
        for path in set_paths(operation.wanted):
            if path != "resource_name" and not _is_message(operation, path):
                _check_created(operation, path)
                _check_enum(operation, path)
        return
    if not mask:
        raise operation.refuse(
            "field_mask_error", "FIELD_MASK_MISSING", "The field mask must be provided for update operations."
        )
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
