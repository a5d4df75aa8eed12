"""Settings in, concrete adapters out: the only file that names them. Google's clients are imported when first needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.condition import Condition
from adsync.ports import Clock, EventLog, OpenQuestions, Ports, State
from adsync.sandbox.control import SandboxControl
from adsync.settings import CredentialSource, Endpoints, Settings, endpoints
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from adsync.state.ledger import SqlLedger
from adsync.state.memory import SqlMemory
from adsync.state.numbers import SqlNumbers
from adsync.state.runs import SqlRuns

if TYPE_CHECKING:
    from adsync.google.ads import GoogleAds
    from adsync.google.ads_client import AdsServices
    from adsync.google.analytics import GoogleAnalytics, PropertySummary, RestClients
    from adsync.google.budget import Budget
    from adsync.google.retry import Patience


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@contextmanager
def event_log(
    paths: Sequence[Path | str], macro: str | None = None, conditions: Sequence[Condition] = ()
) -> Iterator[EventLog]:
    """The events of files and folders, ready to be asked. Raises UsageError for what cannot be read.

    macro: the event whose repeated orders are left out. conditions: that will be asked about; plain events among them need
    no mention.
    """
    try:
        from adsync.events.engine import Engine
        from adsync.events.loading import load
    except ModuleNotFoundError as missing:
        if missing.name not in ("duckdb", "ibis"):
            raise
        raise UsageError(
            "Reading event logs needs DuckDB and Ibis, which are not installed.",
            next_step="pip install 'adsync[events]'",
        ) from None
    from adsync.events.files import find_files

    files = find_files([Path(path) for path in paths])
    with Engine(files.paths) as engine:
        yield load(engine, files, SystemClock().now(), macro, [c for c in conditions if not c.is_an_event])


class Wiring:
    """Makes adapters for the settings, each when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError when the endpoints are not allowed."""
        self.settings = settings
        self.where: Endpoints = endpoints(settings.environment)
        self._services: dict[tuple[str, str], AdsServices] = {}
        self._clients: dict[str, RestClients] = {}
        self._credentials: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()
        self._one_log = threading.Lock()

    @cached_property
    def clock(self) -> Clock:
        return SandboxControl(self.where.clock_url) if self.where.clock_url else SystemClock()

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.state)

    @cached_property
    def state(self) -> State:
        """What is remembered of accounts."""
        return State(
            numbers=SqlNumbers(self.database),
            ledger=SqlLedger(self.database, self.settings.environment.log_key),
            memory=SqlMemory(self.database),
            holds=SqlHolds(self.database),
        )

    @cached_property
    def runs(self) -> SqlRuns:
        """What is remembered of runs."""
        return SqlRuns(self.database)

    @cached_property
    def patience(self) -> Patience:
        from adsync.google.retry import Patience

        limits = self.settings.limits
        return Patience(
            attempts=limits.attempts,
            first_wait_seconds=limits.first_wait_seconds,
            timeout_seconds=limits.timeout_seconds,
        )

    def budget(self, operations: int) -> Budget:
        """The operations that one run may use."""
        from adsync.google.budget import Budget

        return Budget(operations)

    def ports(self, account: Account, operations_left: Budget | None = None) -> Ports:
        """Everything that the night of an account needs. operations_left: shared by all accounts of a run."""
        from adsync.google.ads import GoogleAds
        from adsync.google.credentials import EDIT_SCOPE
        from adsync.google.writer import GoogleWriter

        writing = self.ads_services(account.write_credentials, account.login_customer_id)
        ga4_writing = self.credentials(account.write_credentials, EDIT_SCOPE)
        reading = self.ads_services(account.read_credentials, account.login_customer_id)
        return Ports(
            ads=GoogleAds(reading, account.customer_id, self.patience, operations_left),
            analytics=self.analytics(account.read_credentials, account.property_id),
            writer=GoogleWriter(writing, ga4_writing, self.where, self.patience, operations_left),
            state=self.state,
            clock=self.clock,
            timeout_seconds=self.settings.limits.timeout_seconds,
            open_log=partial(self._open_log, account) if account.event_log else None,
        )

    @contextmanager
    def _open_log(self, account: Account) -> Iterator[EventLog]:
        """One at a time, however many accounts are worked on: a log may take all the memory that an engine is given."""
        with self._one_log, event_log(account.event_log, account.macro.event_name, account.conditions) as log:
            yield log

    def ads_services(self, credential: str, login_customer_id: str) -> AdsServices:
        """One set of Google Ads services for each credential and login; threads share its connection."""
        from adsync.google.ads_client import AdsServices
        from adsync.google.credentials import ADS_SCOPE

        with self._lock:
            key = (credential, login_customer_id)
            if key not in self._services:
                found = self.credentials(credential, ADS_SCOPE)
                self._services[key] = AdsServices(
                    found, self.where, login_customer_id, timeout_seconds=self.settings.limits.timeout_seconds
                )
            return self._services[key]

    def credentials(self, name: str, scope: str) -> Any:
        """The named credential for one scope, read once: unlocking a key takes longer than a call."""
        from adsync.google.credentials import credentials

        with self._lock:
            if (name, scope) not in self._credentials:
                source, environment = self._source(name), self.settings.environment
                self._credentials[name, scope] = credentials(name, source, environment, self.where, scopes=[scope])
            return self._credentials[name, scope]

    def ads_reader(self, credential: str, login_customer_id: str, customer_id: str) -> GoogleAds:
        """Reads an account that need not be in the config."""
        from adsync.google.ads import GoogleAds

        return GoogleAds(self.ads_services(credential, login_customer_id), customer_id, self.patience)

    def open_questions(self, account: Account) -> OpenQuestions:
        """Asks with the credential that writes: what may be changed depends on who asks."""
        from adsync.google.ads import GoogleAds
        from adsync.google.probe import AdsProbe

        services = self.ads_services(account.write_credentials, account.login_customer_id)
        reader = GoogleAds(services, account.customer_id, self.patience)
        return AdsProbe(services, reader, account.customer_id, self.patience)

    def analytics(self, credential: str, property_id: str) -> GoogleAnalytics:
        """Reads a property that need not be in the config."""
        from adsync.google.analytics import GoogleAnalytics

        return GoogleAnalytics(self._ga4_clients(credential), property_id, self.patience)

    def accessible_customers(self, credential: str) -> tuple[str, ...]:
        """Ids of the Google Ads accounts to which a credential has direct access."""
        from adsync.google.ads import accessible_customers

        return accessible_customers(self.ads_services(credential, ""), self.patience)

    def visible_properties(self, credential: str) -> tuple[PropertySummary, ...]:
        """The GA4 properties that a credential can see."""
        from adsync.google.analytics import visible_properties

        return visible_properties(self._ga4_clients(credential), self.patience)

    def _ga4_clients(self, credential: str) -> RestClients:
        from adsync.google.analytics import RestClients
        from adsync.google.credentials import READ_SCOPE

        with self._lock:
            if credential not in self._clients:
                self._clients[credential] = RestClients(self.credentials(credential, READ_SCOPE), self.where)
            return self._clients[credential]

    def clock_skew_seconds(self) -> float:
        """How far this machine's clock is ahead of Google's."""
        from adsync.google.skew import clock_skew_seconds

        return clock_skew_seconds(self.where, self.patience)

    def _source(self, name: str) -> CredentialSource:
        """The named source; "default" is, where the config names none, what other Google Ads programs would use."""
        named = self.settings.credentials.get(name)
        if named is not None:
            return named
        environment = self.settings.environment
        if environment.google_ads_yaml:
            return CredentialSource(google_ads_yaml=environment.google_ads_yaml)
        if environment.json_key_file_path or environment.refresh_token:
            return CredentialSource(environment=True)
        return CredentialSource(application_default=True)
