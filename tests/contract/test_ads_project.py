"""The options of `adsync sandbox serve` that concern Google Ads' project, and what `adsync sandbox status` says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandboxes import run_adsync, shell


def test_the_command_sets_the_project_and_status_shows_it(tmp_path: Path) -> None:
    options = ("--scenario", "starved-shop", "--access-level", "explorer", "--retire", "v23")
    with shell(tmp_path / "sandbox", *options) as running:
        shown = running.adsync("sandbox", "status").stdout
    assert "explorer access: 0 of 2,880 operations in 24 h" in shown and "Retired versions: v23" in shown


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--access-level", "gold"), "test, explorer, basic, standard"),
        (("--retire", "v1"), "The installed client knows: v"),
    ],
)
def test_what_there_is_not_is_refused_by_naming_what_there_is(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    done = run_adsync("sandbox", "serve", "--dir", str(tmp_path / "sandbox"), *options, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr
