"""Changes to custom goals."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads.bidding import CANNOT_BID
from adsync.sandbox.ads.checks import check_unique_name
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, not_found
from adsync.sandbox.ads.tracking import CustomGoal


def _create_custom_goal(mutation: Mutation, operation: Operation) -> str:
    name, actions = _checked_name(mutation, operation, None), _checked_actions(mutation, operation, None)
    if operation.names("status") and operation.value("status") == "REMOVED":
        raise operation.refuse(
            "request_error", "INVALID_ENUM_VALUE", "A new custom goal cannot be REMOVED.", "status", trigger="REMOVED"
        )
    goal = CustomGoal(id=mutation.tracking.take_id(), name=name, actions=actions)
    mutation.tracking.custom_goals[goal.id] = goal
    return mutation.resource_name("customConversionGoals", goal.id)


def _update_custom_goal(mutation: Mutation, operation: Operation) -> str:
    goal = _find_custom_goal(mutation, operation)
    name = _checked_name(mutation, operation, goal) if operation.names("name") else goal.name
    actions = _checked_actions(mutation, operation, goal) if operation.names("conversion_actions") else goal.actions
    status = operation.value("status") if operation.names("status") else goal.status
    if status == "REMOVED":
        _check_unused(mutation, operation, goal)
    goal.name, goal.actions, goal.status = name, actions, status
    return operation.name


def _remove_custom_goal(mutation: Mutation, operation: Operation) -> str:
    goal = _find_custom_goal(mutation, operation)
    _check_unused(mutation, operation, goal)
    goal.status = "REMOVED"
    return operation.name


def _find_custom_goal(mutation: Mutation, operation: Operation) -> CustomGoal:
    goal = mutation.tracking.custom_goals.get(mutation.number(operation))
    if goal is None or goal.status == "REMOVED":
        raise not_found(operation)
    return goal


def _others(mutation: Mutation, me: CustomGoal | None) -> list[CustomGoal]:
    return [g for g in mutation.tracking.custom_goals.values() if g is not me and g.status != "REMOVED"]


def _checked_name(mutation: Mutation, operation: Operation, me: CustomGoal | None) -> str:
    return check_unique_name(
        operation,
        (goal.name for goal in _others(mutation, me)),
        "custom_conversion_goal_error",
        "CUSTOM_GOAL_DUPLICATE_NAME",
        "Custom goal with the same name already exists.",
    )


def _checked_actions(mutation: Mutation, operation: Operation, me: CustomGoal | None) -> list[int]:
    path = "conversion_actions"
    actions = list(dict.fromkeys(_checked_action(mutation, operation, n) for n in operation.value(path)))
    if any(sorted(goal.actions) == sorted(actions) for goal in _others(mutation, me)):
        raise operation.refuse(
            "custom_conversion_goal_error",
            "DUPLICATE_CONVERSION_ACTION_LIST",
            "Custom goal with the same conversion action list already exists.",
            path,
        )
    return actions


def _checked_action(mutation: Mutation, operation: Operation, name: str) -> int:
    path, error = "conversion_actions", "custom_conversion_goal_error"
    temporary = "/-" in name
    if temporary and mutation.switches["temporary_names_in_custom_goals"] == "refused":
        found = None
    else:
        number = mutation.reference(operation, name, mutation.tracking.customer_id, "conversionActions", path)
        found = mutation.tracking.actions.get(number) if number is not None else None
    if found is None or found.now.status == "REMOVED":
        raise operation.refuse(
            error,
            "INVALID_CONVERSION_ACTION",
            "Cannot find a conversion action with the specified id.",
            path,
            trigger=name,
        )
    if found.now.status != "ENABLED":
        raise operation.refuse(
            error, "CONVERSION_ACTION_NOT_ENABLED", "The conversion action is not enabled.", path, trigger=name
        )
    if found.type in CANNOT_BID:
        raise operation.refuse(
            error,
            "NON_BIDDABLE_CONVERSION_ACTION_NOT_ELIGIBLE_FOR_CUSTOM_GOAL",
            "Conversion types that cannot be biddable should not be included in custom goal.",
            path,
            trigger=name,
        )
    return found.id


def _check_unused(mutation: Mutation, operation: Operation, goal: CustomGoal) -> None:
    if any(c.custom_goal == goal.id for account in mutation.accounts.values() for c in account.campaigns):
        raise operation.refuse(
            "custom_conversion_goal_error",
            "CANNOT_REMOVE_LINKED_CUSTOM_CONVERSION_GOAL",
            "The custom conversion goal cannot be removed because it's linked to a campaign.",
        )


def _view_custom_goal(mutation: Mutation, name: str) -> dict[str, Any]:
    goal = mutation.tracking.custom_goals[int(name.rpartition("/")[2])]
    return {
        "name": goal.name,
        "conversion_actions": [mutation.resource_name("conversionActions", action) for action in goal.actions],
        "status": goal.status,
    }


CUSTOM_GOALS = Kind(
    singular="custom_conversion_goal",
    collection="customConversionGoals",
    played=frozenset({"name", "conversion_actions", "status"}),
    fixed=frozenset({"id"}),
    view=_view_custom_goal,
    create=_create_custom_goal,
    update=_update_custom_goal,
    remove=_remove_custom_goal,
    is_goal=True,
    owned_by_tracking=True,
)
