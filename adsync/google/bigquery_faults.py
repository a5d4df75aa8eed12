"""Says in adsync's words what BigQuery's errors mean, and which role or option mends them."""

from __future__ import annotations

from google.api_core.exceptions import (
    BadRequest,
    Forbidden,
    GoogleAPICallError,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from google.auth.exceptions import RefreshError

from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleRefused,
    GoogleUnavailable,
    QuotaExhausted,
    Refused,
    UsageError,
)
from adsync.google.token_errors import A_PAGE, is_page, token_refused
from adsync.model.dataset import Dataset

_FEWER = "read fewer days (--read-days)"


def fault_of(error: Exception, where: Dataset, pays: str, max_gb: float) -> AdsyncError:
    """pays: the project in which queries run."""
    what = f"BigQuery dataset {where}"
    if isinstance(error, RefreshError):
        return token_refused(what, error)
    if not isinstance(error, GoogleAPICallError):
        return GoogleUnavailable(
            f"{what}: Google cannot be reached.", _short(str(error)), next_step="Check the network, then try again."
        )
    because, reason = _message(error), _reason(error)
    if because.startswith(A_PAGE):
        return GoogleUnavailable(
            f"{what}: Google was not reached.",
            because,
            next_step="Ask who runs the network or its proxy to let this machine reach Google's APIs.",
        )
    # The client knows no class for this reason and takes it for a server's fault.
    if reason == "bytesBilledLimitExceeded" or "bytes billed" in because:
        return limit_used_up(max_gb, because)
    if reason == "resourcesExceeded" or "Resources exceeded" in because:
        return AdsyncError(f"{what}: a step is too much for BigQuery.", because, next_step=f"{_FEWER.capitalize()}.")
    if reason in ("quotaExceeded", "rateLimitExceeded") or isinstance(error, TooManyRequests):
        return QuotaExhausted(
            f"{what}: a quota of the project {pays} is used up.",
            because,
            next_step=f"Try again later (a day's quota is renewed at midnight, Pacific time), or {_FEWER}.",
        )
    match error:
        case NotFound():
            return UsageError(
                f"There is no such project, dataset or table: {where}.",
                because,
                next_step="Look it up in the console: GA4 names the project in Admin > BigQuery links, and the dataset is "
                "analytics_ and the property's id.",
            )
        case Unauthorized():
            return AccessDenied(
                f"{what}: Google does not accept the credentials.",
                because,
                next_step="Sign in again: gcloud auth application-default login",
            )
        case Forbidden():
            return _denied(what, because, reason, where, pays)
        case ServerError():
            return GoogleUnavailable(f"{what}: Google cannot answer right now.", because)
        case BadRequest() if "project" in because.lower() and "invalid" in because.lower():
            return UsageError(f"There is no such project: {where.project}.", because)
        case _:
            return GoogleRefused(f"{what}: Google said no.", because, code=reason or str(error.code))


def limit_used_up(max_gb: float, because: str = "") -> Refused:
    """The limit was reached by a step after the first."""
    return Refused(
        f"The limit of {max_gb:,g} GB is used up.",
        because or "All steps count against it, each with 10 MB at least.",
        next_step=f"Allow more with --max-gb, or {_FEWER}.",
    )


def _denied(what: str, because: str, reason: str, where: Dataset, pays: str) -> AccessDenied:
    if reason == "accessNotConfigured" or "has not been used in project" in because or "it is disabled" in because:
        denied = f"the BigQuery API is switched off in the project {pays}."
        next_step = "Enable it: console.cloud.google.com/apis/library/bigquery.googleapis.com (it takes some minutes)."
    elif reason == "billingNotEnabled":
        denied = f"the project {pays} has no billing account."
        next_step = "Name one that has in GOOGLE_CLOUD_QUOTA_PROJECT."
    elif "bigquery.jobs.create" in because or "serviceusage" in because:
        denied = f"queries may not be run in the project {pays}."
        next_step = (
            f'Grant the role "BigQuery Job User" (roles/bigquery.jobUser) on the project {pays}, or name a project where you '
            "have it in GOOGLE_CLOUD_QUOTA_PROJECT."
        )
    else:
        denied = "access denied."
        next_step = (
            f'Grant the role "BigQuery Data Viewer" (roles/bigquery.dataViewer) on the dataset {where.name}, and "BigQuery Job '
            f'User" (roles/bigquery.jobUser) on the project {pays}.'
        )
    return AccessDenied(f"{what}: {denied}", because, next_step=next_step)


def _reason(error: GoogleAPICallError) -> str:
    """Such as quotaExceeded; "" where something else than BigQuery answered."""
    first = error.errors[0] if error.errors else None
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def _message(error: GoogleAPICallError) -> str:
    # Method and address stand before Google's own words, and the client's notes behind them.
    text = str(error.message)
    if text.startswith(("GET ", "POST ")):
        text = text.partition(": ")[2]
    text = text.partition("; reason:")[0]
    return f"{A_PAGE} (HTTP {error.code})." if is_page(text) else _short(text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 400 else f"{line[:400]}..."
