"""What the sandbox's commands say to input that makes no sense; nothing is written then."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adsync.cli import run
from adsync.sandbox.home import Home, look_into
from tests.contract.changes import MIRROR, Changing, a_tag, name_of, remove
from tests.sandboxes import LocalSandbox


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sandbox that is not serving; its clock says 2026-03-02."""
    folder = tmp_path_factory.mktemp("drawn")
    place = Home(folder)
    place.estate({"scenario": "starved-shop", "history_days": 60, "future_days": 40})
    place.close()
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ADSYNC_SANDBOX_DIR", raising=False)
    return Told(capsys)


class Told:
    """Runs a command in an empty working folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> str:
        """What is printed."""
        assert run(["sandbox", *map(str, arguments)]) == 0, self._capsys.readouterr().err
        return self._capsys.readouterr().out

    def refused(self, *arguments: str | Path) -> str:
        """What is said when it is wrong usage."""
        assert run(["sandbox", *map(str, arguments)]) == 2
        said = self._capsys.readouterr()
        assert said.out == ""
        return " ".join(said.err.split())


def names(folder: Path) -> list[str]:
    """But for what SQLite keeps beside a database while it is open, and removes when it likes."""
    found = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    return sorted(name for name in found if not name.endswith(("-shm", "-wal")))


# Exports -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--to", ""], "it is empty. Name a path"),
        (["--to", "out", "--duplicates", "nan"], "nan is not in the range 0<=x<=1"),
        (["--to", "out", "--duplicates", "inf"], "inf is not in the range"),
        (["--to", "out", "--duplicates", "-1"], "-1.0 is not in the range"),
        (
            ["--to", "out", "--first", "2031-01-01"],
            "nothing to export from 2031-01-01. GA4 has processed the days from 20",
        ),
        (["--to", "out", "--last", "2001-01-01", "--days", "2"], "nothing to export up to 2001-01-01."),
        (["--to", "out", "--first", "2026-02-02", "--last", "2026-02-01"], "2026-02-02 is after 2026-02-01"),
        (["--to", "out", "--first", "2026-02-02", "--days", "2"], "not both"),
        (["--to", "out", "--customer", "42"], "no such property"),
    ],
    ids=" ".join,
)
def test_an_export_that_makes_no_sense_is_refused_and_nothing_is_written(
    drawn: Path, told: Told, tmp_path: Path, options: list[str], says: str
) -> None:
    assert says in told.refused("export-events", "--dir", drawn, *options)
    assert names(tmp_path) == []


@pytest.mark.parametrize("inside", [".", "world", "world/0000", "world/export"])
def test_an_export_stays_out_of_the_sandboxs_own_files(drawn: Path, told: Told, inside: str) -> None:
    before = names(drawn)
    assert "holds the sandbox itself" in told.refused("export-events", "--dir", drawn, "--to", drawn / inside)
    assert names(drawn) == before


def test_an_export_that_ends_before_the_last_day_asked_for_says_where_and_why(drawn: Path, told: Told) -> None:
    export = ("export-events", "--dir", drawn, "--to", "out", "--first", "2026-02-27", "--last")
    assert "None after" not in told(*export, "2026-03-01")
    said = told(*export, "2026-03-20", "--fresh")
    assert "(2026-02-27 to 2026-03-01) in out" in said
    assert (
        "None after 2026-03-01: at the sandbox's clock, 2026-03-02 04:00 UTC, GA4 has processed no later event." in said
    )
    assert "adsync sandbox advance" in said


def test_two_exports_are_not_mixed_unless_the_earlier_one_is_removed(drawn: Path, told: Told, tmp_path: Path) -> None:
    export = ("export-events", "--dir", drawn, "--to", "out")
    assert "of 3 days (2026-02-27 to 2026-03-01) in out" in told(*export, "--days", "3")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = names(tmp_path)
    for other in (("--days", "1"), ("--days", "3", "--format", "ndjson")):
        said = told.refused(*export, *other)
        assert "out holds another export. events_20260227.parquet" in said and "--fresh" in said
        assert names(tmp_path) == before
    told(*export, "--days", "3", "--duplicates", "0.1")
    assert names(tmp_path) == before, "the same days again replace themselves"
    assert "of 1 day (2026-03-01) in out" in told(*export, "--days", "1", "--format", "ndjson", "--fresh")
    assert names(tmp_path / "out") == ["events_20260301.ndjson", "notes.txt", "truth.json"]


@pytest.mark.parametrize("damage", ["junk", "folder"])
def test_an_export_of_a_sandbox_whose_memory_is_damaged_says_so(
    drawn: Path, told: Told, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(drawn, folder)
    for left in folder.glob("sandbox.db*"):  # what SQLite has yet to write back would mend the file
        left.unlink()
    if damage == "junk":
        (folder / "sandbox.db").write_bytes(b"junk" * 4096)
    else:
        (folder / "sandbox.db").mkdir()
    said = told.refused("export-events", "--dir", folder, "--to", "out")
    assert f"The sandbox in {folder} cannot be read. {folder}/sandbox.db cannot be used: " in said
    assert "serve --fresh" in said and not (tmp_path / "out").exists()


@pytest.fixture
def readable(drawn: Path) -> Iterator[Path]:
    """A copy that may be read and not written to, by whoever runs the tests: root, who may everything, is nobody meanwhile."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        shutil.copytree(drawn, folder, dirs_exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        me = os.geteuid()
        if not me:
            os.seteuid(65_534)
        try:
            yield folder
        finally:
            os.seteuid(me)
            folder.chmod(0o755)


