"""Why there is no access token: OAuth's refusals, and who else may have answered in its place."""

from __future__ import annotations

import json
import re
from typing import Any

from google.auth.exceptions import RefreshError

from adsync.errors import AccessDenied, AdsyncError, GoogleUnavailable

A_PAGE = "Something between here and Google sent a web page instead of an answer"
# gRPC fetches tokens itself and reports every trouble with that as UNAVAILABLE; OAuth's error is only in the text.
_TOKEN_REFUSED = re.compile(
    r"Getting metadata from plugin failed with error: \(['\"](?P<reason>(?:invalid_\w+|unauthorized_client|access_denied)[^'\"]*)"
)


_NEW_KEY = "Make a new key or refresh token and name it in the config, then: adsync doctor"
_NEXT_STEP = {
    "invalid_client": "Check the credential's client_id and client_secret, then: adsync doctor",
    "unauthorized_client": (
        "A Workspace administrator must let the service account act for that user with adsync's scopes "
        "(domain-wide delegation). Then: adsync doctor"
    ),
    "access_denied": (
        "A new key would not help: ask who administers the account behind the credential whether it is disabled or "
        "restricted. Then: adsync doctor"
    ),
}
_IMPERSONATION = (
    'Grant the credential the role "Service Account Token Creator" on the account named under impersonate. '
    "Then: adsync doctor"
)
_CLOCK = "Set this machine's clock, then: adsync doctor"


def token_refused(what: str, error: RefreshError) -> AdsyncError:
    """What it means that there is no access token: trouble that passes, or a refusal that a person has to mend."""
    said = _document(error)
    reason, code = _reason(error, said), said.get("error")
    if error.retryable or not (said.get("error") or _is_the_librarys(error)):
        return GoogleUnavailable(f"{what}: Google gives no access token right now.", reason)
    if isinstance(code, dict):
        # No OAuth: Google's own form of an error, in which impersonation is refused.
        forbidden = _IMPERSONATION if "getAccessToken" in reason else _NEXT_STEP["access_denied"]
        next_step = forbidden if code.get("code") == 403 else _NEW_KEY
        return AccessDenied(f"{what}: Google refused the credentials.", reason, next_step=next_step)
    return credentials_refused(what, reason, str(code or ""))


def credentials_refused(what: str, because: str, code: str = "") -> AccessDenied:
    """code: OAuth's own, such as invalid_grant."""
    # A key signs the time with what it asks for; OAuth then speaks of the claims iat and exp.
    next_step = _CLOCK if "iat and exp" in because else _NEXT_STEP.get(code, _NEW_KEY)
    return AccessDenied(f"{what}: Google refused the credentials.", because, next_step=next_step)


def refusal_in(message: str) -> tuple[str, str] | None:
    """OAuth's refusal, and its code, in gRPC's message about a token that could not be had; None where it holds none."""
    found = _TOKEN_REFUSED.search(message)
    return (found["reason"], found["reason"].partition(":")[0]) if found else None


def _document(error: RefreshError) -> dict[str, Any]:
    """What the token endpoint answered, as far as it is JSON."""
    answered = error.args[1] if len(error.args) > 1 else {}
    if isinstance(answered, str):
        try:
            answered = json.loads(answered)
        except ValueError:
            return {}
    return answered if isinstance(answered, dict) else {}


def _is_the_librarys(error: RefreshError) -> bool:
    """Whether the library said no before it asked; not an empty answer, nor somebody's web page."""
    return not any(isinstance(part, dict) or is_page(str(part)) for part in error.args)


def _reason(error: RefreshError, said: dict[str, Any]) -> str:
    told = said.get("error_description") or said.get("error") or error.args[0]
    told = told.get("message", told) if isinstance(told, dict) else told
    return A_PAGE if is_page(str(told)) else str(told)


def is_page(text: str) -> bool:
    return text.lstrip()[:1] == "<"
