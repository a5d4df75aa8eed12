"""Why there is no access token: OAuth's refusals, and who else may have answered in its place."""

from __future__ import annotations

import re

from google.auth.exceptions import RefreshError

from adsync.errors import AccessDenied

A_PAGE = "Something between here and Google sent a web page instead of an answer"
# gRPC fetches tokens itself and reports every trouble with that as UNAVAILABLE; OAuth's error is only in the text.
_TOKEN_REFUSED = re.compile(
    r"Getting metadata from plugin failed with error: \(['\"](?P<reason>(?:invalid_\w+|unauthorized_client|access_denied)[^'\"]*)"
)


def credentials_refused(what: str, because: str) -> AccessDenied:
    return AccessDenied(
        f"{what}: Google refused the credentials.",
        because,
        next_step="Make a new key or refresh token and name it in the config, then: adsync doctor",
    )


def refusal_in(message: str) -> str:
    """OAuth's refusal in gRPC's message about a token that could not be had; "" where it holds none."""
    found = _TOKEN_REFUSED.search(message)
    return found["reason"] if found else ""


def is_oauths(error: RefreshError) -> bool:
    """Whether the token endpoint, or the library before it asked, said no; not an empty answer, nor somebody's web page."""
    if len(error.args) > 1 and isinstance(error.args[1], dict):
        return "error" in error.args[1]
    return not is_page(str(error.args[0]))


def oauth_reason(error: RefreshError) -> str:
    details = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    said = details.get("error_description") or details.get("error") or error.args[0]
    said = said.get("message", said) if isinstance(said, dict) else said
    return A_PAGE if is_page(str(said)) else str(said)


def is_page(text: str) -> bool:
    return text.lstrip()[:1] == "<"
