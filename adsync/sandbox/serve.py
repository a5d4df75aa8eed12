"""Starts a sandbox and keeps it until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from adsync.errors import UsageError
from adsync.sandbox.ads.descriptors import versions
from adsync.sandbox.ads.desk import Desk
from adsync.sandbox.ads.handlers import AdsHandlers
from adsync.sandbox.ads.project import LEVELS
from adsync.sandbox.ads.rest import AdsRest
from adsync.sandbox.building import clients_of, draw_account, make_estate
from adsync.sandbox.estate import Estate
from adsync.sandbox.export_files import UnreadableEvents, load_events
from adsync.sandbox.folder import Running, write_folder
from adsync.sandbox.front import Front
from adsync.sandbox.ga4.grpc_calls import Ga4Handlers
from adsync.sandbox.grpc_server import start_grpc_server
from adsync.sandbox.http_server import start_rest_server
from adsync.sandbox.oauth import TokenIssuer
from adsync.sandbox.rest import Rest
from adsync.sandbox.scenarios import SCENARIOS
from adsync.sandbox.stored import Recipe
from adsync.sandbox.tls import Identities, make_identities
from adsync.sandbox.world import Log


def build_estate(scenario: str, seed: int, *, accounts: int | None = None, events: Path | None = None) -> Estate:
    """The estate of a scenario, in memory only: nothing of it outlives the process.

    Raises UsageError for an unknown scenario and for events that cannot be read.
    """
    recipe = Recipe(scenario=scenario, seed=seed, accounts=accounts, events=str(events or ""))
    check_scenario(scenario)
    loaded = read_events(recipe)
    clients = clients_of(recipe)
    worlds = [draw_account(c, recipe, n, loaded if n == 0 else None) for n, c in enumerate(clients)]
    return make_estate(recipe, worlds, loaded=loaded is not None)


def check_scenario(name: str) -> None:
    """Raises UsageError, naming what there is, for a scenario that there is not."""
    if name not in SCENARIOS:
        raise UsageError(f"There is no scenario {name!r}.", f"The sandbox plays: {', '.join(sorted(SCENARIOS))}.")


def read_events(recipe: Recipe) -> Log | None:
    """The events of the recipe's export. Raises UsageError where they cannot be read."""
    try:
        return load_events(Path(recipe.events)) if recipe.events else None
    except UnreadableEvents as error:
        raise UsageError("The events cannot be loaded.", str(error)) from None


def check_project(access_level: str | None, retired: Collection[str]) -> None:
    """Raises UsageError for an access level or an API version that there is not; None for the level of before."""
    if access_level is not None and access_level not in LEVELS:
        raise UsageError(f"There is no access level {access_level!r}.", f"The levels: {', '.join(LEVELS)}.")
    if unknown := sorted(set(retired) - set(versions())):
        raise UsageError(
            f"There is no API version {unknown[0]!r}.", f"The installed client knows: {', '.join(versions())}."
        )


def set_project(estate: Estate, access_level: str | None, retired: Collection[str] = ()) -> None:
    """Sets what was given of the Cloud project behind the Ads calls; `check_project` has let it pass."""
    estate.project.level = access_level or estate.project.level
    estate.project.retired = set(retired) or estate.project.retired
    estate.changed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where to listen on loopback; 0 for any free port. ads: gRPC, that of GA4 as well. http and https: REST and OAuth.

    proxy: leads Google's own host names to the others.
    """

    ads: int = 0
    http: int = 0
    https: int = 0
    proxy: int = 0

    def or_else(self, others: Sequence[int]) -> Ports:
        """These ports, and for those that are left open here the others, as far as there are any."""
        own = (self.ads, self.http, self.https, self.proxy)
        ads, http, https, proxy = (port or other for port, other in zip_longest(own, others[: len(own)], fillvalue=0))
        return Ports(ads=ads, http=http, https=https, proxy=proxy)


class RunningSandbox:
    """A sandbox that answers on loopback until `stop`."""

    def __init__(
        self,
        directory: Path,
        estate: Estate,
        *,
        identities: Identities | None = None,
        ports: Ports | None = None,
        latency: float = 0.0,
    ) -> None:
        """latency: seconds that every answer takes longer than it needs. Raises UsageError when a port is taken."""
        ports = ports or Ports()
        identities = identities or make_identities()
        tokens = TokenIssuer(certificate_pem=identities.service_account.certificate_pem, token_uri="")
        estate.keep("tokens", tokens, without=("certificate_pem", "token_uri", "_lock"))
        estate.keep("project", estate.project, without=("_lock",))
        desk = Desk(estate, tokens, latency)
        rest, ads = Rest(directory, estate, tokens, latency), AdsRest(desk)
        try:
            plain, http_port = start_rest_server(rest, ads, ports.http)
            secure, https_port = start_rest_server(rest, ads, ports.https, identities.server)
            handlers = (Ga4Handlers(rest), AdsHandlers(desk))
            self._grpc, ads_port = start_grpc_server(handlers, identities.server, ports.ads)
            self._front = Front(grpc_port=ads_port, https_port=https_port, http_port=http_port, port=ports.proxy)
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
        self._grpc.stop(grace=0.5).wait()
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
