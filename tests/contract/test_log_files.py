"""Files of events as programs and accidents leave them: read, or refused in words that name the file and the reason."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from adsync.errors import AdsyncError
from adsync.events.scratch import Scratch
from tests.contract.test_score_inputs import HEADER, csv, lines, read, refused, used

ROWS = lines()
ALL = len(ROWS)


# Headers ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{row}," for row in (HEADER, *ROWS)) + "\n",
        "\n".join(f"0,{row},x," for row in ROWS).join((f",{HEADER},,\n", "\n")),
        "\r".join((HEADER, *ROWS)) + "\r",
        "\n" * 3 + "\n".join((HEADER, *ROWS)),
        "\ufeff\r\n" + "\r\n".join((HEADER, *ROWS)),
        "\r\r" + "\r".join((HEADER, *ROWS)),
    ],
    ids=[
        "comma at the end",
        "columns without names",
        "\\r",
        "blank lines",
        "blank line after a mark",
        "blank lines, \\r",
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_headers_as_programs_write_them_are_read(text: str, name: str, tmp_path: Path) -> None:
    packed = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    (tmp_path / name).write_bytes(packed)
    log = read(tmp_path / name)
    assert (log.rows, used(log), log.visitors) == (ALL, ALL, 40)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ([f"{HEADER},channel,Channel"], "Columns are named channel and Channel"),
        ([f"{HEADER},channel", f"{HEADER},Channel"], "Columns are named channel and Channel"),
        ([f"{HEADER},channel,channel"], "has two columns named channel"),
        ([f"{HEADER},{'x' * 200_000}"], "Its first line holds no names of columns"),
    ],
)
def test_headers_that_do_not_tell_columns_apart_are_refused(headers: list[str], says: str, tmp_path: Path) -> None:
    for n, header in enumerate(headers):
        csv(tmp_path / f"{n}.csv", [row + ",x" * (header.count(",") - HEADER.count(",")) for row in ROWS], header)
    assert says in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.csv", "It is compressed by gzip, and its name does not say so. Name it a.csv.gz"), ("a.csv.gz", "UTF-32")],
)
def test_what_the_bytes_of_a_file_are_is_said(name: str, says: str, tmp_path: Path) -> None:
    encoding = "utf-32" if says == "UTF-32" else "utf-8"
    (tmp_path / name).write_bytes(gzip.compress("\n".join((HEADER, *ROWS)).encode(encoding)))
    assert says in refused(tmp_path / name)


# Paths ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x" * 300 + ".csv", "cannot be read: File name too long."),
        ("x" * 300 + "/a.csv", "cannot be read: File name too long."),
        ("loop.csv", "cannot be read: Too many levels of symbolic links."),
        ("pipe.csv", "is no file. Pipes are read once"),
        ("a.csv/b.csv", "There is no file"),
    ],
)
def test_what_the_system_does_not_open_is_said_in_its_words(name: str, says: str, tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", ROWS)
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert says in refused(tmp_path / name)


def test_a_temporary_folder_of_too_long_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdsyncError, match=r"cannot be made in .*: File name too long\..*TMPDIR"):
        Scratch(tmp_path / ("x" * 300))
