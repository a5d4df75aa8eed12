"""adsync simulate on one's own settings: a person's days are lived through, and its document is as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adsync.cli import run

CONFIG = """
credentials: {default: {key_file: nowhere.json}}
accounts:
- {name: quick, customer_id: '1234567890', property_id: '371001234', macro: {event: purchase, actions: [Purchase]}}
- name: careful
  customer_id: '1234567891'
  property_id: '371001234'
  macro: {event: purchase, actions: [Purchase]}
  approval: {restore: review}
- name: asking
  customer_id: '1234567892'
  property_id: '371001234'
  macro: {event: purchase, actions: [Purchase]}
  approval: {demote: review, restore: review}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "adsync.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def simulated(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """The figures of twenty accounts, which sell 60 a month for half a year and then 12 where no other kind is named."""
    kinds = () if "--kind" in options else ("--kind", "fall")
    code = run(["simulate", *kinds, "--accounts", "20", "--processes", "1", "--json", *options])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, ""), shown.err
    document = json.loads(shown.out)
    assert document["schema"] == 1
    [found] = document["data"]
    kind: dict[str, Any] = found
    return kind


@pytest.mark.usefixtures("config")
def test_a_return_that_waits_for_a_person_comes_as_many_days_later(capsys: pytest.CaptureFixture[str]) -> None:
    at_once = simulated(capsys, "--account", "quick")
    assert at_once == simulated(capsys), "an account's own defaults are adsync's"
    later = {days: simulated(capsys, "--account", "careful", "--answer-days", days) for days in ("0", "5", "20")}
    assert later["0"] == at_once
    assert simulated(capsys, "--account", "careful") == later["5"], "five days unless said otherwise"
    assert later["5"]["back_after"] == at_once["back_after"] + 5
    # Over 20 days a check may say otherwise, and what it asked for is withdrawn: some wait longer still.
    assert later["20"]["back_after"] >= at_once["back_after"] + 20
    assert all(found["first_retirement"] == at_once["first_retirement"] for found in later.values())
    assert simulated(capsys, "--account", "quick", "--answer-days", "20") == at_once, "what is auto asks nobody"


@pytest.mark.usefixtures("config")
def test_a_retirement_that_waits_for_a_person_comes_later_too(capsys: pytest.CaptureFixture[str]) -> None:
    asked = simulated(capsys, "--account", "asking", "--answer-days", "10")
    assert asked["first_retirement"] >= simulated(capsys)["first_retirement"] + 10


def test_the_document_has_the_keys_that_are_documented_and_the_same_seed_the_same_figures(
    capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    found = simulated(capsys, "--seed", "3")
    text = (root / "docs" / "statistics.md").read_text(encoding="utf-8").partition("any `--processes`:")[2]
    table = text.partition("\n\n")[2].partition("\n\n")[0]
    documented = {key for row in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented == set(found)
    assert set(found["retired"]) == {"point", "error"}
    assert simulated(capsys, "--seed", "3", "--processes", "2") == found
    close_calls = [simulated(capsys, "--kind", "steady-32", "--seed", seed) for seed in "34"]
    assert close_calls[0] != close_calls[1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--kind", "steady"), "There are: steady-10"),
        (("--accounts", "5"), "20<=x<=100000"),
        (("--helpers", "0"), "1<=x<=9"),
        (("--processes", "0"), "1<=x<=64"),
        (("--seed", "-1"), "x>=0"),
        (("--preset", "wild"), "'cautious', 'default', 'fast'"),
        (("--answer-days", "9"), "--answer-days goes with --account"),
        (("--account", "quick", "--answer-days", "366"), "0<=x<=365"),
        (("--account", "nobody"), "It knows: asking, careful, quick"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("config")
def test_what_cannot_be_simulated_says_what_can(
    options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and says in shown.err and "Traceback" not in shown.err
