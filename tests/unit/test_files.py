"""Files: private, whole or not at all, and never in place of something that is no file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adsync.files import read_yaml, write_private


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_private(link, "new")
    assert link.is_symlink() and target.read_text() == "new"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_private(path, "new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("name", ["", "folder", "nowhere/file"])
def test_where_nothing_can_be_written_nothing_is_left_behind(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"folder|No such file"):
        write_private(tmp_path / name, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    "text",
    [
        "day: 2026-13-45",
        "day: 2026-02-31",
        "n: !!int abc",
        "n: !!float abc",
        "n: !!bool abc",
        "n: !!timestamp abc",
        "n: " + "9" * 5000,
        "[" * 3000,
        "a: 1\na: 2",
        "? [a]\n: 1",
        "a: !!python/object:os.system x",
        "a: &a [*b]",
    ],
)
def test_what_is_no_yaml_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r".") as caught:
        read_yaml(path)
    assert "\n" not in str(caught.value)


def test_what_never_ends_is_not_read_to_its_end() -> None:
    with pytest.raises(ValueError, match="larger than 20 MB"):
        read_yaml(Path("/dev/zero"))


def test_yaml_and_json_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: [1, b]")
    assert read_yaml(path) == {"a": [1, "b"]}
    path.write_text('{"a": [1, "b"]}')
    assert read_yaml(path) == {"a": [1, "b"]}
