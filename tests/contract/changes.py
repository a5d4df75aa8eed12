"""Changes to a sandbox's Google Ads by the official client: by a resource's own service, or by GoogleAdsService.Mutate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.services.types.google_ads_service import MutateOperation

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.tracking import Action
from tests.contract.clients import CUSTOMER, ads_service, error_codes, paths
from tests.sandboxes import LocalSandbox

MACRO, MIRROR = 700_000_001, 700_000_002
"""The web tag of the purchase, and the mirror of GA4's purchase: hidden and secondary."""
BRAND, GENERIC = 20_000_001, 20_000_002
BUDGET = 30_000_001

Operation = dict[str, Any]
"""One MutateOperation as a dict, such as {"campaign_operation": {"update": ...}}."""

_PLURALS = {"conversion_action": "conversion_actions", "bidding_strategy": "bidding_strategies"}


def name_of(collection: str, key: int | str, customer: str = CUSTOMER) -> str:
    return f"customers/{customer}/{collection}/{key}"


def create(kind: str, /, **fields: Any) -> Operation:
    return {f"{kind}_operation": {"create": fields}}


def update(kind: str, resource_name: str, mask: Sequence[str], /, **fields: Any) -> Operation:
    wanted = {"resource_name": resource_name, **fields}
    return {f"{kind}_operation": {"update": wanted, "update_mask": {"paths": list(mask)}}}


def remove(kind: str, name: str) -> Operation:
    return {f"{kind}_operation": {"remove": name}}


def a_tag(name: str = "Newsletter", /, **different: Any) -> Operation:
    """A new secondary web tag."""
    fields = {"name": name, "type_": "WEBPAGE", "category": "SIGNUP", "status": "ENABLED", "primary_for_goal": False}
    return create("conversion_action", **{**fields, **different})


def change_action(action: int, *mask: str, **fields: Any) -> Operation:
    return update("conversion_action", name_of("conversionActions", action), mask, **fields)


def change_campaign(campaign: int, *mask: str, **fields: Any) -> Operation:
    return update("campaign", name_of("campaigns", campaign), mask, **fields)


def change_config(campaign: int, *mask: str, **fields: Any) -> Operation:
    name = name_of("conversionGoalCampaignConfigs", campaign)
    return update("conversion_goal_campaign_config", name, mask, **fields)


@dataclass(frozen=True, slots=True)
class Changing:
    """A sandbox whose first account is changed."""

    sandbox: LocalSandbox

    @property
    def estate(self) -> Any:
        return self.sandbox.running.estate

    @property
    def account(self) -> AdsAccount:
        account: AdsAccount = self.estate.accounts[CUSTOMER]
        return account

    def by_own_service(self, *operations: Operation, customer: str = CUSTOMER, **options: Any) -> Any:
        """All operations must be about one kind of resource."""
        kind = next(iter(operations[0])).removesuffix("_operation")
        service = "".join(word.capitalize() for word in kind.split("_"))
        plural = _PLURALS.get(kind, f"{kind}s")
        request = {
            "customer_id": customer,
            "operations": [getattr(MutateOperation(o), f"{kind}_operation") for o in operations],
            **options,
        }
        return getattr(ads_service(self.sandbox, f"{service}Service"), f"mutate_{plural}")(request=request, timeout=20)

    def by_general_service(self, *operations: Operation, customer: str = CUSTOMER, **options: Any) -> Any:
        request = {"customer_id": customer, "mutate_operations": list(operations), **options}
        return ads_service(self.sandbox, "GoogleAdsService").mutate(request=request, timeout=20)

    def make(self, *operations: Operation, **options: Any) -> list[str]:
        """Changes by GoogleAdsService.Mutate; the resource names of the results."""
        answer = self.by_general_service(*operations, **options)
        return [_result(response).resource_name for response in answer.mutate_operation_responses]

    def make_one(self, operation: Operation, **options: Any) -> int:
        """The id of what one operation is about."""
        return int(self.make(operation, **options)[0].rpartition("/")[2])

    def make_action(self, operation: Operation) -> Action:
        """The action that one operation makes."""
        made = self.make_one(operation)
        return self.account.actions[made]

    def refused(self, *operations: Operation, **options: Any) -> list[tuple[str, list[str]]]:
        """Each error's code, and its place inside the operation; the account must stay as it was."""
        before = repr((self.account.tracking, self.account.campaigns, self.account.counting, self.account.edits))
        failure = refusal(lambda: self.by_general_service(*operations, **options))
        after = repr((self.account.tracking, self.account.campaigns, self.account.counting, self.account.edits))
        assert after == before
        return [(code, list(paths(e))[2:]) for code, e in zip(error_codes(failure), failure.errors, strict=True)]


def _result(response: Any) -> Any:
    return getattr(response, response._pb.WhichOneof("response"))


def refusal(call: Callable[[], Any]) -> Any:
    """The GoogleAdsFailure that a call ends in."""
    with pytest.raises(GoogleAdsException) as caught:
        call()
    assert caught.value.request_id
    return caught.value.failure
