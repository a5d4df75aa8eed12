"""A hold is listed with what to do, can be ended by a person who gives a reason, and is not seen again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from adsync.model.decision import Hold
from adsync.settings import load
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from tests.sandboxes import Shell, shell

BEFORE, SILENT_DAYS = 30, 7


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A night on which the purchase tag has been silent for days."""
    with shell(tmp_path_factory.mktemp("silent"), "--scenario", "tag-outage") as running:
        running.control.advance(BEFORE + SILENT_DAYS)
        assert running.adsync("sync", "--no-apply").returncode == 0
        yield running


def test_holds_are_listed_ended_with_a_reason_and_not_seen_again(silent: Shell) -> None:
    listed = silent.adsync("holds")
    assert listed.returncode == 0 and "--clear 1" in listed.stdout and "broken tag" in listed.stdout
    [before] = json.loads(silent.adsync("holds", "--json").stdout)["data"]
    assert (before["id"], before["hold"]["code"], before["cleared_at"]) == (1, "tag_silent", None)
    [stands] = json.loads(silent.adsync("status", "--json").stdout)["data"]
    assert "Held" in stands["stands"] and "If nothing is wrong: adsync holds --clear 1 --reason" in stands["todo"]

    nameless = silent.adsync("holds", "--clear", "1")
    assert nameless.returncode == 2 and "--reason" in nameless.stderr
    unknown = silent.adsync("holds", "--clear", "99", "--reason", "because")
    assert unknown.returncode == 2 and "no hold 99" in unknown.stderr

    ended = silent.adsync("holds", "--clear", "1", "--reason", "the shop was closed")
    assert ended.returncode == 0 and "Nothing is held." in ended.stdout
    assert "Held" not in silent.adsync("status").stdout
    assert "the shop was closed" in silent.adsync("holds", "--all").stdout
    again = silent.adsync("holds", "--clear", "1", "--reason", "because")
    assert again.returncode == 2 and "ended already" in again.stderr

    silent.control.advance(1)
    assert silent.adsync("sync", "--no-apply").returncode == 0
    assert silent.adsync("holds").stdout == "Nothing is held.\n"


def test_a_note_is_listed_with_all_and_ended_like_a_hold(silent: Shell) -> None:
    night = silent.control.now().date()
    state = SqlHolds(Database(f"sqlite:///{silent.directory / 'adsync.db'}"))
    customer_id = next(iter(load(silent.directory / "adsync.yaml").accounts)).customer_id
    note = Hold(code="spike", since=night, saw="A day stood out.", todo="Look at it.", note=True)
    state.see(customer_id, [note], night)
    assert silent.adsync("holds").stdout == "Nothing is held.\n"
    assert json.loads(silent.adsync("holds", "--json").stdout)["data"] == []
    listed = json.loads(silent.adsync("holds", "--all", "--json").stdout)["data"][-1]
    assert listed["hold"]["note"] and listed["hold"]["saw"] == "A day stood out."
    words = " ".join(silent.adsync("holds", "--all", COLUMNS="400").stdout.split())
    assert "A note: it holds nothing. Look at it." in words and f"--clear {listed['id']}" in words
    ended = silent.adsync("holds", "--clear", str(listed["id"]), "--reason", "a sale")
    assert ended.returncode == 0 and state.cleared(customer_id) >= {("spike", night)}


def test_what_is_set_wrongly_is_not_ended_by_a_word(silent: Shell) -> None:
    path = silent.directory / "adsync.yaml"
    right = path.read_text()
    path.write_text(right.replace("Purchase (web)", "Sales of yore"))
    try:
        assert silent.adsync("sync", "--no-apply").returncode == 0
        [held] = [
            h
            for h in json.loads(silent.adsync("holds", "--json").stdout)["data"]
            if h["hold"]["code"] == "macro_missing"
        ]
        refused = silent.adsync("holds", "--clear", str(held["id"]), "--reason", "because")
        assert refused.returncode == 4 and "cannot be ended by a word" in refused.stderr
    finally:
        path.write_text(right)
    assert silent.adsync("sync", "--no-apply").returncode == 0
    assert "macro_missing" not in silent.adsync("holds", "--json").stdout
    assert "Ended by itself" in silent.adsync("holds", "--all").stdout
