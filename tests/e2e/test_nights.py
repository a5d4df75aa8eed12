"""Nights from the command line: from the first pull to a change that is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adsync.render.markdown import inert
from tests.sandboxes import Shell, shell


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shop with twelve purchases a month, at the start of its story."""
    with shell(tmp_path_factory.mktemp("growing"), "--scenario", "growing-shop", "--seed", "7") as running:
        yield running


def flags(shop: Shell) -> dict[str, str]:
    """The conversion actions of the sandbox's one account: status and whether primary."""
    actions: dict[str, str] = shop.control.status()["accounts"][0]["actions"]
    return actions


def test_a_helper_comes_to_life_is_hidden_again_by_a_rollback_and_stays_hidden(growing: Shell) -> None:
    first = growing.here("sync")
    assert first.returncode == 0, first.stderr
    assert "Mark as key event in GA4" in first.stdout
    assert "waits for you" in first.stdout

    again = growing.here("sync")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", ""), "a night without news is silent"

    assert growing.here("plan", "--exit-code").returncode == 3
    drawn = growing.here("plan", "--markdown", "--exit-code")
    assert drawn.returncode == 3 and drawn.stdout.startswith("### shop\n")
    (told,) = json.loads(growing.here("plan", "--json").stdout)["data"]
    assert len(told["in_words"]) == 2
    for row in told["in_words"]:
        for word in (row["change"], row["what"], row["where"], row["because"], row["consent"], *row["beside"]):
            assert inert(word) in drawn.stdout, "Markdown and JSON say the same"
    assert drawn.stdout.endswith("Say yes or no: `adsync review --account shop`\n")
    assert growing.here("plan", "--markdown", "--json").returncode == 2
    dry = growing.here("apply", "--dry-run")
    assert "Waits for review" in dry.stdout
    assert "add_to_cart" not in " ".join(flags(growing))

    assert growing.here("review", "--approve", "all").returncode == 0
    twice = growing.here("apply", "--account", "shop", "--account", "shop")
    assert twice.returncode == 0, "an account that is named twice is worked on once"
    assert "applied" in twice.stdout
    assert [e["outcome"] for e in json.loads(growing.here("log", "--json").stdout)["data"]] == ["applied"] * 2
    assert growing.here("log", "--since", "0001-01-01").returncode == 0
    for head in ("", "zz"):  # such as a variable of a script that was never set
        refused = growing.here("log", "--verify", "--head", head)
        assert refused.returncode == 2 and "is no head: 64 hexadecimal digits" in refused.stderr
    none = "Nothing is planned that is not done yet; nothing was decided.\n"
    assert growing.here("review", "--approve", "all").stdout == none, "what is done is not agreed to"
    assert growing.here("review", "--approve", "promote").stdout.startswith("No change is of that kind; nothing was")

    growing.control.advance(1)
    second = growing.here("sync")
    assert "Start recording, as secondary" in second.stdout, "enabling runs by itself once a person has applied a plan"
    assert flags(growing)["Sandbox shop (web) add_to_cart"] == "ENABLED, secondary"

    log = json.loads(growing.here("log", "--json").stdout)["data"]
    enabled = next(e for e in log if e["change"]["verb"] == "enable" and e["change"]["event_name"] == "add_to_cart")
    assert enabled["policy"]["demote_checks"] == 3 and enabled["policy"]["demand_per_30_days"] in (30, 50)
    assert enabled["outcome"] == "applied"
    assert enabled["approved_by"] == ""
    assert enabled["request_id"]

    back = growing.here("rollback", "--entry", str(enabled["id"]))
    assert "Stop recording" in back.stdout
    assert flags(growing)["Sandbox shop (web) add_to_cart"] == "ENABLED, secondary", (
        "a rollback is a plan, not a change"
    )
    growing.here("review", "--approve", "hide")
    growing.here("apply")
    assert flags(growing)["Sandbox shop (web) add_to_cart"] == "HIDDEN, secondary"

    growing.control.advance(1)
    third = growing.here("sync")
    assert flags(growing)["Sandbox shop (web) add_to_cart"] == "HIDDEN, secondary", "what a person took back stays"
    assert "waits for you" in third.stdout
    (pending,) = json.loads(growing.here("log", "--pending", "--json").stdout)["data"]
    assert "taken a change of this back" in pending["consent_because"]


def test_a_second_sync_beside_a_running_one_is_told_to_come_later(growing: Shell) -> None:
    import sqlite3

    with sqlite3.connect(growing.directory / "adsync.db") as connection:
        connection.execute(
            "INSERT INTO lease SELECT DISTINCT customer_id, 'another-machine process 1 (1)', '2026-01-07 00:00:00', "
            "'2036-01-01 00:00:00' FROM account_run"
        )
    ran = growing.here("sync")
    with sqlite3.connect(growing.directory / "adsync.db") as connection:
        connection.execute("DELETE FROM lease")
    assert ran.returncode == 6
    assert "another-machine process 1" in ran.stderr


