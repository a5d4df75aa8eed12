"""The sandbox's own OAuth: a service account, its key, and tokens that are checked."""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
READ_SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
EDIT_SCOPE = "https://www.googleapis.com/auth/analytics.edit"
_LIFETIME = 3600
# Google's library writes this audience whatever token_uri the key file names.
_AUDIENCE = "https://oauth2.googleapis.com/token"


class TokenRefused(Exception):
    """The token endpoint says no. code: OAuth's error code."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass
class TokenIssuer:
    """Turns assertions signed by the sandbox's service account into bearer tokens."""

    email: str
    certificate_pem: bytes
    token_uri: str
    _tokens: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """Answers the token request of a service account.

        Raises TokenRefused.
        """
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise TokenRefused("unsupported_grant_type", "Only service accounts get tokens here.")
        claims = self._claims(form.get("assertion", ""), audience=[_AUDIENCE, self.token_uri])
        if claims is None:
            raise TokenRefused("invalid_grant", "Invalid JWT Signature.")
        token = f"sandbox-{secrets.token_urlsafe(24)}"
        with self._lock:
            self._tokens[token] = (time.time() + _LIFETIME, frozenset(str(claims.get("scope", "")).split()))
        return {"access_token": token, "expires_in": _LIFETIME, "token_type": "Bearer"}

    def allows(self, header: str, scopes: frozenset[str]) -> str:
        """Why this Authorization header does not open what needs one of the scopes; "" when it does."""
        token = header.removeprefix("Bearer ")
        until, held = self._tokens.get(token, (0.0, frozenset()))
        if token.count(".") == 2 and (claims := self._claims(token, audience=None)):
            # The REST clients sign their own token instead of asking for one; Google takes those as well.
            until, held = float(claims["exp"]), frozenset(str(claims.get("scope", "")).split())
        if time.time() >= until:
            return "invalid"
        return "" if held & scopes else "scope"

    def _claims(self, signed: str, *, audience: list[str] | None) -> dict[str, Any] | None:
        """What the service account has signed; None for anything that it has not."""
        try:
            claims = dict(jwt.decode(signed, certs=self.certificate_pem, audience=audience))
        except (ValueError, GoogleAuthError):
            return None
        return claims if claims.get("iss") == self.email else None


def service_account_document(email: str, private_key_pem: bytes, token_uri: str) -> str:
    """The key file, in the form in which Google hands them out."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "adsync-sandbox",
            "private_key_id": "sandbox",
            "private_key": private_key_pem.decode(),
            "client_email": email,
            "client_id": "1",
            "token_uri": token_uri,
        },
        indent=2,
    )
