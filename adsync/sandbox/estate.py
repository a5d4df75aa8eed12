"""Everything that exists in one sandbox: its clock, its Google Analytics properties, its Google Ads accounts."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adsync.sandbox.ads.account import AdsAccount, join_tracking
from adsync.sandbox.ads.project import Project
from adsync.sandbox.ads.statistics import Statistics
from adsync.sandbox.calls import Calls
from adsync.sandbox.coding import encoded, restore
from adsync.sandbox.faults import Faults
from adsync.sandbox.ga4.property import Property
from adsync.sandbox.saved import NotWritten, SavedState
from adsync.sandbox.scenarios import Scenario
from adsync.sandbox.switches import Switches

MANAGER_ID = "9990000001"
NIGHT_HOUR = 4
"""Hour (UTC) at which the clock stands after every advance: a nightly job would run about then."""


SAVED = ("now", "switches")
"""The fields of an estate that outlive the process, beside its accounts and properties."""

# What a world holds is never changed, and is kept in files of its own.
_DRAWN = ("clicks", "property", "log")


class WorldEnded(Exception):
    """The clock cannot go beyond the last day that was drawn."""


@dataclass(kw_only=True)
class Estate:
    """One sandbox. Whoever reads or changes it holds `lock`; whoever has changed it calls `changed` before answering,
    still holding it.

    clients: by customer id, the scenario that each account plays. saved: None where nothing is to outlive the process.
    kept: what else outlives it, by name, and the fields of it that do not.
    """

    scenario: Scenario
    seed: int
    now: int
    ends: int
    properties: dict[str, Property]
    accounts: dict[str, AdsAccount]
    statistics: dict[str, Statistics]
    clients: dict[str, Scenario]
    saved: SavedState | None = None
    kept: dict[str, tuple[Any, Collection[str]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: Calls = field(default_factory=Calls)
    faults: Faults = field(default_factory=Faults)
    switches: Switches = field(default_factory=Switches)
    project: Project = field(default_factory=Project)

    @property
    def date_time(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def changed(self, *customer_ids: str) -> None:
        """Writes down what has changed: of these accounts and their properties, or of all when none is named.

        Raises NotWritten; everything is then again as it was last written down.
        """
        if self.saved is None:
            return
        with self.lock:
            documents = {"estate": {name: encoded(getattr(self, name)) for name in SAVED}}
            documents.update({name: encoded(part, without) for name, (part, without) in self.kept.items()})
            for account in [self.accounts[i] for i in customer_ids] or self.accounts.values():
                documents[f"account {account.customer_id}"] = encoded(account, _DRAWN)
                documents[f"property {account.property.property_id}"] = encoded(account.property, _DRAWN)
            self._save(self.saved, documents)

    def keep(self, name: str, part: Any, without: Collection[str] = ()) -> None:
        """From now on this dataclass outlives the process as well; what was saved of it is taken up at once.

        without: names of its fields that do not.
        """
        with self.lock:
            self.kept[name] = (part, without)
            saved = self.saved.documents() if self.saved else {}
            if name in saved:
                restore(part, json.loads(saved[name]))

    def note(self, name: str) -> None:
        """Writes down one of the parts that are kept, and nothing else. Raises NotWritten, as `changed` does."""
        if self.saved is not None:
            with self.lock:
                part, without = self.kept[name]
                self._save(self.saved, {name: encoded(part, without)})

    def _save(self, saved: SavedState, documents: dict[str, Any]) -> None:
        try:
            saved.save({name: json.dumps(document) for name, document in documents.items()})
        except NotWritten:
            revisions = {account.customer_id: account.revision for account in self.accounts.values()}
            self.resume(saved.documents())
            for account in self.accounts.values():
                # Numbers that were derived from what is taken back are not to be found again under its revision.
                account.revision = revisions[account.customer_id] + 1
            raise

    def resume(self, documents: dict[str, str]) -> None:
        """Takes up what was saved."""
        parts = {name: json.loads(text) for name, text in documents.items()}
        with self.lock:
            restore(self, parts.get("estate", {}))
            for account in self.accounts.values():
                restore(account, parts.get(f"account {account.customer_id}", {}))
                restore(account.property, parts.get(f"property {account.property.property_id}", {}))
            for name, (part, _) in self.kept.items():
                restore(part, parts.get(name, {}))
            join_tracking(self.accounts.values())

    def advance(self, days: int) -> None:
        """Moves the clock. Raises WorldEnded beyond the last day that was drawn."""
        with self.lock:
            then = self.now + days * 86_400
            if then > self.ends:
                left = (self.ends - self.now) // 86_400
                raise WorldEnded(f"The world ends in {left} days; start a new sandbox to go on.")
            self.now = then
            for account in self.accounts.values():
                account.settle(then)
            self.changed()

    def install_tag(self, customer_id: str, action_id: int, event_name: str) -> None:
        """From now on the site's `event_name` makes this tag action fire. Raises KeyError for what does not exist."""
        with self.lock:
            account = self.accounts[customer_id]
            action = account.actions[action_id]
            action.installed_at, action.fires_on = self.now, event_name
            account.revision += 1
            self.changed(customer_id)
