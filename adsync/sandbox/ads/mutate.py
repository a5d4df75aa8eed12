"""A mutate request: each operation is tried on copies of the accounts, which replace them only if that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.checks import check_fields
from adsync.sandbox.ads.consequences import conclude
from adsync.sandbox.ads.drafts import adopt, draft_of
from adsync.sandbox.ads.errors import AdsRefusal, Fault
from adsync.sandbox.ads.mutate_actions import ACTIONS
from adsync.sandbox.ads.mutate_campaigns import BUDGETS, CAMPAIGNS
from adsync.sandbox.ads.mutate_custom_goals import CUSTOM_GOALS
from adsync.sandbox.ads.mutate_exclusions import EXCLUSIONS
from adsync.sandbox.ads.mutate_goals import CAMPAIGN_GOALS, CONFIGS, CUSTOMER_GOALS
from adsync.sandbox.ads.mutate_strategies import STRATEGIES
from adsync.sandbox.ads.operations import Kind, Mutation, Operation
from adsync.sandbox.switches import Switches

KINDS = {
    "".join(word.capitalize() for word in kind.singular.split("_")) + "Operation": kind
    for kind in (
        ACTIONS,
        CUSTOMER_GOALS,
        CAMPAIGN_GOALS,
        CUSTOM_GOALS,
        CONFIGS,
        CAMPAIGNS,
        STRATEGIES,
        BUDGETS,
        EXCLUSIONS,
    )
}
"""By the name of the operation's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a request wants its operations to be carried out. user: who sends it, by e-mail address."""

    validate_only: bool = False
    partial_failure: bool = False
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the operations, in their order: the resource's name, or why it was refused."""

    results: list[str | Fault]
    kinds: list[Kind]
    mutation: Mutation

    def mutable_fields(self, position: int) -> dict[str, Any]:
        """The mutable fields of one result's resource, as the request left them."""
        name = self.results[position]
        assert isinstance(name, str)
        return self.kinds[position].view(self.mutation, name)


def mutate(
    accounts: Sequence[AdsAccount],
    customer_id: str,
    operations: Sequence[Any],
    wishes: Wishes,
    *,
    switches: Switches,
    now: int,
) -> Outcome:
    """Tries the operations in their order and makes all of them, those that can be with partial_failure, or none.

    accounts: all that share the conversion actions of the customer. Operations are Google's messages of any version.
    """
    drafts = draft_of(accounts)
    mutation = Mutation(
        customer_id=customer_id,
        tracking=drafts[0].tracking,
        accounts={draft.customer_id: draft for draft in drafts},
        switches=switches,
        now=now,
    )
    outcome = Outcome(
        results=[_tried(mutation, index, raw, wishes) for index, raw in enumerate(operations)],
        kinds=[KINDS[raw.DESCRIPTOR.name] for raw in operations],
        mutation=mutation,
    )
    failed = any(isinstance(result, Fault) for result in outcome.results)
    if not wishes.validate_only and (wishes.partial_failure or not failed):
        for before, after in zip(accounts, drafts, strict=True):
            conclude(before, after, now, wishes.user)
        adopt(accounts, drafts)
    return outcome


def _tried(mutation: Mutation, index: int, raw: Any, wishes: Wishes) -> str | Fault:
    verb = raw.WhichOneof("operation") or ""
    wanted: Any = getattr(raw, verb) if verb in ("create", "update") else None
    operation = Operation(
        index=index,
        kind=KINDS[raw.DESCRIPTOR.name],
        verb=verb,
        wanted=wanted,
        # Masks by the client library's helper name the resource name in every update; Google lets that pass.
        paths=tuple(path.replace("type_", "type") for path in raw.update_mask.paths if path != "resource_name"),
        name="" if not verb else raw.remove if verb == "remove" else wanted.resource_name,
    )
    temporary: int | None = None
    try:
        temporary = _temporary_id(mutation, operation)
        if temporary in mutation.temporary:
            raise operation.refuse_name(
                "new_resource_creation_error",
                "DUPLICATE_TEMP_IDS",
                "Creating more than one resource with the same temporary id is not allowed.",
            )
        name = _carried_out(mutation, operation, tuple(raw.update_mask.paths), wishes)
    except AdsRefusal as refusal:
        if temporary is not None:
            mutation.temporary.setdefault(temporary, None)
        return refusal.faults[0]
    if temporary is not None:
        mutation.temporary[temporary] = (operation.kind.collection, int(name.rpartition("/")[2]))
    return name


def _temporary_id(mutation: Mutation, operation: Operation) -> int | None:
    """The negative id by which later operations call what this one creates. Raises AdsRefusal for any other name."""
    if operation.verb != "create" or not operation.name:
        return None
    number = mutation.number(operation)
    if number >= 0:
        raise operation.refuse_name(
            "request_error",
            "RESOURCE_NAME_MALFORMED",
            f"Resource name '{operation.name}' is malformed: expected a negative id, which a new resource may have.",
        )
    return number


def _carried_out(mutation: Mutation, operation: Operation, mask: tuple[str, ...], wishes: Wishes) -> str:
    if not operation.verb:
        raise operation.refuse("request_error", "OPERATION_REQUIRED", "An operation is required.")
    _check_whether(mutation, operation, wishes)
    handler = {"create": operation.kind.create, "update": operation.kind.update, "remove": operation.kind.remove}[
        operation.verb
    ]
    if handler is None:
        raise operation.refuse(
            "mutate_error", "MUTATE_NOT_ALLOWED", f"The sandbox does not {operation.verb} a {operation.kind.singular}."
        )
    if operation.verb != "create":
        mutation.key(operation)
        if operation.name in mutation.touched:
            raise operation.refuse(
                "mutate_error", "ID_EXISTS_IN_MULTIPLE_MUTATES", "The resource is changed twice in one request."
            )
        mutation.touched.add(operation.name)
    if operation.verb != "remove":
        check_fields(operation, mask)
    return handler(mutation, operation)


def _check_whether(mutation: Mutation, operation: Operation, wishes: Wishes) -> None:
    """Refuses what is not to be done in this way, in this account, whatever it is about."""
    if any(a.declaration_missing for a in mutation.accounts.values() if a.customer_id == mutation.customer_id):
        raise operation.refuse(
            "mutate_error",
            "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
            "The customer has campaigns without the declaration on political advertising in the EU.",
        )
    if operation.kind.is_goal and wishes.validate_only and mutation.switches["goals_validate_only"] == "refused":
        raise operation.refuse(
            "mutate_error",
            "RESOURCE_DOES_NOT_SUPPORT_VALIDATE_ONLY",
            "This resource cannot be used with validate_only.",
        )
    if operation.kind.is_goal and wishes.partial_failure:
        raise operation.refuse(
            "mutate_error",
            "OPERATION_DOES_NOT_SUPPORT_PARTIAL_FAILURE",
            "This operation cannot be used with partial_failure.",
        )
    if operation.kind.owned_by_tracking:
        owner = mutation.tracking.customer_id
        writer = owner
        if operation.kind is CUSTOMER_GOALS and mutation.switches["customer_goal_writer"] == "client":
            writer = mutation.customer_id if mutation.customer_id in mutation.accounts else ""
        if mutation.customer_id != writer:
            raise operation.refuse(
                "mutate_error",
                "MUTATE_NOT_ALLOWED",
                "Mutates are not allowed for the requested resource: under cross-account conversion tracking it is "
                f"changed through {f'customers/{owner}' if writer else 'the client accounts'}.",
            )
