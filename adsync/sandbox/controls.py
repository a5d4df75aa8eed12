"""The sandbox's own controls over HTTP; `control.py` is the client."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.estate import Estate, WorldEnded
from adsync.sandbox.faults import KINDS, FaultRule
from adsync.sandbox.http_messages import Answer, Problem, Request, Route, json_of


class Controls:
    """Answers the controls of an estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/sandbox/clock", "", frozenset(), self._clock),
            Route("GET", "/sandbox/status", "", frozenset(), self._status),
            Route("POST", "/sandbox/advance", "", frozenset(), self._advance),
            Route("POST", "/sandbox/tags", "", frozenset(), self._install_tag),
            Route("POST", "/sandbox/faults", "", frozenset(), self._add_fault),
            Route("POST", "/sandbox/links", "", frozenset(), self._link),
        )

    def _clock(self, _: Request) -> Answer:
        return {"now": self._estate.date_time.isoformat()}

    def _status(self, _: Request) -> Answer:
        estate = self._estate
        return {
            "scenario": estate.scenario.name,
            "seed": estate.seed,
            "now": estate.date_time.isoformat(),
            "accounts": [
                {
                    "customer_id": a.customer_id,
                    "name": a.name,
                    "property_id": a.property.property_id,
                    "time_zone": a.time_zone,
                    "actions": {action.name: _described(action) for action in a.actions.values()},
                }
                for a in estate.accounts.values()
            ],
            "calls": dict(sorted(estate.calls.items())),
        }

    def _advance(self, request: Request) -> Answer:
        days = json_of(request).get("days")
        if not isinstance(days, int) or days < 0:
            raise Problem(400, "INVALID_ARGUMENT", f"days: found {days!r}; the clock goes forward by whole days.")
        try:
            self._estate.advance(days)
        except WorldEnded as error:
            raise Problem(400, "OUT_OF_RANGE", str(error)) from None
        return {"now": self._estate.date_time.isoformat()}

    def _install_tag(self, request: Request) -> Answer:
        wanted = json_of(request)
        try:
            self._estate.install_tag(wanted["customer_id"], int(wanted["action_id"]), wanted["event_name"])
        except (KeyError, ValueError) as error:
            raise Problem(404, "NOT_FOUND", f"There is no such account or action: {error}.") from None
        return {}

    def _add_fault(self, request: Request) -> Answer:
        wanted = json_of(request)
        if wanted.get("kind") == "none":
            self._estate.faults.clear()
            return {}
        if wanted.get("kind") not in KINDS:
            raise Problem(400, "INVALID_ARGUMENT", f"A fault is one of {', '.join(KINDS)}, or none.")
        rule = FaultRule(wanted["call"], wanted["kind"], int(wanted.get("times", 1)), int(wanted.get("after", 0)))
        self._estate.faults.add(rule)
        return {}

    def _link(self, request: Request) -> Answer:
        wanted = json_of(request)
        shop = self._estate.properties.get(str(wanted["property_id"]))
        if shop is None:
            raise Problem(404, "NOT_FOUND", "There is no such property.")
        with self._estate.lock:
            links = shop.ads_links
            if wanted["linked"] and wanted["customer_id"] not in links:
                links.append(wanted["customer_id"])
            elif not wanted["linked"] and wanted["customer_id"] in links:
                links.remove(wanted["customer_id"])
        return {}


def _described(action: Any) -> str:
    return f"{action.now.status}, {'primary' if action.now.primary else 'secondary'}"
