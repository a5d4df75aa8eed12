"""What the command line takes as a number."""

from __future__ import annotations

import os

import pytest

from adsync.cli import run


@pytest.mark.parametrize("command", [["score", "--events", "log.csv", "--macro", "purchase"], ["backtest"]])
def test_a_demand_line_that_is_no_number_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--demand", "nan"]) == 2
    assert "nan is not in the range 5<=x<=1000" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["rollback --entry", "holds --clear", "score --demand", "sandbox advance --days"])
@pytest.mark.parametrize("number", ["\u0663", "\uff13", "1_0"], ids=["arabic", "wide", "underscore"])
def test_a_number_is_written_with_the_digits_0_to_9(
    command: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.split(), number]) == 2
    assert "is no number; write it with the digits 0 to 9" in capsys.readouterr().err


def test_so_is_a_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rollback", "--to", "2026-01-0\u0665"]) == 2
    assert "is no date" in capsys.readouterr().err


def test_so_is_the_date_of_a_promotion(capsys: pytest.CaptureFixture[str]) -> None:
    day = "202\u0666-04-01"
    assert run(["score", "--events", "log.csv", "--macro", "buy", "--promoted", f"cart={day}"]) == 2
    assert "is no event with a date" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["funnel --steps", "channels --micros"])
def test_more_events_than_anybody_reads_are_refused_before_the_log_is_looked_for(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, says in ((51, "51 events in --"), (50, "no file missing.csv")):
        names = ",".join(f"step{n}" for n in range(number))
        assert run([*command.split(), names, "--events", "missing.csv", "--macro", "buy"]) == 2
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "rollback --plan",
        "review --approve",
        "review --refuse",
        "log --account",
        "adopt --action",
        "adopt --as",
        "holds --reason",
        "sandbox install-tag --action",
    ],
)
def test_what_is_no_text_is_said_to_be_none(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), os.fsdecode(b"\xff")]) == 2
    assert "is no text; write it in UTF-8" in capsys.readouterr().err
