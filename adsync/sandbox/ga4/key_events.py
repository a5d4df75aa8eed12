"""Key events over the Admin API: which events are marked, how they are counted, what they are worth."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.access import PROPERTY, visible
from adsync.sandbox.ga4.paging import page
from adsync.sandbox.ga4.parsing import parsed
from adsync.sandbox.ga4.property import ONCE_PER_EVENT, ONCE_PER_SESSION, KeyEventRecord, Property
from adsync.sandbox.http_messages import Answer, Problem, Request, Route
from adsync.sandbox.oauth import EDIT_SCOPE, READ_SCOPE

MOST_KEY_EVENTS = 30
LARGEST_VALUE = (1 << 63) // 1_000_000
"""Google keeps amounts of money in millionths, as 64-bit numbers; where exactly it draws the line is not public."""

_READ, _EDIT = frozenset({READ_SCOPE, EDIT_SCOPE}), frozenset({EDIT_SCOPE})
# Left out, once per event.
_COUNTING = {0: ONCE_PER_EVENT, 1: ONCE_PER_EVENT, 2: ONCE_PER_SESSION}
_CHANGEABLE = ("counting_method", "default_value")


class KeyEvents:
    """Answers what concerns key events."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def routes(self) -> tuple[Route, ...]:
        every = f"/v1beta{PROPERTY}/keyEvents"
        one = rf"{every}/(?P<key>[^/:]+)"
        return (
            Route("GET", every, "listKeyEvents", _READ, self._list),
            Route("POST", every, "createKeyEvent", _EDIT, self._create),
            Route("GET", one, "getKeyEvent", _READ, self._get),
            Route("PATCH", one, "updateKeyEvent", _EDIT, self._update),
            Route("DELETE", one, "deleteKeyEvent", _EDIT, self._delete),
        )

    def _list(self, request: Request, shop: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
            listed = [_described(found, record) for record in found.key_events]
        return page("keyEvents", listed, request)

    def _get(self, _: Request, shop: str, key: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
            return _described(found, _record(found, key))

    def _create(self, request: Request, shop: str) -> Answer:
        from google.analytics.admin_v1beta.types import KeyEvent

        wanted = parsed(request.body, KeyEvent.pb()())
        if not re.fullmatch(r"[A-Za-z]\w{0,39}", wanted.event_name):
            raise _invalid("The event name or counting method is not valid.")
        counting, value = _counting(wanted), _default_value(wanted)
        with self._estate.lock:
            found = visible(self._estate, shop)
            if found.key_event(wanted.event_name):
                raise Problem(409, "ALREADY_EXISTS", f"A key event named {wanted.event_name} already exists.")
            if len(found.key_events) >= MOST_KEY_EVENTS:
                raise Problem(
                    400, "FAILED_PRECONDITION", f"The limit of {MOST_KEY_EVENTS} key events per property is reached."
                )
            # Deleted marks keep their number: a name once given out never means another mark.
            taken = [k.id for k in (*found.key_events, *found.past_key_events)]
            record = KeyEventRecord(
                id=max(taken, default=0) + 1,
                event_name=wanted.event_name,
                counting_method=counting,
                created_at=self._estate.now,
                default_value=value,
            )
            found.key_events.append(record)
            return _described(found, record)

    def _update(self, request: Request, shop: str, key: str) -> Answer:
        from google.analytics.admin_v1beta.types import KeyEvent

        wanted = parsed(request.body, KeyEvent.pb()())
        mask = _mask(request)
        with self._estate.lock:
            found = visible(self._estate, shop)
            record = _record(found, key)
            if "counting_method" in mask:
                record.counting_method = _counting(wanted)
            if "default_value" in mask:
                record.default_value = _default_value(wanted)
            return _described(found, record)

    def _delete(self, _: Request, shop: str, key: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
            record = _record(found, key)
            if not record.deletable:
                raise Problem(400, "FAILED_PRECONDITION", "This key event cannot be deleted.")
            found.key_events.remove(record)
            record.deleted_at = self._estate.now
            found.past_key_events.append(record)
            return {}


def _record(shop: Property, key: str) -> KeyEventRecord:
    found = next((k for k in shop.key_events if str(k.id) == key), None)
    if found is None:
        raise Problem(404, "NOT_FOUND", "Requested entity was not found.")
    return found


def _invalid(message: str) -> Problem:
    return Problem(400, "INVALID_ARGUMENT", message)


def _counting(wanted: Any) -> str:
    if wanted.counting_method not in _COUNTING:
        raise _invalid("The event name or counting method is not valid.")
    return _COUNTING[wanted.counting_method]


def _default_value(wanted: Any) -> tuple[float, str] | None:
    if not wanted.HasField("default_value"):
        return None
    value = wanted.default_value
    if not re.fullmatch("[A-Z]{3}", value.currency_code):
        raise _invalid("A default value needs both a numeric value and a currency code.")
    if not abs(value.numeric_value) <= LARGEST_VALUE:  # which a NaN is not either
        raise _invalid(f"The numeric value {value.numeric_value} of the default value is out of range.")
    return value.numeric_value, value.currency_code


def _mask(request: Request) -> list[str]:
    """The fields that an update means, in the message's own spelling; `*` means all that can be changed."""
    asked = [path for path in request.query.get("updateMask", "").split(",") if path]
    if not asked:
        raise _invalid("The field mask is required: name the fields to be updated in updateMask.")
    paths = [re.sub("[A-Z]", lambda m: f"_{m[0].lower()}", path) for path in asked]
    if paths == ["*"]:
        return list(_CHANGEABLE)
    for path in paths:
        if path.split(".")[0] not in _CHANGEABLE:
            raise _invalid(f"The field {path} of a key event cannot be updated; {' and '.join(_CHANGEABLE)} can.")
    return [path.split(".")[0] for path in paths]


def _described(shop: Property, record: KeyEventRecord) -> Answer:
    """A KeyEvent as JSON; what is false is left out, as Google does."""
    described: Answer = {
        "name": f"properties/{shop.property_id}/keyEvents/{record.id}",
        "eventName": record.event_name,
        "createTime": datetime.fromtimestamp(record.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "countingMethod": record.counting_method,
    }
    if record.deletable:
        described |= {"deletable": True, "custom": True}
    if record.default_value:
        amount, currency = record.default_value
        described["defaultValue"] = {"numericValue": amount, "currencyCode": currency}
    return described
