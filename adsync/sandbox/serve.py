"""Starts a sandbox and keeps it until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from adsync.errors import UsageError
from adsync.sandbox.ads.descriptors import versions
from adsync.sandbox.ads.desk import Desk
from adsync.sandbox.ads.project import LEVELS
from adsync.sandbox.ads.rest import AdsRest
from adsync.sandbox.ads.server import start_ads_server
from adsync.sandbox.estate import Estate, make_estate
from adsync.sandbox.export_files import UnreadableEvents, load_events
from adsync.sandbox.folder import Running, write_folder
from adsync.sandbox.front import Front
from adsync.sandbox.oauth import TokenIssuer
from adsync.sandbox.rest import Rest, start_rest_server
from adsync.sandbox.scenarios import SCENARIOS
from adsync.sandbox.tls import make_identities


def build_estate(scenario: str, seed: int, *, accounts: int = 1, events: Path | None = None) -> Estate:
    """The estate of a scenario. Raises UsageError for an unknown one and for events that cannot be read."""
    if scenario not in SCENARIOS:
        raise UsageError(f"There is no scenario {scenario!r}.", f"The sandbox plays: {', '.join(sorted(SCENARIOS))}.")
    try:
        loaded = load_events(events) if events else None
    except UnreadableEvents as error:
        raise UsageError("The events cannot be loaded.", str(error)) from None
    return make_estate(SCENARIOS[scenario], seed=seed, accounts=accounts, events=loaded)


def set_project(estate: Estate, access_level: str, retired: Collection[str] = ()) -> None:
    """Sets the Cloud project behind the Ads calls. Raises UsageError for a level or a version that there is not."""
    if access_level not in LEVELS:
        raise UsageError(f"There is no access level {access_level!r}.", f"The levels: {', '.join(LEVELS)}.")
    if unknown := sorted(set(retired) - set(versions())):
        raise UsageError(
            f"There is no API version {unknown[0]!r}.", f"The installed client knows: {', '.join(versions())}."
        )
    estate.project.level, estate.project.retired = access_level, set(retired)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where to listen on loopback; 0 for any free port. http and https: GA4, OAuth, and Google Ads over REST.

    proxy: leads Google's own host names to the others.
    """

    ads: int = 0
    http: int = 0
    https: int = 0
    proxy: int = 0


class RunningSandbox:
    """A sandbox that answers on loopback until `stop`."""

    def __init__(self, directory: Path, estate: Estate, *, ports: Ports | None = None, latency: float = 0.0) -> None:
        """latency: seconds that every answer takes longer than it needs. Raises UsageError when a port is taken."""
        ports = ports or Ports()
        identities = make_identities()
        tokens = TokenIssuer(certificate_pem=identities.service_account.certificate_pem, token_uri="")
        desk = Desk(estate, tokens, latency)
        rest, ads = Rest(estate, tokens), AdsRest(desk)
        try:
            plain, http_port = start_rest_server(rest, ads, ports.http, latency)
            secure, https_port = start_rest_server(rest, ads, ports.https, latency, identities.server)
            self._ads, ads_port = start_ads_server(desk, identities.server, ports.ads)
            self._front = Front(ads_port=ads_port, https_port=https_port, http_port=http_port, port=ports.proxy)
            proxy_port = self._front.start()
        except OSError as error:
            raise UsageError("The sandbox cannot listen.", str(error), next_step="Choose other ports.") from None
        self.estate = estate
        self.tokens = tokens
        self.running = Running(
            directory=directory,
            ads_port=ads_port,
            http_port=http_port,
            https_port=https_port,
            proxy_port=proxy_port,
        )
        tokens.token_uri = f"{self.running.url}/token"
        write_folder(self.running, estate, identities, tokens.grant)
        self._rest = (plain, secure)
        for server in self._rest:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.estate.faults.clear()
        self._front.stop()
        self._ads.stop(grace=0.5).wait()
        for server in self._rest:
            server.shutdown()
            server.server_close()
        (self.running.directory / "sandbox.json").unlink(missing_ok=True)


def serve_until_stopped(sandbox: RunningSandbox) -> None:
    """Waits for Ctrl-C or SIGTERM, then stops the sandbox."""
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    over.wait()
    sandbox.stop()
