"""Settings in, concrete adapters out: the only file that names them. What takes long to import is, when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.condition import Condition
from adsync.model.dataset import MAX_GB, READ_DAYS, SCHEME, Dataset, dataset
from adsync.ports import Clock, EventLog, OpenQuestions, Ports, RunAllowance, State

if TYPE_CHECKING:
    from adsync.events.engine import Engine
    from adsync.events.source import Source
    from adsync.google.ads import GoogleAds
    from adsync.google.ads_client import AdsServices
    from adsync.google.analytics import GoogleAnalytics, PropertySummary, RestClients
    from adsync.google.budget import Budget
    from adsync.google.owners import Owners
    from adsync.google.retry import Patience
    from adsync.settings import CredentialSource, Endpoints, Settings
    from adsync.state.database import Database
    from adsync.state.runs import SqlRuns


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What a BigQuery dataset needs besides its name, since reading it costs money.

    days: up to as_of, or to the newest table. max_gb: that may be billed. tell: is given what it will cost.
    """

    as_of: date | None = None
    days: int = READ_DAYS
    max_gb: float = MAX_GB
    tell: Callable[[str], None] = lambda _: None


@contextmanager
def event_log(
    sources: Sequence[Path | Dataset],
    macro: str | None = None,
    conditions: Sequence[Condition] = (),
    billed: Billed | None = None,
    look: Callable[[Mapping[str, int]], None] | None = None,
    now: datetime | None = None,
) -> Iterator[EventLog]:
    """The events of files and folders, or of a dataset, ready to be asked. Raises UsageError for what cannot be read.

    macro: the event whose repeated orders are left out. conditions: that will be asked about; plain events among them need
    no mention. look: is shown the rows of each event before they are worked through, and may raise. now: when it is read;
    by this machine's clock where None.
    """
    paths = [source for source in sources if isinstance(source, Path)]
    datasets = [source for source in sources if isinstance(source, Dataset)]
    if len(datasets) > 1 or (datasets and paths):
        raise UsageError("One dataset is read alone.", next_step="Give --events once, or files only.")
    # Each once: every one that is counted takes a bit of a whole number.
    conditions = [c for c in dict.fromkeys(conditions) if not c.is_an_event]
    with _in_bigquery(datasets[0], billed or Billed()) if datasets else _in_files(paths) as (engine, source):
        from adsync.events.loading import load

        yield load(engine, source, now or SystemClock().now(), macro, conditions, look)


@contextmanager
def _in_files(paths: Sequence[Path]) -> Iterator[tuple[Engine, Source]]:
    with _installed("events", "Reading event logs needs DuckDB and Ibis", ("duckdb", "ibis")):
        from adsync.events.duckdb_engine import DuckDBEngine
        from adsync.events.reading import read_files
    from adsync.events.files import find_files

    files = find_files(paths)
    with DuckDBEngine(files.paths) as engine:
        yield engine, read_files(engine, files)


@contextmanager
def _in_bigquery(dataset: Dataset, billed: Billed) -> Iterator[tuple[Engine, Source]]:
    with _installed("bigquery", "Reading a BigQuery dataset needs Google's client and Ibis", ("google", "ibis")):
        from adsync.events.bigquery_days import read_days
        from adsync.events.bigquery_engine import BigQueryEngine
        from adsync.google.bigquery import BigQuery
    from adsync.settings import Environment

    emulator = Environment().bigquery_emulator_host
    with BigQuery(dataset, billed.max_gb, billed.tell, emulator) as warehouse:
        engine = BigQueryEngine(warehouse)
        yield engine, read_days(engine, warehouse, dataset, billed.as_of, billed.days)


@contextmanager
def _installed(extra: str, what: str, packages: Sequence[str]) -> Iterator[None]:
    """Raises UsageError for packages that an extra brings."""
    try:
        yield
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] not in packages:
            raise
        raise UsageError(f"{what}, which are not installed.", next_step=f"pip install 'adsync[{extra}]'") from None


