"""A hold is listed with what to do, can be ended by a person who gives a reason, and is not seen again."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adsync.model.decision import Hold
from adsync.settings import load
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from tests.sandboxes import Shell, shell

BEFORE, SILENT_DAYS = 30, 7


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The purchase tag has been silent for days, and no night has run yet."""
    with shell(tmp_path_factory.mktemp("silent"), "--scenario", "tag-outage") as running:
        running.control.advance(BEFORE + SILENT_DAYS)
        yield running


@pytest.fixture(scope="module")
def first_night(unseen: Shell) -> subprocess.CompletedProcess[str]:
    return unseen.here("sync", "--no-apply", COLUMNS="1000")


@pytest.fixture(scope="module")
def silent(unseen: Shell, first_night: subprocess.CompletedProcess[str]) -> Shell:
    """The night on which the silence was seen is over."""
    assert first_night.returncode == 0
    return unseen


def test_a_hold_is_told_on_the_night_on_which_it_begins(
    silent: Shell, first_night: subprocess.CompletedProcess[str]
) -> None:
    first, told, *_ = first_night.stdout.splitlines()
    assert first.endswith(": Held.")
    assert told.startswith("Hold 1, since 20") and "broken tag" in told and "holds --clear 1" in told
    again = silent.here("sync", "--no-apply", "--exit-code")
    assert (again.returncode, again.stdout) == (0, "")
    [night] = json.loads(silent.here("sync", "--no-apply", "--json").stdout)["data"]["accounts"]
    assert (night["verdict"], night["holds"], night["holds_ended"]) == ("hold", [], [])


def test_holds_are_listed_ended_with_a_reason_and_not_seen_again(silent: Shell) -> None:
    listed = silent.here("holds")
    assert listed.returncode == 0 and "--clear 1" in listed.stdout and "broken tag" in listed.stdout
    [before] = json.loads(silent.here("holds", "--json").stdout)["data"]
    assert (before["id"], before["hold"]["code"], before["cleared_at"]) == (1, "tag_silent", None)
    [stands] = json.loads(silent.here("status", "--json").stdout)["data"]
    assert "Held" in stands["stands"] and "If nothing is wrong: adsync holds --clear 1 --reason" in stands["todo"]

    nameless = silent.here("holds", "--clear", "1")
    assert nameless.returncode == 2 and "--reason" in nameless.stderr
    unknown = silent.here("holds", "--clear", "99", "--reason", "because")
    assert unknown.returncode == 2 and "no hold 99" in unknown.stderr

    ended = silent.here("holds", "--clear", "1", "--reason", "the shop was closed")
    assert ended.returncode == 0 and "Nothing is held." in ended.stdout
    assert "Held" not in silent.here("status").stdout
    assert "the shop was closed" in silent.here("holds", "--all").stdout
    again = silent.here("holds", "--clear", "1", "--reason", "because")
    assert again.returncode == 2 and "ended already" in again.stderr

    silent.control.advance(1)
    assert silent.here("sync", "--no-apply").returncode == 0
    assert silent.here("holds").stdout == "Nothing is held.\n"


def test_a_note_is_listed_with_all_and_ended_like_a_hold(silent: Shell) -> None:
    night = silent.control.now().date()
    state = SqlHolds(Database(f"sqlite:///{silent.directory / 'adsync.db'}"))
    customer_id = next(iter(load(silent.directory / "adsync.yaml").accounts)).customer_id
    note = Hold(code="spike", since=night, saw="A day stood out.", todo="Look at it.", note=True)
    state.see(customer_id, [note], night)
    assert silent.here("holds").stdout == "Nothing is held.\n"
    assert json.loads(silent.here("holds", "--json").stdout)["data"] == []
    listed = json.loads(silent.here("holds", "--all", "--json").stdout)["data"][-1]
    assert listed["hold"]["note"] and listed["hold"]["saw"] == "A day stood out."
    words = " ".join(silent.here("holds", "--all", COLUMNS="400").stdout.split())
    assert "A note: it holds nothing. Look at it." in words and f"--clear {listed['id']}" in words
    ended = silent.here("holds", "--clear", str(listed["id"]), "--reason", "a sale")
    assert ended.returncode == 0 and state.cleared(customer_id) >= {("spike", night)}


def reopen(shop: Shell) -> None:
    """As if nobody had ended the first hold."""
    with sqlite3.connect(shop.directory / "adsync.db") as connection:
        connection.execute(
            "UPDATE hold SET cleared_at = NULL, ended_on = NULL, cleared_by = '', reason = '' WHERE id = 1"
        )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("", "go together"),
        (" \t\n", "go together"),
        ("\u200b\u202e\x07", "go together"),
        ("x" * 501, "The reason has 501 characters; 500 are enough"),
    ],
    ids=["none", "blank", "invisible", "too long"],
)
def test_a_reason_is_a_sentence(reason: str, says: str, silent: Shell) -> None:
    reopen(silent)
    ran = silent.here("holds", "--clear", "1", "--reason", reason)
    assert ran.returncode == 2 and says in ran.stderr
    assert json.loads(silent.here("holds", "--json").stdout)["data"][0]["id"] == 1


