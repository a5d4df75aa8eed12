"""Starts a sandbox and keeps it until it is told to stop."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from adsync.errors import UsageError
from adsync.sandbox.ads.server import start_ads_server
from adsync.sandbox.estate import Estate, make_estate
from adsync.sandbox.export_files import UnreadableEvents, load_events
from adsync.sandbox.folder import SERVICE_ACCOUNT, Running, write_folder
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


class RunningSandbox:
    """A sandbox that answers on loopback until `stop`."""

    def __init__(
        self, directory: Path, estate: Estate, *, ads_port: int = 0, http_port: int = 0, latency: float = 0.0
    ) -> None:
        """Raises UsageError when a port is taken."""
        identities = make_identities()
        tokens = TokenIssuer(
            email=SERVICE_ACCOUNT, certificate_pem=identities.service_account.certificate_pem, token_uri=""
        )
        try:
            self._rest, bound_http = start_rest_server(Rest(estate, tokens), http_port, latency)
            self._ads, bound_ads = start_ads_server(estate, tokens, identities.server, ads_port, latency)
        except OSError as error:
            raise UsageError("The sandbox cannot listen.", str(error), next_step="Choose other ports.") from None
        self.estate = estate
        self.running = Running(directory=directory, ads_port=bound_ads, http_port=bound_http)
        tokens.token_uri = f"{self.running.url}/token"
        write_folder(self.running, estate, identities)
        self._thread = threading.Thread(target=self._rest.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.estate.faults.clear()
        self._ads.stop(grace=0.5).wait()
        self._rest.shutdown()
        self._rest.server_close()
        (self.running.directory / "sandbox.json").unlink(missing_ok=True)


def serve_until_stopped(sandbox: RunningSandbox) -> None:
    """Waits for Ctrl-C or SIGTERM, then stops the sandbox."""
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    over.wait()
    sandbox.stop()