def test_a_folder_that_is_only_to_be_read_is_read(readable: Path) -> None:
    before = names(readable)
    with pytest.raises(OSError, match="denied"):
        (readable / "new").touch()
    assert look_into(readable)[1].date_time.date().isoformat() == "2026-03-02"
    assert names(readable) == before


# Serving -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--dir", ""], "it is empty. Name a path"),
        (["--dir", "x", "--latency-ms", "nan"], "nan is not in the range 0<=x<=60000"),
        (["--dir", "x", "--latency-ms", "-5"], "-5.0 is not in the range"),
        (["--dir", "x", "--accounts", "100000"], "1<=x<=1000"),
        (["--dir", "x", "--history-days", "0"], "30<=x<=2000"),
        (["--dir", "x", "--events", "nowhere"], "'nowhere' does not exist"),
        (["--dir", "x", "--events", ""], "it is empty"),
        (["--dir", "x", "--faults", "nowhere"], "nowhere cannot be read"),
        (["--dir", "x", "--faults", ""], "it is empty"),
        (["--dir", "x", "--faults", "/dev/zero"], "it is larger than 20 MB"),
        (["--dir", "x", "--retire", "v99"], "no API version 'v99'. The installed client knows"),
        (["--dir", "x", "--access-level", ""], "no access level ''. The levels: test"),
    ],
    ids=" ".join,
)
def test_options_of_serve_that_make_no_sense_are_refused_before_anything_is_made(
    told: Told, tmp_path: Path, options: list[str], says: str
) -> None:
    assert says in told.refused("serve", *options)
    assert names(tmp_path) == []


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_somebody_elses_files_are_never_written_over(told: Told, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "map.txt").write_text("mine")
    (tmp_path / "adsync.yaml").write_text("accounts: []")
    before = names(tmp_path)
    said = told.refused("serve", "--dir", ".", *options)
    assert "holds something else than a sandbox. Serving from there would replace adsync.yaml, world." in said
    assert names(tmp_path) == before


def test_a_world_that_cannot_be_drawn_leaves_the_one_that_is_there(drawn: Path, told: Told, tmp_path: Path) -> None:
    before = names(drawn)
    (tmp_path / "export.json").write_text("{}")
    assert "cannot be loaded" in told.refused("serve", "--dir", drawn, "--fresh", "--events", "export.json")
    assert names(drawn) == before


@pytest.mark.parametrize(
    ("attribute", "what"),
    [
        ("sysconf", "needs about 528 MB of memory, and there are 100 MB."),
        ("disk_usage", "needs about 79 MB of room on the disk, and there are 1 MB."),
    ],
)
def test_a_world_that_the_machine_cannot_hold_is_refused(
    told: Told, monkeypatch: pytest.MonkeyPatch, attribute: str, what: str
) -> None:
    if attribute == "sysconf":
        monkeypatch.setattr(os, "sysconf", lambda name: 10_000)
    else:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: _Disk())
    said = told.refused("serve", "--dir", "x", "--sessions-per-day", "1000")
    assert "880,000 sessions" in said and what in said and "--history-days" in said


class _Disk:
    free = 1_000_000