def test_a_reason_is_kept_without_what_would_move_a_cursor(silent: Shell) -> None:
    reopen(silent)
    assert silent.here("holds", "--clear", "1", "--reason", "closed\x1b[2J\nfor a week").returncode == 0
    first = json.loads(silent.here("holds", "--all", "--json").stdout)["data"][0]
    assert first["reason"] == "closed[2J for a week"
    again = silent.here("holds", "--clear", "1", "--reason", "because")
    assert "ended it: closed[2J for a week" in again.stderr


def test_of_several_at_once_one_ends_a_hold_and_the_others_are_told(silent: Shell) -> None:
    reopen(silent)
    with ThreadPoolExecutor(3) as pool:
        ran = list(pool.map(lambda n: silent.adsync("holds", "--clear", "1", "--reason", f"person {n}"), range(3)))
    assert sorted(r.returncode for r in ran) == [0, 2, 2]
    [winner] = [n for n, r in enumerate(ran) if r.returncode == 0]
    assert all(f"ended it: person {winner}" in r.stderr for r in ran if r.returncode)
    assert json.loads(silent.here("holds", "--all", "--json").stdout)["data"][0]["reason"] == f"person {winner}"


def test_the_hold_of_another_account_is_not_ended_by_mistake(silent: Shell) -> None:
    reopen(silent)
    config = silent.directory / "two.yaml"
    right = (silent.directory / "adsync.yaml").read_text()
    config.write_text(
        right
        + right.partition("accounts:\n")[2].replace("name: shop", "name: other").replace("1000000001", "1000000009")
    )
    ran = silent.here("--config", str(config), "holds", "--account", "other", "--clear", "1", "--reason", "because")
    assert ran.returncode == 2 and "no hold 1 of other" in ran.stderr
    assert json.loads(silent.here("holds", "--json").stdout)["data"][0]["cleared_at"] is None


def test_of_two_holds_each_names_the_other(silent: Shell) -> None:
    path, day = silent.directory / "adsync.yaml", silent.control.now().date()
    right = path.read_text()
    path.write_text(f"{right}\npolicy: {{freezes: [{{from: {day}, to: {day}, why: sale}}]}}\n")
    try:
        assert silent.here("sync", "--no-apply").returncode == 0
        ids = [known["id"] for known in json.loads(silent.here("holds", "--json").stdout)["data"]]
        [stands] = json.loads(silent.here("status", "--json").stdout)["data"]
        assert len(ids) == 2 and stands["todo"].endswith("(and 1 more: adsync holds)")
        ended = silent.here("holds", "--clear", str(ids[0]), "--reason", "because")
        assert f"Hold {ids[0]} is ended. Hold {ids[1]} still holds: " in ended.stderr
        assert "counts again" not in ended.stderr
    finally:
        path.write_text(right)


def test_a_command_that_is_killed_leaves_a_hold_either_as_it_was_or_ended(silent: Shell) -> None:
    reopen(silent)
    command = [str(Path(sys.executable).parent / "adsync"), "holds", "--clear", "1", "--reason", "killed"]
    for moment in (0.4, 0.8):
        process = subprocess.Popen(command, env={**os.environ, **silent.variables}, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.kill()
        process.wait()
        [known] = [h for h in json.loads(silent.here("holds", "--all", "--json").stdout)["data"] if h["id"] == 1]
        assert (known["cleared_at"] is None, known["reason"]) in ((True, ""), (False, "killed"))


def test_what_is_set_wrongly_is_not_ended_by_a_word(silent: Shell) -> None:
    path = silent.directory / "adsync.yaml"
    right = path.read_text()
    path.write_text(right.replace("Purchase (web)", "Sales of yore"))
    try:
        told = silent.here("sync", "--no-apply", "--exit-code", "--json")
        assert told.returncode == 3
        [night] = json.loads(told.stdout)["data"]["accounts"]
        assert "macro_missing" in [known["hold"]["code"] for known in night["holds"]]
        [held] = [
            h for h in json.loads(silent.here("holds", "--json").stdout)["data"] if h["hold"]["code"] == "macro_missing"
        ]
        refused = silent.here("holds", "--clear", str(held["id"]), "--reason", "because")
        assert refused.returncode == 4 and "cannot be ended by a word" in refused.stderr
    finally:
        path.write_text(right)
    mended = silent.here("sync", "--no-apply")
    assert mended.returncode == 0 and f"Hold {held['id']}, since" in mended.stdout
    assert "has ended by itself" in " ".join(mended.stdout.split())
    assert "macro_missing" not in silent.here("holds", "--json").stdout
    assert "Ended by itself" in silent.here("holds", "--all").stdout


@pytest.mark.slow
def test_a_consent_banner_that_fails_is_told_with_what_to_do_and_holds_nothing(tmp_path: Path) -> None:
    with shell(tmp_path / "banner", "--scenario", "broken-banner") as shop:
        shop.control.advance(21)
        assert shop.adsync("sync", "--no-apply").returncode == 0
        assert "consent banner" not in shop.adsync("holds", "--all").stdout + shop.adsync("status").stdout
        shop.control.advance(10)
        assert shop.adsync("sync", "--no-apply").returncode == 0
        told = " ".join(shop.adsync("holds", "--all", COLUMNS="1000").stdout.split())
        assert "fewer sessions from ads for each ad click" in told and "Check the consent banner" in told
        assert "Check the consent banner" in " ".join(shop.adsync("status", COLUMNS="1000").stdout.split())
        assert shop.adsync("holds").stdout == "Nothing is held.\n"
