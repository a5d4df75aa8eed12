"""Variables that adsync reads, and where they say that Google is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from adsync.errors import SettingsError


class Environment(BaseSettings):
    """Variables that adsync reads, from the environment or a file named .env in the working folder."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True)

    config: Path | None = Field(None, validation_alias="ADSYNC_CONFIG")
    state: str = Field("", validation_alias="ADSYNC_STATE")
    ads_endpoint: str = Field("", validation_alias="ADSYNC_ADS_ENDPOINT")
    ads_ca_file: Path | None = Field(None, validation_alias="ADSYNC_ADS_CA_FILE")
    ga4_endpoint: str = Field("", validation_alias="ADSYNC_GA4_ENDPOINT")
    clock_url: str = Field("", validation_alias="ADSYNC_CLOCK_URL")
    bigquery_emulator_host: str = Field("", validation_alias="BIGQUERY_EMULATOR_HOST")
    json_key_file_path: Path | None = Field(None, validation_alias="GOOGLE_ADS_JSON_KEY_FILE_PATH")
    google_ads_yaml: Path | None = Field(None, validation_alias="GOOGLE_ADS_CONFIGURATION_FILE_PATH")
    log_key: str = Field("", validation_alias="ADSYNC_LOG_KEY", repr=False)
    log_key_lost: bool = Field(False, validation_alias="ADSYNC_LOG_KEY_LOST")
    client_id: str = Field("", validation_alias="GOOGLE_ADS_CLIENT_ID")
    client_secret: str = Field("", validation_alias="GOOGLE_ADS_CLIENT_SECRET", repr=False)
    refresh_token: str = Field("", validation_alias="GOOGLE_ADS_REFRESH_TOKEN", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where Google is: empty for the real one, else a sandbox on this machine.

    clock_url: where the sandbox tells its own time.
    """

    ads: str = ""
    ga4: str = ""
    ads_ca_pem: bytes = b""
    clock_url: str = ""

    @property
    def is_sandbox(self) -> bool:
        return bool(self.ads)


def endpoints(environment: Environment) -> Endpoints:
    """The endpoints that the environment names.

    Raises SettingsError when one of them is not on this machine, or only one of the two is given.
    """
    named = {
        "ADSYNC_ADS_ENDPOINT": environment.ads_endpoint,
        "ADSYNC_GA4_ENDPOINT": environment.ga4_endpoint,
        "ADSYNC_CLOCK_URL": environment.clock_url,
    }
    for name, address in named.items():
        if address and not is_loopback(address):
            raise SettingsError(
                f"{name}: found {address!r}; an endpoint that is not Google's may only be on this machine (localhost).",
                next_step="Unset it to talk to Google.",
            )
    if bool(environment.ads_endpoint) != bool(environment.ga4_endpoint):
        raise SettingsError(
            "ADSYNC_ADS_ENDPOINT and ADSYNC_GA4_ENDPOINT belong together.",
            "With one of them alone, half of the numbers would come from the sandbox and half from Google.",
        )
    if not environment.ads_endpoint:
        # A clock that is not Google's and not this machine's would date real changes wrongly.
        return Endpoints()
    try:
        pem = environment.ads_ca_file.read_bytes() if environment.ads_ca_file else b""
    except OSError as error:
        raise SettingsError(f"ADSYNC_ADS_CA_FILE cannot be read: {error}.") from None
    return Endpoints(
        ads=environment.ads_endpoint, ga4=environment.ga4_endpoint, ads_ca_pem=pem, clock_url=environment.clock_url
    )


def is_loopback(address: str) -> bool:
    """True when an http URL, or host:port, can only mean this machine."""
    scheme, has_scheme, rest = address.rpartition("://")
    # Clients read schemes in their own ways: gRPC takes dns://RESOLVER/HOST, requests whatever stands before the slashes.
    if has_scheme and scheme not in ("http", "https"):
        return False
    try:
        parts = urlsplit(f"//{rest}")
        host = (parts.hostname or "").lower()
        plain = parts.username is None and (has_scheme or not parts.path) and "\\" not in rest
        return plain and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