# Controls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fault", "--call", "", "--kind", "cut"], "faults[0].call: found ''. Part of a call's name"),
        (["fault", "--call", "Search", "--kind", ""], "faults[0].kind: found ''. It is one of unavailable"),
        (["fault", "--call", "Search", "--kind", "cut", "--times", "0"], "1<=x<=1000000"),
        (["fault", "--call", "Search", "--kind", "cut", "--times", "99999999999999999999"], "1<=x<=1000000"),
        (["fault", "--call", "Search", "--kind", "cut", "--after", "-1"], "0<=x<=1000000"),
        (["fault", "--plan", ""], "it is empty"),
        (["fault", "--plan", "x.yaml", "--times", "3"], "leave --call, --kind, --times and --after out"),
        (["switch", "nope", "on"], "no switch 'nope'; there are: action_limit"),
        (["switch", "nope"], "There is no such switch"),
        (["switch", "ga4_sampling"], "It can be off or 50 or 10"),
        (["switch", "ga4_sampling", "11"], "ga4_sampling can be off or 50 or 10, not '11'"),
        (["advance", "--days", "0"], "x>=1"),
        (["advance", "--days", "-1"], "x>=1"),
        (["advance", "--days", "1e9"], "not a valid integer"),
        (["advance", "--days", "1000000000"], "The world ends in"),
        (
            ["install-tag", "--customer", "42", "--action", "1", "--event", "x"],
            "no account '42'; there are: 1000000001",
        ),
        (
            ["install-tag", "--customer", "1000000001", "--action", "x", "--event", "purchase"],
            "has no tag action 'x'. It has: 700000001 (Purchase (web)).",
        ),
        (
            ["install-tag", "--customer", "100-000-0001", "--action", "700000001", "--event", "nope"],
            "Nobody on this site does 'nope'; visitors do: add_payment_info, add_to_cart",
        ),
    ],
    ids=" ".join,
)
def test_a_control_that_makes_no_sense_is_refused_with_what_there_is(
    shared_sandbox: LocalSandbox, told: Told, words: list[str], says: str
) -> None:
    before = shared_sandbox.control.status()
    assert says in told.refused(words[0], "--dir", shared_sandbox.directory, *words[1:])
    assert shared_sandbox.control.status() == before


def test_only_actions_with_a_tag_that_are_not_removed_get_one_installed(
    shared_sandbox: LocalSandbox, ads: Changing, told: Told
) -> None:
    directory = shared_sandbox.directory
    upload = ads.make_one(a_tag("Upload", type_="UPLOAD_CLICKS"))
    call = ads.make_one(a_tag("Call", type_="AD_CALL", category="CONTACT"))
    gone, tag = ads.make_one(a_tag("Gone")), ads.make_one(a_tag("Signed up"))
    ads.make(remove("conversion_action", name_of("conversionActions", gone)))
    for number, why in (
        (upload, "'Upload' is UPLOAD_CLICKS."),
        (call, "'Call' is AD_CALL."),
        (gone, "'Gone' is WEBPAGE and removed."),
        (MIRROR, "is GOOGLE_ANALYTICS_4_PURCHASE."),
    ):
        words = ("--customer", "1000000001", "--action", str(number), "--event", "purchase")
        said = told.refused("install-tag", "--dir", directory, *words)
        assert f"has no tag action '{number}'" in said and why in said
        assert said.endswith(f"It has: 700000001 (Purchase (web)), {tag} (Signed up).")
    told("install-tag", "--dir", directory, "--customer", "1000000001", "--action", str(tag), "--event", "sign_up")


def test_a_folder_that_is_named_by_nothing_is_asked_for(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it is empty" in told.refused("status", "--dir", "")
    monkeypatch.setenv("ADSYNC_SANDBOX_DIR", "")
    assert "Name the sandbox's folder with --dir" in told.refused("status")


def test_what_a_fault_and_a_switch_do_is_said(shared_sandbox: LocalSandbox, told: Told) -> None:
    fault = ("fault", "--dir", shared_sandbox.directory, "--call", "Search", "--kind", "cut")
    assert told(*fault) == "The next call of Search: cut.\n"
    assert told(*fault, "--times", "3", "--after", "2") == "The next 3 calls of Search, after 2: cut.\n"
    shared_sandbox.control.fault("", "none")
    switch = ("switch", "--dir", shared_sandbox.directory, "ga4_sampling", "off")
    assert told(*switch) == "ga4_sampling stands at off from now on.\n"
    assert '"position": "off"' in told(*switch, "--json")