class Wiring:
    """Makes adapters for the settings, each when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError when the endpoints are not allowed."""
        from adsync.settings import endpoints

        self.settings = settings
        self.where: Endpoints = endpoints(settings.environment)
        self._services: dict[tuple[str, str], AdsServices] = {}
        self._clients: dict[str, RestClients] = {}
        self._credentials: dict[tuple[str, str], Any] = {}
        self._owners: dict[tuple[Budget, str, str], Owners] = {}
        self._lock = threading.RLock()
        self._one_log = threading.Lock()

    @cached_property
    def clock(self) -> Clock:
        from adsync.sandbox.control import SandboxControl

        return SandboxControl(self.where.clock_url) if self.where.clock_url else SystemClock()

    @cached_property
    def database(self) -> Database:
        from adsync.state.database import Database

        return Database(self.settings.state)

    @cached_property
    def state(self) -> State:
        """What is remembered of accounts."""
        from adsync.state.holds import SqlHolds
        from adsync.state.ledger import SqlLedger
        from adsync.state.memory import SqlMemory
        from adsync.state.numbers import SqlNumbers
        from adsync.state.outcome_reviews import SqlOutcomeReviews

        environment = self.settings.environment
        return State(
            numbers=SqlNumbers(self.database),
            ledger=SqlLedger(self.database, environment.log_key, key_is_lost=environment.log_key_lost),
            memory=SqlMemory(self.database),
            holds=SqlHolds(self.database),
            reviews=SqlOutcomeReviews(self.database),
        )

    @cached_property
    def runs(self) -> SqlRuns:
        """What is remembered of runs."""
        from adsync.state.runs import SqlRuns

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

    def changes(self) -> RunAllowance:
        """The changes that one run may make over all accounts."""
        from adsync.apply import Countdown

        return Countdown(self.settings.limits.changes_per_run)

    def ports(
        self, account: Account, operations_left: Budget | None = None, changes_left: RunAllowance | None = None
    ) -> Ports:
        """Everything that the night of an account needs. operations_left, changes_left: shared by all accounts of a run."""
        from adsync.google.ads import GoogleAds
        from adsync.google.capabilities import GoogleValidator
        from adsync.google.credentials import EDIT_SCOPE
        from adsync.google.writer import GoogleWriter

        writing = self.ads_services(account.write_credentials, account.login_customer_id)
        ga4_writing = self.credentials(account.write_credentials, EDIT_SCOPE)
        reading = self.ads_services(account.read_credentials, account.login_customer_id)
        owners = self._owners_of_run(operations_left, account)
        return Ports(
            ads=GoogleAds(reading, account.customer_id, self.patience, operations_left, owners),
            analytics=self.analytics(account.read_credentials, account.property_id),
            validator=GoogleValidator(writing, account.customer_id, self.patience, operations_left),
            writer=GoogleWriter(writing, ga4_writing, self.where, self.patience, operations_left),
            state=self.state,
            clock=self.clock,
            changes=changes_left or self.changes(),
            timeout_seconds=self.settings.limits.timeout_seconds,
            open_log=partial(self.open_log, account) if account.event_log else None,
        )

    @contextmanager
    def open_log(self, account: Account) -> Iterator[EventLog]:
        """The account's log of single events. One at a time, however many accounts are worked on: each may take all the memory
        that an engine is given."""
        from adsync.score.candidates import MOST

        sources = [dataset(each) if each.startswith(SCHEME) else Path(each) for each in account.event_log]
        # No more are ever asked about, and a log has room for no more.
        conditions = account.conditions[:MOST]
        with (
            self._one_log,
            event_log(sources, account.macro.event_name, conditions, now=self.clock.now()) as log,
        ):
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

    def _owners_of_run(self, run: Budget | None, account: Account) -> Owners:
        """What is found of owners in one run, by its budget; another credential or login may see more of them."""
        from adsync.google.owners import Owners

        if run is None:
            return Owners()
        with self._lock:
            return self._owners.setdefault((run, account.read_credentials, account.login_customer_id), Owners())

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
        from adsync.settings import CredentialSource

        named = self.settings.credentials.get(name)
        if named is not None:
            return named
        environment = self.settings.environment
        if environment.google_ads_yaml:
            return CredentialSource(google_ads_yaml=environment.google_ads_yaml)
        if environment.json_key_file_path or environment.refresh_token:
            return CredentialSource(environment=True)
        return CredentialSource(application_default=True)
