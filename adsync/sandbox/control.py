"""Talks to a running sandbox: its clock, its status, and what can be done to it. Light enough for any command."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adsync.errors import GoogleUnavailable, UsageError
from adsync.sandbox.addressing import MISDIRECTED, serving_from


class SandboxControl:
    """The controls of one sandbox.

    url: its address; with `?dir=FOLDER`, as in ADSYNC_CLOCK_URL, whoever serves from another folder is not obeyed: the port
    of a sandbox that was killed may be another's by now.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._mine = threading.local()

    @classmethod
    def of(cls, directory: Path) -> SandboxControl:
        """The sandbox that serves from ``directory``. Raises UsageError when none does."""
        try:
            port = int(json.loads((directory / "sandbox.json").read_text(encoding="utf-8"))["http_port"])
        except (OSError, ValueError, KeyError, TypeError):
            raise _not_serving(str(directory)) from None
        return cls(f"http://127.0.0.1:{port}?{serving_from(directory)}")

    def status(self) -> dict[str, Any]:
        """Scenario, clock, accounts with their actions, and calls so far."""
        return self._ask("GET", "/sandbox/status")

    def now(self) -> datetime:
        """The sandbox's clock, in UTC."""
        return datetime.fromisoformat(self._ask("GET", "/sandbox/clock")["now"])

    def advance(self, days: int) -> datetime:
        """Moves the clock forward. Raises UsageError where the world ends."""
        return datetime.fromisoformat(self._ask("POST", "/sandbox/advance", {"days": days})["now"])

    def install_tag(self, customer_id: str, action_id: str, event_name: str) -> None:
        """Lets a tag action fire with an event of the site from now on."""
        self._ask(
            "POST", "/sandbox/tags", {"customer_id": customer_id, "action_id": action_id, "event_name": event_name}
        )

    def fault(self, call: str, kind: str, *, times: int = 1, after: int = 0, **more: Any) -> None:
        """Lets the next calls whose name holds ``call`` suffer; kind "none" ends all faults. more: see `fault_plan`."""
        self._ask("POST", "/sandbox/faults", {"call": call, "kind": kind, "times": times, "after": after, **more})

    def faults(self, plan: list[dict[str, Any]]) -> None:
        """Adds the faults of a plan."""
        self._ask("POST", "/sandbox/faults", {"faults": plan})

    def calls(self) -> tuple[str, ...]:
        """The newest calls, oldest first."""
        return tuple(self._ask("GET", "/sandbox/calls")["calls"])

    def link(self, property_id: str, customer_id: str, *, linked: bool) -> None:
        """Makes or takes away the link between a property and an Ads account."""
        self._ask("POST", "/sandbox/links", {"property_id": property_id, "customer_id": customer_id, "linked": linked})

    def lack_declaration(self, customer_id: str, *, missing: bool) -> None:
        """Takes away, or gives back, an account's declaration on political advertising in the EU: without it, no changes."""
        self._ask("POST", "/sandbox/declaration", {"customer_id": customer_id, "missing": missing})

    def set_project(self, *, access_level: str | None = None, retired_versions: Sequence[str] | None = None) -> None:
        """Changes the Cloud project behind the Ads calls: its access level, the API versions that it finds closed."""
        wanted = {
            "access_level": access_level,
            "retired_versions": None if retired_versions is None else list(retired_versions),
        }
        self._ask("POST", "/sandbox/project", {name: value for name, value in wanted.items() if value is not None})

    def end_tokens(self, state: str) -> None:
        """Every OAuth token until now becomes "expired" or "revoked"."""
        self._ask("POST", "/sandbox/tokens", {"state": state})

    def switches(self) -> dict[str, Any]:
        """Every switch by name: its position, its choices, and what it is about."""
        return self._ask("GET", "/sandbox/switches")

    def turn(self, name: str, position: str) -> None:
        """Puts a switch (see `switches.py`) into another of its positions."""
        self._ask("POST", "/sandbox/switches", {name: position})

    def _ask(self, method: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        body = json.dumps(document) if document is not None else None
        try:
            status, content = self._exchange(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise GoogleUnavailable(
                "The sandbox does not answer.", f"{error}.", next_step="Is it still running? adsync sandbox serve"
            ) from None
        if status != 200:
            said = content.get("error", {}).get("message", "")
            if status == MISDIRECTED:
                raise _not_serving(dict(parse_qsl(self._url.query)).get("dir", "there"), said)
            raise UsageError("The sandbox refused.", said)
        return content

    def _exchange(self, method: str, path: str, body: str | None) -> tuple[int, dict[str, Any]]:
        """One request over this thread's connection, which is kept: a night looks at the clock before everything."""
        connection: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._url.hostname or "127.0.0.1", self._url.port, timeout=20)
            self._mine.connection = connection
        try:
            connection.request(method, f"{path}?{self._url.query}" if self._url.query else path, body)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except BaseException:
            connection.close()
            self._mine.connection = None
            raise


def _not_serving(directory: str, because: str = "") -> UsageError:
    return UsageError(
        f"No sandbox serves from {directory}.",
        because,
        next_step=f"Start one: adsync sandbox serve --dir {directory}",
    )
