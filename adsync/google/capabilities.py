"""Asks Google which changes of conversion actions it would accept: with `validate_only`, never with a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adsync.errors import GoogleRefused, UnexpectedAnswer
from adsync.google.ads_client import AdsServices
from adsync.google.ads_failures import error_code
from adsync.google.budget import Budget
from adsync.google.faults import speaking
from adsync.google.probe_messages import fields_request
from adsync.google.retry import Patience
from adsync.model.ads import ConversionAction
from adsync.model.capability import ManagedField

# Each field by the values that ask for it: others than it has.
_OTHER: dict[ManagedField, Callable[[ConversionAction], dict[str, Any]]] = {
    ManagedField.STATUS: lambda action: {"status": "ENABLED" if action.status == "HIDDEN" else "HIDDEN"},
    ManagedField.PRIMARY: lambda action: {"primary_for_goal": not action.primary_for_goal},
    ManagedField.COUNTING: lambda action: {
        "counting_type": "MANY_PER_CLICK" if action.counting_type == "ONE_PER_CLICK" else "ONE_PER_CLICK"
    },
    # Written together or not at all.
    ManagedField.VALUE: lambda action: {
        "value_settings.default_value": action.default_value + 1,
        "value_settings.always_use_default_value": True,
    },
}


class GoogleValidator:
    """One account. See Validator in ports.py; asks with the credential that writes, for what may be changed depends on it."""

    def __init__(
        self, services: AdsServices, customer_id: str, patience: Patience, budget: Budget | None = None
    ) -> None:
        self._services = services
        self._budget = budget or Budget()
        self._customer_id = customer_id
        self._patience = patience
        self.operations = 0

    def refusals(self, field: ManagedField, actions: Sequence[ConversionAction]) -> Mapping[str, str]:
        """One request for all actions. Where Google takes no part of it, it does not say of which: then each is asked alone."""
        try:
            return self._together(field, actions)
        except GoogleRefused as error:
            if len(actions) == 1:
                return {actions[0].id: error.code}
        return {action.id: self.refusals(field, [action])[action.id] for action in actions}

    def _together(self, field: ManagedField, actions: Sequence[ConversionAction]) -> Mapping[str, str]:
        # Each action once: Google refuses two operations on one object in one request.
        wanted = [(action.id, _OTHER[field](action)) for action in actions]
        request = fields_request(self._customer_id, wanted)

        def unit() -> Mapping[str, str]:
            with speaking(f"Account {self._customer_id}, asking what may be changed"):
                return _codes(self._put(request), [action.id for action in actions])

        return self._services.with_fresh_token(lambda: self._patience.read(unit))

    def _put(self, request: Any) -> Any:
        if not request.validate_only:
            raise UnexpectedAnswer("A question to Google would have changed something.", "It was not asked.")
        service = self._services.service("ConversionActionService")
        self._budget.spend(len(request.operations))
        self.operations += len(request.operations)
        return service.mutate_conversion_actions(request=request, timeout=self._patience.timeout_seconds)


def _codes(response: Any, action_ids: Sequence[str]) -> dict[str, str]:
    """Google's first error for each action, by its place in the request."""
    from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure

    codes = dict.fromkeys(action_ids, "")
    for detail in response.partial_failure_error.details:
        for error in GoogleAdsFailure.pb().FromString(detail.value).errors:
            places = [e.index for e in error.location.field_path_elements if e.field_name == "operations"]
            if not places or places[0] >= len(action_ids):
                raise UnexpectedAnswer("Google refused a change and did not say which.", error.message)
            codes[action_ids[places[0]]] = codes[action_ids[places[0]]] or error_code(error)
    return codes
