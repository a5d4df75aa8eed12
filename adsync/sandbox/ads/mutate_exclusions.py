"""Changes to data exclusions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adsync.sandbox.ads.campaigns import Exclusion
from adsync.sandbox.ads.checks import check_text
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, not_found

_LONGEST = timedelta(days=14)
_MOST = 500
_FORM = "%Y-%m-%d %H:%M:%S"


def _create(mutation: Mutation, operation: Operation) -> str:
    account = mutation.account
    name = check_text(operation, "name")
    scope = operation.value("scope")
    if scope not in ("CUSTOMER", "CAMPAIGN"):
        raise operation.refuse(
            "field_error", "REQUIRED", "The sandbox plays the scopes CUSTOMER and CAMPAIGN.", "scope"
        )
    campaigns = [_campaign(mutation, operation, each) for each in operation.value("campaigns")]
    if bool(campaigns) != (scope == "CAMPAIGN"):
        error = "REQUIRED" if scope == "CAMPAIGN" else "VALUE_MUST_BE_UNSET"
        raise operation.refuse(
            "field_error", error, "Campaigns go with the scope CAMPAIGN, and with no other.", "campaigns"
        )
    start, end = _span(mutation, operation, operation.value("start_date_time"), operation.value("end_date_time"))
    if sum(each.status == "ENABLED" for each in account.exclusions) >= _MOST:
        raise operation.refuse(
            "resource_count_limit_exceeded_error", "ACCOUNT_LIMIT", f"An account has at most {_MOST} data exclusions."
        )
    made = Exclusion(
        id=account.take_id(),
        name=name,
        scope=scope,
        start=start,
        end=end,
        description=operation.value("description"),
        campaigns=campaigns,
    )
    account.exclusions.append(made)
    return mutation.resource_name("biddingDataExclusions", made.id)


def _update(mutation: Mutation, operation: Operation) -> str:
    found = _find(mutation, operation)
    name = check_text(operation, "name") if operation.names("name") else found.name
    start, end = (
        operation.value(path) if operation.names(path) else kept
        for path, kept in (("start_date_time", found.start), ("end_date_time", found.end))
    )
    start, end = _span(mutation, operation, start, end)
    found.name, found.start, found.end = name, start, end
    if operation.names("description"):
        found.description = operation.value("description")
    return operation.name


def _remove(mutation: Mutation, operation: Operation) -> str:
    _find(mutation, operation).status = "REMOVED"
    return operation.name


def _find(mutation: Mutation, operation: Operation) -> Exclusion:
    number = mutation.number(operation)
    found = (e for e in mutation.account.exclusions if e.id == number and e.status != "REMOVED")
    exclusion = next(found, None)
    if exclusion is None:
        raise not_found(operation)
    return exclusion


def _campaign(mutation: Mutation, operation: Operation, name: str) -> int:
    number = mutation.reference(operation, name, mutation.customer_id, "campaigns", "campaigns")
    if number not in {campaign.id for campaign in mutation.account.campaigns}:
        raise operation.refuse(
            "mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.", "campaigns", trigger=name
        )
    assert number is not None
    return number


def _span(mutation: Mutation, operation: Operation, start: str, end: str) -> tuple[str, str]:
    """Both moments, if a data exclusion may last from the one to the other: it begins in the past, for 14 days at most."""
    zone = ZoneInfo(mutation.account.time_zone)
    first, last = (
        _moment(operation, path, text, zone) for path, text in (("start_date_time", start), ("end_date_time", end))
    )
    if last <= first:
        raise operation.refuse(
            "date_range_error",
            "START_DATE_AFTER_END_DATE",
            "It would end before it begins.",
            "end_date_time",
            trigger=end,
        )
    if last - first > _LONGEST:
        raise operation.refuse(
            "date_range_error",
            "AFTER_MAXIMUM_ALLOWABLE_DATE",
            "It lasts 14 days at most.",
            "end_date_time",
            trigger=end,
        )
    if first > datetime.fromtimestamp(mutation.now, zone):
        raise operation.refuse(
            "date_range_error", "INVALID_DATE", "A data exclusion begins in the past.", "start_date_time", trigger=start
        )
    return start, end


def _moment(operation: Operation, path: str, text: str, zone: ZoneInfo) -> datetime:
    if not text:
        raise operation.refuse("field_error", "REQUIRED", "The required field was not present.", path)
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=zone)
    except ValueError:
        raise operation.refuse(
            "date_error",
            "INVALID_STRING_DATE_TIME_SECONDS",
            "Moments look like yyyy-MM-dd HH:mm:ss.",
            path,
            trigger=text,
        ) from None


def _view(mutation: Mutation, name: str) -> dict[str, Any]:
    found = next(e for e in mutation.account.exclusions if name.endswith(f"/{e.id}"))
    return {
        "name": found.name,
        "description": found.description,
        "scope": found.scope,
        "start_date_time": found.start,
        "end_date_time": found.end,
        "campaigns": [mutation.resource_name("campaigns", each) for each in found.campaigns],
    }


EXCLUSIONS = Kind(
    singular="bidding_data_exclusion",
    collection="biddingDataExclusions",
    played=frozenset({"name", "description", "start_date_time", "end_date_time"}),
    fixed=frozenset({"data_exclusion_id", "status", "scope", "campaigns"}),
    created=frozenset({"scope", "campaigns"}),
    view=_view,
    create=_create,
    update=_update,
    remove=_remove,
)
