"""Fixtures of the contract tests, and the switch that records cassettes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from google.auth import _exponential_backoff
from google.oauth2 import service_account

from adsync.google.retry import Patience
from adsync.sandbox import building, serve
from adsync.sandbox.ads.drafts import adopt, draft_of
from adsync.sandbox.drawing import make_world
from adsync.sandbox.tls import make_identities
from adsync.state import database
from tests.contract.changes import Changing
from tests.contract.clients import CUSTOMER, EDIT_SCOPE, ga4_grpc_client
from tests.contract.ga4 import Shop
from tests.sandboxes import LocalSandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the cassettes anew; see test_cassettes.py")


@pytest.fixture(scope="session")
def recording(request: pytest.FixtureRequest) -> bool:
    """Whether cassettes are recorded in this run."""
    # The option is unknown where this file was not an initial conftest: then nothing is recorded.
    return bool(request.config.getoption("--record", default=False))


@pytest.fixture(scope="session", autouse=True)
def shared_keys_and_worlds() -> Iterator[None]:
    """Sandboxes of a run share their keys and, for one seed, their world: making either takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve, "make_identities", cache(make_identities))
        patch.setattr(building, "make_world", cache(make_world))
        patch.setattr(serialization, "load_pem_private_key", cache(serialization.load_pem_private_key))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_power_cuts() -> Iterator[None]:
    """Databases of this process do not wait for the disk at every commit: no test pulls the plug of the machine.

    Whether a command that is killed has stored what it said is tried in tests/e2e, with processes of their own.
    """
    prepare = database._prepare

    def prepare_without_waiting(connection: Any, record: Any) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_prepare", prepare_without_waiting)
        yield


@pytest.fixture
def ads(shared_sandbox: LocalSandbox, no_lookups_at_google: None) -> Iterator[Changing]:
    """A sandbox to change; what the test did to its first account, its switches and its clock is undone afterwards."""
    running = shared_sandbox.running.estate
    account = running.accounts[CUSTOMER]
    saved, now, declared = draft_of([account]), running.now, account.declaration_missing
    yield Changing(shared_sandbox)
    adopt([account], saved)
    account.declaration_missing, running.now = declared, now
    running.switches.chosen.clear()


@pytest.fixture
def over_grpc(sandbox: LocalSandbox, no_lookups_at_google: None) -> Iterator[Shop]:
    """GA4's clients over gRPC, at a sandbox to change."""
    yield Shop(sandbox, ga4_grpc_client, EDIT_SCOPE)
    sandbox.control.fault("", "none")


@pytest.fixture(scope="session", autouse=True)
def quiet_clients() -> Iterator[None]:
    """Google's clients log as little as they do under the command line (`cli/logs.py`).

    At WARNING the Ads library looks into every failed call; at one that ended on this side, such as a message that
    cannot be decoded, it waits for ever.
    """
    logger = logging.getLogger("google")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


@pytest.fixture(scope="module")
def no_lookups_at_google() -> Iterator[None]:
    """For tests that use Google's clients directly.

    google-auth asks Google in the background from which regions a service account may be used; adsync keeps sandbox
    accounts from it, other programs do not.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            service_account.Credentials, "_maybe_start_regional_access_boundary_refresh", lambda *_: None, raising=True
        )
        yield


@pytest.fixture(scope="module")
def no_pauses() -> Iterator[None]:
    """Nobody waits between two attempts: neither adsync nor Google's library that asks for tokens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Patience, "_pause", lambda *_: 0.0)
        patch.setattr(_exponential_backoff, "time", SimpleNamespace(sleep=lambda _: None))
        yield
