"""Which files and folders are a day's table, and what their names may say: nothing but that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adsync.errors import UsageError
from adsync.events.files import find_files
from adsync.model.exposure import LogSummary
from adsync.wiring import event_log

START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
LESS_FINAL = "1 intraday or fresh file was not read: there is a more final one of the same day."


def log_file(path: Path, visitor: str = "u1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    device = "'phone' as device"
    if path.suffix == ".ndjson":
        device = "{'category': 'phone'} as device, [] as event_params"
    row = f"select '{visitor}' as user_pseudo_id, {START} as event_timestamp, 'purchase' as event_name, {device}"
    form = {".csv": "csv, header", ".parquet": "parquet", ".ndjson": "json"}[path.suffix]
    duckdb.sql(f"copy ({row}) to '{path}' (format {form})")
    return path


def read(*paths: Path) -> LogSummary:
    with event_log(paths, "purchase") as log:
        return log.summary


def found(folder: Path, *names: str, given: tuple[str, ...] = (".",)) -> tuple[set[str], tuple[str, ...]]:
    """Which of these files are read, and what is said of the others."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    files = find_files([folder / name for name in given])
    return {str(path.relative_to(folder)) for path in files.paths}, files.notes


@pytest.mark.parametrize(
    "final",
    [
        "a/events_20260301.parquet",
        "b/events_20260301.parquet",
        "a/events_20260301000000000000.parquet",
        "a/Events_20260301.parquet",
        "a/events_20260301.parquet/part-0.parquet",
        "a/events_20260301/part-0.parquet",
    ],
)
def test_a_less_final_table_of_the_same_day_is_not_read_wherever_it_lies(final: str, tmp_path: Path) -> None:
    for name in ("b/events_intraday_20260301.parquet", "b/Events_Fresh_20260301000000000000.parquet"):
        kept, notes = found(tmp_path / Path(name).name, final, name, given=("a", "b") if final[0] == "a" else ("b",))
        assert (kept, notes) == ({final}, (LESS_FINAL,)), name


def test_all_parts_of_one_table_are_read_and_other_days_stay(tmp_path: Path) -> None:
    names = [f"events_20260301{part:012}.parquet" for part in range(3)] + ["events_intraday_20260302.parquet"]
    assert found(tmp_path, *names) == (set(names), ())
    names = [f"events_20260301.parquet/part-{part}.parquet" for part in range(3)] + ["events_20260302/part-0.parquet"]
    assert found(tmp_path / "spark", *names, "events_20260301.parquet/_SUCCESS", "other/events_20260303.parquet") == (
        set(names),
        (f"1 folder in {tmp_path / 'spark'} is not looked into: other.",),
    )


def test_a_table_in_several_folders_is_told_of(tmp_path: Path) -> None:
    names = ("a/events_20260301.parquet", "b/events_20260301.parquet", "b/events_20260302.parquet")
    kept, (note,) = found(tmp_path, *names, given=("a", "b"))
    assert kept == set(names) and note.startswith("The table of 1 day lies in several folders, and all are read: ")


def test_a_folder_named_like_a_file_is_that_file(tmp_path: Path) -> None:
    log_file(tmp_path / "log" / "a.parquet", "u1")
    log_file(tmp_path / "log" / "b.parquet" / "part-0.parquet", "u2")
    assert read(tmp_path / "log").visitors == read(tmp_path / "log" / "b.parquet").visitors + 1 == 2
    (tmp_path / "log" / "b.parquet" / "part-1.parquet").symlink_to(tmp_path / "gone")
    assert "1 link leads nowhere" in read(tmp_path / "log").notes[0]


def test_what_a_folder_named_like_a_file_holds_besides_is_told(tmp_path: Path) -> None:
    names = ("a.parquet", "log.parquet/part-0.parquet", "log.parquet/part-2.parquet.zst", "log.parquet/_SUCCESS")
    kept, notes = found(tmp_path, *names, "log.parquet/day=1/b.parquet", "log.parquet/c.parquet/d.parquet")
    assert kept == set(names[:2])
    assert notes == (
        f"1 other file in {tmp_path} is no event log: log.parquet/part-2.parquet.zst.",
        f"2 folders in {tmp_path} are not looked into: log.parquet/c.parquet and log.parquet/day=1.",
    )


@pytest.mark.parametrize("inside", ["day=1", "log.parquet/day=1"])
def test_where_all_lies_deeper_it_is_said_how_to_name_it(inside: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        found(tmp_path, f"{inside}/part-0.parquet")
    said = str(told.value)
    assert f"1 folder in {tmp_path} is not looked into: {inside}." in said
    assert f"name each folder that holds some: --events {tmp_path / inside} " in said
    assert found(tmp_path, given=(inside,))[0] == {f"{inside}/part-0.parquet"}


@pytest.mark.parametrize(
    "copy", ["a (1).csv.gz", "a(2).csv.gz", "a copy.csv.gz", "a copy 3.csv.gz", "a - Copy (2).csv.gz"]
)
def test_a_file_that_is_named_like_a_copy_of_one_beside_it_is_told_of(copy: str, tmp_path: Path) -> None:
    kept, (note,) = found(tmp_path, "a.csv.gz", copy, "b (1).csv.gz")
    assert len(kept) == 3
    assert note.startswith(f"1 file is named like a copy of one beside it, and both are read: {tmp_path / copy}. What")


def test_a_folder_named_like_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, inside = log_file(tmp_path / "b.parquet" / "part-0.parquet").parent, Path.iterdir

    def forbidden(path: Path) -> Iterable[Path]:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return inside(path)

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(UsageError, match=r"The folder .*b\.parquet cannot be read: Permission denied"):
        find_files([tmp_path])


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_a_folder_that_is_named_like_a_column_says_nothing(ending: str, tmp_path: Path) -> None:
    folder = tmp_path / "event_timestamp=5" / "user_pseudo_id=x" / "event_name=scroll" / "device=other"
    log = read(log_file(folder / f"log.{ending}", "u1"), log_file(folder / "user_pseudo_id=y" / f"log.{ending}", "u2"))
    assert (log.names, log.visitors, log.labels["device"][2:]) == ({"purchase": 2}, 2, ("phone",))
