"""Sends one change to Google, once. Reading back and deciding what became of it is the caller's."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from adsync.errors import GoogleUnavailable, OutcomeUnknown, UnexpectedAnswer
from adsync.google.ads_client import AdsServices
from adsync.google.analytics import rest_client
from adsync.google.budget import Budget
from adsync.google.faults import speaking
from adsync.google.goal_requests import goal_request
from adsync.google.retry import Patience
from adsync.google.target_requests import target_request
from adsync.google.wire.names import id_of
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.verb_words import doing
from adsync.ports import Receipt
from adsync.settings import Endpoints


class GoogleWriter:
    """Changes conversion actions, goals, targets and key events. See Writer in ports.py; nothing here is ever retried."""

    def __init__(
        self,
        services: AdsServices,
        ga4_credentials: Any,
        where: Endpoints,
        patience: Patience,
        budget: Budget | None = None,
    ) -> None:
        self._services = services
        self._budget = budget or Budget()
        self._ga4_credentials, self._where = ga4_credentials, where
        self._timeout = patience.timeout_seconds
        self.operations = 0

    def send(self, change: Change, *, validate_only: bool = False) -> Receipt:
        try:
            with speaking(f"Account {change.sent_to}, {doing(change)}", ga4_property=change.property_id, changing=True):
                if change.kind == KEY_EVENT:
                    return self._key_event(change, validate_only=validate_only)
                if change.verb is Verb.TARGET:
                    return self._mutate(*target_request(change, validate_only=validate_only))
                if change.verb is Verb.GOAL:
                    return self._mutate(*goal_request(change, validate_only=validate_only))
                return self._conversion_action(change, validate_only=validate_only)
        except (GoogleUnavailable, UnexpectedAnswer) as error:
            # The call may have been carried out although no clear answer came.
            raise OutcomeUnknown(
                error.what,
                error.because,
                next_step="adsync reads it back before it does anything more.",
                request_id=error.request_id,
            ) from None

    def _conversion_action(self, change: Change, *, validate_only: bool) -> Receipt:
        from google.ads.googleads.v26.services.types.conversion_action_service import MutateConversionActionsRequest

        request = MutateConversionActionsRequest(
            customer_id=change.sent_to, operations=[operation(change)], validate_only=validate_only
        )
        return self._mutate("ConversionActionService", "mutate_conversion_actions", request)

    def _mutate(self, service: str, method: str, request: Any) -> Receipt:
        call = getattr(self._services.service(service), method)
        # What is sent must be read back: the last operation is not for sending.
        self._budget.spend(keeping=0 if request.validate_only else 1)
        self.operations += 1
        response = call(request=request, timeout=self._timeout)
        name = response.results[0].resource_name if response.results else ""
        return Receipt(object_id=id_of(name), request_id=self._services.request_ids.latest)

    def _key_event(self, change: Change, *, validate_only: bool) -> Receipt:
        if validate_only:
            # The Admin API has no validate_only; nothing is asked of it rather than something done.
            return Receipt(object_id="", request_id="")
        parent = f"properties/{change.property_id}"
        if change.verb is Verb.KEY_EVENT:
            from google.analytics.admin_v1beta.types import KeyEvent

            # Once per session: the same shopper fires a step several times.
            wanted = KeyEvent(event_name=change.object_id, counting_method=KeyEvent.CountingMethod.ONCE_PER_SESSION)
            made = self._admin.create_key_event(parent=parent, key_event=wanted, timeout=self._timeout)
            return Receipt(object_id=made.event_name, request_id="")
        found = self._admin.list_key_events(parent=parent, timeout=self._timeout)
        name = next((k.name for k in found if k.event_name == change.object_id), None)
        if name is not None:
            self._admin.delete_key_event(name=name, timeout=self._timeout)
        return Receipt(object_id=change.object_id, request_id="")

    @cached_property
    def _admin(self) -> Any:
        from google.analytics.admin_v1beta import AnalyticsAdminServiceClient

        return rest_client(AnalyticsAdminServiceClient, self._ga4_credentials, self._where)


_VALUE_SETTINGS = {
    "default_value": "default_value",
    "default_currency": "default_currency_code",
    "always_use_default_value": "always_use_default_value",
}
"""What of a conversion action Google keeps in a message of its own."""


def operation(change: Change) -> Any:
    """The ConversionActionOperation of a change, its mask written by hand."""
    from google.ads.googleads.v26.services.types.conversion_action_service import ConversionActionOperation

    raw = ConversionActionOperation.pb()()
    resource_name = f"customers/{change.sent_to}/conversionActions/{change.object_id}"
    if change.verb is Verb.REMOVE:
        raw.remove = resource_name
    elif change.verb is Verb.CREATE:
        _fill(raw.create, dict(change.after or ()))
    else:
        mask = change.update_mask()
        wanted = dict(change.after or ())
        raw.update.resource_name = resource_name
        _fill(raw.update, {name: wanted[name] for name in mask if name not in _VALUE_SETTINGS})
        for name in mask:
            if name in _VALUE_SETTINGS:
                setattr(raw.update.value_settings, _VALUE_SETTINGS[name], wanted[name])
        raw.update_mask.CopyFrom(FieldMask(paths=[_path(name) for name in mask]))
    return ConversionActionOperation.wrap(raw)


def _fill(message: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        field = "type_" if name == "type" else name
        enum = message.DESCRIPTOR.fields_by_name[field].enum_type
        setattr(message, field, enum.values_by_name[value].number if enum is not None else value)


def _path(name: str) -> str:
    return f"value_settings.{_VALUE_SETTINGS[name]}" if name in _VALUE_SETTINGS else name
