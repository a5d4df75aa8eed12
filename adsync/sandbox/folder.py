"""The files by which programs find a running sandbox: keys, an environment to source, and a config for adsync."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from adsync.files import write_private
from adsync.sandbox.addressing import serving_from
from adsync.sandbox.estate import MANAGER_ID, Estate
from adsync.sandbox.oauth import RefreshGrant, authorized_user_document, service_account_document
from adsync.sandbox.tls import Identities
from adsync.sandbox.users import PERSON, SERVICE_ACCOUNT, USERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where a sandbox listens."""

    directory: Path
    ads_port: int
    http_port: int
    https_port: int
    proxy_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def secure_url(self) -> str:
        return f"https://localhost:{self.https_port}"


def write_folder(running: Running, estate: Estate, identities: Identities, grant: RefreshGrant) -> None:
    """Writes everything a client needs, readable by its owner only."""
    directory = running.directory
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(directory / "ca.pem", identities.authority_pem.decode())
    for user in USERS.values():
        document = service_account_document(user.email, identities.service_account.key_pem, f"{running.url}/token")
        if user is PERSON:
            document = authorized_user_document(grant, f"{running.url}/token")
        write_private(directory / user.key_file, document)
    write_private(directory / "google-ads.yaml", google_ads_text(running))
    write_private(directory / "adsync.yaml", config_text(estate))
    write_private(directory / "env", environment_text(running))
    write_private(directory / "proxy-env", proxy_environment_text(running))
    facts = {"pid": os.getpid(), "ads_port": running.ads_port, "http_port": running.http_port}
    facts |= {"https_port": running.https_port, "proxy_port": running.proxy_port}
    # Last, because whoever waits for the sandbox waits for this file.
    write_private(directory / "sandbox.json", json.dumps(facts))


def environment_text(running: Running) -> str:
    """Lines for a shell to source. The second half points other programs' unmodified clients at the sandbox."""
    directory = running.directory.resolve()
    variables = {
        "ADSYNC_CONFIG": directory / "adsync.yaml",
        "ADSYNC_SANDBOX_DIR": directory,
        "ADSYNC_ADS_ENDPOINT": f"localhost:{running.ads_port}",
        "ADSYNC_ADS_CA_FILE": directory / "ca.pem",
        "ADSYNC_GA4_ENDPOINT": running.url,
        "ADSYNC_SANDBOX_HTTPS": running.secure_url,
        "ADSYNC_CLOCK_URL": f"{running.url}/sandbox/clock?{serving_from(directory)}",
        "GOOGLE_ADS_ENDPOINT": f"localhost:{running.ads_port}",
        "GOOGLE_ADS_JSON_KEY_FILE_PATH": directory / "service-account.json",
        "GOOGLE_ADS_LOGIN_CUSTOMER_ID": MANAGER_ID,
        "GOOGLE_ADS_USE_PROTO_PLUS": "true",
        "GOOGLE_APPLICATION_CREDENTIALS": directory / "service-account.json",
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": directory / "ca.pem",
    }
    return _exports(variables)


def proxy_environment_text(running: Running) -> str:
    """Lines for a shell in which programs with fixed endpoints run: Google's host names lead to the sandbox.

    Whatever else such a shell asks for over HTTPS is refused, so this is kept apart from `env`.
    """
    directory = running.directory.resolve()
    proxy, authority = f"http://127.0.0.1:{running.proxy_port}", directory / "ca.pem"
    variables = {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        # What `env` names is on this machine: a shell that has read both goes there directly.
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        # OpenSSL's own variable: Python, Ruby and PHP, and Go; curl looks for its own first.
        "SSL_CERT_FILE": authority,
        "CURL_CA_BUNDLE": authority,
        "NODE_EXTRA_CA_CERTS": authority,
        "REQUESTS_CA_BUNDLE": authority,
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": authority,
        "GOOGLE_APPLICATION_CREDENTIALS": directory / PERSON.key_file,
    }
    # Where it is set, some programs look there and not into the file.
    return f"{_exports(variables)}unset SSL_CERT_DIR\n"


def _exports(variables: Mapping[str, object]) -> str:
    return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items())


def google_ads_text(running: Running) -> str:
    """A google-ads.yaml for other programs: load_from_storage(DIR/google-ads.yaml)."""
    document = {
        "json_key_file_path": str(running.directory.resolve() / SERVICE_ACCOUNT.key_file),
        "login_customer_id": MANAGER_ID,
        "endpoint": f"localhost:{running.ads_port}",
        # Google ignores it by now, but some programs will not start without one.
        "developer_token": "none-needed",
        "use_proto_plus": True,
    }
    return yaml.safe_dump(document, sort_keys=False)


def config_text(estate: Estate) -> str:
    """A config for adsync that names every account of the sandbox."""
    accounts = []
    for number, (account, client) in enumerate(
        zip(estate.accounts.values(), estate.clients.values(), strict=True), start=1
    ):
        names = [name for name in account.property.log.names if name != client.macro]
        alike = sum(other.account == client.account for other in estate.clients.values())
        # The sandbox's own visitors do what the scenario says; a loaded export sends what it sends.
        loaded = "first_visit" in names or client.path.steps[0].name not in names
        candidates = names if loaded else client.candidates
        accounts.append(
            {
                "name": client.account if alike == 1 else f"{client.account}-{number}",
                "customer_id": account.customer_id,
                "login_customer_id": MANAGER_ID,
                "property_id": account.property.property_id,
                "business": client.business,
                "macro": {"event": client.macro, "actions": [client.action]},
                "candidates": [{"event": name} for name in candidates] or "from the catalogue",
            }
        )
    document = {
        "state": "adsync.db",
        # Loopback answers at once, and nobody wants to wait for a toy.
        "limits": {"threads": 16, "timeout_seconds": 20, "attempts": 3, "first_wait_seconds": 0.2},
        "credentials": {"default": {"key_file": "service-account.json"}},
        "accounts": accounts,
    }
    # The library's C half, where it was built: a config of a hundred accounts takes the other one half a second.
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
