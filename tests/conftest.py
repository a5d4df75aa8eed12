"""Fixtures that several test modules share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.sandboxes import LocalSandbox, Shell, local_sandbox, shell

ROOT = Path(__file__).parent.parent

# `make test` tries the same examples every time, so that a change is judged by what it changed; `make verify` looks for new ones.
# No example has a deadline: how long one takes is the machine's matter.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real inputs beside the checkout; a fresh clone has none."""
    found = ROOT.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip(f"needs the real inputs of {found}, which are not there")
    return found


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalSandbox]:
    """A starved shop in this process, of which the test may change what it likes."""
    with local_sandbox(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A starved shop in this process that a module's tests only read from."""
    with local_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a starved shop's sandbox process."""
    with shell(tmp_path_factory.mktemp("shop"), "--scenario", "starved-shop", "--seed", "7") as running:
        yield running
