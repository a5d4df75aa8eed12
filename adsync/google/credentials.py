"""Named credentials, and the rule that keeps real ones away from endpoints that are not Google's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from google.auth import default as application_default
from google.auth import impersonated_credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account

from adsync.errors import AccessDenied, SettingsError
from adsync.settings import CredentialSource, Endpoints, Environment, is_loopback

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
READ_SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
EDIT_SCOPE = "https://www.googleapis.com/auth/analytics.edit"
_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  (an address, not a secret)


def credentials(
    name: str, source: CredentialSource, environment: Environment, where: Endpoints, *, scopes: list[str]
) -> Any:
    """google-auth credentials for these scopes.

    Raises AccessDenied or SettingsError when they cannot be had, or do not belong to the endpoint.
    """
    try:
        found = _load(name, source, environment, scopes)
    except (OSError, ValueError, KeyError, GoogleAuthError) as error:
        raise AccessDenied(
            f'The credential "{name}" cannot be used.',
            f"{type(error).__name__}: {error}",
            next_step="See config/adsync.yaml.",
        ) from None
    _must_fit(name, found, where)
    if source.impersonate:
        return impersonated_credentials.Credentials(found, source.impersonate, scopes)
    return found


def _load(name: str, source: CredentialSource, environment: Environment, scopes: list[str]) -> Any:
    if source.key_file:
        return _service_account(_json(source.key_file), scopes)
    if source.google_ads_yaml:
        return _from_google_ads_keys(yaml.safe_load(source.google_ads_yaml.read_text(encoding="utf-8")) or {}, scopes)
    if source.environment:
        keys = {
            "client_id": environment.client_id,
            "client_secret": environment.client_secret,
            "refresh_token": environment.refresh_token,
            "json_key_file_path": environment.json_key_file_path,
        }
        return _from_google_ads_keys(keys, scopes)
    try:
        return application_default(scopes=scopes)[0]
    except DefaultCredentialsError as error:
        raise AccessDenied(
            "There are no credentials.",
            str(error),
            next_step=f'Name a service account\'s key under "credentials: {name}:" in the config; without a config: '
            "adsync init --key-file FILE",
        ) from None


def _from_google_ads_keys(keys: dict[str, Any], scopes: list[str]) -> Any:
    """The keys of google-ads.yaml, which GOOGLE_ADS_* variables share, in the library's own order of precedence."""
    if keys.get("use_application_default_credentials"):
        return application_default(scopes=scopes)[0]
    if all(keys.get(k) for k in ("client_id", "client_secret", "refresh_token")):
        return user_credentials.Credentials(
            None,
            refresh_token=keys["refresh_token"],
            client_id=keys["client_id"],
            client_secret=keys["client_secret"],
            token_uri=_TOKEN_URI,
        )
    if keys.get("json_key_file_path"):
        return _service_account(_json(Path(str(keys["json_key_file_path"]))), scopes, keys.get("impersonated_email"))
    raise ValueError("neither client_id, client_secret and refresh_token nor json_key_file_path are given")


class _SandboxServiceAccount(service_account.Credentials):
    """A service account of a sandbox. It asks Google nothing.

    The library looks up in the background from which regions an account may be used, at Google's and with its token.
    """

    def _maybe_start_regional_access_boundary_refresh(self, request: Any, url: str) -> None:
        return


def _service_account(info: dict[str, Any], scopes: list[str], subject: str | None = None) -> Any:
    of_sandbox = is_loopback(str(info.get("token_uri", "")))
    kind = _SandboxServiceAccount if of_sandbox else service_account.Credentials
    return kind.from_service_account_info(info, scopes=scopes, subject=subject)


def _json(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} is not a service account key")
    return document


def _must_fit(name: str, found: Any, where: Endpoints) -> None:
    """Sandbox credentials go to the sandbox and real ones to Google, never across."""
    made_for_sandbox = isinstance(found, _SandboxServiceAccount)
    if where.is_sandbox and not made_for_sandbox:
        raise SettingsError(
            f'The credential "{name}" is a real one, and the endpoint is a sandbox.',
            "Real credentials are sent to Google only.",
            next_step="Use the sandbox's own: set ADSYNC_CONFIG as its file env says, or unset ADSYNC_ADS_ENDPOINT.",
        )
    if made_for_sandbox and not where.is_sandbox:
        raise SettingsError(
            f'The credential "{name}" is a sandbox\'s, and no sandbox endpoint is set.',
            next_step="Read the sandbox's environment first: . DIR/env",
        )