def test_one_faulty_account_is_named_and_the_others_run(growing: Shell) -> None:
    config = (growing.directory / "adsync.yaml").read_text()
    broken = growing.directory / "broken.yaml"
    broken.write_text(
        config
        + "- name: typo\n  customer_id: '12'\n  property_id: '300000001'\n  macro: {event: purchase, actions: [x]}\n"
    )
    ran = growing.here("--config", str(broken), "sync")
    assert ran.returncode == 5
    assert "typo is set aside" in ran.stderr
    assert "ten digits" in ran.stderr
    assert "last 12 weeks" in growing.here("--config", str(broken), "status", "--json").stdout


def test_a_review_form_decides_from_a_file(growing: Shell, tmp_path: Path) -> None:
    pending = json.loads(growing.here("log", "--pending", "--json").stdout)["data"]
    assert pending, "the change that a person took back waits for review"
    form = tmp_path / "review.yaml"
    form.write_text(f"refuse: [{pending[0]['name']}]\n")
    assert "1 refused" in growing.here("review", "--from", str(form)).stdout
    assert "Refused by" in growing.here("apply").stdout
    for bulk in ("all", pending[0]["change"]["verb"]):
        told = growing.here("review", "--approve", bulk).stdout
        assert told.startswith(f"{pending[0]['name']} was refused by ")
        assert told.endswith(f"Approve it anyway:  adsync review --approve {pending[0]['name']}\n")
    assert "Refused by" in growing.here("apply").stdout, "an explicit no outlives a yes to all"
    form.write_text("aprove: [all]\n")
    wrong = growing.here("review", "--from", str(form))
    assert wrong.returncode == 2
    assert "aprove" in wrong.stderr


def pending_rows(shop: Shell) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(shop.here("log", "--pending", "--json").stdout)["data"]}


def test_a_second_rollback_keeps_the_first_and_its_approval(growing: Shell) -> None:
    log = json.loads(growing.here("log", "--json").stdout)["data"]
    ids = {(e["change"]["verb"], e["change"]["event_name"]): str(e["id"]) for e in log}
    back = ("rollback", "--entry", ids["enable", "begin_checkout"])
    first = growing.here(*back).stdout
    assert "waits for you" in first and "Say yes:  adsync review" in first
    (waits,) = [name for name, row in pending_rows(growing).items() if row["change"]["verb"] == "hide"]
    for words in (("plan",), ("plan", "--markdown"), ("plan", "--json")):
        shown = growing.here(*words, "--exit-code")
        assert shown.returncode == 3 and waits in shown.stdout, (
            "a rollback that waits is part of the change log to come"
        )
    assert "1 refused" in growing.here("review", "--refuse", "hide").stdout
    again = growing.here(*back).stdout
    assert "waits for you" not in again and "It was refused by" in again, "the same answer as log --pending gives"
    assert "refused by" in growing.here("log", "--pending").stdout
    page = growing.directory / "refused.html"
    assert growing.here("report", "--out", str(page)).returncode == 0
    assert "refused by" in page.read_text() and "A rollback is always reviewed" not in page.read_text()
    anyway = again.split("Approve it anyway:  adsync ")[1].split("   then:")[0].split()
    assert "1 approved" in growing.here(*anyway).stdout
    assert "was approved already by" in growing.here("review", "--approve", "hide").stdout
    growing.here("rollback", "--entry", ids["key_event", "add_to_cart"])
    pending = json.loads(growing.here("log", "--pending", "--json").stdout)["data"]
    said = {row["change"]["verb"]: row["word"] and row["word"]["approved"] for row in pending}
    assert said["hide"] is True and said["unmark"] is None
    assert "approved by" in growing.here("log", "--pending").stdout
    both = growing.here("review", "--approve", "unmark", "--refuse", "all")
    assert both.returncode == 2 and "Yes and no are said" in both.stderr
    applied = growing.here("apply").stdout
    assert flags(growing)["Sandbox shop (web) begin_checkout"] == "HIDDEN, secondary"
    assert "Waits for review" in applied, "the other one waits"


def test_without_a_terminal_review_asks_for_an_option_instead_of_an_answer(shop: Shell) -> None:
    shop.here("sync")
    ran = shop.here("review")
    assert ran.returncode in (0, 2)
    assert "Nothing waits" in ran.stdout or "--approve" in ran.stderr
