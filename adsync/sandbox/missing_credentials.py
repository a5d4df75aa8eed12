"""What Google's front end says of a call without credentials, before any API has seen it."""

from __future__ import annotations

from adsync.sandbox.http_messages import Problem

_SAID = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_DETAIL = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "CREDENTIALS_MISSING",
    "domain": "googleapis.com",
}


def missing_credentials() -> Problem:
    """The same for every API: Google Ads adds no failure of its own."""
    return Problem(401, "UNAUTHENTICATED", _SAID, details=(_DETAIL,))
