"""The sandbox's own OAuth: who signs in with what, and tokens that are checked."""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from adsync.sandbox.users import PERSON, USERS

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
READ_SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
EDIT_SCOPE = "https://www.googleapis.com/auth/analytics.edit"
_LIFETIME = 3600
# A service account's own token may name an API instead of scopes; it opens what the account may do there.
_OPENED_BY_AUDIENCE = {
    "https://googleads.googleapis.com/": frozenset({ADS_SCOPE}),
    "https://analyticsdata.googleapis.com/": frozenset({READ_SCOPE, EDIT_SCOPE}),
    "https://analyticsadmin.googleapis.com/": frozenset({READ_SCOPE, EDIT_SCOPE}),
}
# Google's library writes this audience whatever token_uri the key file names.
_AUDIENCE = "https://oauth2.googleapis.com/token"


class TokenRefused(Exception):
    """The token endpoint says no. code: OAuth's error code; status: HTTP's."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer token says. until: seconds UTC of this machine's clock. ended: "expired" or "revoked" before that."""

    email: str
    scopes: frozenset[str]
    until: float
    ended: str = ""


@dataclass(frozen=True, slots=True)
class RefreshGrant:
    """What a program holds that signs in as a person: made anew for each sandbox."""

    client_id: str = field(default_factory=lambda: f"{secrets.token_hex(6)}.apps.googleusercontent.com")
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    refresh_token: str = field(default_factory=lambda: f"1//{secrets.token_urlsafe(24)}")


def _is_self_signed(token: str) -> bool:
    return token.count(".") == 2


@dataclass
class TokenIssuer:
    """Turns what the sandbox's users sign, and the person's refresh token, into bearer tokens."""

    certificate_pem: bytes
    token_uri: str
    grant: RefreshGrant = field(default_factory=RefreshGrant)
    _tokens: dict[str, Token] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """Answers a token request.

        Raises TokenRefused.
        """
        match form.get("grant_type"):
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._issue(*self._signed(form))
            case "refresh_token":
                return self._issue(*self._refreshed(form))
        raise TokenRefused("unsupported_grant_type", "Service accounts and refresh tokens get tokens here.")

    def expire_all(self) -> None:
        """Every token that was handed out or shown until now has expired; whoever asks gets a new one."""
        self._end_all("expired")

    def revoke_all(self) -> None:
        """Every token until now is revoked, and the person's refresh token with it; service accounts get new ones."""
        self._end_all("revoked")
        self.grant = replace(self.grant, refresh_token=RefreshGrant().refresh_token)

    def _end_all(self, how: str) -> None:
        with self._lock:
            self._tokens = {text: replace(token, ended=token.ended or how) for text, token in self._tokens.items()}

    def allows(self, header: str, scopes: frozenset[str]) -> str:
        """Why this Authorization header does not open what needs one of the scopes; "" when it does.

        The reasons: missing, malformed, invalid, expired, revoked, scope.
        """
        if not header:
            return "missing"
        if not header.startswith("Bearer "):
            return "malformed"
        token = self._token(header)
        if token is None:
            return "invalid"
        if token.ended:
            if token.ended == "expired" and _is_self_signed(header):
                # What a client signs anew within the same second is the same token again; refused once is enough.
                with self._lock:
                    self._tokens.pop(header.removeprefix("Bearer "), None)
            return token.ended
        if token.until <= time.time():
            return "expired"
        return "" if token.scopes & scopes else "scope"

    def user(self, header: str) -> str:
        """Whose token an Authorization header carries, by e-mail address; "" for nobody's."""
        token = self._token(header)
        return token.email if token else ""

    def _token(self, header: str) -> Token | None:
        text = header.removeprefix("Bearer ")
        token = self._tokens.get(text)
        if token is None and _is_self_signed(text) and (claims := self._claims(text, audience=None)):
            # The REST clients sign their own token instead of asking for one; Google takes those as well.
            token = _as_signed(claims)
            with self._lock:
                self._tokens[text] = token
        return token

    def _issue(self, email: str, scopes: frozenset[str]) -> dict[str, Any]:
        text = f"sandbox-{secrets.token_urlsafe(24)}"
        with self._lock:
            self._tokens[text] = Token(email, scopes, time.time() + _LIFETIME)
        return {"access_token": text, "expires_in": _LIFETIME, "token_type": "Bearer"}

    def _signed(self, form: dict[str, str]) -> tuple[str, frozenset[str]]:
        claims = self._claims(form.get("assertion", ""), audience=[_AUDIENCE, self.token_uri])
        if claims is None:
            raise TokenRefused("invalid_grant", "Invalid JWT Signature.")
        token = _as_signed(claims)
        return token.email, token.scopes

    def _refreshed(self, form: dict[str, str]) -> tuple[str, frozenset[str]]:
        if (form.get("client_id"), form.get("client_secret")) != (self.grant.client_id, self.grant.client_secret):
            raise TokenRefused("invalid_client", "The OAuth client was not found.", status=401)
        if form.get("refresh_token") != self.grant.refresh_token:
            raise TokenRefused("invalid_grant", "Token has been expired or revoked.")
        granted = frozenset((ADS_SCOPE, READ_SCOPE, EDIT_SCOPE))
        wanted = frozenset(form.get("scope", "").split()) or granted
        if not wanted <= granted:
            raise TokenRefused("invalid_scope", "Some requested scopes were invalid.")
        return PERSON.email, wanted

    def _claims(self, signed: str, *, audience: list[str] | None) -> dict[str, Any] | None:
        """What one of the service accounts has signed; None for anything that none has."""
        try:
            claims = dict(jwt.decode(signed, certs=self.certificate_pem, audience=audience))
        except (ValueError, GoogleAuthError):
            return None
        return claims if claims.get("iss") in USERS else None


def _as_signed(claims: dict[str, Any]) -> Token:
    scopes = frozenset(str(claims.get("scope", "")).split()) or _OPENED_BY_AUDIENCE.get(
        str(claims.get("aud")), frozenset()
    )
    return Token(str(claims["iss"]), scopes, float(claims["exp"]))


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


def authorized_user_document(grant: RefreshGrant, token_uri: str) -> str:
    """The file that a sign-in in the browser leaves behind. Most loaders ignore its token_uri and ask Google."""
    return json.dumps(
        {
            "type": "authorized_user",
            "client_id": grant.client_id,
            "client_secret": grant.client_secret,
            "refresh_token": grant.refresh_token,
            "token_uri": token_uri,
        },
        indent=2,
    )
