"""One operation of a mutate request, the kinds there are, and what a request under way knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.campaigns import Campaign
from adsync.sandbox.ads.errors import AdsRefusal, refuse
from adsync.sandbox.ads.message_fields import field_of, set_paths
from adsync.sandbox.ads.resource_names import id_of, malformed, parsed
from adsync.sandbox.ads.tracking import Tracking
from adsync.sandbox.switches import Switches


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

    def refuse_name(self, category: str, error: str, message: str) -> AdsRefusal:
        """The same for the name of the resource that the operation is about."""
        where = "remove" if self.verb == "remove" else f"{self.verb}.resource_name"
        return refuse(category, error, message, operation=self.index, field=where, trigger=self.name)

    def refuse_mask(self, error: str, message: str) -> AdsRefusal:
        """The same for the update mask, which stands beside the resource."""
        return refuse("field_mask_error", error, message, operation=self.index, field="update_mask")

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
            raise operation.refuse_name("request_error", "RESOURCE_NAME_MISSING", "The resource name is required.")
        name = parsed(operation.name)
        if name is None or name.collection != operation.kind.collection:
            said = malformed(operation.name, operation.kind.collection)
            raise operation.refuse_name("request_error", "RESOURCE_NAME_MALFORMED", said)
        if name.customer != self.customer_id:
            raise not_found(operation)
        return name.key

    def number(self, operation: Operation) -> int:
        """The same where it is an id."""
        return number_in(operation, self.key(operation))

    def reference(self, operation: Operation, name: str, owner: str, collection: str, path: str) -> int | None:
        """The id behind the name of another resource, a temporary one among them; None for what cannot be one.

        owner: the customer to whom all resources of this collection belong.
        """
        found = parsed(name)
        number = id_of(found.key) if found else None
        if found is None or found.collection != collection or number is None:
            said = malformed(name, collection)
            raise operation.refuse("request_error", "RESOURCE_NAME_MALFORMED", said, path, trigger=name)
        if found.customer != owner:
            return None
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

    def campaign(self, operation: Operation, number: int) -> Campaign:
        found = (campaign for campaign in self.account.campaigns if campaign.id == number)
        campaign = next(found, None)
        if campaign is None:
            raise not_found(operation)
        return campaign


def number_in(operation: Operation, part: str) -> int:
    """The id that a part of the operation's resource name spells. Raises AdsRefusal."""
    number = id_of(part)
    if number is None:
        raise bad_part(operation, part)
    return number


def bad_part(operation: Operation, part: str) -> AdsRefusal:
    return operation.refuse_name("request_error", "BAD_RESOURCE_ID", f"'{part}' part of the resource name is invalid.")


def not_found(operation: Operation) -> AdsRefusal:
    return operation.refuse_name("mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.")
