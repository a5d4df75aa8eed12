"""A BigQuery dataset through Google's client: a session with temporary tables, and a limit of bytes that it never exceeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import google.auth
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.cloud import bigquery
from requests.exceptions import JSONDecodeError, RequestException

from adsync.errors import AccessDenied, GoogleUnavailable, Refused, SettingsError, UnexpectedAnswer
from adsync.google.bigquery_faults import fault_of, limit_used_up
from adsync.model.dataset import Dataset
from adsync.settings import is_loopback

SCOPE = "https://www.googleapis.com/auth/bigquery"
"""There is a scope that only reads, under which no query runs; what may be done is decided by roles."""

USD_PER_TIB = 6.25
"""On demand, in the regions US and EU. Source: cloud.google.com/bigquery/pricing."""

GB = 10**9
TIB = 2**40

LEAST_BILLED = 10 * 2**20
"""Of every query, and of every table in it."""

AT_ONCE = 8
"""Requests for tables' columns: Google allows a user 100 a second."""

PATIENCE_SECONDS = 60.0
"""So long a request is tried again when Google or the network does not answer."""


class BigQuery:
    """One dataset, one session. A context manager: on leaving, the session's tables vanish."""

    def __init__(
        self,
        where: Dataset,
        max_gb: float,
        tell: Callable[[str], None],
        emulator: str = "",
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """tell: is given what a query will cost. emulator: address on this machine of one that stands for Google.

        Raises AccessDenied, SettingsError or what else keeps the dataset from being looked at.
        """
        self._where, self._tell = where, tell
        self._limit = int(max_gb * GB)
        self._billed = 0
        self._session = ""
        self._retry = bigquery.DEFAULT_RETRY.with_timeout(patience_seconds)
        self._client = _client(where, emulator)
        with self._in_words():
            found = self._client.get_dataset(self._reference, retry=self._retry)
        self._location = found.location

    def __enter__(self) -> BigQuery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._session and not isinstance(error, GoogleUnavailable):
                self._query("CALL BQ.ABORT_SESSION()", self._in_session()).result(retry=self._retry)
        except (GoogleAPICallError, RetryError, GoogleAuthError, RequestException):
            # The session ends by itself a day later; why the work failed must not be hidden by it.
            if error is None:
                self._tell("BigQuery: the temporary tables could not be removed; they vanish by themselves in a day.")
        finally:
            self._client.close()

    def day_tables(self) -> tuple[str, ...]:
        """Names of the dataset's tables."""
        with self._in_words():
            found = self._client.list_tables(self._reference, retry=self._retry)
            return tuple(table.table_id for table in found)

    def columns(self, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
        """Of each of these tables the columns, with their types as Ibis writes them; without those of other types."""

        def of(name: str) -> dict[str, str]:
            table = self._client.get_table(self._reference.table(name), retry=self._retry)
            return _types(table.schema)

        with self._in_words(), ThreadPoolExecutor(AT_ONCE) as threads:
            return dict(zip(names, threads.map(of, names), strict=True))

    def check(self, sql: str, what: str) -> None:
        """Says what a query would read and cost, by a dry run. Raises Refused where that is above the limit."""
        with self._in_words():
            job = self._query(sql, bigquery.QueryJobConfig(dry_run=True, use_query_cache=False))
        read = job.total_bytes_processed or 0
        dollars = read / TIB * USD_PER_TIB
        cost = f"about USD {dollars:,.2f}" if dollars >= 0.005 else "less than USD 0.01"
        self._tell(
            f"BigQuery: {what}: {read / GB:,.2f} GB to read, {cost} on demand (USD {USD_PER_TIB} per TiB). "
            f"At most {self._limit / GB:,g} GB are billed to the project {self._client.project} (--max-gb)."
        )
        if read > self._limit:
            raise Refused(
                f"This would read {read / GB:,.1f} GB, and at most {self._limit / GB:,g} GB may be billed.",
                "Nothing was read and nothing is billed.",
                # What is kept of the rows is read several times.
                next_step=f"Read fewer days (--read-days), or allow more: --max-gb {-(-2 * read // GB)}",
                bytes=read,
                limit_bytes=self._limit,
            )

    def keep(self, name: str, sql: str) -> None:
        """Makes a temporary table of a query's rows."""
        self._run(f"CREATE OR REPLACE TEMP TABLE `{name}` AS {sql}")

    def rows(self, sql: str) -> Any:
        """A query's rows as an Arrow table."""
        found = self._run(sql)
        with self._in_words():
            return found.to_arrow(create_bqstorage_client=False)

    def _run(self, sql: str) -> Any:
        """Within what is left of the limit, in the session."""
        left = self._limit - self._billed
        if left < LEAST_BILLED:
            raise limit_used_up(self._limit / GB)
        config = self._in_session()
        config.maximum_bytes_billed = left
        config.use_query_cache = False
        with self._in_words():
            job = self._query(sql, config)
            try:
                rows = job.result(retry=self._retry)
            except KeyboardInterrupt:
                job.cancel(retry=self._retry)  # else it runs on, and is billed
                raise
        self._billed += job.total_bytes_billed or 0
        if job.session_info is not None and job.session_info.session_id:
            self._session = job.session_info.session_id
        return rows

    def _in_session(self) -> bigquery.QueryJobConfig:
        """In the session, or beginning one."""
        if not self._session:
            return bigquery.QueryJobConfig(create_session=True)
        return bigquery.QueryJobConfig(connection_properties=[bigquery.ConnectionProperty("session_id", self._session)])

    def _query(self, sql: str, config: bigquery.QueryJobConfig) -> bigquery.QueryJob:
        return self._client.query(sql, job_config=config, location=self._location, retry=self._retry)

    @property
    def _reference(self) -> bigquery.DatasetReference:
        return bigquery.DatasetReference(self._where.project, self._where.name)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What Google and the network have to say."""
        try:
            yield
        except JSONDecodeError as error:
            raise self._not_bigquery(error) from None
        except (GoogleAPICallError, RetryError, GoogleAuthError, RequestException) as error:
            raise fault_of(error, self._where, self._client.project, self._limit / GB) from None
        except (KeyError, TypeError) as error:
            # The client takes for granted what Google's answers hold.
            raise self._not_bigquery(error) from None

    def _not_bigquery(self, error: Exception) -> UnexpectedAnswer:
        return UnexpectedAnswer(
            f"What answered for {self._where} is not BigQuery: {error}.",
            next_step="Is a proxy in between, or BIGQUERY_EMULATOR_HOST set?",
        )


def _client(where: Dataset, emulator: str) -> bigquery.Client:
    if emulator:
        if not is_loopback(emulator):
            raise SettingsError(
                f"BIGQUERY_EMULATOR_HOST: found {emulator!r}; an endpoint that is not Google's may only be on this machine "
                "(localhost).",
                next_step="Unset it to talk to Google.",
            )
        address = emulator if "://" in emulator else f"http://{emulator}"
        # Real credentials are sent to Google only.
        return bigquery.Client(
            project=where.project,
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=address),
        )
    try:
        found, _ = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as error:
        raise AccessDenied(
            "There are no credentials for BigQuery.",
            str(error),
            next_step="Sign in with: gcloud auth application-default login   or name a service account's key file in "
            "GOOGLE_APPLICATION_CREDENTIALS.",
        ) from None
    # Whoever may only read somebody else's dataset pays from a project of his own.
    pays = getattr(found, "quota_project_id", None) or where.project
    return bigquery.Client(project=pays, credentials=found)


_TYPES = {
    "STRING": "string",
    "INTEGER": "int64",
    "INT64": "int64",
    "FLOAT": "float64",
    "FLOAT64": "float64",
    "BOOLEAN": "boolean",
    "BOOL": "boolean",
}


def _types(fields: Any) -> dict[str, str]:
    found = {}
    for field in fields:
        kind = _TYPES.get(field.field_type)
        if field.field_type in ("RECORD", "STRUCT"):
            inside = _types(field.fields)
            kind = f"struct<{', '.join(f'{name}: {part}' for name, part in inside.items())}>" if inside else None
        if kind is not None:
            found[field.name] = f"array<{kind}>" if field.mode == "REPEATED" else kind
    return found
