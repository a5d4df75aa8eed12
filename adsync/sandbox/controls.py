"""The sandbox's own controls over HTTP; `control.py` is the client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adsync.sandbox.addressing import MISDIRECTED
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.descriptors import versions
from adsync.sandbox.ads.project import LEVELS
from adsync.sandbox.estate import Estate, WorldEnded
from adsync.sandbox.fault_plan import BadFaultPlan, rules_of
from adsync.sandbox.http_messages import Answer, Problem, Request, Route, json_of
from adsync.sandbox.oauth import TokenIssuer
from adsync.sandbox.switches import SWITCHES, Switches, UnknownSwitch


class Controls:
    """Answers the controls of an estate."""

    def __init__(self, directory: Path, estate: Estate, tokens: TokenIssuer) -> None:
        """directory: the folder that the sandbox serves from."""
        self._directory = directory.resolve()
        self._estate = estate
        self._tokens = tokens

    def routes(self) -> tuple[Route, ...]:
        return (
            self._route("GET", "/sandbox/clock", self._clock),
            self._route("GET", "/sandbox/status", self._status),
            self._route("POST", "/sandbox/advance", self._advance),
            self._route("POST", "/sandbox/tags", self._install_tag),
            self._route("GET", "/sandbox/calls", self._calls),
            self._route("POST", "/sandbox/faults", self._add_faults),
            self._route("POST", "/sandbox/links", self._link),
            self._route("POST", "/sandbox/declaration", self._declare),
            self._route("POST", "/sandbox/project", self._set_project),
            self._route("POST", "/sandbox/tokens", self._end_tokens),
            self._route("GET", "/sandbox/switches", self._switches),
            self._route("POST", "/sandbox/switches", self._turn_switches),
        )

    def _route(self, method: str, path: str, answer: Callable[[Request], Answer]) -> Route:
        def addressed(request: Request) -> Answer:
            meant = request.query.get("dir", "")
            if meant and Path(meant) != self._directory:
                said = f"The sandbox that answers here serves from {self._directory}."
                raise Problem(MISDIRECTED, "FAILED_PRECONDITION", said)
            return answer(request)

        return Route(method, path, "", frozenset(), addressed)

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
            "project": {
                "access_level": estate.project.level,
                "operations_today": estate.project.used(estate.now),
                "operations_a_day": LEVELS[estate.project.level],
                "retired_versions": sorted(estate.project.retired),
            },
            "calls": dict(sorted(estate.calls.items())),
        }

    def _calls(self, _: Request) -> Answer:
        return {"calls": list(self._estate.calls.in_order())}

    def _advance(self, request: Request) -> Answer:
        days = json_of(request).get("days")
        if isinstance(days, bool) or not isinstance(days, int) or days < 0:
            raise _bad("days", days, "the clock goes forward by whole days")
        try:
            self._estate.advance(days)
        except WorldEnded as error:
            raise Problem(400, "OUT_OF_RANGE", str(error)) from None
        return {"now": self._estate.date_time.isoformat()}

    def _install_tag(self, request: Request) -> Answer:
        wanted = json_of(request)
        customer, number, event = (str(wanted.get(name)) for name in ("customer_id", "action_id", "event_name"))
        account = self._account(customer)
        _check_tag(account, number)
        names = sorted(account.property.log.names)
        if event not in names:
            raise Problem(404, "NOT_FOUND", f"Nobody on this site does {event!r}; visitors do: {', '.join(names)}.")
        self._estate.install_tag(customer, int(number), event)
        return {}

    def _account(self, customer_id: str) -> AdsAccount:
        accounts = self._estate.accounts
        if customer_id not in accounts:
            some = ", ".join([*list(accounts)[:12], *(["..."] if len(accounts) > 12 else [])])
            raise Problem(404, "NOT_FOUND", f"There is no account {customer_id!r}; there are: {some}.")
        return accounts[customer_id]

    def _add_faults(self, request: Request) -> Answer:
        """One fault, or a list under `faults`; kind "none" ends all."""
        wanted = json_of(request)
        if wanted.get("kind") == "none":
            self._estate.faults.clear()
            for shop in self._estate.properties.values():
                shop.quotas.forgive_server_errors()
            return {}
        try:
            self._estate.faults.add(rules_of(wanted.get("faults", [wanted])))
        except BadFaultPlan as error:
            raise Problem(400, "INVALID_ARGUMENT", f"{error.what} {error.because}") from None
        return {}

    def _declare(self, request: Request) -> Answer:
        wanted = json_of(request)
        account, missing = self._account(str(wanted.get("customer_id"))), _truth(wanted, "missing")
        with self._estate.lock:
            account.declaration_missing = missing
            account.revision += 1
            self._estate.changed(account.customer_id)
        return {}

    def _link(self, request: Request) -> Answer:
        wanted = json_of(request)
        property_id, linked = str(wanted.get("property_id")), _truth(wanted, "linked")
        shop = self._estate.properties.get(property_id)
        if shop is None:
            there = ", ".join(self._estate.properties)
            raise Problem(404, "NOT_FOUND", f"There is no property {property_id!r}; there are: {there}.")
        customer_id = self._account(str(wanted.get("customer_id"))).customer_id
        with self._estate.lock:
            links = shop.ads_links
            if linked and customer_id not in links:
                links.append(customer_id)
            elif not linked and customer_id in links:
                links.remove(customer_id)
        return {}

    def _set_project(self, request: Request) -> Answer:
        wanted, project = json_of(request), self._estate.project
        level, retired = wanted.get("access_level", project.level), wanted.get("retired_versions")
        if level not in list(LEVELS):  # a list: what is compared may be anything
            raise _bad("access_level", level, f"it is one of {', '.join(LEVELS)}")
        if retired is not None and not (
            isinstance(retired, list) and all(each in list(versions()) for each in retired)
        ):
            raise _bad("retired_versions", retired, f"a list of some of {', '.join(versions())}")
        project.level = level
        project.retired = project.retired if retired is None else set(retired)
        return {}

    def _end_tokens(self, request: Request) -> Answer:
        match json_of(request).get("state"):
            case "expired":
                self._tokens.expire_all()
            case "revoked":
                self._tokens.revoke_all()
            case other:
                raise _bad("state", other, "tokens become expired or revoked")
        return {}

    def _switches(self, _: Request) -> Answer:
        with self._estate.lock:
            return {
                name: {"position": self._estate.switches[name], "choices": list(switch.choices), "about": switch.about}
                for name, switch in sorted(SWITCHES.items())
            }

    def _turn_switches(self, request: Request) -> Answer:
        """Positions by name: all of them are taken, or none."""
        wanted = json_of(request)
        with self._estate.lock:
            turned = Switches(dict(self._estate.switches.chosen))
            try:
                for name, position in wanted.items():
                    turned.set(name, str(position))
            except UnknownSwitch as error:
                raise Problem(400, "INVALID_ARGUMENT", str(error)) from None
            self._estate.switches.chosen = turned.chosen
        return {}


def _check_tag(account: AdsAccount, number: str) -> None:
    """Raises Problem for a number that is of no action whose tag a site can install, naming those that are."""
    actions = {str(a.id): a for a in account.actions.values()}
    tagged = {each: a.name for each, a in actions.items() if a.has_tag and a.now.status != "REMOVED"}
    if number in tagged:
        return
    found = actions.get(number)
    of_type = f"{found.name!r} is {found.type}{' and removed' if found.has_tag else ''}. " if found else ""
    there = ", ".join(f"{each} ({name})" for each, name in tagged.items()) or "none; create one of type WEBPAGE"
    raise Problem(
        404, "NOT_FOUND", f"Account {account.customer_id} has no tag action {number!r}. {of_type}It has: {there}."
    )


def _described(action: Any) -> str:
    return f"{action.now.status}, {'primary' if action.now.primary else 'secondary'}"


def _truth(wanted: Answer, name: str) -> bool:
    """Raises Problem where it is neither true nor false."""
    if not isinstance(found := wanted.get(name), bool):
        raise _bad(name, found, "true or false")
    return found


def _bad(name: str, found: object, allowed: str) -> Problem:
    return Problem(400, "INVALID_ARGUMENT", f"{name}: found {found!r}; {allowed}.")
